"""Finding an ID-1 card (ISO/IEC 7810) that is held to a face or a hand.

Closed outlines around the subject that are four straight sides of about a card's
proportions; each side is a line through the outline's own pixels, so that the corners are
good to a part of a pixel and rounded corners do no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from services.pose.placement.types import Bytes, Floats, Subjects
from services.pose.views import Rgb

PROPORTION_RANGE = (1.28, 1.95)
"""Long over short side as seen: a card tilted by about 35 degrees still counts."""
REACH = 1.6
"""Half the side of the searched square, in sizes of the face or hand."""
AREA_RANGE = (0.015, 0.9)
"""Part of the face's or hand's own square that the card covers."""
FILLED = 0.88
"""Part of its four-sided outline that the shape fills: a card's corners are rounded."""
UNEVEN = 1.35
"""Opposite sides differ by no more than this ratio."""
_THRESHOLDS = ((20, 60), (40, 120), (80, 200))
_MARGIN = 0.12  # of a side, left out at its ends where the corner is round


def with_card(subjects: Subjects, image_rgb: Rgb) -> Subjects:
    """Add the card's corners, where a card is held to the first face or hand."""
    found = [face.points for face in subjects.faces] + [hand.points for hand in subjects.hands]
    if not found:
        return subjects
    size_wh = np.array((image_rgb.shape[1], image_rgb.shape[0]))
    points_px = found[0][:, :2] * size_wh
    center, size = points_px.mean(axis=0), float(np.ptp(points_px, axis=0).max())
    corners = find_card(image_rgb, center, size)
    return subjects if corners is None else replace(subjects, card_corners=corners / size_wh)


def find_card(image_rgb: Rgb, center_px: Floats, size_px: float) -> Floats | None:
    """Corners (4, 2) in pixels of the largest card near a place, in order around it; or None.

    Args:
        image_rgb: (H, W, 3) uint8.
        center_px: middle (2,) of the face or hand.
        size_px: its size.
    """
    low = np.maximum(center_px - REACH * size_px, 0).astype(int)
    high = np.minimum(center_px + REACH * size_px, image_rgb.shape[1::-1]).astype(int)
    if (high - low < 16).any():
        return None
    window = np.ascontiguousarray(image_rgb[low[1] : high[1], low[0] : high[0]])
    cards = [quad for quad in _quads(window) if _like_card(quad, size_px)]
    if not cards:
        return None
    best: Floats = max(cards, key=_area) + low
    return best


def _quads(window: Rgb) -> Iterator[Floats]:
    for edges in _edge_maps(window):
        contours, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        for contour in contours:
            quad = _quad(contour[:, 0].astype(np.float64))
            if quad is not None:
                yield quad


def _edge_maps(window: Rgb) -> Iterator[Bytes]:
    smooth = cv2.GaussianBlur(window, (0, 0), 1.2)
    for channel in cv2.split(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB)):
        for low, high in _THRESHOLDS:
            edges = cv2.Canny(channel, low, high)
            yield np.asarray(cv2.dilate(edges, np.ones((3, 3), np.uint8)), np.uint8)


def _quad(outline: Floats) -> Floats | None:
    """Four corners of an outline (N, 2) in pixels, or None when it is no straight quad."""
    if len(outline) < 40:
        return None
    hull = cv2.convexHull(outline.astype(np.float32))
    around = cv2.arcLength(hull, True)
    rough = cv2.approxPolyDP(hull, 0.04 * around, True)[:, 0].astype(np.float64)
    area = cv2.contourArea(hull)
    if len(rough) != 4 or area < 100 or area < FILLED * _area(rough):
        return None
    return _sharpened(rough, outline)


def _sharpened(rough: Floats, outline: Floats) -> Floats | None:
    """Corners as intersections of the lines through each side's own pixels."""
    lines = []
    for start, end in zip(rough, np.roll(rough, -1, axis=0), strict=True):
        along = end - start
        length = float(np.hypot(*along))
        unit, normal = along / length, np.array((-along[1], along[0])) / length
        place = (outline - start) @ unit / length
        near = np.abs((outline - start) @ normal) < max(2.0, 0.03 * length)
        side = outline[near & (place > _MARGIN) & (place < 1 - _MARGIN)]
        if len(side) < 8:
            return None
        x, y = side.mean(axis=0)
        direction = np.linalg.svd(side - (x, y), full_matrices=False)[2][0]
        lines.append(np.array((-direction[1], direction[0], direction[1] * x - direction[0] * y)))
    corners = [np.cross(lines[i - 1], lines[i]) for i in range(4)]
    if any(abs(corner[2]) < 1e-9 for corner in corners):
        return None
    return np.array([corner[:2] / corner[2] for corner in corners])


def _like_card(quad: Floats, size_px: float) -> bool:
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    if sides.min() < 8 or not cv2.isContourConvex(quad.astype(np.float32)):
        return False
    pairs = (sides[0] + sides[2]) / (sides[1] + sides[3])
    proportion = max(pairs, 1 / pairs)
    ratios = sides[:2] / sides[2:]
    uneven = float(np.maximum(ratios, 1 / ratios).max())
    covers = _area(quad) / size_px**2
    return bool(
        PROPORTION_RANGE[0] <= proportion <= PROPORTION_RANGE[1]
        and uneven < UNEVEN
        and AREA_RANGE[0] <= covers <= AREA_RANGE[1]
    )


def _area(quad: Floats) -> float:
    return float(cv2.contourArea(quad.astype(np.float32)))
