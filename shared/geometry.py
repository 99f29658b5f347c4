"""Boxes, quads and planes, as plain arrays.

Boxes are ``boxes_xyxy (N, 4)`` float64: left, top, right, bottom. Points are ``(N, 2)``
x, y. Both are normalised to the upright image (0..1, x right, y down) unless a name ends
in ``_px``. A quad is its four corners ``(4, 2)`` in order around the shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shared.errors import InvalidInput

Floats = npt.NDArray[np.float64]
WHOLE_IMAGE = (0.0, 0.0, 1.0, 1.0)


def as_boxes(boxes_xyxy: npt.ArrayLike) -> Floats:
    """Boxes (N, 4) float64 from anything of that form; nothing at all becomes (0, 4).

    Raises:
        InvalidInput: another shape (``BOX_INVALID``).

    >>> as_boxes([]).shape
    (0, 4)
    """
    boxes = np.asarray(boxes_xyxy, np.float64)
    if boxes.size == 0:
        return boxes.reshape(0, 4)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise InvalidInput.of(
            "boxes", f"have shape {boxes.shape}, must have (N, 4)", reason="BOX_INVALID"
        )
    return boxes


def to_pixels(boxes_or_points: npt.ArrayLike, size_wh: tuple[int, int]) -> Floats:
    """Scale normalised boxes (..., 4) or points (..., 2) to pixels of an image.

    >>> to_pixels([(0.5, 0.25)], (200, 100)).tolist()
    [[100.0, 25.0]]
    """
    values = np.asarray(boxes_or_points, np.float64)
    return values * np.resize(np.asarray(size_wh, np.float64), values.shape[-1])


def to_normalised(boxes_or_points_px: npt.ArrayLike, size_wh: tuple[int, int]) -> Floats:
    """Scale boxes (..., 4) or points (..., 2) in pixels to 0..1; the inverse of ``to_pixels``."""
    values = np.asarray(boxes_or_points_px, np.float64)
    return values / np.resize(np.asarray(size_wh, np.float64), values.shape[-1])


def clip_boxes(boxes_xyxy: npt.ArrayLike) -> Floats:
    """Cut normalised boxes (N, 4) at the image's edge; one outside it keeps no area."""
    return np.clip(as_boxes(boxes_xyxy), 0.0, 1.0)


def grow_boxes(boxes_xyxy: npt.ArrayLike, margin: float) -> Floats:
    """Move every edge of boxes (N, 4) outwards by ``margin`` times the box's own side.

    >>> grow_boxes([(0.25, 0.5, 0.75, 1.0)], 0.5).tolist()
    [[0.0, 0.25, 1.0, 1.25]]
    """
    boxes = as_boxes(boxes_xyxy)
    sides = (boxes[:, 2:] - boxes[:, :2]) * margin
    return np.column_stack([boxes[:, :2] - sides, boxes[:, 2:] + sides])


def box_area(boxes_xyxy: npt.ArrayLike) -> Floats:
    """Area of each box, (N,); zero where right <= left or bottom <= top."""
    boxes = as_boxes(boxes_xyxy)
    sides: Floats = np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0)
    return sides[:, 0] * sides[:, 1]


def intersection(boxes_a: npt.ArrayLike, boxes_b: npt.ArrayLike) -> Floats:
    """Shared area of every pair of boxes (N, 4) and (M, 4): (N, M)."""
    a, b = as_boxes(boxes_a)[:, None], as_boxes(boxes_b)[None]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    areas: Floats = np.prod(np.maximum(sides, 0.0), axis=-1)
    return areas


def iou(boxes_a: npt.ArrayLike, boxes_b: npt.ArrayLike) -> Floats:
    """Intersection over union of every pair of boxes (N, 4) and (M, 4): (N, M) in 0..1.

    >>> iou([(0, 0, 2, 2)], [(1, 0, 3, 2), (5, 5, 6, 6)]).round(3).tolist()
    [[0.333, 0.0]]
    """
    shared = intersection(boxes_a, boxes_b)
    union = box_area(boxes_a)[:, None] + box_area(boxes_b)[None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def coverage(boxes_a: npt.ArrayLike, boxes_b: npt.ArrayLike) -> Floats:
    """Fraction of each box of ``a`` (N, 4) that lies in each box of ``b`` (M, 4): (N, M)."""
    shared = intersection(boxes_a, boxes_b)
    area = np.broadcast_to(box_area(boxes_a)[:, None], shared.shape)
    return np.divide(shared, area, out=np.zeros_like(shared), where=area > 0)


def suppress(boxes_xyxy: npt.ArrayLike, scores: npt.ArrayLike, max_iou: float) -> list[int]:
    """Greedy non-maximum suppression: indexes to keep, best score first.

    Of equal scores the earlier box wins, so that the result does not depend on chance.

    >>> suppress([(0, 0, 2, 2), (0, 0, 2, 1.9), (4, 4, 5, 5)], [0.5, 0.9, 0.7], 0.5)
    [1, 2]
    """
    overlap = iou(boxes_xyxy, boxes_xyxy)
    kept: list[int] = []
    for index in np.argsort(-np.asarray(scores, np.float64), kind="stable"):
        if not kept or overlap[index, kept].max() <= max_iou:
            kept.append(int(index))
    return kept


def box_of_points(points: npt.ArrayLike) -> Floats:
    """Smallest upright box (4,) around points (N, 2).

    Raises:
        InvalidInput: there are no points (``POINTS_EMPTY``).
    """
    array = np.asarray(points, np.float64).reshape(-1, 2)
    if not len(array):
        raise InvalidInput.of("points", "are empty, a box needs one", reason="POINTS_EMPTY")
    return np.concatenate([array.min(axis=0), array.max(axis=0)])


def box_corners(box_xyxy: npt.ArrayLike) -> Floats:
    """Quad (4, 2) of a box, from the top left corner clockwise on the screen."""
    left, top, right, bottom = np.asarray(box_xyxy, np.float64)
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def polygon_area(polygon: npt.ArrayLike) -> float:
    """Area inside a simple polygon (N, 2), never negative (the shoelace formula).

    >>> polygon_area([(0, 0), (2, 0), (2, 1), (0, 1)])
    2.0
    """
    points = np.asarray(polygon, np.float64).reshape(-1, 2)
    x, y = points.T
    return float(abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2)


def is_convex(quad: npt.ArrayLike) -> bool:
    """Whether a quad (4, 2) turns the same way at each corner, so that no edges cross."""
    points = np.asarray(quad, np.float64)
    edges = np.roll(points, -1, axis=0) - points
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    return bool((turns > 0).all() or (turns < 0).all())


def points_in_quad(points: npt.ArrayLike, quad: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which points (N, 2) lie in a convex quad (4, 2), its edges included: (N,) bool."""
    array = np.asarray(points, np.float64).reshape(-1, 1, 2)
    corners = np.asarray(quad, np.float64)
    edges = np.roll(corners, -1, axis=0) - corners
    to_point = array - corners
    side = edges[:, 0] * to_point[..., 1] - edges[:, 1] * to_point[..., 0]
    return np.asarray((side >= 0).all(axis=1) | (side <= 0).all(axis=1), np.bool_)


def apply_homography(matrix: npt.ArrayLike, points: npt.ArrayLike) -> Floats:
    """Map points (N, 2) by a homography (3, 3); points at infinity become inf.

    >>> apply_homography([[1, 0, 5], [0, 1, 7], [0, 0, 1]], [(1, 2)]).tolist()
    [[6.0, 9.0]]
    """
    array = np.asarray(points, np.float64).reshape(-1, 2)
    homogeneous = np.column_stack([array, np.ones(len(array))])  # (N, 3)
    mapped = homogeneous @ np.asarray(matrix, np.float64).T
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = mapped[:, :2] / mapped[:, 2:]
    return result


@dataclass(frozen=True, slots=True)
class Letterbox:
    """The mapping of ``shared.image.fit(..., "pad")``: scaled, then centred on a canvas.

    Attributes:
        scaled_wh: size of the picture on the canvas, in pixels.
        offset_xy: its top left corner on the canvas, in pixels.
        canvas_wh: size of the canvas, in pixels.
    """

    scaled_wh: tuple[int, int]
    offset_xy: tuple[int, int]
    canvas_wh: tuple[int, int]

    @classmethod
    def of(cls, source_wh: tuple[int, int], canvas_wh: tuple[int, int]) -> Letterbox:
        """Mapping that ``fit`` uses for a picture of ``source_wh``.

        >>> Letterbox.of((200, 100), (100, 100))
        Letterbox(scaled_wh=(100, 50), offset_xy=(0, 25), canvas_wh=(100, 100))
        """
        scale = min(canvas_wh[0] / source_wh[0], canvas_wh[1] / source_wh[1])
        width, height = (max(1, round(side * scale)) for side in source_wh)
        offset = ((canvas_wh[0] - width) // 2, (canvas_wh[1] - height) // 2)
        return cls((width, height), offset, canvas_wh)

    def to_canvas(self, points: npt.ArrayLike) -> Floats:
        """Points (..., 2) normalised to the picture, to points normalised to the canvas."""
        array = np.asarray(points, np.float64)
        return (array * self.scaled_wh + self.offset_xy) / self.canvas_wh

    def to_source(self, points: npt.ArrayLike) -> Floats:
        """Points (..., 2) normalised to the canvas, to points normalised to the picture."""
        array = np.asarray(points, np.float64)
        return (array * self.canvas_wh - self.offset_xy) / self.scaled_wh
