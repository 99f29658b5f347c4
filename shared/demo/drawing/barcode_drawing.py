"""EAN-13 and EAN-8 symbols, drawn from their digits (GS1 General Specifications, 5.2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shared.demo.drawing.paint import Image, shrink, text
from shared.errors import InvalidInput
from shared.gtin import normalise

# GS1 General Specifications, figure 5.2.1.2.1-1: number set A; C is A inverted, B is C mirrored.
_SET_A = (
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
)
_SET_C = tuple(code.translate(str.maketrans("01", "10")) for code in _SET_A)
_SET_B = tuple(code[::-1] for code in _SET_C)
# Figure 5.2.1.2.2-1: the first digit of an EAN-13 is told by which sets code the left half.
_LEFT_SETS = (
    "AAAAAA",
    "AABABB",
    "AABBAB",
    "AABBBA",
    "ABAABB",
    "ABBAAB",
    "ABBBAA",
    "ABABAB",
    "ABABBA",
    "ABBABA",
)
_GUARD, _CENTRE = "101", "01010"
_QUIET = {13: (11, 7), 8: (7, 7)}
"""Quiet zones left and right of the symbol, in modules (5.2.3.4)."""

LARGEST_MODULE_PX = 3
"""Width of the narrowest bar beyond which a symbol on a package would look out of scale."""


def modules(gtin: str) -> str:
    """Encode a GTIN-13 or GTIN-8 as its row of modules, ``1`` for a bar, without quiet zones.

    Raises:
        InvalidInput: not 8 or 13 digits, or the check digit is wrong.

    >>> modules("20017071")[:10], len(modules("20017071")), len(modules("4006381333931"))
    ('1010010011', 67, 95)
    """
    _require_printable(gtin)
    if len(gtin) == 8:
        left = "".join(_SET_A[int(d)] for d in gtin[:4])
    else:
        sets = _LEFT_SETS[int(gtin[0])]
        pairs = zip(gtin[1:7], sets, strict=True)
        left = "".join((_SET_A if s == "A" else _SET_B)[int(d)] for d, s in pairs)
    half = len(gtin) // 2 + len(gtin) % 2
    right = "".join(_SET_C[int(d)] for d in gtin[half:])
    return _GUARD + left + _CENTRE + right + _GUARD


def draw_barcode(gtin: str, module_px: int = 3, height_px: int | None = None) -> Image:
    """Draw the symbol on white with quiet zones and its digits underneath.

    Args:
        gtin: 13 or 8 digits with the right check digit.
        module_px: width of the narrowest bar in pixels.
        height_px: height of the whole picture; by default the proportion of the standard.

    Returns:
        (H, W, 3) uint8, black on white.

    Raises:
        InvalidInput: as `modules`.
    """
    row = modules(gtin)
    quiet_left, quiet_right = _QUIET[len(gtin)]
    width = (quiet_left + len(row) + quiet_right) * module_px
    height = height_px or round(70 * module_px * (1 if len(gtin) == 13 else 0.82))
    digits_px = 9 * module_px
    image = np.full((height, width, 3), 255, np.uint8)
    bars = np.repeat(np.frombuffer(row.encode(), np.uint8) == ord("1"), module_px)
    start = quiet_left * module_px
    bottom = height - digits_px
    image[2 * module_px : bottom, start : start + bars.size][:, bars] = 0
    _lengthen_guards(image, start, len(row), module_px, bottom)
    _print_digits(image, gtin, start, len(row), module_px)
    return image


def _require_printable(gtin: str) -> None:
    normalise(gtin)
    if len(gtin) not in _QUIET:
        raise InvalidInput.of("gtin", f"{gtin!r} has {len(gtin)} digits, EAN symbols have 8 or 13")


def _lengthen_guards(image: Image, start: int, row: int, module_px: int, bottom: int) -> None:
    """Guard bars reach five modules further down than the others (5.2.3.2)."""
    middle = row // 2
    for module in (0, 2, middle - 1, middle + 1, row - 3, row - 1):
        x = start + module * module_px
        image[bottom : bottom + 5 * module_px, x : x + module_px] = 0


def _print_digits(image: Image, gtin: str, start: int, row: int, module_px: int) -> None:
    size, y = 7.6 * module_px, image.shape[0] - 4.0 * module_px
    middle = row / 2
    halves: Sequence[tuple[str, float, float]]
    if len(gtin) == 13:
        halves = ((gtin[1:7], 3, middle - 2), (gtin[7:], middle + 2, row - 3))
        text(image, gtin[0], (start - 6 * module_px, y), size, (0, 0, 0), weight=500)
    else:
        halves = ((gtin[:4], 3, middle - 2), (gtin[4:], middle + 2, row - 3))
    for digits, first, last in halves:
        step = (last - first) / len(digits)
        for i, digit in enumerate(digits):
            x = start + (first + step * (i + 0.5)) * module_px
            text(image, digit, (x, y), size, (0, 0, 0), weight=500)


def paste_barcode(
    image: Image,
    gtin: str,
    centre_xy: tuple[float, float],
    width: float,
    ladder: bool = False,
) -> None:
    """Print a symbol up to ``width`` pixels long into ``image`` (H, W, 3) uint8, in place.

    A ladder is turned by a quarter: its bars lie on top of each other.

    The module is a whole number of pixels before any later warp, so bars stay true.
    """
    total = len(modules(gtin)) + sum(_QUIET[len(gtin)])
    module = min(LARGEST_MODULE_PX, max(1, round(width / total)))
    symbol = draw_barcode(gtin, module, total * module * 45 // 100 if ladder else None)
    symbol = np.rot90(symbol) if ladder else symbol
    limit_h, limit_w = image.shape[0] - 2, image.shape[1] - 2
    scale = min(1.0, limit_h / symbol.shape[0], limit_w / symbol.shape[1])
    if scale < 1.0:
        symbol = shrink(symbol, (int(symbol.shape[1] * scale), int(symbol.shape[0] * scale)))
    h, w = symbol.shape[:2]
    x = round(min(max(centre_xy[0] - w / 2, 0), image.shape[1] - w))
    y = round(min(max(centre_xy[1] - h / 2, 0), image.shape[0] - h))
    image[y : y + h, x : x + w] = symbol
