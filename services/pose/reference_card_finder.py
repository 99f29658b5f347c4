"""Finding an ID-1 card (ISO/IEC 7810) that is held to a face or a hand.

Closed outlines around the subject that have four straight sides of about a card's
proportions; each side is the line along which colour changes most, so that the corners are
good to a part of a pixel and rounded corners do no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

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
STRAIGHT_PX, STRAIGHT_PART = 0.8, 0.75
"""So much of a side lies so near to its line."""
UNEVEN = 1.2
"""Opposite sides differ by no more than this ratio."""
SKEW = 0.35
"""Cosine of its corners at most: a right angle, tilted, looks up to 20 degrees wider."""
_THRESHOLDS = ((20, 60), (40, 120), (80, 200))
_PLACES = 32
_MARGIN = 0.15  # of a side, left out at its ends where the corner is round


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
    lab = cv2.cvtColor(cv2.GaussianBlur(window, (0, 0), 1.0), cv2.COLOR_RGB2LAB)
    values = lab.astype(np.float32)
    for edges in _edge_maps(lab):
        contours, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        for contour in contours:
            rough = _quad(contour)
            sharp = None if rough is None else _sharpened(rough, values)
            if sharp is not None:
                yield sharp


def _edge_maps(lab: npt.NDArray[np.generic]) -> Iterator[Bytes]:
    for channel in cv2.split(np.asarray(lab, np.uint8)):
        for low, high in _THRESHOLDS:
            edges = cv2.Canny(channel, low, high)
            yield np.asarray(cv2.dilate(edges, np.ones((3, 3), np.uint8)), np.uint8)


def _quad(contour: npt.NDArray[np.generic]) -> Floats | None:
    """Four rough corners of an outline (N, 1, 2) in pixels, or None when it is no quad."""
    if len(contour) < 40:
        return None
    hull = cv2.convexHull(np.asarray(contour, np.int32))
    rough = cv2.approxPolyDP(hull, 0.04 * cv2.arcLength(hull, True), True)[:, 0].astype(np.float64)
    area = cv2.contourArea(hull)
    if len(rough) != 4 or area < 100 or area < FILLED * _area(rough):
        return None
    return np.asarray(rough, np.float64)


def _sharpened(rough: Floats, lab: npt.NDArray[np.float32]) -> Floats | None:
    """Corners (4, 2) as intersections of the lines where colour changes most, side by side."""
    lines = []
    for start, end in zip(rough, np.roll(rough, -1, axis=0), strict=True):
        edge = _edge_points(start, end, lab)
        off = _off_line(edge, _line(edge))
        line = _line(edge[off <= np.median(off) * 2 + 0.1])
        if np.mean(_off_line(edge, line) < STRAIGHT_PX) < STRAIGHT_PART:
            return None
        lines.append(line)
    corners = [np.cross(lines[i - 1], lines[i]) for i in range(4)]
    if any(abs(corner[2]) < 1e-9 for corner in corners):
        return None
    return np.array([corner[:2] / corner[2] for corner in corners])


def _line(points: Floats) -> Floats:
    """The line a x + b y + c = 0 of unit normal through points (P, 2), as (a, b, c)."""
    x, y = points.mean(axis=0)
    along = np.linalg.svd(points - (x, y), full_matrices=False)[2][0]
    return np.array((-along[1], along[0], along[1] * x - along[0] * y))


def _off_line(points: Floats, line: Floats) -> Floats:
    return np.asarray(np.abs(points @ line[:2] + line[2]), np.float64)


def _edge_points(start: Floats, end: Floats, lab: npt.NDArray[np.float32]) -> Floats:
    """Where colour changes most across a side, at even places along it, (P, 2)."""
    along = end - start
    length = float(np.hypot(*along))
    normal = np.array((-along[1], along[0])) / length
    reach = max(3.0, 0.06 * length)
    offsets = np.linspace(-reach, reach, 4 * int(reach) + 1)
    places = start + np.linspace(_MARGIN, 1 - _MARGIN, _PLACES)[:, None] * along
    grid = (places[:, None] + offsets[:, None] * normal).astype(np.float32)  # (P, O, 2)
    seen = cv2.remap(
        lab, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    change = np.abs(np.diff(np.asarray(seen, np.float64), axis=1)).sum(axis=2)  # (P, O - 1)
    middles = (offsets[1:] + offsets[:-1]) / 2
    near = np.abs(middles - middles[change.argmax(axis=1)][:, None]) <= 1.5
    weights = np.where(near, change, 0) + 1e-9
    shift = (weights * middles).sum(axis=1) / weights.sum(axis=1)
    points: Floats = places + shift[:, None] * normal
    return points


def _like_card(quad: Floats, size_px: float) -> bool:
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    if sides.min() < 8 or not cv2.isContourConvex(quad.astype(np.float32)):
        return False
    pairs = (sides[0] + sides[2]) / (sides[1] + sides[3])
    proportion = max(pairs, 1 / pairs)
    steps = np.roll(quad, -1, axis=0) - quad
    turns = np.abs((steps * np.roll(steps, -1, axis=0)).sum(axis=1)) / (sides * np.roll(sides, -1))
    ratios = sides[:2] / sides[2:]
    uneven = float(np.maximum(ratios, 1 / ratios).max())
    covers = _area(quad) / size_px**2
    return bool(
        PROPORTION_RANGE[0] <= proportion <= PROPORTION_RANGE[1]
        and uneven < UNEVEN
        and turns.max() < SKEW
        and AREA_RANGE[0] <= covers <= AREA_RANGE[1]
    )


def _area(quad: Floats) -> float:
    return float(cv2.contourArea(quad.astype(np.float32)))
