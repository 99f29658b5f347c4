"""Where one head's hair is, over the frames of a stream: it may not flicker.

The head's neighbourhood is looked at upright and always in one size, so that hair stays where
it is in that view while the head moves, and can be averaged over time there. So are the
colours that it is told by; what a bound decides is decided anew only well beyond that bound.
All is driven by capture times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from services.pose.placement.head import Head
from services.pose.placement.types import Bytes, Floats
from services.pose.rendering import hair
from services.pose.rendering.raster import Float32, Window

FACE_PX = 32.0
"""The face's width in the view: an arm of glasses is about two pixels high there."""
_ACROSS, _UP = 2.2, 1.76  # how far the view reaches to each side and up, in faces
_TO_CHIN, _DOWN = 0.9, 2.2  # and how far down: for hair beside the face, and for all of it
_MIDDLE = np.array((_ACROSS * FACE_PX, _UP * FACE_PX))
_GRACE_S = 0.4  # as long as products are held: after that all is learnt anew
_COLOURS_S, _SIDES_S, _FADE_S = 0.4, 0.3, 0.12  # what is averaged, and over how long
_TURN_DEG_PER_S = 20.0  # of a head that turns so fast, hair is averaged over half that time
_MIXED_UP = hair.MIN_DIFFERENCE - 0.3
_MARGIN = 0.07  # of a share, either way of ``hair.LONG``
_CHIN = 152


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A head's neighbourhood, upright and ``FACE_PX`` wide between the temples.

    Attributes:
        matrix: (2, 3) from the head's pixels to the view's; a pixel's middle is at one half.
        landmarks: (468, 2) in the view.
        size_wh: of the view in pixels.
    """

    matrix: Floats
    landmarks: Floats
    size_wh: tuple[int, int]

    @classmethod
    def of(cls, head: Head, down: float) -> View:
        """The view around a head, down to so many faces below its middle."""
        points = head.points_px[:468]
        x, y = head.rotation[:2, 1]  # to the chin
        scale = FACE_PX / head.width_px / max(float(np.hypot(x, y)), 1e-6)
        turn = np.array([(y, -x), (x, y)]) * scale
        matrix = np.column_stack([turn, _MIDDLE - turn @ points.mean(axis=0)])
        size_wh = round(2 * _ACROSS * FACE_PX), round((_UP + down) * FACE_PX)
        return cls(matrix, points @ turn.T + matrix[:, 2], size_wh)

    def cut(self, image_rgb: Bytes, scale: float) -> tuple[Bytes, Bytes]:
        """The picture in the view (h, w, 3), and which part of the view it covers (h, w) 0, 1.

        Args:
            image_rgb: (H, W, 3) uint8.
            scale: pixels of the picture over those of the head.
        """
        part, place = _shrunk(*self._around(image_rgb, scale))
        covered = np.zeros(self.size_wh[::-1], np.uint8)
        if part.size == 0:
            return np.zeros((*covered.shape, 3), np.uint8), covered
        into = cv2.invertAffineTransform(place)
        ends = _corners((part.shape[1], part.shape[0])) @ into[:, :2].T + into[:, 2]
        cv2.fillConvexPoly(covered, np.rint(ends).astype(np.int32), 1)
        flags, edge = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, cv2.BORDER_REPLICATE
        drawn = cv2.warpAffine(part, by_middles(place), self.size_wh, flags=flags, borderMode=edge)
        return np.asarray(drawn, np.uint8), covered

    def _around(self, image_rgb: Bytes, scale: float) -> tuple[Bytes, Floats]:
        """The part of a picture that is in the view, and the map (2, 3) from the view to it."""
        back: Floats = np.asarray(cv2.invertAffineTransform(self.matrix) * scale, np.float64)
        size_wh = image_rgb.shape[1], image_rgb.shape[0]
        corners = _corners(self.size_wh) @ back[:, :2].T + back[:, 2]
        left, top = np.clip(np.floor(corners.min(axis=0)), 0, size_wh).astype(int).tolist()
        right, bottom = np.clip(np.ceil(corners.max(axis=0)), 0, size_wh).astype(int).tolist()
        return image_rgb[top:bottom, left:right], back - [[0, 0, left], [0, 0, top]]


def _shrunk(part: Bytes, place: Floats) -> tuple[Bytes, Floats]:
    """A picture without the pixels that the view has no room for; of each block four count."""
    shrink = int(np.hypot(*place[:, 0])) // 2 * 2  # even: a block's middle is between pixels
    rows, columns = (side // max(shrink, 1) for side in part.shape[:2])
    if shrink < 2 or min(rows, columns) == 0:
        return part, place
    whole = part[: shrink * rows, : shrink * columns]
    smaller = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return np.asarray(smaller, np.uint8), place / shrink


def _corners(size_wh: tuple[int, int]) -> Floats:
    width, height = size_wh
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)


def by_middles(matrix: Floats) -> Floats:
    """An affine map (2, 3) of points whose pixels' middles are at one half, for OpenCV's at 0."""
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    return moved


class LiveHair:
    """Hair of one head; another head needs its own.

    Args:
        below_chin: it is asked for what ``falls_in_front`` too.
    """

    def __init__(self, *, below_chin: bool) -> None:
        self._down = _DOWN if below_chin else _TO_CHIN
        self._time_us: int | None = None
        self._head: Head | None = None
        self._forget()

    def _forget(self) -> None:
        self._colours: hair.HairColours | None = None
        self._told = False
        self._shares = np.zeros(2)
        self._long: list[bool] | None = None
        self._sides = np.zeros(2)
        self._map: Float32 | None = None
        self._view: View | None = None

    def away(self, head: Head) -> float:
        """How far a head is from where this one was last seen, in faces."""
        if self._head is None:
            return math.inf
        moved = head.points_px[:468].mean(axis=0) - self._head.points_px[:468].mean(axis=0)
        return float(np.hypot(*moved)) / max(head.width_px, self._head.width_px)

    def is_over(self, time_us: int) -> bool:
        """Whether this head was last seen so long ago that nothing known of it counts."""
        return self._time_us is not None and time_us - self._time_us > _GRACE_S * 1e6

    def look(self, head: Head, image_rgb: Bytes, scale: float, time_us: int) -> None:
        """Take in the next frame.

        Args:
            head: of that frame.
            image_rgb: (H, W, 3) uint8.
            scale: pixels of the picture over those of ``head``.
            time_us: when the camera took it.
        """
        passed_s = self._passed_s(head, time_us)
        fade_s = _FADE_S / (1 + self._turned_deg(head) / max(passed_s, 1e-6) / _TURN_DEG_PER_S)
        if math.isinf(passed_s):
            self._forget()
        self._view, self._head, self._time_us = View.of(head, self._down), head, time_us
        picture, seen = self._view.cut(image_rgb, scale)
        landmarks = self._view.landmarks
        now = self._look_at(hair.lab_of(picture), seen, landmarks, passed_s)
        self._decide_sides(hair.side_shares(now, landmarks), passed_s, fade_s)
        before = now if self._map is None else self._map
        self._map = before + np.float32(_share(passed_s, fade_s)) * (now - before)

    def within(self, window: Window, *, falls_in_front: bool) -> Float32:
        """How much of each pixel of a window is hair that hides: (h, w) 0..1.

        Args:
            window: in the pixels of the head that was looked at.
            falls_in_front: as over garments; else what lies beside the face and is long there.
        """
        if self._map is None or self._view is None:
            return np.zeros(window.size_wh[::-1], np.float32)
        shown = self._map if falls_in_front else self._beside(self._map, self._view.landmarks)
        matrix = self._view.matrix.copy()
        matrix[:, 2] += matrix[:, :2] @ (window.left, window.top)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        drawn = cv2.warpAffine(shown, by_middles(matrix), window.size_wh, flags=flags)
        return np.asarray(drawn, np.float32)

    def _passed_s(self, head: Head, time_us: int) -> float:
        """Seconds since the frame before; infinite where this is another head, or long after."""
        if self._time_us is None or self.away(head) > 1 or self.is_over(time_us):
            return math.inf
        return (time_us - self._time_us) / 1e6

    def _turned_deg(self, head: Head) -> float:
        if self._head is None:
            return 0.0
        cosine = (float((head.rotation * self._head.rotation).sum()) - 1) / 2
        return math.degrees(math.acos(min(max(cosine, -1.0), 1.0)))

    def _look_at(self, lab: Bytes, seen: Bytes, landmarks: Floats, passed_s: float) -> Float32:
        """Hair in this frame (h, w), 0 or 1, told by the colours of late."""
        areas = hair.areas_of(landmarks, lab.shape[:2])
        areas = hair.Areas(areas.band & seen, areas.face)
        self._learn(hair.sample_colours(lab, landmarks, areas.band), passed_s)
        if self._colours is None or not self._told:
            return np.zeros(lab.shape[:2], np.float32)
        return hair.hair_of(lab, self._colours, areas).astype(np.float32)

    def _learn(self, now: hair.HairColours | None, passed_s: float) -> None:
        """Take in a frame's colours, and decide whether hair can be told by those of late."""
        if now is not None and self._colours is not None:
            known = self._colours.models
            step = np.float32(_share(passed_s, _COLOURS_S))
            now = hair.HairColours(known + step * (now.models - known))
        self._colours = now or self._colours
        if self._colours is not None:
            bound = _MIXED_UP if self._told else hair.MIN_DIFFERENCE
            self._told = self._colours.difference() >= bound

    def _decide_sides(self, shares: list[float], passed_s: float, fade_s: float) -> None:
        """Whether hair is long on each side, and how much of it counts there."""
        self._shares += _share(passed_s, _SIDES_S) * (np.array(shares) - self._shares)
        before = self._long or [False, False]
        margin = 0.0 if self._long is None else _MARGIN
        self._long = [
            bool(share >= hair.LONG + (-margin if was else margin))
            for share, was in zip(self._shares, before, strict=True)
        ]
        self._sides += _share(passed_s, fade_s) * (np.array(self._long, float) - self._sides)

    def _beside(self, shown: Float32, landmarks: Floats) -> Float32:
        """The hair beside the face, above the chin, as far as each side's is long."""
        middle = int(landmarks[:, 0].mean())
        right, left = self._sides  # of the person: their jaw's right end is left in the view
        part = shown.copy()
        part[:, :middle] *= np.float32(right)
        part[:, middle:] *= np.float32(left)
        part[max(0, int(landmarks[_CHIN, 1])) :] = 0
        return part


def _share(passed_s: float, over_s: float) -> float:
    """How much a new value counts in an average over some time."""
    return 1.0 - math.exp(-passed_s / over_s)
