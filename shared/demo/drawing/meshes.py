"""Curved things without print: surfaces as grids of points, painted quad by quad.

The grids are fine, so that one flat colour a quad looks smooth once the picture is
reduced. Quads are painted from the farthest to the nearest (Newell's painter's
algorithm without splitting), which suits bodies that do not cut through each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from shared.demo.drawing.camera import (
    Camera,
    Light,
    Pose,
    fit_camera,
    gloss,
    lambert,
    reduce,
)
from shared.demo.drawing.paint import Floats, Image

Grid = NDArray[np.float64]
Finish = Literal["matte", "satin", "gloss", "metal", "glow"]


@dataclass(frozen=True, slots=True)
class Surface:
    """A grid of points and how it looks.

    Attributes:
        points: (R, C, 3) in mm, camera axes of an unturned object.
        colour: (3,) or (R - 1, C - 1, 3), 0 to 255.
        finish: how it takes the light.
        two_sided: whether its back is seen, as of a hat's brim.
        lift_mm: how much nearer it counts when quads are put in order, for what lies
            closely on something else, as a band on a hat.
    """

    points: Grid
    colour: NDArray[np.float64]
    finish: Finish = "matte"
    two_sided: bool = False
    lift_mm: float = 0.0

    def moved(self, x: float = 0, y: float = 0, z: float = 0) -> Surface:
        """Shift by millimetres."""
        return replace(self, points=self.points + np.array([x, y, z]))

    def lifted(self, by_mm: float) -> Surface:
        """Count as nearer than it is, by millimetres."""
        return replace(self, lift_mm=by_mm)

    def scaled(self, x: float = 1, y: float = 1, z: float = 1) -> Surface:
        """Stretch about the origin; an odd number of mirrorings turns the surface inside out."""
        return replace(self, points=self.points * np.array([x, y, z]))

    def turned(self, axis: Literal["x", "y", "z"], degrees: float) -> Surface:
        """Rotate about an axis through the origin."""
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        matrix = np.eye(3)
        matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, -s, s, c
        return replace(self, points=self.points @ matrix.T)


def surface(
    points: ArrayLike, colour: ArrayLike, finish: Finish = "matte", two_sided: bool = False
) -> Surface:
    """Make a surface from a grid of points."""
    return Surface(
        np.asarray(points, np.float64), np.asarray(colour, np.float64), finish, two_sided
    )


def lathe(
    profile: ArrayLike,
    colour: ArrayLike,
    finish: Finish = "matte",
    count: int = 72,
    two_sided: bool = False,
) -> Surface:
    """Turn a profile (N, 2) of radius and height, bottom up, about the upright axis."""
    outline = np.asarray(profile, np.float64)
    angle = np.linspace(0, 2 * math.pi, count + 1)
    r, y = outline[:, None, 0], outline[:, None, 1]
    points = np.stack(
        [r * np.sin(angle), np.broadcast_to(y, (len(y), count + 1)), r * np.cos(angle)], -1
    )
    return surface(points, colour, finish, two_sided)


def tube(
    path: ArrayLike, radius: ArrayLike, colour: ArrayLike, finish: Finish = "matte", count: int = 14
) -> Surface:
    """Run a round tube along a path (N, 3); ``radius`` is one number or (N,).

    The path must not run along the axis on which it varies least.
    """
    line = np.asarray(path, np.float64)
    ahead = np.gradient(line, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    helper = np.eye(3)[int(np.argmin(np.abs(ahead).max(axis=0)))]
    right = np.cross(ahead, helper)
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    up = np.cross(right, ahead)
    angle = np.linspace(0, 2 * math.pi, count + 1)[None, :, None]
    r = np.broadcast_to(np.asarray(radius, np.float64), (len(line),))[:, None, None]
    ring = right[:, None] * np.cos(angle) + up[:, None] * np.sin(angle)
    return surface(line[:, None] + ring * r, colour, finish)


def cushion(
    size: Sequence[float],
    colour: ArrayLike,
    finish: Finish = "matte",
    square: float = 0.3,
    count: int = 40,
) -> Surface:
    """Make a superellipsoid of the given width, height and depth; ``square`` 1 is a ball."""
    lat = _even_angles(square, count)[:, None] - math.pi / 2
    quarter = _even_angles(square, count // 2)
    lon = np.concatenate([quarter, quarter[1:] + math.pi])[None, :]
    c_lat, s_lat = _power(np.cos(lat), square), _power(np.sin(lat), square)
    x, z = c_lat * _power(np.sin(lon), square), c_lat * _power(np.cos(lon), square)
    points = np.stack([x, np.broadcast_to(s_lat, x.shape), z], -1) * np.asarray(size) / 2
    return surface(points, colour, finish)


def _power(value: Grid, exponent: float) -> Grid:
    clean = np.where(np.abs(value) < 1e-12, 0.0, value)  # a root makes much of a rounding error
    return np.asarray(np.sign(clean) * np.abs(clean) ** exponent)


def _even_angles(square: float, count: int) -> Grid:
    """Give angles 0 to pi whose points lie at even distances along half a superellipse."""
    fine = np.concatenate([[0], np.geomspace(1e-9, math.pi / 4, 600)])
    fine = np.concatenate([fine, (math.pi / 2 - fine)[::-1]])
    fine = np.concatenate([fine, math.pi - fine[-2::-1]])
    line = np.stack([_power(np.cos(fine), square), _power(np.sin(fine), square)], axis=1)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    return np.asarray(np.interp(np.linspace(0, length[-1], count), length, fine))


def cover(
    centre: ArrayLike, rim: ArrayLike, colour: ArrayLike, finish: Finish = "matte"
) -> Surface:
    """Close a rim (C, 3) with a fan of quads round a centre (3,)."""
    edge = np.asarray(rim, np.float64)
    steps = np.linspace(1, 0, 5)[:, None, None]
    return surface(np.asarray(centre) * (1 - steps) + edge * steps, colour, finish)


def render(surfaces: Sequence[Surface], pose: Pose) -> Image:
    """Paint surfaces as a cut-out (H, W, 4)."""
    cloud = np.concatenate([s.points.reshape(-1, 3) for s in surfaces])
    return render_with(surfaces, pose, fit_camera(cloud, pose))


def render_with(surfaces: Sequence[Surface], pose: Pose, camera: Camera) -> Image:
    """Paint surfaces through a camera that is already placed."""
    quads, depths, colours = zip(*(_quads(s, camera, pose.light) for s in surfaces), strict=True)
    order = np.argsort(-np.concatenate(depths), kind="stable")
    corners = np.round(np.concatenate(quads)[order] * 16).astype(np.int32)
    fills = np.concatenate(colours)[order].tolist()
    out = np.zeros((camera.size_wh[1], camera.size_wh[0], 4), np.uint8)
    for corner, fill in zip(corners, fills, strict=True):
        cv2.fillConvexPoly(out, corner, fill, cv2.LINE_8, 4)
    return reduce(out)


def _quads(s: Surface, camera: Camera, light: Light) -> tuple[Grid, Grid, Grid]:
    """Project the visible quads of a surface: corners (N, 4, 2), depth (N,), RGBA (N, 4)."""
    flat, depth = camera.project(s.points)
    seen = camera.turn(s.points)
    across = seen[1:, 1:] - seen[:-1, :-1]
    other = seen[:-1, 1:] - seen[1:, :-1]
    normal = np.cross(other, across)
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-9)
    middle = (seen[1:, 1:] + seen[:-1, :-1]) / 2
    towards = np.array([0, 0, camera.distance]) - middle
    towards /= np.linalg.norm(towards, axis=-1, keepdims=True)
    facing = np.sum(normal * towards, axis=-1)
    if s.two_sided:
        normal = np.where(facing[..., None] < 0, -normal, normal)
    visible = np.abs(facing) > 0 if s.two_sided else facing > 0
    corners = np.stack([flat[:-1, :-1], flat[:-1, 1:], flat[1:, 1:], flat[1:, :-1]], axis=2)
    mean = (depth[:-1, :-1] + depth[1:, 1:] + depth[:-1, 1:] + depth[1:, :-1]) / 4
    base = np.broadcast_to(s.colour, (*mean.shape, 3))[visible]
    lit = _lit(base, normal[visible], light, s.finish)
    rgba = np.concatenate([lit, np.full((len(lit), 1), 255.0)], axis=1)
    return corners[visible], mean[visible] - s.lift_mm, rgba


def _lit(base: Grid, normal: Grid, light: Light, finish: Finish) -> Grid:
    if finish == "glow":
        edge = 0.82 + 0.18 * np.clip(normal[:, 2:], 0, 1)
        return np.asarray(np.clip(base * edge, 0, 255))
    if finish == "metal":
        lit = base * mirrored(normal, light)[:, None] * np.asarray(light.colour)
        return np.asarray(np.clip(lit + 120 * gloss(normal, light, 60)[:, None], 0, 255))
    lit = base * lambert(normal, light)
    strength, sharp = {"matte": (0.0, 1.0), "satin": (46.0, 12.0), "gloss": (150.0, 48.0)}[finish]
    return np.asarray(np.clip(lit + strength * gloss(normal, light, sharp)[:, None], 0, 255))


def mirrored(normal: Grid, light: Light) -> Floats:
    """Look a studio up in a mirror: bright sky, dark horizon, light floor, one softbox."""
    x, y, z = normal[..., 0], normal[..., 1], normal[..., 2]
    up, side = 2 * y * z, 2 * x * z * math.copysign(1, -light.direction[0])
    sky = 0.52 + 0.5 * np.tanh(3.2 * (up - 0.02)) - 0.42 * np.exp(-(((up + 0.05) / 0.16) ** 2))
    box = 0.6 * np.exp(-(((side - 0.55) / 0.22) ** 2)) + 0.25 * np.exp(
        -(((side + 0.75) / 0.12) ** 2)
    )
    return np.asarray(0.3 + 0.72 * sky + box + 0.12 * z, np.float32)
