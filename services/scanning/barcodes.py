"""Every machine-readable code in a picture: zxing-cpp, with retries that cost little.

One pass of zxing-cpp over the whole picture reads most codes. What it leaves, or reads
in a way that is to be doubted (``services.scanning.codes``), is retried only where there
is cause: in small pictures as a whole, in larger ones at places that look like bars
(``services.scanning.bar_finder``), turned so that the bars stand upright, enlarged,
sharpened and with their contrast evened out.

This is the only module that imports zxingcpp.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from services.scanning.bar_finder import BarPlace, find_bars
from services.scanning.codes import Code, Quad, agreed, split_doubtful, without_fragments
from shared import geometry

Grey = npt.NDArray[np.uint8]

# Up to here a picture is retried as a whole: 3 treatments of 480 x 360 take some 30 ms.
_SMALL_PIXELS: Final = 480 * 360
_MAX_PLACES: Final = 2
# Longer side of a place's crop after enlargement, in pixels.
_CROP_SIDE: Final = 900
_MAX_ENLARGE: Final = 2.0
_PLACE_MARGIN: Final = 0.25
# The shortest retail code, UPC-E, has 33 edges; a blurred one shows about half of them.
_MIN_EDGES: Final = 16
_MIN_SWING: Final = 4.0  # grey levels

_GLOBAL: Final = zxingcpp.Binarizer.GlobalHistogram
_LOCAL: Final = zxingcpp.Binarizer.LocalAverage
_ALL: Final = zxingcpp.BarcodeFormats([])  # none named means all that can be read
_BARS: Final = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.AllLinear])


def read_codes(image_rgb: npt.NDArray[np.uint8]) -> tuple[Code, ...]:
    """Read every code in a picture (H, W, 3) uint8 RGB, in reading order.

    A code is listed once for each place where it stands.
    """
    grey: Grey = np.asarray(cv2.cvtColor(image_rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    sure, doubtful = split_doubtful(_read(grey), (grey.shape[1], grey.shape[0]))
    if not sure and grey.size <= _SMALL_PIXELS:
        sure = agreed(chain([doubtful], _treatments(grey)))
    for place in _places_to_retry(grey, sure, doubtful):
        sure = [*sure, *_retry(grey, place, [c for c in doubtful if _lies_in(c, place)])]
    whole = without_fragments(sure)
    return tuple(sorted(whole, key=lambda code: (code.box_xyxy[1], code.box_xyxy[0])))


def _places_to_retry(grey: Grey, sure: Sequence[Code], doubtful: Sequence[Code]) -> list[BarPlace]:
    """Places with bars but no code as yet, doubtful readings first."""
    bars = find_bars(grey)
    stray = [_place_of(c, grey) for c in doubtful if not any(_lies_in(c, bar) for bar in bars)]
    open_bars = [bar for bar in bars if not any(_lies_in(code, bar) for code in sure)]
    open_bars.sort(key=lambda bar: not any(_lies_in(code, bar) for code in doubtful))
    return [*stray[:_MAX_PLACES], *open_bars[:_MAX_PLACES]]


def _lies_in(code: Code, place: BarPlace) -> bool:
    return bool(geometry.points_in_quad([code.centre], place.quad)[0])


def _place_of(code: Code, grey: Grey) -> BarPlace:
    """The surroundings of a sliver: as wide as it, and two thirds as high."""
    size_wh = (grey.shape[1], grey.shape[0])
    first, second = geometry.to_pixels(code.quad, size_wh)[:2]
    centre = np.multiply(code.centre, size_wh)
    half_across = (second - first) / 2
    half_down = np.array([-half_across[1], half_across[0]]) * 2 / 3
    corners = [
        centre + x * half_across + y * half_down for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    return BarPlace(_quad(geometry.to_normalised(corners, size_wh)), 0.0)


def _read(
    grey: Grey, binarizer: zxingcpp.Binarizer = _LOCAL, *, bars_only: bool = False
) -> list[Code]:
    """One pass of zxing-cpp; quads normalised to ``grey``. ``bars_only``: upright bars."""
    barcodes = zxingcpp.read_barcodes(
        grey,
        formats=_BARS if bars_only else _ALL,
        try_rotate=not bars_only,
        try_invert=not bars_only,
        binarizer=binarizer,
    )
    return [_code(barcode, (grey.shape[1], grey.shape[0])) for barcode in barcodes]


def _code(barcode: Any, size_wh: tuple[int, int]) -> Code:
    symbology, text, lookup = _content(barcode)
    at = barcode.position
    corners = [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)]
    return Code(text, symbology, lookup, _quad(geometry.to_normalised(corners, size_wh)))


def _quad(points: geometry.Floats) -> Quad:
    return tuple((float(x), float(y)) for x, y in points)


def _content(barcode: Any) -> tuple[str, str, str]:
    """Symbology, text as printed, and what to ask the catalogue.

    zxing-cpp 3 gives UPC-A and UPC-E as the 13 digits that they stand for.
    """
    name = str(barcode.format)
    text: str = barcode.text
    if str(barcode.symbology) == "EAN/UPC":
        return _retail_content(name, text, barcode.extra or {})
    if barcode.content_type == zxingcpp.ContentType.GS1:
        return _COMMON_NAMES.get(name, name), text, barcode.bytes.decode("ascii", "replace")
    plain = _plain_text(text, barcode.bytes)
    return _COMMON_NAMES.get(name, name), plain, plain


_COMMON_NAMES: Final = {
    "Data Matrix": "DataMatrix",
    "ITF-14": "ITF",
    **{f"DataBar {kind}": "DataBar" for kind in ("Omni", "Stacked", "Stacked Omni", "Limited")},
    **{f"DataBar {kind}": "DataBar Expanded" for kind in ("Expanded", "Expanded Stacked")},
}


def _retail_content(name: str, digits: str, extra: dict[str, str]) -> tuple[str, str, str]:
    if name == "UPC-E":
        return name, extra.get("UPCE", digits), digits.zfill(14)
    if name == "EAN-13" and digits.startswith("0"):
        return "UPC-A", digits[1:], digits.zfill(14)
    return name, digits, digits.zfill(14)


def _plain_text(text: str, data: bytes) -> str:
    """The text itself where zxing-cpp spelt out control characters (``<SOH>``)."""
    if not any(byte < 32 and byte not in b"\t\r\n" for byte in data):
        return text
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return text


def _treatments(grey: Grey, *, bars_only: bool = False) -> Iterator[list[Code]]:
    """Readings of a picture or a crop under one treatment after the other."""
    enlarge = min(_MAX_ENLARGE, max(1.0, _CROP_SIDE / max(grey.shape)))
    large = _scaled(grey, enlarge)
    yield _read(_sharpened(large), _GLOBAL, bars_only=bars_only)
    yield _read(_even_contrast(grey), _GLOBAL, bars_only=bars_only)
    yield _read(large, _LOCAL if enlarge > 1 else _GLOBAL, bars_only=bars_only)


def _retry(grey: Grey, place: BarPlace, doubtful: Sequence[Code]) -> list[Code]:
    """Read one place again; what was read there before counts as one reading."""
    crop, to_picture = _upright_crop(grey, place)
    if _edges_across(crop) < _MIN_EDGES:
        return []
    readings = (
        [_moved(code, crop, to_picture, grey) for code in reading]
        for reading in _treatments(crop, bars_only=True)
    )
    return agreed(chain([doubtful], readings))


def _moved(code: Code, crop: Grey, to_picture: geometry.Floats, grey: Grey) -> Code:
    """A code of a crop, where it stands in the picture."""
    in_crop = geometry.to_pixels(code.quad, (crop.shape[1], crop.shape[0]))
    in_picture = geometry.apply_homography(to_picture, in_crop)
    return replace(
        code, quad=_quad(geometry.to_normalised(in_picture, (grey.shape[1], grey.shape[0])))
    )


def _edges_across(crop: Grey) -> int:
    """How often dark and light alternate along the middle of a crop with upright bars."""
    middle = crop[crop.shape[0] // 3 : max(2 * crop.shape[0] // 3, crop.shape[0] // 3 + 1)]
    profile = middle.mean(axis=0)
    swing = profile - cv2.blur(profile[None], (31, 1))[0]
    clear = swing[np.abs(swing) > _MIN_SWING]
    return int(np.count_nonzero(np.diff(np.sign(clear))))


def _upright_crop(grey: Grey, place: BarPlace) -> tuple[Grey, geometry.Floats]:
    """Cut a place out with its bars upright: the crop, and crop pixels to picture pixels."""
    size_wh = np.array([grey.shape[1], grey.shape[0]])
    top_left, top_right, _, bottom_left = np.array(place.quad) * size_wh
    across, down = top_right - top_left, bottom_left - top_left
    width, height = np.hypot(*across), np.hypot(*down)
    margin = _PLACE_MARGIN * min(width, height) + 4
    unit_x, unit_y = across / width, down / height
    origin = top_left - margin * (unit_x + unit_y)
    to_picture = np.column_stack([np.append(unit_x, 0), np.append(unit_y, 0), np.append(origin, 1)])
    crop_wh = (math.ceil(width + 2 * margin), math.ceil(height + 2 * margin))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    crop = cv2.warpAffine(
        grey, to_picture[:2], crop_wh, flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(crop, np.uint8), to_picture


def _scaled(grey: Grey, factor: float) -> Grey:
    if factor == 1.0:
        return grey
    how = cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=how), np.uint8)


def _sharpened(grey: Grey) -> Grey:
    """Unsharp mask: amplify what differs from a blur of 2 pixels."""
    blurred = cv2.GaussianBlur(grey, (0, 0), 2)
    return np.asarray(cv2.addWeighted(grey, 2.5, blurred, -1.5, 0), np.uint8)


def _even_contrast(grey: Grey) -> Grey:
    """Contrast-limited adaptive histogram equalisation (Zuiderveld 1994)."""
    return np.asarray(cv2.createCLAHE(clipLimit=2.0, tileGridSize=(4, 4)).apply(grey), np.uint8)
