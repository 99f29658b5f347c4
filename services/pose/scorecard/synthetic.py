"""Landmarks whose truth is known: a face, a hand and a body in known poses, with noise.

The noise imitates a landmark model's: each point errs on its own, all points of a frame err a
little together, and depths err more than what the picture shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.pose.placement import canonical_face
from services.pose.placement.camera import project
from services.pose.placement.types import (
    BodyLandmarks,
    Camera,
    FaceLandmarks,
    Floats,
    Handedness,
    HandLandmarks,
)

HAND_MM: Floats = np.array(
    [
        (0, 0, 0),
        (-25, -22, 6), (-44, -44, 10), (-58, -66, 12), (-69, -86, 13),
        (-25, -88, 0), (-29, -128, 1), (-31, -152, 2), (-32, -173, 3),
        (-3, -92, -1), (-3, -137, 0), (-3, -165, 1), (-3, -188, 2),
        (18, -86, 0), (21, -127, 1), (23, -154, 2), (24, -176, 3),
        (37, -76, 2), (44, -106, 3), (48, -126, 4), (51, -144, 5),
    ],
    np.float64,
)  # fmt: skip
"""A right hand (21, 3), its back to the camera, fingers up; lengths of an average adult's."""


def _body() -> Floats:
    """An average adult (33, 3) who faces the camera, arms held a little away, in mm."""
    right = {
        12: (-175, -480, 0), 14: (-255, -230, 10), 16: (-290, 10, -40), 18: (-305, 85, -50),
        20: (-290, 95, -60), 22: (-270, 60, -60), 24: (-95, 0, 0), 26: (-105, 410, -10),
        28: (-110, 810, 30), 30: (-112, 860, 60), 32: (-125, 875, -90), 8: (-75, -680, 10),
        4: (-15, -720, -80), 5: (-32, -722, -75), 6: (-48, -720, -65), 10: (-25, -645, -80),
    }  # fmt: skip
    points = np.zeros((33, 3))
    points[0] = (0, -690, -105)
    for index, place in right.items():
        other = index + 1 if index in (8, 10) else index - 1
        if index in (4, 5, 6):
            other = index - 3
        elif index in (8, 10):
            other = index - 1
        points[index] = place
        points[other] = np.array(place) * (-1, 1, 1)
    return points


BODY_MM = _body()
"""A body (33, 3) in the order of BlazePose, around the hips' middle."""
HIPS_UNDER_HEAD_MM: Floats = np.array([0.0, 690.0, 105.0])
"""Where the body's origin is when its nose is at the canonical face's origin."""
FACE_OF_BODY = (1, 362, 473, 263, 133, 468, 33, 454, 234, 291, 61)
"""The face mesh's landmark for each of BlazePose's first: nose, eyes, ears (their roots), mouth."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """Where something truly is: rotation (3, 3) and translation (3,) in the camera's mm."""

    rotation: Floats
    translation_mm: Floats

    def apply(self, points_mm: Floats) -> Floats:
        """Points (..., 3) in the camera's millimetres."""
        moved: Floats = points_mm @ self.rotation.T + self.translation_mm
        return moved


@dataclass(frozen=True, slots=True)
class Noise:
    """Standard deviations, over the subject's width in the picture.

    Attributes:
        point: of each point on its own.
        depth: of each point's z on its own.
        common: of all points together.
        iris: of each iris point on its own; they are found in a picture of the eye alone.
    """

    point: float = 0.004
    depth: float = 0.008
    common: float = 0.0006
    iris: float = 0.0008


def face_landmarks(
    pose: Pose, factor: float, camera: Camera, noise: Noise, random: np.random.Generator
) -> FaceLandmarks:
    """The canonical face, ``factor`` times as large, as a landmark model would see it.

    The irises keep their true size whatever the face's.
    """
    model = canonical_face.POINTS_MM * factor
    for centre in (468, 473):
        ring = canonical_face.POINTS_MM[centre : centre + 5] - canonical_face.POINTS_MM[centre]
        model[centre : centre + 5] = model[centre] + ring
    space = pose.apply(model)
    pixels = project(camera, space)
    middle = float(space[:468, 2].mean())
    depth = (space[:, 2] - middle) / middle * camera.focal_xy_px[0]
    return FaceLandmarks(_noisy(pixels, depth, camera, noise, random))


def hand_landmarks(
    pose: Pose, camera: Camera, noise: Noise, random: np.random.Generator
) -> HandLandmarks:
    """The model hand."""
    points, world = _limb(HAND_MM, pose.apply(HAND_MM), camera, noise, random)
    return HandLandmarks(points, Handedness.RIGHT, world)


def body_landmarks(
    pose: Pose, camera: Camera, noise: Noise, random: np.random.Generator
) -> BodyLandmarks:
    """The model body; all of it is visible."""
    return _body_at(BODY_MM, pose.apply(BODY_MM), camera, noise, random)


def wearer_landmarks(
    chest: Pose,
    head: Pose,
    factor: float,
    camera: Camera,
    noise: Noise,
    random: np.random.Generator,
) -> BodyLandmarks:
    """The model body, ``factor`` times as large, with the canonical face as its head.

    Args:
        chest: pose of the head that sits straight on the body.
        head: pose of the head.
        factor: size of both.
        camera: the lens.
        noise: of the landmarks.
        random: where it comes from.
    """
    model = BODY_MM + HIPS_UNDER_HEAD_MM
    space = chest.apply(model * factor)
    space[: len(FACE_OF_BODY)] = head.apply(canonical_face.POINTS_MM[list(FACE_OF_BODY)] * factor)
    return _body_at(model * factor, space, camera, noise, random)


def _body_at(
    model: Floats, space: Floats, camera: Camera, noise: Noise, random: np.random.Generator
) -> BodyLandmarks:
    points, world = _limb(model, space, camera, noise, random)
    return BodyLandmarks(np.column_stack([points, np.ones(len(points))]), world)


def _limb(
    model: Floats, space: Floats, camera: Camera, noise: Noise, random: np.random.Generator
) -> tuple[Floats, Floats]:
    pixels = project(camera, space)
    world = space - space.mean(axis=0)
    size_mm = float(np.ptp(model, axis=0).max())
    errors = random.normal(size=world.shape) * (noise.point, noise.point, noise.depth) * size_mm
    depth = world[:, 2] / float(space[:, 2].mean()) * camera.focal_xy_px[0]
    return _noisy(pixels, depth, camera, noise, random), world + errors


def _noisy(
    pixels: Floats, depth_px: Floats, camera: Camera, noise: Noise, random: np.random.Generator
) -> Floats:
    """Normalised points (N, 3) with noise in proportion to the subject's size."""
    size_px = float(np.ptp(pixels, axis=0).max())
    own = random.normal(size=(len(pixels), 3)) * (noise.point, noise.point, noise.depth)
    own[468:, :2] *= noise.iris / max(noise.point, 1e-12)
    common = np.append(random.normal(size=2) * noise.common, 0.0)
    points = np.column_stack([pixels, depth_px]) + (own + common) * size_px
    width, height = camera.size_wh
    return np.asarray(points / (width, height, width), np.float64)
