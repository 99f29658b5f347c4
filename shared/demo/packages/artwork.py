"""What is printed on the front of the packages: one layout per product line.

A layout paints a whole face of ``size_wh`` pixels from the product's ``look``.
Variants of a line share the layout and differ in a band, a motif or a name, as
they do in a shop.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shared.demo.catalogue import Product
from shared.demo.drawing.paint import (
    Colour,
    Image,
    canvas,
    darker,
    disc,
    ellipse_points,
    gradient,
    ink_on,
    lighter,
    line,
    mix,
    polygon,
    rgb,
    rng_of,
    rounded_rectangle,
    spline,
    text,
)
from shared.demo.packages.motifs import MOTIFS, leaf_at


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one product's print."""

    base: Colour
    ink: Colour
    band: Colour
    accent: Colour


def palette(product: Product) -> Palette:
    """Read the print colours of ``product``."""
    look = product.look
    return Palette(rgb(look["base"]), rgb(look["ink"]), rgb(look["band"]), rgb(look["accent"]))


def content(product: Product) -> str:
    """Say how much is inside, as printed.

    >>> from shared.demo.catalogue import product
    >>> content(product("CAN-062"))
    '330 ml'
    """
    return product.attributes.get("net_weight") or product.attributes.get("volume", "")


def front(product: Product, size_wh: tuple[int, int]) -> Image:
    """Paint the front of ``product`` (H, W, 3)."""
    return LAYOUTS[product.look["layout"]](product, size_wh)


def motif(image: Image, product: Product, x: float, y: float, size: float, colour: Colour) -> None:
    """Paint the product's picture centred at (x, y)."""
    MOTIFS[product.look["motif"]](
        image, (x, y), size, colour, rng_of("motif", product.item_group_id or product.sku)
    )


def badge(image: Image, x: float, y: float, radius: float, fill: Colour, words: str) -> None:
    """Stamp a scalloped seal with two short lines of words."""
    t = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    r = radius * (1 + 0.06 * np.cos(16 * t))
    polygon(image, np.stack([x + r * np.cos(t), y + r * np.sin(t)], axis=1), fill)
    ring = ellipse_points((x, y), (radius * 0.84, radius * 0.84))
    line(image, np.concatenate([ring, ring[:1]]), ink_on(fill), max(1, radius * 0.03))
    rows = words.split("|")
    for i, row in enumerate(rows):
        dy = (i - (len(rows) - 1) / 2) * radius * 0.46
        text(
            image,
            row,
            (x, y + dy),
            radius * 0.42,
            ink_on(fill),
            weight=700,
            max_width=radius * 1.45,
        )


def _tea(product: Product, size_wh: tuple[int, int]) -> Image:
    w, h = size_wh
    p = palette(product)
    image = gradient(size_wh, lighter(p.base, 0.4), p.base)
    for k in range(9):
        y = h * (0.44 + 0.07 * k)
        x = np.linspace(0, w, 40)
        line(
            image,
            np.stack([x, y + h * 0.012 * np.sin(x / w * 22 + k)], 1),
            darker(p.base, 0.07),
            w / 300,
        )
    image[: int(h * 0.30)] = gradient((w, int(h * 0.30)), darker(p.band, 0.35), p.band)
    for k, tone in enumerate((lighter(p.band, 0.35), lighter(p.band, 0.18), p.accent)):
        x = np.linspace(-0.02, 1.02, 50)
        low = 0.285 - 0.035 * k + 0.03 * np.sin(x * 7 + k * 1.9)
        high = low - 0.02 - 0.012 * np.cos(x * 5 + k)
        ribbon = np.concatenate([np.stack([x, low], 1), np.stack([x, high], 1)[::-1]])
        polygon(image, ribbon * (w, h), tone)
    text(
        image,
        product.brand.upper(),
        (w / 2, h * 0.10),
        h * 0.098,
        (255, 255, 255),
        weight=800,
        max_width=w * 0.86,
    )
    text(image, "TEE · TEA · THÉ", (w / 2, h * 0.175), h * 0.034, lighter(p.band, 0.7), weight=500)
    disc(image, (w / 2, h * 0.535), w * 0.265, p.accent)
    disc(image, (w / 2, h * 0.535), w * 0.25, lighter(p.base, 0.55))
    motif(
        image,
        product,
        w / 2,
        h * 0.54,
        w * 0.37,
        p.accent if product.look["motif"] == "citrus" else p.band,
    )
    polygon(
        image,
        np.array(
            [(0.06, 0.765), (0.94, 0.765), (0.9, 0.825), (0.94, 0.885), (0.06, 0.885), (0.1, 0.825)]
        )
        * (w, h),
        p.band,
    )
    text(
        image,
        product.look["name"],
        (w / 2, h * 0.825),
        h * 0.082,
        ink_on(p.band),
        weight=700,
        max_width=w * 0.72,
    )
    text(image, product.look["note"], (w * 0.07, h * 0.94), h * 0.04, p.ink, face="italic", align=0)
    text(image, f"20 bags · {content(product)}", (w * 0.93, h * 0.94), h * 0.036, p.ink, align=1)
    return image


def _band(product: Product, size_wh: tuple[int, int]) -> Image:
    w, h = size_wh
    p = palette(product)
    image = gradient(size_wh, lighter(p.base, 0.08), darker(p.base, 0.3))
    for row in range(10):
        for column in range(8):
            centre = ((column + 0.5 * (row % 2)) * w / 7, h * 0.04 + row * h * 0.105)
            for k in (1.0, 0.66, 0.33):
                arc = ellipse_points(centre, (w / 14 * k, w / 14 * k), 0, 40)[20:]
                line(image, arc, lighter(p.base, 0.12), w / 260)
    for inset, width in ((0.045, w / 110), (0.065, w / 300)):
        frame = rounded_rectangle((w * inset, w * inset, w * (1 - inset), h - w * inset), w * 0.05)
        line(image, np.concatenate([frame, frame[:1]]), p.band, width)
    polygon(image, rounded_rectangle((w * 0.17, h * 0.12, w * 0.83, h * 0.72), w * 0.33), p.ink)
    motif(image, product, w / 2, h * 0.48, w * 0.44, p.accent)
    text(
        image,
        product.brand.upper(),
        (w / 2, h * 0.2),
        h * 0.058,
        p.base,
        weight=800,
        max_width=w * 0.52,
    )
    polygon(image, np.array([(0, 0.735), (1, 0.735), (1, 0.87), (0, 0.87)]) * (w, h), p.band)
    text(
        image,
        product.look["name"].upper(),
        (w / 2, h * 0.79),
        h * 0.082,
        p.base,
        weight=800,
        max_width=w * 0.86,
    )
    text(image, product.look["note"], (w / 2, h * 0.843), h * 0.036, p.base, face="italic")
    text(image, content(product), (w / 2, h * 0.915), h * 0.04, p.band, weight=600)
    return image


def _cereal(product: Product, size_wh: tuple[int, int]) -> Image:
    w, h = size_wh
    p = palette(product)
    image = gradient(size_wh, p.base, mix(p.base, (255, 214, 120), 0.55))
    for k in range(24):
        a, b = math.radians(k * 15), math.radians(k * 15 + 7.5)
        ray = [
            (w / 2, h * 0.62),
            *((w / 2 + 1.4 * h * math.cos(t), h * 0.62 + 1.4 * h * math.sin(t)) for t in (a, b)),
        ]
        polygon(image, ray, mix(p.base, (255, 226, 140), 0.35))
    wave = spline([(-0.1, -0.1), (1.1, -0.1), (1.1, 0.19), (0.75, 0.27), (0.3, 0.21), (-0.1, 0.28)])
    polygon(image, (wave + (0, 0.018)) * (w, h), darker(p.accent, 0.4))
    polygon(image, wave * (w, h), p.accent)
    text(
        image,
        product.brand,
        (w / 2 + 4, h * 0.115 + 5),
        h * 0.105,
        darker(p.accent, 0.5),
        weight=900,
        face="italic",
        max_width=w * 0.88,
    )
    text(
        image,
        product.brand,
        (w / 2, h * 0.115),
        h * 0.105,
        p.ink,
        weight=900,
        face="italic",
        max_width=w * 0.88,
    )
    text(image, "seit 1987 · wholegrain", (w / 2, h * 0.195), h * 0.024, lighter(p.accent, 0.75))
    motif(image, product, w / 2, h * 0.66, w * 0.74, mix(p.band, (214, 150, 70), 0.35))
    banner = spline(
        [(0.05, 0.33), (0.5, 0.3), (0.95, 0.335), (0.95, 0.44), (0.5, 0.412), (0.05, 0.44)], steps=8
    )
    polygon(image, (banner + (0, 0.008)) * (w, h), darker(p.band, 0.5))
    polygon(image, banner * (w, h), p.band)
    text(
        image,
        product.look["name"],
        (w / 2, h * 0.368),
        h * 0.07,
        ink_on(p.band),
        weight=800,
        max_width=w * 0.8,
    )
    text(
        image,
        product.look["note"],
        (w * 0.5, h * 0.462),
        h * 0.028,
        darker(p.accent, 0.3),
        face="italic",
        weight=600,
    )
    badge(image, w * 0.85, h * 0.86, w * 0.115, (46, 125, 60), "7 g|fibre")
    badge(image, w * 0.14, h * 0.86, w * 0.105, (250, 250, 245), "no|palm oil")
    text(
        image, content(product), (w * 0.95, h * 0.968), h * 0.026, (60, 24, 12), weight=700, align=1
    )
    text(image, "serving suggestion", (w * 0.05, h * 0.968), h * 0.017, (60, 24, 12), align=0)
    return image


def _pasta(product: Product, size_wh: tuple[int, int]) -> Image:
    w, h = size_wh
    p = palette(product)
    image = gradient(size_wh, lighter(p.base, 0.1), darker(p.base, 0.25))
    for k in range(26):
        line(image, [(0, h * k / 25), (w, h * k / 25 - w * 0.4)], lighter(p.base, 0.07), w / 200)
    polygon(image, ellipse_points((w / 2, h * 0.125), (w * 0.43, h * 0.075)), p.accent)
    polygon(image, ellipse_points((w / 2, h * 0.125), (w * 0.41, h * 0.07)), darker(p.base, 0.2))
    top, low = (product.brand.split(" ") + [""])[:2]
    text(image, top, (w / 2, h * 0.103), h * 0.032, p.accent, weight=600, face="italic")
    text(image, low, (w / 2, h * 0.143), h * 0.05, p.ink, weight=800, face="italic")
    window = rounded_rectangle((w * 0.16, h * 0.235, w * 0.84, h * 0.665), w * 0.34)
    polygon(image, window + (0, h * 0.004), darker(p.base, 0.6))
    polygon(image, window, (248, 236, 206))
    motif(image, product, w / 2, h * 0.455, min(w * 0.98, h * 0.36), p.band)
    polygon(image, np.array([(0, 0.70), (1, 0.68), (1, 0.815), (0, 0.835)]) * (w, h), p.band)
    line(image, np.array([(0, 0.845), (1, 0.825)]) * (w, h), p.accent, h / 180)
    text(
        image,
        product.look["name"],
        (w / 2, h * 0.745),
        h * 0.058,
        ink_on(p.band),
        weight=800,
        max_width=w * 0.88,
    )
    text(
        image, product.look["note"], (w / 2, h * 0.795), h * 0.03, lighter(p.band, 0.75), weight=500
    )
    text(image, "trafilata al bronzo", (w / 2, h * 0.875), h * 0.021, p.accent, face="italic")
    text(image, "cottura 9 min", (w / 2, h * 0.907), h * 0.02, p.ink)
    text(image, content(product), (w / 2, h * 0.955), h * 0.032, p.ink, weight=700)
    return image


def _chocolate(product: Product, size_wh: tuple[int, int]) -> Image:
    w, h = size_wh
    p = palette(product)
    image = gradient(size_wh, lighter(p.base, 0.07), darker(p.base, 0.3))
    step = w / 26
    for row in range(int(h / step) + 2):
        for column in range(28):
            x, y = column * step + (row % 2) * step / 2, row * step * 0.86
            diamond = np.array([(0, -0.36), (0.3, 0), (0, 0.36), (-0.3, 0)]) * step + (x, y)
            polygon(image, diamond, lighter(p.base, 0.05))
    edge = spline([(-0.1, -0.1), (0.36, -0.1), (0.31, 0.3), (0.37, 0.65), (0.33, 1.1), (-0.1, 1.1)])
    polygon(image, edge * (w, h) + (w * 0.012, 0), p.accent)
    polygon(image, edge * (w, h), p.band)
    disc(image, (w * 0.165, h * 0.5), h * 0.335, lighter(p.band, 0.12))
    motif(image, product, w * 0.165, h * 0.5, h * 0.74, (140, 82, 46))
    first, *rest = product.brand.split(" & ")
    text(
        image,
        f"{first} &",
        (w * 0.4, h * 0.21),
        h * 0.17,
        p.ink,
        weight=300,
        align=0,
        max_width=w * 0.55,
    )
    text(
        image,
        rest[0],
        (w * 0.4, h * 0.38),
        h * 0.17,
        p.ink,
        weight=700,
        align=0,
        max_width=w * 0.55,
    )
    line(image, [(w * 0.4, h * 0.51), (w * 0.95, h * 0.51)], p.accent, h / 110)
    text(image, product.look["name"], (w * 0.4, h * 0.65), h * 0.19, p.accent, weight=800, align=0)
    text(image, product.look["note"], (w * 0.4, h * 0.83), h * 0.095, p.ink, face="italic", align=0)
    text(image, content(product), (w * 0.95, h * 0.88), h * 0.085, p.ink, weight=600, align=1)
    badge(image, w * 0.88, h * 0.69, h * 0.12, p.accent, "fair|bio")
    return image


def _coffee(product: Product, size_wh: tuple[int, int]) -> Image:
    w, h = size_wh
    p = palette(product)
    image = gradient(size_wh, lighter(p.base, 0.12), p.base)
    for k in range(14):
        crane = np.array([(0.0, 0.3 + 0.05 * k), (1.0, 0.2 + 0.05 * k)]) * (w, h)
        line(image, crane, lighter(p.base, 0.045), w / 150)
    disc(image, (w / 2, h * 0.235), w * 0.285, p.accent)
    disc(image, (w / 2, h * 0.235), w * 0.268, p.base)
    disc(image, (w / 2, h * 0.235), w * 0.245, p.ink)
    anchor = p.base
    line(image, [(w / 2, h * 0.17), (w / 2, h * 0.29)], anchor, w / 36)
    line(image, [(w * 0.43, h * 0.195), (w * 0.57, h * 0.195)], anchor, w / 44)
    line(image, ellipse_points((w / 2, h * 0.24), (w * 0.12, w * 0.1), 0, 40)[1:20], anchor, w / 36)
    line(image, ellipse_points((w / 2, h * 0.157), (w * 0.03, w * 0.03), 0, 25), anchor, w / 60)
    text(image, product.brand, (w / 2, h * 0.43), h * 0.056, p.ink, weight=800, max_width=w * 0.86)
    text(image, "Hamburg · Speicherstadt", (w / 2, h * 0.475), h * 0.025, p.accent, face="italic")
    polygon(image, np.array([(0, 0.515), (1, 0.515), (1, 0.655), (0, 0.655)]) * (w, h), p.band)
    text(
        image,
        product.look["name"].upper(),
        (w / 2, h * 0.57),
        h * 0.075,
        ink_on(p.band),
        weight=900,
        max_width=w * 0.84,
    )
    text(image, product.look["note"], (w / 2, h * 0.63), h * 0.03, lighter(p.band, 0.75))
    motif(image, product, w / 2, h * 0.815, w * 0.86, (134, 82, 48))
    text(image, "ganze Bohnen", (w * 0.09, h * 0.945), h * 0.026, p.ink, align=0)
    text(image, content(product), (w * 0.91, h * 0.945), h * 0.034, p.ink, weight=700, align=1)
    return image


def _chips(product: Product, size_wh: tuple[int, int]) -> Image:
    w, h = size_wh
    p = palette(product)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    far = np.clip(np.hypot((x - w / 2) / w, (y - h * 0.55) / h) * 1.7, 0, 1)[..., None]
    glow, rim = np.float32(lighter(p.base, 0.35)), np.float32(darker(p.base, 0.3))
    image = (glow * (1 - far) + rim * far).astype(np.uint8)
    motif(image, product, w / 2, h * 0.66, w * 0.72, p.accent)
    arc = spline(
        [(-0.1, 0.06), (0.5, 0.0), (1.1, 0.06), (1.1, 0.27), (0.5, 0.335), (-0.1, 0.27)], steps=10
    )
    polygon(image, (arc + (0, 0.012)) * (w, h), darker(p.band, 0.5))
    polygon(image, arc * (w, h), p.band)
    text(
        image,
        product.brand,
        (w / 2 + 4, h * 0.155 + 5),
        h * 0.1,
        darker(p.band, 0.6),
        weight=900,
        face="italic",
        max_width=w * 0.84,
    )
    text(
        image,
        product.brand,
        (w / 2, h * 0.155),
        h * 0.1,
        p.accent,
        weight=900,
        face="italic",
        max_width=w * 0.84,
    )
    text(image, "aus Lüneburger Kartoffeln", (w / 2, h * 0.235), h * 0.026, p.ink)
    ribbon = np.array(
        [(0.08, 0.375), (0.92, 0.345), (0.88, 0.395), (0.92, 0.44), (0.08, 0.47), (0.12, 0.42)]
    )
    polygon(image, ribbon * (w, h), p.accent)
    text(
        image,
        product.look["name"],
        (w / 2, h * 0.408),
        h * 0.066,
        darker(p.band, 0.3),
        weight=800,
        max_width=w * 0.66,
    )
    badge(image, w * 0.83, h * 0.84, w * 0.1, (255, 255, 255), "kettle|cooked")
    text(image, content(product), (w * 0.1, h * 0.905), h * 0.04, p.ink, weight=800, align=0)
    return image


def _milk(product: Product, size_wh: tuple[int, int]) -> Image:
    w, h = size_wh
    p = palette(product)
    image = gradient(size_wh, p.base, (236, 242, 247))
    sky = spline([(-0.1, -0.1), (1.1, -0.1), (1.1, 0.24), (0.7, 0.3), (0.3, 0.24), (-0.1, 0.31)])
    polygon(image, sky * (w, h) + (0, h * 0.02), lighter(p.band, 0.55))
    polygon(image, sky * (w, h), p.band)
    text(
        image,
        product.brand,
        (w / 2, h * 0.10),
        h * 0.068,
        (255, 255, 255),
        weight=800,
        max_width=w * 0.9,
    )
    text(
        image,
        "aus Weidehaltung",
        (w / 2, h * 0.175),
        h * 0.034,
        lighter(p.band, 0.75),
        face="italic",
        max_width=w * 0.8,
    )
    text(
        image,
        product.look["name"],
        (w / 2, h * 0.405),
        h * 0.07,
        p.ink,
        weight=700,
        max_width=w * 0.88,
    )
    text(image, product.look["note"], (w / 2, h * 0.485), h * 0.075, p.band, weight=900)
    motif(image, product, w * 0.52, h * 0.70, w * 0.8, p.accent)
    for k in range(26):
        x = w * (k + 0.5) / 26
        sway = (x + w * 0.02 * math.sin(k * 2.1), h * (0.90 - 0.012 * (k % 3)))
        line(image, [(x, h), sway], darker(p.accent, 0.2), w / 90)
    polygon(image, np.array([(0, 0.93), (1, 0.93), (1, 1), (0, 1)]) * (w, h), p.band)
    text(
        image,
        f"frische Milch · {content(product)}",
        (w / 2, h * 0.965),
        h * 0.036,
        (255, 255, 255),
        max_width=w * 0.9,
    )
    return image


def _oat(product: Product, size_wh: tuple[int, int]) -> Image:
    w, h = size_wh
    p = palette(product)
    image = canvas(size_wh, p.base)
    rng = rng_of("oat", product.sku)
    for _ in range(260):
        at = (float(rng.uniform(0, w)), float(rng.uniform(0, h)))
        polygon(
            image,
            ellipse_points(at, (w * 0.012, w * 0.006), float(rng.uniform(0, 180)), 10),
            darker(p.base, 0.08),
        )
    disc(image, (w / 2, h * 0.60), w * 0.4, p.accent)
    motif(image, product, w / 2, h * 0.60, w * 0.62, p.band)
    for i, syllable in enumerate(("HAFER", "FREUND")):
        text(
            image,
            syllable,
            (w / 2, h * (0.09 + 0.105 * i)),
            h * 0.1,
            p.ink,
            weight=900,
            max_width=w * 0.88,
        )
    text(
        image, product.look["note"], (w / 2, h * 0.29), h * 0.045, p.band, face="italic", weight=600
    )
    polygon(image, np.array([(0, 0.815), (1, 0.795), (1, 0.91), (0, 0.93)]) * (w, h), p.ink)
    text(
        image,
        product.look["name"].upper(),
        (w / 2, h * 0.862),
        h * 0.066,
        p.accent,
        weight=800,
        max_width=w * 0.86,
    )
    text(
        image,
        f"schäumt · {content(product)}",
        (w / 2, h * 0.965),
        h * 0.035,
        p.ink,
        weight=600,
        max_width=w * 0.9,
    )
    leaf_at(image, (w * 0.84, h * 0.4), w * 0.2, -40, (94, 134, 74))
    return image


LAYOUTS: dict[str, Callable[[Product, tuple[int, int]], Image]] = {
    "tea": _tea, "band": _band, "cereal": _cereal, "pasta": _pasta, "chocolate": _chocolate,
    "coffee": _coffee, "chips": _chips, "milk": _milk, "oat": _oat,
}  # fmt: skip
"""Every flat layout by the name that ``look.layout`` gives it."""
