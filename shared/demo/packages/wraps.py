"""What is printed round cans and bottles, and on the backs of packages: labels and small print.

A wrap is one picture (H, W, 3) once round the body; its middle column is the front
and the barcode stands where the two ends meet, so that it faces one from behind.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from shared.demo.catalogue import Product
from shared.demo.drawing.barcode_drawing import draw_barcode, paste_barcode
from shared.demo.drawing.paint import (
    Colour,
    Image,
    canvas,
    darker,
    gradient,
    ink_on,
    lighter,
    line,
    mix,
    polygon,
    rgb,
    rounded_rectangle,
    spline,
    text,
)
from shared.demo.packages.artwork import Palette, content, motif, palette

_NUTRITION = (
    ("Energy", "1520 kJ"),
    ("Fat", "3.8 g"),
    ("of which saturates", "0.7 g"),
    ("Carbohydrate", "68 g"),
    ("of which sugars", "2.9 g"),
    ("Fibre", "7.1 g"),
    ("Protein", "11 g"),
    ("Salt", "0.02 g"),
)


def back(product: Product, size_wh: tuple[int, int], gtin: str) -> Image:
    """Paint the back of a package: description, nutrition table, address and barcode."""
    w, h = size_wh
    p = palette(product)
    image = gradient(size_wh, lighter(p.base, 0.1), p.base)
    paper = lighter(p.base, 0.88)
    text(
        image,
        product.brand,
        (w / 2, h * 0.075),
        h * 0.06,
        ink_on(p.base),
        weight=800,
        max_width=w * 0.88,
    )
    polygon(image, rounded_rectangle((w * 0.06, h * 0.14, w * 0.94, h * 0.94), w * 0.04), paper)
    ink = darker(p.band, 0.45)
    if w > h:
        _small_print(image, product, (w * 0.09, h * 0.2, w * 0.5, h * 0.9), ink)
        paste_barcode(image, gtin, (w * 0.73, h * 0.54), w * 0.36)
        return image
    _small_print(image, product, (w * 0.1, h * 0.18, w * 0.9, h * 0.66), ink)
    paste_barcode(image, gtin, (w * 0.5, h * 0.80), w * 0.72)
    return image


def side(product: Product, size_wh: tuple[int, int]) -> Image:
    """Paint the narrow side of a package: brand, name and a column of small print."""
    w, h = size_wh
    p = palette(product)
    image = gradient(size_wh, p.base, darker(p.base, 0.1))
    image[: int(h * 0.3)] = gradient((w, int(h * 0.3)), darker(p.band, 0.3), p.band)
    text(
        image,
        product.brand,
        (w / 2, h * 0.12),
        h * 0.06,
        ink_on(p.band),
        weight=800,
        max_width=w * 0.88,
    )
    text(
        image, product.look["name"], (w / 2, h * 0.21), h * 0.05, ink_on(p.band), max_width=w * 0.84
    )
    _small_print(image, product, (w * 0.1, h * 0.36, w * 0.9, h * 0.94), ink_on(p.base))
    return image


def top(product: Product, size_wh: tuple[int, int]) -> Image:
    """Paint the top flap of a package."""
    p = palette(product)
    image = canvas(size_wh, mix(p.base, p.band, 0.75))
    w, h = size_wh
    text(
        image,
        f"{product.brand} · {product.look['name']}",
        (w / 2, h / 2),
        h * 0.3,
        ink_on(p.band),
        weight=700,
        max_width=w * 0.8,
    )
    return image


def _small_print(
    image: Image, product: Product, box: tuple[float, float, float, float], ink: Colour
) -> None:
    """Set the description and the nutrition table within ``box`` (x0, y0, x1, y1)."""
    x0, y0, x1, y1 = box
    size = max(9.0, min((y1 - y0) / 17, (x1 - x0) / 17))
    y = y0 + size
    for row in _broken(product.description, int((x1 - x0) / (size * 0.53))):
        text(image, row, (x0, y), size, ink, align=0, max_width=x1 - x0)
        y += size * 1.3
    y += size * 0.5
    for name, amount in _NUTRITION:
        if y > y1 - size * 0.4:
            return
        line(
            image,
            [(x0, y - size * 0.65), (x1, y - size * 0.65)],
            mix(ink, (255, 255, 255), 0.5),
            size / 12,
        )
        text(image, name, (x0, y), size * 0.8, ink, align=0, max_width=(x1 - x0) * 0.62)
        text(
            image, amount, (x1, y), size * 0.8, ink, align=1, weight=600, max_width=(x1 - x0) * 0.36
        )
        y += size * 1.2


def _broken(words: str, columns: int) -> list[str]:
    """Break a sentence into rows of at most ``columns`` letters where it can."""
    rows = [""]
    for word in words.split():
        if rows[-1] and len(rows[-1]) + len(word) + 1 > columns:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return rows


def wrap(product: Product, size_wh: tuple[int, int], gtin: str) -> Image:
    """Paint the print once round a can or a bottle's label, barcode behind."""
    image = _WRAPS[product.look["layout"]](product, size_wh)
    return _with_barcode(image, gtin)


def _with_barcode(image: Image, gtin: str) -> Image:
    """Print the symbol across the seam: upright ladder, as is the rule on tight curves."""
    h, w = image.shape[:2]
    upright = h > 0.45 * w
    module = max(2, int((h * 0.82 if upright else w * 0.24) / (113 if len(gtin) == 13 else 81)))
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
        polygon(image, (swoosh + (centre, 0.012)) * (w, h), p.accent)
        polygon(image, (swoosh + (centre, 0)) * (w, h), p.band)
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
    _small_print(image, product, (w * 0.09, h * 0.16, w * 0.25, h * 0.9), lighter(p.base, 0.8))
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
    _small_print(image, product, (w * 0.1, h * 0.34, w * 0.27, h * 0.9), p.ink)
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
    _small_print(image, product, (w * 0.1, h * 0.1, w * 0.27, h * 0.9), p.ink)
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
