"""The image gate: bytes in, an upright RGB picture out, or a refusal that names its rule.

Every picture that enters Vitrine enters here. The header is judged first (format by
allow-list, size, wholeness), so that nothing is allocated for a picture that will be
refused. What passes is decoded once, at the smallest size that serves, turned upright
and brought to 8-bit RGB: grey, CMYK, 16-bit and transparent pictures included.

Reasons of refusal (``ImageRefused.reason``):

    IMAGE_EMPTY               no bytes
    IMAGE_TOO_LARGE           more bytes than ``Limits.max_bytes``
    IMAGE_FORMAT_UNSUPPORTED  neither JPEG, PNG nor WebP (GIF, SVG, HEIC, ...)
    IMAGE_ANIMATED            APNG or animated WebP
    IMAGE_TOO_SMALL           a side below ``Limits.min_side_px``
    IMAGE_TOO_MANY_PIXELS     above ``Limits.max_pixels`` or ``Limits.max_side_px``
    IMAGE_TRUNCATED           the file ends early
    IMAGE_UNREADABLE          the decoder could make no picture of it
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from shared.errors import InvalidInput
from shared.image_gate import DEFAULT_LIMITS, Limits, focal_length_35mm, inspect
from shared.image_header import ImageHeader
from shared.image_pixels import Rgb, check_pixels, decode_upright

__all__ = [
    "DEFAULT_LIMITS",
    "FitMode",
    "Limits",
    "UprightImage",
    "check",
    "crop",
    "decode",
    "encode_jpeg",
    "fit",
    "focal_length_35mm",
    "inspect",
    "size_wh",
]

FitMode = Literal["stretch", "pad", "crop"]


@dataclass(frozen=True, slots=True)
class UprightImage:
    """A decoded picture, standing upright.

    Attributes:
        image_rgb: (H, W, 3) uint8, contiguous.
        original_size_wh: width and height of the upright picture before scaling, in pixels.
        scale: decoded width over original width, at most 1.
        focal_length_35mm: EXIF focal length in mm of 35 mm film, or None if not said.
    """

    image_rgb: Rgb
    original_size_wh: tuple[int, int]
    scale: float
    focal_length_35mm: float | None = None

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height of ``image_rgb`` in pixels."""
        return size_wh(self.image_rgb)


def size_wh(image: Rgb) -> tuple[int, int]:
    """Width and height of a picture (H, W) or (H, W, C), in pixels."""
    return image.shape[1], image.shape[0]


def decode(
    data: bytes, limits: Limits = DEFAULT_LIMITS, *, max_side: int | None = None
) -> UprightImage:
    """Decode a JPEG, PNG or WebP file to an upright RGB picture.

    Args:
        data: the file.
        limits: what to refuse.
        max_side: longer side of the result in pixels; a larger picture is scaled down
            to it (libjpeg scales while decoding, area averaging does the rest), a
            smaller one is never enlarged.

    Raises:
        ImageRefused: a rule was broken; the reason says which (see the module).
    """
    header = inspect(data, limits)
    original = header.upright_size_wh
    image_rgb = _shrink(decode_upright(data, header, max_side), original, max_side)
    return UprightImage(
        np.ascontiguousarray(image_rgb),
        original,
        image_rgb.shape[1] / original[0],
        header.focal_length_35mm,
    )


def check(data: bytes, limits: Limits = DEFAULT_LIMITS) -> ImageHeader:
    """Send a file through the gate at the least cost, for who needs none of its pixels.

    Returns:
        What its header says.

    Raises:
        ImageRefused: what ``decode`` would refuse, for the same reason.
    """
    header = inspect(data, limits)
    check_pixels(data, header)
    return header


def fit(
    image_rgb: Rgb,
    size_wh: tuple[int, int],
    mode: FitMode = "stretch",
    *,
    fill: tuple[int, int, int] = (255, 255, 255),
) -> Rgb:
    """Bring a picture to a size.

    Args:
        image_rgb: (H, W, 3) uint8.
        size_wh: width and height wanted, in pixels.
        mode: ``stretch`` changes the aspect, ``pad`` keeps it and fills around the
            centred picture (``shared.geometry.Letterbox`` maps points there and back),
            ``crop`` keeps it and cuts what sticks out, centred.
        fill: colour of the padding, RGB.

    Returns:
        (height, width, 3) uint8. Shrinking averages areas, enlarging is bilinear.

    >>> fit(np.zeros((10, 20, 3), np.uint8), (8, 8), "pad").shape
    (8, 8, 3)
    """
    width, height = size_wh
    if mode == "stretch":
        return _resize(image_rgb, width, height)
    ratios = (width / image_rgb.shape[1], height / image_rgb.shape[0])
    scale = min(ratios) if mode == "pad" else max(ratios)
    scaled = _resize(
        image_rgb,
        max(1, round(image_rgb.shape[1] * scale)),
        max(1, round(image_rgb.shape[0] * scale)),
    )
    return _pad(scaled, width, height, fill) if mode == "pad" else _centre(scaled, width, height)


def crop(image_rgb: Rgb, box_xyxy: npt.ArrayLike, margin: float = 0.0) -> Rgb:
    """Cut a box out of a picture.

    Args:
        image_rgb: (H, W, 3) uint8.
        box_xyxy: left, top, right, bottom, normalised to 0..1; what lies outside the
            picture is cut off.
        margin: added on every side, as a fraction of the box's own side.

    Returns:
        A view (h, w, 3) uint8 of at least one pixel, rounded outwards.

    Raises:
        InvalidInput: the box is not four finite numbers in order, or misses the
            picture (``BOX_INVALID``).

    >>> crop(np.zeros((100, 200, 3), np.uint8), (0.25, 0.5, 0.75, 1.0)).shape
    (50, 100, 3)
    """
    box = np.asarray(box_xyxy, np.float64)
    if box.shape != (4,) or not np.isfinite(box).all() or (box[2:] <= box[:2]).any():
        raise InvalidInput.of(
            "box", f"is {box.tolist()}, must be left < right, top < bottom", reason="BOX_INVALID"
        )
    pad = np.tile((box[2:] - box[:2]) * margin, 2) * (-1, -1, 1, 1)
    # The tolerance keeps a box that was made from whole pixels on those pixels.
    bounds = (box + pad) * np.tile(size_wh(image_rgb), 2) + (1e-6, 1e-6, -1e-6, -1e-6)
    left, top = np.maximum(np.floor(bounds[:2]), 0).astype(int)
    right, bottom = np.minimum(np.ceil(bounds[2:]), size_wh(image_rgb)).astype(int)
    if right <= left or bottom <= top:
        raise InvalidInput.of(
            "box", f"is {box.tolist()}, outside the picture", reason="BOX_INVALID"
        )
    return image_rgb[top:bottom, left:right]


def encode_jpeg(image_rgb: Rgb, quality: int = 90) -> bytes:
    """Encode a picture (H, W, 3) uint8 RGB as JPEG of quality 1 to 100."""
    bgr = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()


def _shrink(image: Rgb, original_wh: tuple[int, int], max_side: int | None) -> Rgb:
    scale = 1.0 if max_side is None else min(1.0, max_side / max(original_wh))
    if scale == 1.0:
        return image
    width, height = (max(1, round(side * scale)) for side in original_wh)
    return _resize(np.ascontiguousarray(image), width, height)


def _resize(image_rgb: Rgb, width: int, height: int) -> Rgb:
    if (width, height) == size_wh(image_rgb):
        return image_rgb
    shrinks = width < image_rgb.shape[1] or height < image_rgb.shape[0]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image_rgb, (width, height), interpolation=how), np.uint8)


def _pad(image: Rgb, width: int, height: int, fill: tuple[int, int, int]) -> Rgb:
    canvas = np.full((height, width, 3), fill, np.uint8)
    top, left = (height - image.shape[0]) // 2, (width - image.shape[1]) // 2
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return canvas


def _centre(image: Rgb, width: int, height: int) -> Rgb:
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return image[top : top + height, left : left + width]
