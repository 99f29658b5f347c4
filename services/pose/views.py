"""Square views of a picture: cut out, turned, mirrored, scaled; and the way back.

A landmark network sees best what stands upright in the middle of a square. A ``View``
says which square of the picture that is, and carries points found in it back.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement.types import Floats

Rgb = npt.NDArray[np.uint8]

SMALLEST_PX = 256
LARGEST_PX = 640
"""Side of a view in its own pixels: the networks take 192 to 256 of a part of it."""
LARGEST_WHOLE_PX = 1024
"""A picture of twice this side or more is looked at as a whole in half its size, or less."""


class Picture:
    """A picture and its halves, quarters and so on, each made once when it is first needed."""

    def __init__(self, image_rgb: Rgb) -> None:
        self.size_wh = (image_rgb.shape[1], image_rgb.shape[0])
        self._levels = [image_rgb]

    def at_least(self, shrink: float) -> Rgb:
        """The level that is shrunk as far as ``shrink`` goes in halves, or not at all."""
        halvings = int(np.log2(max(shrink, 1.0)))
        while len(self._levels) <= halvings:
            height, width = self._levels[-1].shape[:2]
            half_wh = (max(1, width // 2), max(1, height // 2))
            half = cv2.resize(self._levels[-1], half_wh, interpolation=cv2.INTER_AREA)
            self._levels.append(_rgb(half))
        return self._levels[halvings]

    def at_most(self, side_px: float) -> Rgb:
        """The level shrunk least among those whose longer side has no more than twice that."""
        return self.at_least(max(self.size_wh) / side_px)


@dataclass(frozen=True, slots=True)
class View:
    """A square of a picture.

    Attributes:
        center_xy_px: its middle in the picture; may lie outside.
        side_px: its side in pixels of the picture.
        turn_deg: how far the picture's content is turned clockwise in the view.
        mirrored: left and right are swapped in the view, after the turn.
        largest_px: the view has no more than this side in its own pixels.
    """

    center_xy_px: tuple[float, float]
    side_px: float
    turn_deg: float = 0.0
    mirrored: bool = False
    largest_px: int = LARGEST_PX

    @property
    def size_px(self) -> int:
        """Side of the view in its own pixels."""
        return int(np.clip(round(self.side_px), SMALLEST_PX, self.largest_px))

    @property
    def matrix(self) -> Floats:
        """(2, 3) affine map from the picture's pixels to those of the view.

        Pixels are counted from their middles: the first one's is at 0. MediaPipe's own
        crops do so; on faces of 40 pixels, points carried back agree with its answers for
        the whole picture to 0.03 pixels, and are off by 0.45 when counted from the edges.
        """
        linear = self._linear()
        offset = self.size_px / 2 - linear @ np.asarray(self.center_xy_px)
        return np.column_stack([linear, offset])

    def _turn(self) -> Floats:
        """(2, 2) turn and mirror, without the scale."""
        angle = np.radians(self.turn_deg)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return np.diag([-1.0, 1.0]) @ turn if self.mirrored else turn

    def _linear(self) -> Floats:
        return self._turn() * (self.size_px / self.side_px)

    def cut(self, picture: Picture) -> Rgb:
        """The view's pixels (S, S, 3) uint8; what lies outside the picture is black."""
        matrix, size = self.matrix, self.size_px
        # Affine sampling skips pixels beyond a shrinking to half: they are averaged before.
        level = picture.at_least(self.side_px / size)
        ratio = np.divide(picture.size_wh, (level.shape[1], level.shape[0]))
        matrix[:, 2] += matrix[:, :2] @ (ratio / 2 - 0.5)  # resizing counts from the edges
        matrix[:, :2] *= ratio
        return _rgb(cv2.warpAffine(level, matrix, (size, size), flags=cv2.INTER_LINEAR))

    def to_view(self, points_px: Floats) -> Floats:
        """Where pixels (N, 2) of the picture are in the view, in its own pixels."""
        matrix = self.matrix
        return np.asarray(points_px @ matrix[:, :2].T + matrix[:, 2], np.float64)

    def to_picture(self, points: Floats, size_wh: tuple[int, int]) -> Floats:
        """Carry points (N, 3 or more) normalised to the view over to the picture.

        x and y are normalised to the picture's sides, z to its width; further columns
        stay as they are.
        """
        carried = points.astype(np.float64, copy=True)
        inverse = cv2.invertAffineTransform(self.matrix)
        pixels = points[:, :2] * self.size_px @ inverse[:, :2].T + inverse[:, 2]
        carried[:, :2] = pixels / size_wh
        carried[:, 2] = points[:, 2] * self.side_px / size_wh[0]
        return carried

    def vectors_to_picture(self, vectors: Floats) -> Floats:
        """Turn vectors (N, 3) in space, seen in the view, to how the picture shows them."""
        turned = vectors.astype(np.float64, copy=True)
        turned[:, :2] = vectors[:, :2] @ self._turn()  # its inverse is its transpose
        return turned


def whole(size_wh: tuple[int, int], margin: float = 0.0, turn_deg: float = 0.0) -> View:
    """The square around the whole picture, wider by ``margin`` of its side all around."""
    width, height = size_wh
    return View((width / 2, height / 2), max(size_wh) * (1 + 2 * margin), turn_deg)


def overlapping(size_wh: tuple[int, int], side: float, largest_px: int = LARGEST_PX) -> list[View]:
    """Squares of a side that cover the picture with a third of overlap or more.

    >>> [view.center_xy_px for view in overlapping((300, 150), 200)]
    [(100.0, 75.0), (200.0, 75.0)]
    """
    across, down = (_centers(length, side) for length in size_wh)
    return [View((x, y), side, largest_px=largest_px) for y in down for x in across]


def tiles(size_wh: tuple[int, int], rows: int) -> list[View]:
    """Squares that cover the picture with a third of overlap, ``rows`` along its short side.

    >>> [view.center_xy_px for view in tiles((300, 150), 1)]
    [(75.0, 75.0), (150.0, 75.0), (225.0, 75.0)]
    """
    side = min(size_wh) / (rows - (rows - 1) / 3)
    return overlapping(size_wh, side)


def _centers(length: int, side: float) -> list[float]:
    if length <= side:
        return [length / 2]
    count = 1 + int(np.ceil((length - side) / (side * 2 / 3) - 1e-9))
    return [float(x) for x in np.linspace(side / 2, length - side / 2, count)]


def _rgb(image: npt.NDArray[np.generic]) -> Rgb:
    return np.asarray(image, np.uint8)
