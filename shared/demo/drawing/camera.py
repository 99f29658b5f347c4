"""Where the camera and the light stand, and what that makes of points and normals.

The object's frame is in millimetres: x right, y up, z towards the camera, origin in
the middle of the object. Pictures are drawn at twice their final size and reduced.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shared.demo.drawing.paint import Floats, Image, shrink, straight

LONG_SIDE_PX = 540
"""Longer side of a product's cut-out, in final pixels."""
SUPERSAMPLING = 2

Vectors = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Light:
    """A key light with fill.

    Attributes:
        direction: unit vector (x right, y up, z to the camera) towards the light.
        colour: RGB factors of the key light, 1 is neutral.
        ambient: share of the light that comes from everywhere, 0 to 1.
    """

    direction: tuple[float, float, float]
    colour: tuple[float, float, float]
    ambient: float


def _light(x: float, y: float, z: float, colour: tuple[float, float, float], amb: float) -> Light:
    n = math.sqrt(x * x + y * y + z * z)
    return Light((x / n, y / n, z / n), colour, amb)


STUDIO = _light(-0.5, 0.65, 0.8, (1.0, 1.0, 1.0), 0.52)
WARM = _light(0.85, 0.45, 0.6, (1.04, 0.98, 0.88), 0.44)


@dataclass(frozen=True, slots=True)
class Pose:
    """One way to look at a product.

    Attributes:
        yaw_deg: its turn to the right about the upright axis; 180 shows its back.
        pitch_deg: how far the camera looks down.
        light: how it is lit.
        long_side_px: longer side of the picture, for things drawn in space.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 6.0
    light: Light = STUDIO
    long_side_px: int = LONG_SIDE_PX


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera fitted to one object.

    Attributes:
        rotation: (3, 3) turns the object's frame into the camera's.
        distance: from the camera to the object's origin, in mm.
        focal_px: focal length in supersampled pixels.
        offset_xy: where the origin of the projection lies on the canvas.
        size_wh: of the supersampled canvas.
    """

    rotation: Vectors
    distance: float
    focal_px: float
    offset_xy: tuple[float, float]
    size_wh: tuple[int, int]

    def turn(self, vectors: ArrayLike) -> Vectors:
        """Rotate (..., 3) points or normals into the camera's axes."""
        return np.asarray(np.asarray(vectors, np.float64) @ self.rotation.T)

    def project(self, points: ArrayLike) -> tuple[Vectors, Vectors]:
        """Project (..., 3) points in mm to (..., 2) pixels and their (...) depth in mm."""
        seen = self.turn(points)
        depth = self.distance - seen[..., 2]
        flat = seen[..., :2] * (self.focal_px / depth)[..., None]
        return np.stack(
            [self.offset_xy[0] + flat[..., 0], self.offset_xy[1] - flat[..., 1]], axis=-1
        ), depth


def fit_camera(points: ArrayLike, pose: Pose) -> Camera:
    """Stand where the points (N, 3) fill the cut-out, two pixels of margin left."""
    cloud = np.asarray(points, np.float64).reshape(-1, 3)
    distance = 4.5 * float(np.ptp(cloud, axis=0).max())
    bare = Camera(_rotation(pose), distance, 1.0, (0.0, 0.0), (1, 1))
    flat, _ = bare.project(cloud)
    low, high = flat.min(axis=0), flat.max(axis=0)
    margin = 2 * SUPERSAMPLING
    focal = (pose.long_side_px * SUPERSAMPLING - 2 * margin) / float((high - low).max())
    size = tuple(math.ceil(v * focal + 2 * margin) for v in high - low)
    width, height = (v + v % SUPERSAMPLING for v in size)
    offset = (
        width / 2 - focal * (low[0] + high[0]) / 2,
        height / 2 - focal * (low[1] + high[1]) / 2,
    )
    return Camera(bare.rotation, distance, focal, offset, (width, height))


def lambert(normals: ArrayLike, light: Light) -> Floats:
    """Light (..., 3) unit normals in camera axes, softly wrapped: (..., 3) factors.

    What faces the camera gets 1 in neutral light, so that colours stay as given.
    """
    facing = np.asarray(normals, np.float32) @ np.asarray(light.direction, np.float32)
    straight = 0.75 * light.direction[2] + 0.25
    key = np.clip(facing * 0.75 + 0.25, 0, 1) * ((1 - light.ambient) / straight)
    tint = np.asarray(light.colour, np.float32)
    return np.asarray(light.ambient * (0.4 + 0.6 * tint) + key[..., None] * tint, np.float32)


def gloss(normals: ArrayLike, light: Light, sharpness: float) -> Floats:
    """Blinn's highlight for (..., 3) unit normals seen from the front: (...) 0 to 1."""
    half = np.add(light.direction, (0, 0, 1))
    half = half / np.linalg.norm(half)
    facing = np.clip(np.asarray(normals, np.float32) @ half.astype(np.float32), 0, 1)
    return np.asarray(facing**sharpness, np.float32)


def reduce(cutout: Image, factor: int = SUPERSAMPLING) -> Image:
    """Shrink a cut-out (H, W, 4) by a whole factor.

    Its alpha is 0 or 255 and its colour 0 where alpha is: such a cut-out is its own
    premultiplied form, so no dark fringe comes of averaging.
    """
    size = (cutout.shape[1] // factor, cutout.shape[0] // factor)
    return straight(shrink(cutout, size))


def _rotation(pose: Pose) -> Vectors:
    cy, sy = math.cos(math.radians(pose.yaw_deg)), math.sin(math.radians(pose.yaw_deg))
    cp, sp = math.cos(math.radians(pose.pitch_deg)), math.sin(math.radians(pose.pitch_deg))
    yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    return np.asarray(pitch @ yaw)
