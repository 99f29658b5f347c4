"""The rules of the image gate that need no pixels: what the header says, within which limits.

``shared.image`` applies them before it decodes. On their own they load no decoder, so
that a client can turn a picture away before it is sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.errors import ImageRefused
from shared.image_header import ImageHeader, read_header


@dataclass(frozen=True, slots=True)
class Limits:
    """What the gate lets through.

    Attributes:
        max_bytes: size of the file.
        max_pixels: width times height.
        max_side_px: longer side; OpenCV's remap takes no side of 32,767 or more.
        min_side_px: shorter side; below it there is nothing to recognise.
    """

    max_bytes: int = 8 * 1024 * 1024
    max_pixels: int = 25_000_000
    max_side_px: int = 32_766
    min_side_px: int = 16


DEFAULT_LIMITS = Limits()


def inspect(data: bytes, limits: Limits = DEFAULT_LIMITS) -> ImageHeader:
    """Apply every rule that needs no decoding and return the header.

    Raises:
        ImageRefused: a rule was broken; the reason says which (see the module).
    """
    if not data:
        raise ImageRefused("the image is empty; send its bytes", reason="IMAGE_EMPTY")
    if len(data) > limits.max_bytes:
        raise ImageRefused(
            f"the image has {len(data)} bytes, at most {limits.max_bytes} are accepted",
            reason="IMAGE_TOO_LARGE",
        )
    header = read_header(data)
    _check_frames(header)
    _check_size(header.upright_size_wh, limits)
    if not header.complete:
        raise ImageRefused(
            f"the {header.format.upper()} file ends early, after {len(data)} bytes; "
            "send the whole file",
            reason="IMAGE_TRUNCATED",
        )
    return header


def focal_length_35mm(data: bytes) -> float | None:
    """Focal length in mm of 35 mm film that EXIF states, or None.

    Raises:
        ImageRefused: the bytes are no JPEG, PNG or WebP.
    """
    return read_header(data).focal_length_35mm


def _check_frames(header: ImageHeader) -> None:
    if header.animated:
        raise ImageRefused(
            f"the {header.format.upper()} is animated; send one still picture",
            reason="IMAGE_ANIMATED",
        )


def _check_size(size_wh: tuple[int, int], limits: Limits) -> None:
    width, height = size_wh
    if min(width, height) < limits.min_side_px:
        raise ImageRefused(
            f"the image is {width} x {height} pixels, each side must have at least "
            f"{limits.min_side_px}",
            reason="IMAGE_TOO_SMALL",
        )
    if width * height > limits.max_pixels or max(width, height) > limits.max_side_px:
        raise ImageRefused(
            f"the image is {width} x {height} pixels, at most {limits.max_pixels} in all and "
            f"{limits.max_side_px} a side are accepted",
            reason="IMAGE_TOO_MANY_PIXELS",
        )
