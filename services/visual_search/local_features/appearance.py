"""Does the picture look like the reference image where the homography puts it?

The place is brought into the thumbnail's frame and compared in Lab, patch by patch, after
a gain and an offset a channel: light differs from photo to photo, print does not. Two
products of one design agree in most of their print, so they are told apart where their
own images differ, and nowhere else.
"""

from __future__ import annotations

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


class Views:
    """One picture, brought into the frames of reference images.

    Args:
        image_rgb: (H, W, 3) uint8.
        size_wh: width and height in pixels that homographies map to.
    """

    def __init__(self, image_rgb: Rgb, size_wh: tuple[int, int]) -> None:
        self._image, self._size = image_rgb, size_wh

    def of(self, seen: Sighting, reference: Reference) -> Lab:
        """The picture in the thumbnail's frame (h, w, 3), Lab, softened."""
        to_picture = self._zoom() @ seen.homography @ _from_thumbnail(reference)
        height, width = reference.thumbnail_rgb.shape[:2]
        left, top, right, bottom = self._bounds(to_picture, (width, height))
        part = self._image[top:bottom, left:right]
        # Shrunk to about the thumbnail's size first: warping alone would alias.
        shrink = min(1.0, 1.5 * max(width, height) / max(part.shape[:2]))
        small = cv2.resize(part, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        fx, fy = small.shape[1] / part.shape[1], small.shape[0] / part.shape[0]
        moved = np.array([[fx, 0, -left * fx], [0, fy, -top * fy], [0, 0, 1]]) @ to_picture
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        warped = cv2.warpPerspective(
            small, moved, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return softened(np.asarray(warped, np.uint8))

    def _zoom(self) -> Floats:
        height, width = self._image.shape[:2]
        return np.diag([width / self._size[0], height / self._size[1], 1.0])

    def _bounds(self, to_picture: Floats, size_wh: tuple[int, int]) -> tuple[int, int, int, int]:
        corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64) * size_wh
        points = cv2.perspectiveTransform(corners[None], to_picture)[0]
        height, width = self._image.shape[:2]
        left, top = np.clip(np.floor(points.min(axis=0)), 0, (width - 2, height - 2))
        right, bottom = np.clip(np.ceil(points.max(axis=0)), (left + 2, top + 2), (width, height))
        return int(left), int(top), int(right), int(bottom)


def softened(image_rgb: Rgb) -> Lab:
    """Lab (h, w, 3) float32 of a picture, each channel in 0..255, a little blurred."""
    lab = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(lab, (0, 0), _SOFT), np.float32)


def likeness(view: Lab, reference: Reference) -> float:
    """Correlation of a view with the reference's product, -1..1, over all three channels."""
    left, top, right, bottom = _content(reference)
    theirs = softened(reference.thumbnail_rgb)[top:bottom, left:right].reshape(-1, 3)
    ours = view[top:bottom, left:right].reshape(-1, 3)
    ours, theirs = ours - ours.mean(axis=0), theirs - theirs.mean(axis=0)
    power = np.sqrt((ours**2).sum() * (theirs**2).sum())
    return float((ours * theirs).sum() / power) if power > len(ours) * _LEAST_SPREAD else 0.0


def preference(
    views: Views, first: tuple[Sighting, Reference], second: tuple[Sighting, Reference]
) -> float:
    """Which of two reference images a place looks like: 1 = the first, -1 = the second.

    Compared where the two reference images differ, in the frame of the first; 0 when
    they differ nowhere.
    """
    view = views.of(*first)
    ours = softened(first[1].thumbnail_rgb)
    theirs = _in_frame_of(first, second, ours.shape)
    left, top, right, bottom = _content(first[1])
    part = (slice(top, bottom), slice(left, right))
    view, ours, theirs = view[part], ours[part], theirs[part]
    gap = np.linalg.norm(ours - theirs, axis=2)
    differs = gap > _DIFFERENT
    if differs.sum() < _FEWEST_DIFFERENT:
        return 0.0
    view = _in_the_light_of(view, np.asarray((ours + theirs) / 2, np.float32), ~differs)
    weight = np.minimum(gap, 5 * _DIFFERENT)[differs]
    to_first = (np.linalg.norm(view - ours, axis=2)[differs] * weight).sum()
    to_second = (np.linalg.norm(view - theirs, axis=2)[differs] * weight).sum()
    return float((to_second - to_first) / max(to_second + to_first, 1e-6))


def _in_the_light_of(view: Lab, wanted: Lab, where: npt.NDArray[np.bool_]) -> Lab:
    """Give a view the mean and the spread that another picture has at some places."""
    if where.sum() < _FEWEST_DIFFERENT:
        where = np.ones_like(where)
    mean, spread = view[where].mean(axis=0), view[where].std(axis=0)
    wanted_mean, wanted_spread = wanted[where].mean(axis=0), wanted[where].std(axis=0)
    gain = np.clip(wanted_spread / np.maximum(spread, _LEAST_SPREAD), 0.5, 2.0)
    return np.asarray((view - mean) * gain + wanted_mean, np.float32)


def _in_frame_of(
    first: tuple[Sighting, Reference], second: tuple[Sighting, Reference], shape: tuple[int, ...]
) -> Lab:
    """The second reference image where the two homographies put it in the first."""
    to_first = np.linalg.inv(first[0].homography @ _from_thumbnail(first[1]))
    across = to_first @ second[0].homography @ _from_thumbnail(second[1])
    warped = cv2.warpPerspective(
        second[1].thumbnail_rgb, across, (shape[1], shape[0]), borderMode=cv2.BORDER_REPLICATE
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
