"""Packs that stand side by side, found by their upright edges.

On a shelf a pack is surrounded by other packs, so that it does not stand out. But its
left and right edges are long, straight and upright, and as high as each other: each pair
of such edges with nothing of the kind between them may be a pack.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from shared import geometry
from shared.geometry import Floats
from shared.image_pixels import Rgb

_SIDE: Final = 320
# Change across an edge, in levels of L, a or b per pixel.
_MIN_CHANGE: Final = 12.0
# Shortest edge, as a share of the picture's height.
_MIN_LENGTH: Final = 0.2
# Gaps up to this are bridged: print and shine interrupt an edge. In pixels.
_GAP: Final = 7
# An edge that leans more than this over its length is none, as a share of the width.
_MAX_LEAN: Final = 0.06
_MIN_WIDTH, _MAX_WIDTH = 0.03, 0.4
_MIN_ASPECT, _MAX_ASPECT = 0.2, 2.2
# Share of their common height that both edges cover.
_MIN_COMMON: Final = 0.6
# How far from its end an edge's top or bottom line is looked for, in pixels.
_REACH: Final = 4
# What the picture's own edge counts as, where a pack is cut off.
_CUT_OFF: Final = 0.3
# An edge between two others that covers this share of their height divides two packs.
_DIVIDES: Final = 0.75
_DIVIDED_PENALTY: Final = 0.4
_MIN_SCORE: Final = 30.0
_MAX_OVERLAP: Final = 0.3

Floats32 = npt.NDArray[np.float32]


def find_packs(image_rgb: Rgb) -> Floats:
    """Boxes (N, 4) in a picture (H, W, 3) uint8, normalised, best first."""
    scale = min(1.0, _SIDE / max(image_rgb.shape[:2]))
    small = cv2.resize(image_rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    across, down = _changes(np.asarray(small, np.uint8))
    edges = _upright_edges(across, down)
    pairs = _pairs(edges, across.shape[1])
    boxes = np.column_stack(
        [
            edges[pairs[:, 0], 0] - 1,
            np.minimum(edges[pairs[:, 0], 1], edges[pairs[:, 1], 1]) - 1,
            edges[pairs[:, 1], 0] + 1,
            np.maximum(edges[pairs[:, 0], 2], edges[pairs[:, 1], 2]) + 1,
        ]
    )
    scores = _scores(boxes, pairs, edges, down)
    good = scores > _MIN_SCORE
    boxes = geometry.clip_boxes(geometry.to_normalised(boxes[good], across.shape[::-1]))
    return boxes[geometry.suppress(boxes, scores[good], _MAX_OVERLAP)]


def _changes(small: Rgb) -> tuple[Floats32, Floats32]:
    """Change across and down at each pixel, of the Lab channel where it is largest."""
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    soft = cv2.GaussianBlur(lab, (0, 0), 0.8)
    across = np.abs(cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.25)).max(axis=2)
    down = np.abs(cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.25)).max(axis=2)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def _upright_edges(across: Floats32, down: Floats32) -> Floats:
    """Long upright edges (N, 3): x, top and bottom in pixels, from left to right."""
    height, width = across.shape
    mask = ((across > _MIN_CHANGE) & (across > down)).astype(np.uint8)
    mask = np.asarray(cv2.dilate(mask, np.ones((1, 3), np.uint8)), np.uint8)
    bridge, length = np.ones((_GAP, 1), np.uint8), max(3, int(_MIN_LENGTH * height))
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, bridge)
    long = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(long, np.uint8))
    found = stats[1:][stats[1:, cv2.CC_STAT_WIDTH] < _MAX_LEAN * width].astype(np.float64)
    edges = np.column_stack([found[:, 0] + found[:, 2] / 2, found[:, 1], found[:, 1] + found[:, 3]])
    return edges[np.argsort(edges[:, 0], kind="stable")]


def _pairs(edges: Floats, width: int) -> npt.NDArray[np.int64]:
    """Which edges (N, 3) may be left and right of one pack: (M, 2) indexes."""
    left, right = np.triu_indices(len(edges), 1)
    wide = edges[right, 0] - edges[left, 0]
    common = _common(edges[left], edges[right])
    high = np.maximum(edges[right, 2], edges[left, 2]) - np.minimum(edges[right, 1], edges[left, 1])
    aspect = wide / np.maximum(high, 1.0)
    fits = (wide >= _MIN_WIDTH * width) & (wide <= _MAX_WIDTH * width)
    fits &= (common >= _MIN_COMMON * high) & (aspect > _MIN_ASPECT) & (aspect < _MAX_ASPECT)
    return np.column_stack([left[fits], right[fits]])


def _common(a: Floats, b: Floats) -> Floats:
    """Height that edges (N, 3) share."""
    return np.asarray(np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 1], b[:, 1]), np.float64)


def _scores(
    boxes_px: Floats, pairs: npt.NDArray[np.int64], edges: Floats, down: Floats32
) -> Floats:
    """How much like a pack each box is: equal edges, a top and a bottom, undivided, large."""
    lines = (down > _MIN_CHANGE).astype(np.float32)
    common = _common(edges[pairs[:, 0]], edges[pairs[:, 1]])
    scores = np.empty(len(pairs))
    for index, (left, top, right, bottom) in enumerate(boxes_px):
        high, wide = bottom - top, right - left
        ends = [0.3 + _line(lines, y, left, right) for y in (top, bottom)]
        between = (edges[:, 0] > left + 0.12 * wide) & (edges[:, 0] < right - 0.12 * wide)
        covered = np.minimum(edges[:, 2], bottom) - np.maximum(edges[:, 1], top)
        divisions = int((between & (covered > _DIVIDES * high)).sum())
        score = common[index] / high * ends[0] * ends[1] * np.sqrt(wide * high)
        scores[index] = score * _DIVIDED_PENALTY**divisions
    return scores


def _line(lines: Floats32, y: float, left: float, right: float) -> float:
    """Share of the width between two edges where there is a line near height ``y``."""
    if not _REACH < y < len(lines) - _REACH:
        return _CUT_OFF
    rows = slice(max(0, int(y) - _REACH), max(0, int(y) + _REACH + 1))
    part = lines[rows, max(0, int(left)) + 1 : int(right)]
    return float(part.max(axis=0).mean()) if part.size else 0.0
