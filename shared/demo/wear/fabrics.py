"""Cloth: what is woven or printed on it (H, W, 3), and how it falls (H, W) in pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import ArrayLike

from shared.demo.drawing.paint import (
    Colour,
    Floats,
    Image,
    canvas,
    darker,
    lighter,
    mix,
    noise,
    pixels,
    rng_of,
    shrink,
)
from shared.demo.packages.motifs import MOTIFS


@lru_cache(maxsize=4)
def fabric(pattern: str, size_wh: tuple[int, int], base: Colour, ink: Colour, name: str) -> Floats:
    """Weave a texture (H, W, 3) float32, 0 to 255; do not write to it."""
    image = _PATTERNS.get(pattern, _plain)(size_wh, base, ink, name).astype(np.float32)
    rng = rng_of("fabric", name)
    threads = rng.standard_normal((size_wh[1], size_wh[0])).astype(np.float32)
    threads = cv2.blur(threads, (1, 3)) + cv2.blur(threads, (3, 1))
    grain = 1 + 0.018 * threads + 0.02 * noise(size_wh, 60, rng)
    return np.asarray(image * grain[..., None], np.float32)


def folds(
    size_wh: tuple[int, int],
    name: str,
    drape: float,
    ridges: Sequence[ArrayLike] = (),
    lean: tuple[float, float] = (46.0, 210.0),
) -> Floats:
    """Let cloth fall: long soft folds, and sharper ones along the given ridges.

    Args:
        size_wh: of the board.
        name: seeds the folds.
        drape: height of the long folds in pixels.
        ridges: paths (N, 2) in pixels along which the cloth is pulled up.
        lean: width and length of a long fold in pixels.
    """
    w, h = size_wh
    rng = rng_of("folds", name)
    grid = rng.standard_normal((max(3, round(h / lean[1]) + 2), max(3, round(w / lean[0]) + 2)))
    relief = cv2.resize(grid.astype(np.float32), size_wh, interpolation=cv2.INTER_CUBIC) * drape
    relief += noise(size_wh, 24, rng) * drape * 0.08
    pulled = np.zeros((h, w), np.float32)
    for path in ridges:
        fixed = np.round(np.asarray(path, np.float64) * 16).astype(np.int32)
        cv2.polylines(pulled, [fixed], False, (1.0,), 7, cv2.LINE_AA, 4)
    return np.asarray(relief + cv2.GaussianBlur(pulled, (0, 0), 5) * 9, np.float32)


def _plain(size_wh: tuple[int, int], base: Colour, ink: Colour, name: str) -> Image:
    return canvas(size_wh, base)


def _stripes(size_wh: tuple[int, int], base: Colour, ink: Colour, name: str) -> Image:
    image = canvas(size_wh, base)
    for y in range(round(size_wh[1] * 0.17), size_wh[1], 26):
        image[y : y + 9] = ink
    return image


def _check(size_wh: tuple[int, int], base: Colour, ink: Colour, name: str) -> Image:
    """Tartan: threads of both directions show half each where they cross."""
    w, h = size_wh
    bands = ((0, 15, ink), (20, 3, ink), (34, 2, (240, 214, 150)))
    warp, weft = canvas((w, 1), base), canvas((1, h), base)
    for start, width, colour in bands:
        for k in range(-1, max(w, h) // 46 + 1):
            at = k * 46 + start
            warp[:, max(at, 0) : max(at + width, 0)] = colour
            weft[max(at, 0) : max(at + width, 0)] = colour
    mixed = (warp.astype(np.uint16) + weft) // 2
    return mixed.astype(np.uint8)


def _oxford(size_wh: tuple[int, int], base: Colour, ink: Colour, name: str) -> Image:
    image = canvas(size_wh, base)
    image[::2, ::2] = mix(base, ink, 0.35)
    image[1::2, 1::2] = mix(base, ink, 0.35)
    return image


def _denim(size_wh: tuple[int, int], base: Colour, ink: Colour, name: str) -> Image:
    """Twill, washed out on the thighs and knees."""
    w, h = size_wh
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    twill = 0.5 + 0.5 * np.sin((x + y) * 2.1)
    worn = np.zeros((h, w), np.float32)
    for side in (-1, 1):
        leg = np.exp(-(((x - w * (0.5 + 0.27 * side)) / (w * 0.12)) ** 2))
        worn += leg * (
            0.5 * np.exp(-(((y / h - 0.33) / 0.15) ** 2))
            + 0.32 * np.exp(-(((y / h - 0.58) / 0.08) ** 2))
        )
    t = np.clip(0.10 * twill + 0.75 * worn + 0.05 * noise(size_wh, 9, rng_of("denim", name)), 0, 1)[
        ..., None
    ]
    light = np.array(lighter(base, 0.55), np.float32)
    return pixels(np.array(base, np.float32) * (1 - t) + light * t)


def _twill(size_wh: tuple[int, int], base: Colour, ink: Colour, name: str) -> Image:
    w, h = size_wh
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    t = 0.97 + 0.03 * np.sin((x + y) * 1.6)
    return pixels(np.array(base, np.float32) * t[..., None])


def _blossom(size_wh: tuple[int, int], base: Colour, ink: Colour, name: str) -> Image:
    w, h = size_wh
    image = canvas((w * 2, h * 2), base)
    rng = rng_of("blossom", name)
    for row in range(math.ceil(h / 52) + 1):
        for column in range(math.ceil(w / 60) + 1):
            x = (column + 0.5 * (row % 2)) * 120 + float(rng.normal(0, 12))
            y = row * 104 + float(rng.normal(0, 10))
            tone = mix(ink, (255, 255, 255), float(rng.uniform(0, 0.3)))
            MOTIFS["flower"](image, (x, y), 74.0, darker(tone, 0.0), rng)
    return shrink(image, size_wh)


_PATTERNS: dict[str, Callable[[tuple[int, int], Colour, Colour, str], Image]] = {
    "stripes": _stripes,
    "check": _check,
    "oxford": _oxford,
    "denim": _denim,
    "twill": _twill,
    "blossom": _blossom,
    "plain": _plain,
}
