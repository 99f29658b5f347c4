"""Solid things with print on them: folded boxes and turned bodies.

Each function takes its texture as RGB uint8 and gives a cut-out (H, W, 4) in final pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.demo.drawing.camera import (
    Camera,
    Light,
    Pose,
    fit_camera,
    lambert,
    reduce,
)
from shared.demo.drawing.paint import (
    Floats,
    Image,
    ellipse_points,
    pixels,
    polygon,
    shrink,
    stack,
    straight,
)


@dataclass(frozen=True, slots=True)
class Panel:
    """A printed quad: corners (4, 3) in mm from top left clockwise as it faces one, and print."""

    corners: NDArray[np.float64]
    texture: Image
    shine: float = 0.10


def fold(panels: Sequence[Panel], pose: Pose) -> Image:
    """Render printed panels, farthest first, those that face away left out."""
    cloud = np.concatenate([panel.corners for panel in panels])
    camera = fit_camera(cloud, pose)
    out = np.zeros((camera.size_wh[1], camera.size_wh[0], 4), np.uint8)
    depths = [float(camera.project(panel.corners)[1].mean()) for panel in panels]
    for index in np.argsort(depths)[::-1]:
        _fold_one(out, panels[int(index)], camera, pose.light)
    return reduce(out)


def _fold_one(out: Image, panel: Panel, camera: Camera, light: Light) -> None:
    across, down = panel.corners[1] - panel.corners[0], panel.corners[3] - panel.corners[0]
    normal = camera.turn(np.cross(down, across))
    normal /= np.linalg.norm(normal)
    quad, _ = camera.project(panel.corners)
    middle = camera.turn(panel.corners.mean(axis=0))
    if float(normal @ (np.array([0, 0, camera.distance]) - middle)) <= 0:
        return
    x0, y0 = np.floor(quad.min(axis=0)).astype(int)
    x1, y1 = np.ceil(quad.max(axis=0)).astype(int) + 1
    lit = _lit(panel, normal, light)
    h, w = lit.shape[:2]
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    warp = cv2.getPerspectiveTransform(corners, (quad - (x0, y0)).astype(np.float32))
    flat = cv2.warpPerspective(
        lit,
        warp,
        (int(x1 - x0), int(y1 - y0)),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    mask = np.zeros(flat.shape[:2], np.uint8)
    polygon(mask, quad - (x0, y0), (255,))
    target = out[y0:y1, x0:x1]
    flat, mask = (
        flat[: target.shape[0], : target.shape[1]],
        mask[: target.shape[0], : target.shape[1]],
    )
    cv2.copyTo(np.dstack([flat, np.full_like(mask, 255)]), (mask > 127).astype(np.uint8), target)


def _lit(panel: Panel, normal: NDArray[np.float64], light: Light) -> Image:
    """Light one panel: its facing, and a soft sheen that runs across it."""
    h, w = panel.texture.shape[:2]
    x = np.linspace(-1, 1, 48, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, 48, dtype=np.float32)[:, None]
    run = x * light.direction[0] - y * light.direction[1]
    sheen = 1 + panel.shine * run + 0.5 * panel.shine * np.exp(-(((run - 0.45) / 0.3) ** 2))
    factor = (sheen[..., None] * lambert(normal, light)).astype(np.float32)
    wide = cv2.resize(factor, (w, h), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(panel.texture, wide, dtype=cv2.CV_8U), np.uint8)


@dataclass(frozen=True, slots=True)
class Turned:
    """A body of revolution.

    Attributes:
        profile: (N, 2) radius and height in mm from the bottom up, heights increasing.
        texture: print once round the body; its middle column faces the camera at yaw 0,
            its top row is the top of the profile.
        shine: strength of the highlights, 0 to 1.
        metal: how strongly the body mirrors a studio, 0 to 1.
        lid: colour of the flat top.
    """

    profile: NDArray[np.float64]
    texture: Image
    shine: float
    metal: float
    lid: tuple[int, int, int]


def turn(body: Turned, pose: Pose) -> Image:
    """Render a body of revolution, nearly orthographic, from ``pose``'s height."""
    tilt = math.radians(pose.pitch_deg)
    radius, top = float(body.profile[:, 0].max()), float(body.profile[-1, 1])
    rise = radius * math.sin(tilt)
    span_x, span_y = 2 * radius, top * math.cos(tilt) + 2 * rise
    scale = (pose.long_side_px - 4) / max(span_x, span_y)
    w, h = (math.ceil(v * scale + 4) for v in (span_x, span_y))
    x = ((np.arange(w, dtype=np.float32) + 0.5 - w / 2) / scale)[None, :]
    y = ((h / 2 - np.arange(h, dtype=np.float32) - 0.5) / scale + span_y / 2 - rise)[:, None]
    height, cosine, radii, cover = _meet(body.profile, x, y, tilt, scale)
    sine = np.clip(x / np.maximum(radii, 1e-3), -1, 1).astype(np.float32)
    colour = _printed(body, height, sine, cosine, pose.yaw_deg, scale)
    lit = _lit_round(body, colour, height, sine, cosine, pose)
    out = np.dstack([lit, (cover * 255).astype(np.uint8)])
    middle = h / 2 - (top * math.cos(tilt) - span_y / 2 + rise) * scale
    return _with_lid(out, body, (w / 2, middle), scale, tilt)


def _meet(
    profile: NDArray[np.float64], x: Floats, y: Floats, tilt: float, scale: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Find what each pixel sees: height, cosine of the azimuth, radius, and its coverage."""
    top, steps = float(profile[-1, 1]), 1024
    table = np.interp(np.linspace(0, top, steps), profile[:, 1], profile[:, 0]).astype(np.float32)
    sin_t, cos_t = np.float32(math.sin(tilt)), np.float32(math.cos(tilt))
    squared = x * x
    height = np.broadcast_to(y / cos_t, (y.shape[0], x.shape[1])).astype(np.float32)
    for _ in range(3):
        radii = table[
            np.clip(height * np.float32((steps - 1) / top), 0, steps - 1).astype(np.int32)
        ]
        depth = np.sqrt(np.maximum(radii * radii - squared, 0))
        height = (y + depth * sin_t) / cos_t
    ends = np.minimum(height, np.float32(top) - height) * np.float32(scale) + 0.5
    sides = (radii - np.abs(x)) * np.float32(scale) + 0.5
    cover = np.clip(np.minimum(ends, sides), 0, 1)
    return height, depth / np.maximum(radii, 1e-3), radii, cover


def _printed(
    body: Turned, height: Floats, sine: Floats, cosine: Floats, yaw_deg: float, scale: float
) -> Image:
    """Look the print up, first brought to about the size at which it is seen."""
    rows, columns = body.texture.shape[:2]
    ratio = 1.2 * scale * float(body.profile[-1, 1]) / rows
    texture = body.texture
    if ratio < 0.9:
        rows, columns = round(rows * ratio), round(columns * ratio)
        texture = shrink(texture, (columns, rows))
    azimuth = np.arctan2(sine, cosine) / (2 * math.pi) - yaw_deg / 360 + 0.5
    u = (np.mod(azimuth, 1) * columns).astype(np.float32)
    v = ((1 - height / float(body.profile[-1, 1])) * (rows - 1)).astype(np.float32)
    return np.asarray(
        cv2.remap(texture, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _lit_round(
    body: Turned, colour: Image, height: Floats, sine: Floats, cosine: Floats, pose: Pose
) -> Image:
    """Light from the key, a tall softbox at each side, dark edges; slopes catch more or less."""
    light, top = pose.light, float(body.profile[-1, 1])
    slope = -np.gradient(body.profile[:, 0], body.profile[:, 1])
    lean = np.interp(np.linspace(0, top, 512), body.profile[:, 1], slope).astype(np.float32)
    lean = np.clip(cv2.GaussianBlur(lean[:, None], (1, 9), 0)[:, 0], -2, 2)
    up = lean[np.clip(height * np.float32(511 / top), 0, 511).astype(np.int32)]
    norm = np.sqrt(1 + up * up)
    side = 1.0 if light.direction[0] < 0 else -1.0
    nx, ny, nz = sine / norm, up / norm, cosine / norm
    key = np.clip(-0.55 * side * nx + 0.45 * ny + 0.75 * nz, 0, 1)
    diffuse = light.ambient + (1.22 - light.ambient) * key - 0.28 * (1 - cosine) ** 3
    box = np.exp(-(((nx + 0.58 * side) / 0.11) ** 2)) + 0.55 * np.exp(
        -(((nx - 0.8 * side) / 0.06) ** 2)
    )
    mirror = 0.28 * np.cos(nx * 9.0 + side) * body.metal
    tint = np.asarray(light.colour, np.float32)
    lit = colour * ((diffuse + mirror)[..., None] * (0.35 + 0.65 * tint))
    lit += (box * body.shine * 118)[..., None] * tint
    return pixels(lit)


def _with_lid(
    out: Image, body: Turned, centre: tuple[float, float], scale: float, tilt: float
) -> Image:
    """Lay the flat top behind the rim: rings of light and shade as of pressed metal."""
    radius, ends = float(body.profile[-1, 0]) * scale, np.zeros_like(out)
    for t, tone in ((1.0, 1.0), (0.94, 0.62), (0.9, 1.08), (0.84, 0.82), (0.5, 0.92), (0.46, 0.8)):
        colour = tuple(int(min(255, c * tone)) for c in body.lid)
        rim = ellipse_points(centre, (radius * t, radius * t * math.sin(tilt)), 0, 96)
        polygon(ends, rim, (*colour, 255))
    return stack(straight(ends), out)
