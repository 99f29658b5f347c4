"""The fronts of pouches and cartons: coffee, crisps, milk and oat drink.

Each function is one recipe, painted from the back to the front: its length is that of
the list of what is on it, and taking it apart would hide the order.
"""

from __future__ import annotations

import math

import numpy as np

from shared.demo.catalogue import Product
from shared.demo.drawing.paint import (
    Image,
    canvas,
    channels,
    darker,
    disc,
    ellipse_points,
    gradient,
    ink_on,
    lighter,
    line,
    pixels,
    polygon,
    rng_of,
    spline,
    text,
)
from shared.demo.packages.plants import leaf_at
from shared.demo.packages.prints import badge, content, motif, palette


def coffee(product: Product, size_wh: tuple[int, int]) -> Image:
    """Paint a coffee bag: an anchor in a seal, a band, a heap of beans."""
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


def chips(product: Product, size_wh: tuple[int, int]) -> Image:
    """Paint a bag of crisps: a glow, an arched name, crisps."""
    w, h = size_wh
    p = palette(product)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    far = np.clip(np.hypot((x - w / 2) / w, (y - h * 0.55) / h) * 1.7, 0, 1)[..., None]
    glow, rim = channels(lighter(p.base, 0.35)), channels(darker(p.base, 0.3))
    image = pixels(glow * (1 - far) + rim * far)
    motif(image, product, w / 2, h * 0.66, w * 0.72, p.accent)
    arc = spline(
        [(-0.1, 0.06), (0.5, 0.0), (1.1, 0.06), (1.1, 0.27), (0.5, 0.335), (-0.1, 0.27)], steps=10
    )
    polygon(image, np.add(arc, (0, 0.012)) * (w, h), darker(p.band, 0.5))
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


def milk(product: Product, size_wh: tuple[int, int]) -> Image:
    """Paint a milk carton: sky, a cow on a meadow, a fence of grass."""
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


def oat(product: Product, size_wh: tuple[int, int]) -> Image:
    """Paint an oat drink carton: speckled paper, ears before a sun."""
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
