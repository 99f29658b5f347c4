"""Landmarks drawn into a picture, for people to check."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from services.pose.placement.types import Floats, Subjects
from services.pose.views import Rgb

HAND_BONES = (
    *((0, 1), (1, 2), (2, 3), (3, 4), (0, 5), (5, 6), (6, 7), (7, 8), (5, 9), (9, 10), (10, 11)),
    *((11, 12), (9, 13), (13, 14), (14, 15), (15, 16), (13, 17), (0, 17), (17, 18), (18, 19)),
    (19, 20),
)
BODY_BONES = (
    *((11, 12), (11, 13), (13, 15), (12, 14), (14, 16), (11, 23), (12, 24), (23, 24), (23, 25)),
    *((25, 27), (27, 29), (29, 31), (24, 26), (26, 28), (28, 30), (30, 32), (7, 3), (3, 0)),
    *((0, 6), (6, 8)),
)
FACE_RGB, IRIS_RGB, HAND_RGB, BODY_RGB = (0, 255, 160), (255, 60, 60), (255, 200, 0), (60, 160, 255)
SEEN = 0.5
"""Visibility above which a bone is drawn."""
_SUBPIXEL_BITS = 4


def draw_landmarks(image_rgb: Rgb, subjects: Subjects) -> Rgb:
    """A copy of (H, W, 3) uint8 with the points of faces and the bones of hands and bodies."""
    canvas = image_rgb.copy()
    for body in subjects.bodies:
        seen = body.points[:, 3] > SEEN
        _lines(
            canvas, body.points, [(a, b) for a, b in BODY_BONES if seen[a] and seen[b]], BODY_RGB
        )
    for face in subjects.faces:
        _dots(canvas, face.points[:468], FACE_RGB)
        _dots(canvas, face.points[468:], IRIS_RGB)
    for hand in subjects.hands:
        _lines(canvas, hand.points, HAND_BONES, HAND_RGB)
        _dots(canvas, hand.points, IRIS_RGB)
    return canvas


def _pixels(canvas: Rgb, points: Floats) -> list[tuple[int, int]]:
    """Points in the fixed-point pixels that OpenCV draws at subpixel places."""
    size_wh = (canvas.shape[1], canvas.shape[0])
    fixed = np.round((points[:, :2] * size_wh - 0.5) * (1 << _SUBPIXEL_BITS)).astype(int)
    return [(int(x), int(y)) for x, y in fixed]


def _lines(
    canvas: Rgb, points: Floats, bones: Sequence[tuple[int, int]], colour: tuple[int, int, int]
) -> None:
    places = _pixels(canvas, points)
    thickness = max(1, round(max(canvas.shape) / 400))
    for a, b in bones:
        cv2.line(canvas, places[a], places[b], colour, thickness, cv2.LINE_AA, _SUBPIXEL_BITS)


def _dots(canvas: Rgb, points: Floats, colour: tuple[int, int, int]) -> None:
    side = float(np.ptp(points[:, :2] * (canvas.shape[1], canvas.shape[0]), axis=0).max())
    radius = round(max(0.6, min(side, max(canvas.shape)) / 240) * (1 << _SUBPIXEL_BITS))
    for place in _pixels(canvas, points):
        cv2.circle(canvas, place, radius, colour, -1, cv2.LINE_AA, _SUBPIXEL_BITS)
