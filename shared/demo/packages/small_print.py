"""Backs, sides and tops of packages: description, nutrition table, barcode."""

from __future__ import annotations

from shared.demo.catalogue import Product
from shared.demo.drawing.barcode_drawing import paste_barcode
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
    rounded_rectangle,
    text,
)
from shared.demo.packages.prints import palette

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
        small_print(image, product, (w * 0.09, h * 0.2, w * 0.5, h * 0.9), ink)
        paste_barcode(image, gtin, (w * 0.73, h * 0.54), w * 0.36)
        return image
    small_print(image, product, (w * 0.1, h * 0.18, w * 0.9, h * 0.5), ink)
    if h > 2 * w:
        paste_barcode(image, gtin, (w * 0.5, h * 0.7), h * 0.5, ladder=True)
    else:
        paste_barcode(image, gtin, (w * 0.5, h * 0.78), w * 0.76)
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
    small_print(image, product, (w * 0.1, h * 0.36, w * 0.9, h * 0.94), ink_on(p.base))
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


def small_print(
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
