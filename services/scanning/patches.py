"""Things that stand out from what surrounds them, found without knowing any product.

A small copy of the picture is cut into patches of even colour (Felzenszwalb and
Huttenlocher, IJCV 2004), and neighbouring patches are joined, the most alike first
(Selective Search: Uijlings et al., IJCV 2013). Every patch and every join is a
candidate. A thing has more detail than what surrounds it, fills its box, and is not cut
off by the picture's edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage

from shared import geometry
from shared.geometry import Floats
from shared.image_pixels import Rgb

_SIDE: Final = 160
_BLUR: Final = 0.6
_EVENNESS: Final = 200.0
_MIN_PATCH_PX: Final = 60
# Bins of the L, a and b histograms.
_BINS: Final = (8, 16, 16)
_MIN_AREA: Final = 0.008
_MAX_AREA: Final = 0.8
_MIN_SIDE_PX: Final = 10
_MAX_OVERLAP: Final = 0.55
# Around a box, its surroundings reach this share of its longer side.
_RING: Final = 0.12
_CUT_OFF_PENALTY: Final = 0.55


def find_patches(image_rgb: Rgb) -> Floats:
    """Boxes (N, 4) in a picture (H, W, 3) uint8, normalised, best first."""
    scale = min(1.0, _SIDE / max(image_rgb.shape[:2]))
    small = cv2.resize(image_rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if min(small.shape[:2]) < _MIN_SIDE_PX:
        return np.empty((0, 4))
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.uint8)
    boxes_px, areas_px = _Grouping.of(lab).all_groups()
    scores = _scores(lab, boxes_px, areas_px)
    worth = np.flatnonzero(scores > 0)
    boxes = geometry.to_normalised(boxes_px[worth], (lab.shape[1], lab.shape[0]))
    return boxes[geometry.suppress(boxes, scores[worth], _MAX_OVERLAP)]


def _scores(lab: npt.NDArray[np.uint8], boxes_px: Floats, areas_px: Floats) -> Floats:
    """How much like a thing each box is; 0 for what is too small, too large or too flat."""
    height, width = lab.shape[:2]
    detail = cv2.integral(_detail(lab))
    sides = boxes_px[:, 2:] - boxes_px[:, :2]
    box_areas = sides[:, 0] * sides[:, 1]
    reach = np.maximum(3.0, _RING * sides.max(axis=1))[:, None]
    outer = np.column_stack([boxes_px[:, :2] - reach, boxes_px[:, 2:] + reach])
    outer = np.clip(outer, 0, np.tile((width, height), 2))
    inside, around = _box_sums(detail, boxes_px), _box_sums(detail, outer)
    ring_areas = np.maximum(geometry.box_area(outer) - box_areas, 1.0)
    contrast = inside / np.maximum(box_areas, 1.0) - (around - inside) / ring_areas
    cut_off = (boxes_px[:, :2] <= 0).sum(axis=1) + (boxes_px[:, 2:] >= (width, height)).sum(axis=1)
    fill = areas_px / np.maximum(box_areas, 1.0)
    share = box_areas / (width * height)
    fits = (share > _MIN_AREA) & (share < _MAX_AREA) & (sides.min(axis=1) >= _MIN_SIDE_PX)
    scores = contrast * np.sqrt(box_areas) * (0.3 + fill) * _CUT_OFF_PENALTY**cut_off
    return np.asarray(np.where(fits, np.maximum(scores, 0.0), 0.0), np.float64)


def _detail(lab: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Gradient magnitude (H, W), of the channel where it is largest."""
    soft = cv2.GaussianBlur(lab.astype(np.float32), (0, 0), 1.0)
    dx, dy = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    return np.asarray(np.hypot(dx, dy).max(axis=2), np.float32)


def _box_sums(integral: npt.ArrayLike, boxes_px: Floats) -> Floats:
    """Sum inside each box (N, 4), from an integral image (H + 1, W + 1)."""
    sums = np.asarray(integral, np.float64)
    left, top, right, bottom = np.rint(boxes_px).astype(int).T
    inside: Floats = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return inside


@dataclass(slots=True)
class _Grouping:
    """Patches and what they have been joined to.

    Attributes:
        histograms: per group, colours, each channel summing to one third.
        areas: per group, pixels.
        boxes: per group, bounds in pixels.
        neighbours: per group that is not yet joined, the groups it touches.
        whole: pixels of the picture.
    """

    histograms: list[Floats]
    areas: list[float]
    boxes: list[Floats]
    neighbours: dict[int, set[int]]
    whole: float

    @classmethod
    def of(cls, lab: npt.NDArray[np.uint8]) -> _Grouping:
        """Cut a picture (H, W, 3) Lab into patches."""
        cutter = cv2.ximgproc.segmentation.createGraphSegmentation(_BLUR, _EVENNESS, _MIN_PATCH_PX)
        labels = np.asarray(cutter.processImage(lab), np.int64)
        count = int(labels.max()) + 1
        areas = np.bincount(labels.ravel(), minlength=count).astype(np.float64)
        return cls(
            list(_histograms(lab, labels, count) / areas[:, None]),
            areas.tolist(),
            list(_bounds(labels, count)),
            _touching(labels, count),
            float(labels.size),
        )

    def all_groups(self) -> tuple[Floats, Floats]:
        """Join until one group is left; bounds (N, 4) and areas (N,) of all there ever were."""
        alike = {(a, b): self._likeness(a, b) for a in self.neighbours for b in self.neighbours[a]}
        alike = {pair: value for pair, value in alike.items() if pair[0] < pair[1]}
        while alike:
            first, second = max(alike, key=lambda pair: alike[pair])
            for gone in (first, second):
                for other in self.neighbours[gone]:
                    alike.pop((min(gone, other), max(gone, other)), None)
            joined = self._join(first, second)
            for other in self.neighbours[joined]:
                alike[other, joined] = self._likeness(other, joined)
        return np.array(self.boxes), np.array(self.areas)

    def _likeness(self, a: int, b: int) -> float:
        """Alike in colour, small, and filling their common box: 0..3."""
        colour = float(np.minimum(self.histograms[a], self.histograms[b]).sum())
        box = _union(self.boxes[a], self.boxes[b])
        area = self.areas[a] + self.areas[b]
        gap = float((box[2] - box[0]) * (box[3] - box[1])) - area
        return colour + (1 - area / self.whole) + (1 - gap / self.whole)

    def _join(self, a: int, b: int) -> int:
        new, area = len(self.areas), self.areas[a] + self.areas[b]
        mixed = self.histograms[a] * self.areas[a] + self.histograms[b] * self.areas[b]
        self.histograms.append(mixed / area)
        self.areas.append(area)
        self.boxes.append(_union(self.boxes[a], self.boxes[b]))
        self.neighbours[new] = (self.neighbours.pop(a) | self.neighbours.pop(b)) - {a, b}
        for other in self.neighbours[new]:
            self.neighbours[other] = (self.neighbours[other] - {a, b}) | {new}
        return new


def _union(a: Floats, b: Floats) -> Floats:
    return np.concatenate([np.minimum(a[:2], b[:2]), np.maximum(a[2:], b[2:])])


def _histograms(lab: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64], count: int) -> Floats:
    """Pixels per patch and colour bin, over three channels: (count, 40)."""
    parts = []
    for channel, bins in enumerate(_BINS):
        bin_of = lab[..., channel].astype(np.int64) * bins // 256
        flat = np.bincount((labels * bins + bin_of).ravel(), minlength=count * bins)
        parts.append(flat.reshape(count, bins) / len(_BINS))
    return np.concatenate(parts, axis=1)


def _bounds(labels: npt.NDArray[np.int64], count: int) -> Floats:
    """Bounds of each patch (count, 4), in pixels."""
    slices = ndimage.find_objects(labels + 1, max_label=count)
    return np.array([(x.start, y.start, x.stop, y.stop) for y, x in slices], np.float64)


def _touching(labels: npt.NDArray[np.int64], count: int) -> dict[int, set[int]]:
    """Which patches share an edge."""
    touching: dict[int, set[int]] = {patch: set() for patch in range(count)}
    for first, second in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        apart = first != second
        for pair in np.unique(first[apart] * count + second[apart]).tolist():
            a, b = divmod(pair, count)
            touching[a].add(b)
            touching[b].add(a)
    return touching
