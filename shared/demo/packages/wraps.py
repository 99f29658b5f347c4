"""What is printed round cans and bottles, and on the backs of packages: labels and small print.

A wrap is one picture (H, W, 3) once round the body; its middle column is the front
and the barcode stands where the two ends meet, so that it faces one from behind.

The longer functions are recipes, painted from the back to the front: their length is that
of the list of what is on it, and taking them apart would hide the order.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from shared.demo.catalogue import Product
from shared.demo.drawing.barcode_drawing import LARGEST_MODULE_PX, draw_barcode
from shared.demo.drawing.paint import (
    Image,
    darker,
    gradient,
    ink_on,
    lighter,
    line,
    mix,
    polygon,
    rgb,
    spline,
    text,
)
from shared.demo.packages.prints import Palette, content, motif, palette
from shared.demo.packages.small_print import small_print


def wrap(product: Product, size_wh: tuple[int, int], gtin: str) -> Image:
    """Paint the print once round a can or a bottle's label, barcode behind."""
    image = _WRAPS[product.look["layout"]](product, size_wh)
    return _with_barcode(image, gtin)


def _with_barcode(image: Image, gtin: str) -> Image:
    """Print the symbol across the seam: upright ladder, as is the rule on tight curves."""
    h, w = image.shape[:2]
    upright = h > 0.35 * w
    room = int((h * 0.95 if upright else w * 0.24) / (113 if len(gtin) == 13 else 81))
    module = min(LARGEST_MODULE_PX, max(2, room))
    symbol = draw_barcode(gtin, module, int(w * 0.17) if upright else int(h * 0.8))
    symbol = np.rot90(symbol) if upright else symbol
    rolled = np.roll(image, w // 2, axis=1)
    y, x = (h - symbol.shape[0]) // 2, (w - symbol.shape[1]) // 2
    rolled[y : y + symbol.shape[0], x : x + symbol.shape[1]] = symbol
    return np.roll(rolled, -(w // 2), axis=1)


def _soda(product: Product, size_wh: tuple[int, int]) -> Image:
    w, h = size_wh
    p = palette(product)
    image = gradient(size_wh, lighter(p.base, 0.12), darker(p.base, 0.12))
    for k in (0.0, 0.25, 0.5, 0.75):
        motif(image, product, w * (k + 0.125), h * 0.5, w * 0.26, lighter(p.base, 0.16))
    for centre in (0.5, 0.0, 1.0):
        swoosh = spline(
            [
                (-0.23, 0.86),
                (-0.1, 0.62),
                (0.06, 0.56),
                (0.23, 0.40),
                (0.23, 0.54),
                (0.07, 0.68),
                (-0.09, 0.75),
                (-0.2, 0.95),
            ]
        )
        polygon(image, np.add(swoosh, (centre, 0.012)) * (w, h), p.accent)
        polygon(image, np.add(swoosh, (centre, 0)) * (w, h), p.band)
    x = w / 2
    if product.look["motif"] == "citrus":
        motif(image, product, x, h * 0.665, w * 0.15, mix(p.base, (255, 190, 60), 0.4))
    text(
        image,
        product.brand,
        (x + 5, h * 0.275 + 6),
        h * 0.30,
        p.accent,
        weight=900,
        face="italic",
        max_width=w * 0.31,
    )
    text(
        image,
        product.brand,
        (x, h * 0.275),
        h * 0.30,
        p.ink,
        weight=900,
        face="italic",
        max_width=w * 0.31,
    )
    text(
        image,
        product.look["name"].upper(),
        (x, h * 0.475),
        h * 0.105,
        p.ink,
        weight=800,
        max_width=w * 0.3,
    )
    text(
        image,
        product.look["note"],
        (x, h * 0.83),
        h * 0.062,
        p.ink,
        weight=700,
        face="italic",
        max_width=w * 0.26,
    )
    text(image, content(product), (x, h * 0.925), h * 0.042, p.ink, weight=600)
    small_print(image, product, (w * 0.09, h * 0.16, w * 0.25, h * 0.9), lighter(p.base, 0.8))
    return image


def _preserve(product: Product, size_wh: tuple[int, int]) -> Image:
    w, h = size_wh
    p = palette(product)
    image = gradient(size_wh, lighter(p.base, 0.3), p.base)
    image[: int(h * 0.27)] = p.band
    image[int(h * 0.27) : int(h * 0.295)] = p.accent
    image[int(h * 0.93) :] = p.band
    x, low = w / 2, h / w < 0.3
    text(
        image,
        product.brand.upper(),
        (x, h * 0.14),
        h * 0.17,
        ink_on(p.band),
        weight=900,
        max_width=w * 0.3,
    )
    if low:
        motif(image, product, x - w * 0.085, h * 0.58, h * 0.62, p.band)
        text(
            image,
            product.look["name"],
            (x + w * 0.085, h * 0.55),
            h * 0.21,
            p.ink,
            weight=800,
            max_width=w * 0.15,
        )
        text(
            image,
            product.look["note"],
            (x + w * 0.085, h * 0.73),
            h * 0.1,
            p.ink,
            face="italic",
            max_width=w * 0.15,
        )
    else:
        motif(image, product, x, h * 0.51, h * 0.37, p.band)
        text(
            image,
            product.look["name"],
            (x, h * 0.765),
            h * 0.125,
            p.ink,
            weight=800,
            max_width=w * 0.3,
        )
        text(
            image,
            product.look["note"],
            (x, h * 0.865),
            h * 0.062,
            p.ink,
            face="italic",
            max_width=w * 0.3,
        )
    text(image, content(product), (x, h * 0.965), h * 0.055, ink_on(p.band), weight=600)
    small_print(image, product, (w * 0.1, h * 0.34, w * 0.27, h * 0.9), p.ink)
    return image


def _label(product: Product, size_wh: tuple[int, int]) -> Image:
    w, h = size_wh
    p = palette(product)
    image = gradient(size_wh, lighter(p.base, 0.5), p.base)
    for y, height, tone in (
        (0, 0.035, p.band),
        (0.04, 0.008, p.accent),
        (0.95, 0.05, p.band),
        (0.935, 0.008, p.accent),
    ):
        image[int(y * h) : int((y + height) * h)] = tone
    x = w / 2
    text(image, product.brand, (x, h * 0.155), h * 0.115, p.ink, weight=800, max_width=w * 0.29)
    line(image, [(x - w * 0.1, h * 0.235), (x + w * 0.1, h * 0.235)], p.accent, h / 130)
    size = min(h * 0.40, w * 0.26)
    motif(image, product, x, h * 0.465, size, p.band)
    band = np.array(
        [
            (x - w * 0.19, h * 0.675),
            (x + w * 0.19, h * 0.675),
            (x + w * 0.19, h * 0.83),
            (x - w * 0.19, h * 0.83),
        ]
    )
    polygon(image, band, p.band)
    text(
        image,
        product.look["name"],
        (x, h * 0.735),
        h * 0.085,
        ink_on(p.band),
        weight=800,
        max_width=w * 0.3,
    )
    text(image, product.look["note"], (x, h * 0.797), h * 0.045, ink_on(p.band), max_width=w * 0.3)
    text(image, content(product), (x, h * 0.885), h * 0.05, p.ink, weight=600)
    small_print(image, product, (w * 0.1, h * 0.1, w * 0.27, h * 0.9), p.ink)
    return image


def label_palette(product: Product) -> Palette:
    """Read the colours of a bottle's body and cap as base and band."""
    look = product.look
    return Palette(rgb(look["glass"]), rgb(look["ink"]), rgb(look["cap"]), rgb(look["accent"]))


_WRAPS: dict[str, Callable[[Product, tuple[int, int]], Image]] = {
    "soda": _soda,
    "preserve": _preserve,
    "label": _label,
}
