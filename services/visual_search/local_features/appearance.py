"""Does the picture look like the reference image where the homography puts it?

The place is brought into the thumbnail's frame and compared in Lab, patch by patch, after
a gain and an offset a channel: light differs from photo to photo, print does not. Two
products of one design agree in most of their print, so they are told apart where their
own images differ, and nowhere else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from services.visual_search.local_features.matching import Sighting
from services.visual_search.local_features.references import Reference
from shared.geometry import Floats
from shared.image_pixels import Rgb

_SOFT: Final = 1.2
_DIFFERENT: Final = 12.0
_FEWEST_DIFFERENT: Final = 12
_LEAST_SPREAD: Final = 4.0

Lab = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Look:
    """A reference image, and the place of a picture where it is seen, side by side.

    Attributes:
        seen: where.
        reference: the reference image.
        here: (h, w, 3) the picture in the thumbnail's frame, softened.
        wanted: (h, w, 3) the thumbnail, softened.
    """

    seen: Sighting
    reference: Reference
    here: Lab
    wanted: Lab


class Views:
    """One picture, brought into the frames of reference images.

    The picture is halved again and again, each size made when it is first wanted, so that
    a view costs what its own pixels cost.

    Args:
        image_rgb: (H, W, 3) uint8.
        size_wh: width and height in pixels that homographies map to.
    """

    def __init__(self, image_rgb: Rgb, size_wh: tuple[int, int]) -> None:
        self._levels, self._size = [image_rgb], size_wh
        self._wanted: dict[int, Lab] = {}

    def of(self, seen: Sighting, reference: Reference) -> Look:
        """Compare a sighting with its reference image's thumbnail."""
        to_picture = self._zoom() @ seen.homography @ _from_thumbnail(reference)
        height, width = reference.thumbnail_rgb.shape[:2]
        level = self._level(self._side(to_picture, (width, height)) / max(width, height))
        shrink = np.diag([0.5**level, 0.5**level, 1.0])
        warped = cv2.warpPerspective(
            self._levels[level],
            shrink @ to_picture,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        here = softened(np.asarray(warped, np.uint8))
        return Look(seen, reference, here, self._thumbnail(seen.image, reference))

    def _thumbnail(self, image: int, reference: Reference) -> Lab:
        """Soften a thumbnail once, however often its product is seen."""
        if image not in self._wanted:
            self._wanted[image] = softened(reference.thumbnail_rgb)
        return self._wanted[image]

    def _level(self, growth: float) -> int:
        """How often to halve the picture for a place so many times the thumbnail's size.

        What is left is still at least as large: warping alone would alias.
        """
        most = math.floor(math.log2(min(self._levels[0].shape[:2])))
        level = min(most, math.floor(math.log2(max(growth, 1.0))))
        while len(self._levels) <= level:
            self._levels.append(_halved(self._levels[-1]))
        return level

    def _zoom(self) -> Floats:
        height, width = self._levels[0].shape[:2]
        return np.diag([width / self._size[0], height / self._size[1], 1.0])

    def _side(self, to_picture: Floats, size_wh: tuple[int, int]) -> float:
        """Longer side of the place in pixels, as far as it lies in the picture."""
        corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64) * size_wh
        points = cv2.perspectiveTransform(corners[None], to_picture)[0]
        height, width = self._levels[0].shape[:2]
        shown = np.clip(points, 0, (width, height))
        return float((shown.max(axis=0) - shown.min(axis=0)).max())


def _halved(image_rgb: Rgb) -> Rgb:
    """Half the width and height; an odd last column or row is left out."""
    width, height = image_rgb.shape[1] // 2, image_rgb.shape[0] // 2
    even = image_rgb[: 2 * height, : 2 * width]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def softened(image_rgb: Rgb) -> Lab:
    """Lab (h, w, 3) float32 of a picture, each channel in 0..255, a little blurred."""
    lab = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(lab, (0, 0), _SOFT), np.float32)


def likeness(look: Look) -> float:
    """Correlation of a view with the reference's product, -1..1, over all three channels."""
    left, top, right, bottom = _content(look.reference)
    theirs = look.wanted[top:bottom, left:right].reshape(-1, 3)
    ours = look.here[top:bottom, left:right].reshape(-1, 3)
    ours, theirs = ours - ours.mean(axis=0), theirs - theirs.mean(axis=0)
    power = np.sqrt((ours**2).sum() * (theirs**2).sum())
    return float((ours * theirs).sum() / power) if power > len(ours) * _LEAST_SPREAD else 0.0


def preference(first: Look, second: Look) -> float:
    """Which of two reference images a place looks like: 1 = the first, -1 = the second.

    Compared where the two reference images differ, in the frame of the first; 0 when
    they differ nowhere.
    """
    left, top, right, bottom = _content(first.reference)
    part = (slice(top, bottom), slice(left, right))
    here, ours, theirs = first.here[part], first.wanted[part], _in_frame_of(first, second)[part]
    gap = _distance(ours, theirs)
    differs = gap > _DIFFERENT
    if differs.sum() < _FEWEST_DIFFERENT:
        return 0.0
    here = _in_the_light_of(here, np.asarray((ours + theirs) / 2, np.float32), ~differs)
    weight = np.where(differs, np.minimum(gap, 5 * _DIFFERENT), 0.0)
    to_first = (_distance(here, ours) * weight).sum()
    to_second = (_distance(here, theirs) * weight).sum()
    return float((to_second - to_first) / max(to_second + to_first, 1e-6))


def _distance(a: Lab, b: Lab) -> npt.NDArray[np.float32]:
    """Between colours of two pictures (..., 3), place by place."""
    gap = a - b
    return np.asarray(np.sqrt(np.einsum("...c,...c->...", gap, gap)), np.float32)


def _in_the_light_of(view: Lab, wanted: Lab, where: npt.NDArray[np.bool_]) -> Lab:
    """Give a view the mean and the spread that another picture has at some places."""
    if where.sum() < _FEWEST_DIFFERENT:
        where = np.ones_like(where)
    mask = where.astype(np.uint8)
    mean, spread = cv2.meanStdDev(view, mask=mask)
    wanted_mean, wanted_spread = cv2.meanStdDev(wanted, mask=mask)
    gain = np.clip(wanted_spread / np.maximum(spread, _LEAST_SPREAD), 0.5, 2.0).astype(np.float32)
    shift = (wanted_mean - gain * mean).astype(np.float32)
    return np.asarray(view * gain[:, 0] + shift[:, 0], np.float32)


def _in_frame_of(first: Look, second: Look) -> Lab:
    """The second reference image where the two homographies put it in the first."""
    to_first = np.linalg.inv(first.seen.homography @ _from_thumbnail(first.reference))
    across = to_first @ second.seen.homography @ _from_thumbnail(second.reference)
    height, width = first.wanted.shape[:2]
    warped = cv2.warpPerspective(
        second.reference.thumbnail_rgb, across, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    return softened(np.asarray(warped, np.uint8))


def _from_thumbnail(reference: Reference) -> Floats:
    """Map (3, 3) from the thumbnail's pixels to those of the features."""
    height, width = reference.thumbnail_rgb.shape[:2]
    wide, high = reference.features.size_wh
    return np.diag([wide / width, high / height, 1.0])


def _content(reference: Reference) -> tuple[int, int, int, int]:
    """The part of the thumbnail that shows the product, in its pixels."""
    height, width = reference.thumbnail_rgb.shape[:2]
    wide, high = reference.features.size_wh
    left, top, right, bottom = reference.content_xyxy_px
    return (
        int(left * width / wide),
        int(top * height / high),
        max(int(left * width / wide) + 1, round(right * width / wide)),
        max(int(top * height / high) + 1, round(bottom * height / high)),
    )
