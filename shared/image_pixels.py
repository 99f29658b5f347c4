"""The pixels of a file that passed the gate: decoded, 8-bit RGB, upright.

OpenCV decodes; it turns CMYK and YCCK JPEG into RGB itself and gives None for what is
corrupt. Colour profiles are ignored: the pixel values are taken as sRGB.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from shared.errors import ImageRefused
from shared.image_header import ImageHeader

Rgb = npt.NDArray[np.uint8]

# libjpeg scales while it decodes, by these divisors only. OpenCV's REDUCED_COLOR flags
# carry the BGR bit, which excludes the RGB bit, so REDUCED_GRAYSCALE plus RGB it is.
_REDUCED = {
    1: cv2.IMREAD_COLOR_RGB,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2 | cv2.IMREAD_COLOR_RGB,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4 | cv2.IMREAD_COLOR_RGB,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8 | cv2.IMREAD_COLOR_RGB,
}
_AS_STORED = cv2.IMREAD_UNCHANGED
_TO_RGB = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}


def decode_upright(data: bytes, header: ImageHeader, max_side: int | None) -> Rgb:
    """Decode to upright RGB (H, W, 3) uint8, perhaps a view.

    A JPEG comes scaled by 1, 1/2, 1/4 or 1/8: the smallest that still has ``max_side``
    pixels on its longer side. Other formats come at full size.

    Raises:
        ImageRefused: the decoder could make no picture of it (``IMAGE_UNREADABLE``).
    """
    if header.format == "jpeg":
        return _upright(_decode_jpeg(data, header, max_side), header.orientation)
    stored = _decode(data, _AS_STORED)
    if stored.ndim == 3:
        stored = cv2.cvtColor(stored, _TO_RGB[stored.shape[2]])
    return _upright(_to_rgb8(stored), header.orientation)


def check_pixels(data: bytes, header: ImageHeader) -> None:
    """Decode to as few pixels as the format allows, and drop them.

    Raises:
        ImageRefused: the decoder could make no picture of it (``IMAGE_UNREADABLE``).
    """
    _decode(data, cv2.IMREAD_REDUCED_GRAYSCALE_8 if header.format == "jpeg" else _AS_STORED)


def _decode_jpeg(data: bytes, header: ImageHeader, max_side: int | None) -> Rgb:
    longest = max(header.stored_size_wh)
    divisor = max(d for d in _REDUCED if d == 1 or (max_side and longest / d >= max_side))
    return _to_rgb8(_decode(data, _REDUCED[divisor] | cv2.IMREAD_IGNORE_ORIENTATION))


def _decode(data: bytes, flags: int) -> MatLike:
    """Decode with the orientation as stored: (H, W), or (H, W, 3 or 4) in OpenCV's order."""
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise _unreadable() from error
    if image is None:
        raise _unreadable()
    return image


def _unreadable() -> ImageRefused:
    return ImageRefused(
        "the image's pixel data cannot be decoded; save it again as an ordinary JPEG or PNG",
        reason="IMAGE_UNREADABLE",
    )


def _to_rgb8(image: MatLike) -> Rgb:
    """Bring grey, 16-bit and transparent pictures to (H, W, 3) uint8; alpha goes over white."""
    if image.dtype == np.uint16:
        image = (np.asarray(image, np.uint16) >> 8).astype(np.uint8)
    if image.ndim == 2:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
    if image.shape[2] == 3:
        return np.asarray(image, np.uint8)
    alpha = image[..., 3:].astype(np.uint16)
    over_white = image[..., :3] * alpha + 255 * (255 - alpha)
    return ((over_white + 127) // 255).astype(np.uint8)


def _upright(image: Rgb, orientation: int) -> Rgb:
    """Undo an EXIF orientation (CIPA DC-008, tag 274)."""
    if orientation in (5, 6, 7, 8):
        image = image.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    return image
