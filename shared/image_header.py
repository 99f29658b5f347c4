"""What an image file says about itself before a pixel of it is decoded.

Reads the format, the stored size, the orientation and whether the file is whole,
from the bytes alone and in one pass, so that ``shared.image`` can refuse before
it allocates. Specifications: JPEG ITU-T T.81 annex B, PNG (W3C, third edition),
WebP RFC 9649, EXIF CIPA DC-008.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from shared.errors import ImageRefused

Format = Literal["jpeg", "png", "webp"]

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# A byte that starts a JPEG marker other than a stuffed zero, a restart or a fill byte.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
# SOF0 to SOF15 without DHT (C4), JPG (C8) and DAC (CC): T.81 table B.1.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
# Encoders write 10 to 20 scans; each one is a pass over the picture, so a file of
# thousands of empty scans costs minutes (libjpeg-turbo's advisory of 2015).
_MAX_JPEG_SCANS = 64

_ORIENTATION, _EXIF_IFD, _FOCAL_35MM = 0x0112, 0x8769, 0xA405
_SHORT, _LONG = 3, 4


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the header says.

    Attributes:
        format: one of the accepted formats.
        stored_size_wh: width and height as stored, before EXIF orientation, in pixels.
        orientation: EXIF orientation, 1 (upright) to 8.
        focal_length_35mm: EXIF focal length in mm of 35 mm film, or None if not said.
        animated: the file holds more than one frame.
        complete: the file ends where its structure says that it ends.
    """

    format: Format
    stored_size_wh: tuple[int, int]
    orientation: int = 1
    focal_length_35mm: float | None = None
    animated: bool = False
    complete: bool = True

    @property
    def upright_size_wh(self) -> tuple[int, int]:
        """Width and height once the picture stands upright, in pixels.

        >>> ImageHeader("jpeg", (4000, 3000), orientation=6).upright_size_wh
        (3000, 4000)
        """
        width, height = self.stored_size_wh
        return (height, width) if self.orientation >= 5 else (width, height)


def read_header(data: bytes) -> ImageHeader:
    """Read the header of a JPEG, PNG or WebP file.

    Raises:
        ImageRefused: not one of the three (``IMAGE_FORMAT_UNSUPPORTED``), ends inside
            its header (``IMAGE_TRUNCATED``), or breaks its format (``IMAGE_UNREADABLE``).
    """
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data.startswith(_PNG_SIGNATURE):
            return _png(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError) as error:
        raise _cut_short(data) from error
    raise _unsupported(data)


def _jpeg(data: bytes) -> ImageHeader:
    size, exif, complete = None, b"", False
    scans = 0
    for marker, segment in _jpeg_segments(data):
        if marker in _JPEG_FRAMES and size is None:
            height, width = struct.unpack_from(">HH", segment, 1)
            size = (width, height)
        elif marker == 0xE1 and segment.startswith(b"Exif\0\0") and not exif:
            exif = segment[6:]
        scans += marker == 0xDA
        complete = marker == 0xD9
        if scans > _MAX_JPEG_SCANS:
            raise _broken(f"a JPEG with more than {_MAX_JPEG_SCANS} scans")
    if size is None and complete:
        raise _broken("a JPEG without a frame")
    if size is None:
        raise _cut_short(data)
    return ImageHeader("jpeg", size, *_read_exif(exif), complete=complete and scans > 0)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield ``(marker, payload)`` up to the end-of-image marker, or up to where data ends."""
    at = 2
    while True:
        found = _NEXT_MARKER.search(data, at)
        if found is None:
            return
        marker, at = data[found.end() - 1], found.end()
        if marker == 0xD9:
            yield marker, b""
            return
        if marker in _JPEG_ALONE:
            continue
        if at + 2 > len(data):
            return
        length = int.from_bytes(data[at : at + 2], "big")
        if at + length > len(data):
            return
        yield marker, data[at + 2 : at + length]
        at += length


def _png(data: bytes) -> ImageHeader:
    width, height = struct.unpack_from(">II", data, 16)
    exif, animated, complete, at = b"", False, False, 8
    while at + 12 <= len(data) and not complete:
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"eXIf":
            exif = data[at + 8 : at + 8 + length]
        animated |= kind == b"acTL"
        at += 12 + length
        complete = kind == b"IEND" and at <= len(data)
    return ImageHeader("png", (width, height), *_read_exif(exif), animated, complete)


def _webp(data: bytes) -> ImageHeader:
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    size, exif, animated, at = None, b"", False, 12
    while at + 8 <= min(end, len(data)):
        kind, length = struct.unpack_from("<4sI", data, at)
        body = at + 8
        if size is None:
            size = _webp_size(kind, data, body)
        animated |= kind in (b"ANIM", b"ANMF") or (kind == b"VP8X" and bool(data[body] & 0x02))
        if kind == b"EXIF":
            exif = data[body : body + length].removeprefix(b"Exif\0\0")
        at = body + length + length % 2
    if size is None and end <= len(data):
        raise _broken("a WebP file without a picture")
    if size is None:
        raise _cut_short(data)
    return ImageHeader("webp", size, *_read_exif(exif), animated, complete=end <= len(data))


def _webp_size(kind: bytes, data: bytes, body: int) -> tuple[int, int] | None:
    """Width and height from the first chunk of a WebP file (RFC 9649 sections 2.5 to 2.7)."""
    if kind == b"VP8X":
        low_w, high_w, low_h, high_h = struct.unpack_from("<HBHB", data, body + 4)
        return (low_w | high_w << 16) + 1, (low_h | high_h << 16) + 1
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, body + 1)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, body + 6)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _read_exif(exif: bytes) -> tuple[int, float | None]:
    """Orientation and 35 mm focal length; broken EXIF counts as absent, as viewers do."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1, None
    try:
        first = _read_directory(exif, order, struct.unpack_from(order + "I", exif, 4)[0])
        second = _read_directory(exif, order, first[_EXIF_IFD]) if _EXIF_IFD in first else {}
    except struct.error:
        return 1, None
    orientation = first.get(_ORIENTATION, 1)
    focal = second.get(_FOCAL_35MM, 0)
    return (orientation if 1 <= orientation <= 8 else 1), (float(focal) or None)


def _read_directory(exif: bytes, order: str, at: int) -> dict[int, int]:
    """The single SHORT and LONG values of one TIFF directory, by tag."""
    (count,) = struct.unpack_from(order + "H", exif, at)
    values: dict[int, int] = {}
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, length = struct.unpack_from(order + "HHI", exif, entry)
        if length == 1 and kind in (_SHORT, _LONG):
            form = order + ("H" if kind == _SHORT else "I")
            values[tag] = struct.unpack_from(form, exif, entry + 8)[0]
    return values


def _cut_short(data: bytes) -> ImageRefused:
    return ImageRefused(
        f"the image ends inside its header, after {len(data)} bytes; send the whole file",
        reason="IMAGE_TRUNCATED",
    )


def _broken(what: str) -> ImageRefused:
    return ImageRefused(
        f"the image is {what}; save it again as an ordinary JPEG, PNG or WebP",
        reason="IMAGE_UNREADABLE",
    )


_ACCEPTED = "send JPEG, PNG or still WebP"
_IPHONE = "on an iPhone choose Settings > Camera > Formats > Most Compatible"
_ISO_BRANDS = dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), "HEIC"
) | dict.fromkeys((b"avif", b"avis"), "AVIF")
_STARTS = {
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"%PDF": "PDF",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
}


def _unsupported(data: bytes) -> ImageRefused:
    name = _name_of_format(data)
    advice = f"{_ACCEPTED} ({_IPHONE})" if name == "HEIC" else _ACCEPTED
    return ImageRefused(
        f"the image is {name}, which is not accepted; {advice}",
        reason="IMAGE_FORMAT_UNSUPPORTED",
    )


def _name_of_format(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        return _ISO_BRANDS.get(data[8:12], "a video or another ISO media file")
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return "SVG" if b"<svg" in data[:4096].lower() else "HTML or XML"
    named = (name for start, name in _STARTS.items() if data.startswith(start))
    return next(named, "of no known format")
