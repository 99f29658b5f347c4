"""Why two pictures match, drawn: both side by side, warm where they look alike.

For a person at a counter: one picture, one line of words, no legend to learn. Each side is
as warm as its places count for the match; thin lines join print that agrees, and where that
tells the place of the product it is outlined. Heat that does not point at it is faint.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from services.visual_search.explaining.explainer import Box, Explanation, Map
from services.visual_search.explaining.pointing import warmth
from services.visual_search.explaining.reading import PLAIN, Reading
from shared.geometry import Floats
from shared.image import fit
from shared.image_pixels import Rgb

PANEL: Final = 480
"""Height of both pictures, in pixels; a very wide one is as wide as two of them."""
_MARGIN: Final = 24
_GAP: Final = 48
_FOOT: Final = 84
_PAPER: Final = (255, 255, 255)
_INK: Final = (28, 30, 34)
_SOFT_INK: Final = (104, 110, 118)
_WARM: Final = np.array([[255, 205, 64], [222, 36, 28]], np.float32)  # a little, and much
_STRONGEST: Final = 0.62
_FAINT: Final = 0.25
_LINE: Final = (0, 116, 122)
_LINE_HEIGHT: Final = 22
_MOST_LINES: Final = 40
_SMALLEST: Final = 13  # pixels of letters
_DETAIL_SIZE: Final = 16
_SUBPIXEL_BITS: Final = 4


def draw_explanation(
    query_rgb: Rgb,
    reference_rgb: Rgb,
    why: Explanation,
    headline: str,
    detail: str,
    others: Sequence[Map] = (),
    reading: Reading = PLAIN,
) -> Rgb:
    """Draw the query and the reference image side by side.

    Args:
        query_rgb: the whole query image (H, W, 3) uint8.
        reference_rgb: the whole reference image (H, W, 3) uint8.
        why: what the places of both add to the similarity, and the points that agree.
        headline: the product and its price.
        detail: how alike the two are; as many lines as it takes.
        others: what the places of the query add to the similarity of the other results.
        reading: where the product is seen, and whether heat points at it.

    Returns:
        (height, width, 3) uint8.
    """
    warm = _sides(query_rgb, reference_rgb, why, others, reading)
    width = 2 * _MARGIN + _GAP + sum(panel.shape[1] for panel in warm)
    lines = _lines(detail, width - 2 * _MARGIN)
    foot = _FOOT + _LINE_HEIGHT * (len(lines) - 1)
    canvas = np.full((PANEL + _MARGIN + foot, width, 3), _PAPER, np.uint8)
    lefts = (_MARGIN, width - _MARGIN - warm[1].shape[1])
    for left, panel in zip(lefts, warm, strict=True):
        canvas[_MARGIN : _MARGIN + PANEL, left : left + panel.shape[1]] = panel
    sides = zip(lefts, warm, (why.query_points, why.reference_points), strict=True)
    ends = [points * (panel.shape[1], PANEL) + (left, _MARGIN) for left, panel, points in sides]
    _join(canvas, ends[0], ends[1])
    baseline = _MARGIN + PANEL + 34
    _write(canvas, headline, baseline, 22, 600, _INK)
    for number, line in enumerate(lines):
        _write(canvas, line, baseline + 28 + _LINE_HEIGHT * number, _DETAIL_SIZE, 400, _SOFT_INK)
    return canvas


def _sides(
    query_rgb: Rgb, reference_rgb: Rgb, why: Explanation, others: Sequence[Map], reading: Reading
) -> tuple[Rgb, Rgb]:
    """Both pictures at their size, with heat, and the outline in the first."""
    query = _warmed(
        _panel(query_rgb),
        warmth(why.query_map, others),
        why.query_area,
        _STRONGEST if reading.points else _FAINT,
    )
    if reading.outline is not None:
        _frame(query, reading.outline)
    own = warmth(why.reference_map)
    return query, _warmed(_panel(reference_rgb), own, why.reference_area, _STRONGEST)


def heat(cells: Map, area: Box, size_wh: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Stretch a map (h, w) over its area of a picture: (H, W) float32, 0 to 1.

    What speaks against the match and what lies outside the area is 0.
    """
    strongest = float(cells.max(initial=0.0))
    if strongest <= 0:
        return np.zeros((size_wh[1], size_wh[0]), np.float32)
    rows, columns = cells.shape
    scale = ((area[2] - area[0]) / columns, (area[3] - area[1]) / rows)
    # From the centre of a cell to pixels.
    matrix = np.array(
        [
            [scale[0] * size_wh[0], 0, (area[0] + scale[0] / 2) * size_wh[0] - 0.5],
            [0, scale[1] * size_wh[1], (area[1] + scale[1] / 2) * size_wh[1] - 0.5],
        ]
    )
    edge = cv2.BORDER_REPLICATE
    spread = cv2.warpAffine(
        cells / strongest, matrix, size_wh, flags=cv2.INTER_CUBIC, borderMode=edge
    )
    return np.asarray(np.clip(spread, 0, 1) * _inside(area, size_wh), np.float32)


def _inside(area: Box, size_wh: tuple[int, int]) -> npt.NDArray[np.float32]:
    mask = np.zeros((size_wh[1], size_wh[0]), np.float32)
    left, top, right, bottom = np.rint(np.clip(area, 0, 1) * (*size_wh, *size_wh)).astype(int)
    mask[top:bottom, left:right] = 1
    return mask


def _panel(image_rgb: Rgb) -> Rgb:
    height, width = image_rgb.shape[:2]
    return fit(image_rgb, (min(2 * PANEL, max(PANEL // 4, round(width * PANEL / height))), PANEL))


def _warmed(panel: Rgb, cells: Map, area: Box, strongest: float) -> Rgb:
    warmth = heat(cells, area, (panel.shape[1], panel.shape[0]))[..., None]
    colour = _WARM[0] + (_WARM[1] - _WARM[0]) * warmth
    share = strongest * warmth
    return np.asarray(np.rint(panel * (1 - share) + colour * share), np.uint8)


def _frame(panel: Rgb, outline: Floats) -> None:
    """Draw the edges of a quad (4, 2), normalised, light on dark so that it shows on anything."""
    corners = np.array(_fixed(outline * (panel.shape[1], PANEL)), np.int32)
    for colour, thickness in ((_PAPER, 7), (_LINE, 3)):
        cv2.polylines(panel, [corners], True, colour, thickness, cv2.LINE_AA, _SUBPIXEL_BITS)


def _join(canvas: Rgb, starts: Floats, ends: Floats) -> None:
    """Draw lines between two lists of points (M, 2) in pixels, at most so many."""
    chosen = np.linspace(0, len(starts) - 1, min(_MOST_LINES, len(starts))).astype(int)
    for start, end in zip(_fixed(starts[chosen]), _fixed(ends[chosen]), strict=True):
        cv2.line(canvas, start, end, _LINE, 1, cv2.LINE_AA, _SUBPIXEL_BITS)
        for place in (start, end):
            cv2.circle(canvas, place, 2 << _SUBPIXEL_BITS, _LINE, -1, cv2.LINE_AA, _SUBPIXEL_BITS)


def _fixed(points: Floats) -> list[tuple[int, int]]:
    """Points (M, 2) in the fixed-point pixels that OpenCV draws at subpixel places."""
    fixed = np.rint((points - 0.5) * (1 << _SUBPIXEL_BITS)).astype(int)
    return [(int(x), int(y)) for x, y in fixed]


@cache
def _face() -> Any:
    return cv2.FontFace("sans")  # embedded in OpenCV 5, variable in weight


def _width(words: str, size: int, weight: int) -> int:
    return int(cv2.getTextSize((0, 0), words, (0, 0), _face(), size, weight)[2])


def _lines(words: str, room: int) -> list[str]:
    """Break words into lines that fit; a single word may be longer."""
    lines = [""]
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _width(longer, _DETAIL_SIZE, 400) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _write(
    canvas: Rgb, words: str, baseline: int, size: int, weight: int, ink: tuple[int, int, int]
) -> None:
    """Write a line at the left margin: smaller, then shorter, where it would not fit."""
    room = canvas.shape[1] - 2 * _MARGIN
    while size > _SMALLEST and _width(words, size, weight) > room:
        size -= 1
    while words and _width(words, size, weight) > room:
        words = words[: -max(2, len(words) // 10)] + "…"
    cv2.putText(canvas, words, (_MARGIN, baseline), ink, _face(), size, weight)
