"""Places in a picture that look like the bars of a linear code, and how they are turned.

Bars make strong gradients that all point one way. The structure tensor measures both:
its trace is the strength, and the difference of its eigenvalues over their sum, the
coherence, is 1 where all gradients are parallel (Bigün and Granlund, ICCV 1987).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from shared import geometry

# The search runs on a picture of about this longer side; bars finer than its pixels
# still leave their outline.
_SIDE: Final = 640
# The tensor is averaged over cells of this side, then over 3 x 3 cells, in pixels.
_CELL: Final = 4
_MIN_COHERENCE: Final = 0.85
# Cells whose gradients point elsewhere than their component's are a neighbour's: cosine of
# the doubled angle, so 0.85 allows 16 degrees.
_MIN_ALIGNMENT: Final = 0.85
# Outermost share of a component's cells that is ignored when its sides are measured.
_FRINGE: Final = 0.02
# Mean squared gradient, of grey levels per pixel (Sobel 3 x 3 over 8).
_MIN_STRENGTH: Final = 60.0
_MIN_SIDE_CELLS: Final = 3
# Across the bars over along them: the tallest code in use, a UPC-E, has 0.8.
_MIN_ASPECT: Final = 0.4
_MIN_CELLS: Final = 20
_MIN_FILL: Final = 0.5
_MAX_PLACES: Final = 6

Floats32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class BarPlace:
    """A place that may hold a linear code.

    Attributes:
        quad: its corners, normalised to the picture, ordered so that the edge from the
            first to the second runs across the bars.
        strength: how strong its gradients are, summed over its area.
    """

    quad: tuple[tuple[float, float], ...]
    strength: float


def find_bars(grey: npt.NDArray[np.uint8]) -> list[BarPlace]:
    """Places that look like bars in a picture (H, W) uint8, strongest first, at most 6."""
    scale = min(1.0, _SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    strength, doubled = _structure(np.asarray(small, np.float32))
    coherence = np.hypot(doubled[0], doubled[1]) / np.maximum(strength, 1e-6)
    mask = ((coherence > _MIN_COHERENCE) & (strength > _MIN_STRENGTH)).astype(np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    big = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] >= _MIN_CELLS]
    places = [_place(labels == i, strength, doubled) for i in big]
    solid = [place for place in places if place is not None]
    return sorted(solid, key=lambda place: -place.strength)[:_MAX_PLACES]


def _structure(grey: Floats32) -> tuple[Floats32, Floats32]:
    """Strength (h, w) and doubled gradient direction (2, h, w) of each cell of a picture."""
    dx = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    dy = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    grid_wh = (max(1, grey.shape[1] // _CELL), max(1, grey.shape[0] // _CELL))
    cells = [
        cv2.blur(cv2.resize(product, grid_wh, interpolation=cv2.INTER_AREA), (3, 3))
        for product in (dx * dx, dy * dy, dx * dy)
    ]
    doubled = np.stack([cells[0] - cells[1], 2 * cells[2]]).astype(np.float32)
    return np.asarray(cells[0] + cells[1], np.float32), doubled


def _place(inside: npt.NDArray[np.bool_], strength: Floats32, doubled: Floats32) -> BarPlace | None:
    """The rectangle around one component, laid along its bars; None if it is no rectangle."""
    vector = doubled[:, inside].sum(axis=1)
    vector = vector / np.hypot(*vector)
    alignment = vector @ doubled[:, inside] / np.hypot(*doubled[:, inside])
    rows, columns = (index[alignment > _MIN_ALIGNMENT] for index in np.nonzero(inside))
    if len(rows) < _MIN_CELLS:
        return None
    angle = 0.5 * np.arctan2(vector[1], vector[0])  # direction across the bars
    axes = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    along = np.column_stack([columns + 0.5, rows + 0.5]) @ axes.T
    start, end = np.quantile(along, (_FRINGE, 1 - _FRINGE), axis=0)
    start, end = start - 0.5, end + 0.5
    sides = end - start
    if sides.min() < _MIN_SIDE_CELLS or sides[0] < _MIN_ASPECT * sides[1]:
        return None
    if len(rows) < _MIN_FILL * np.prod(sides):
        return None
    quad = geometry.box_corners(np.concatenate([start, end])) @ axes
    normalised = geometry.to_normalised(quad, (inside.shape[1], inside.shape[0]))
    return BarPlace(
        tuple((float(x), float(y)) for x, y in normalised), float(strength[rows, columns].sum())
    )
