"""Lamps, built from surfaces and lit from inside."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from shared.demo.catalogue import Product
from shared.demo.drawing.meshes import Surface, lathe, surface
from shared.demo.drawing.paint import (
    Colour,
    channels,
    darker,
    mix,
    rgb,
)


def floor_lamp(item: Product) -> Sequence[Surface]:
    """Stand a cloth shade on a brass stem."""
    w, h, _ = item.size_mm
    linen, brass = rgb(item.look["base"]), rgb(item.look["ink"])
    floor, top, r = -h / 2, h / 2, w / 2
    shade_low = top - 300
    foot = lathe(
        [
            (r * 0.72, floor),
            (r * 0.74, floor + 8),
            (r * 0.72, floor + 22),
            (30, floor + 30),
            (13, floor + 44),
        ],
        brass,
        "metal",
    )
    stem = lathe([(11, floor + 40), (11, shade_low + 80)], brass, "metal", 40)
    return [foot, stem, *_shade(r * 0.98, r * 0.72, shade_low, top, linen)]


def _shade(
    low_r: float, high_r: float, low: float, high: float, linen: Colour
) -> Sequence[Surface]:
    """A cloth shade that is lit from inside: warm in the middle, pleated."""
    t = np.linspace(0, 1, 24)
    profile = np.stack([low_r + (high_r - low_r) * t, low + (high - low) * t], axis=1)
    part = lathe(profile, linen, "glow", 120)
    glow = np.exp(-(((t[:-1] - 0.38) / 0.34) ** 2))[:, None, None]
    pleat = 1 + 0.03 * np.cos(np.arange(120) * math.pi)[None, :, None]
    colour = (channels(darker(linen, 0.16)) * (1 - glow) + channels((255, 240, 200)) * glow) * pleat
    lit = surface(part.points, colour, "glow")
    inside = surface(part.points[:, ::-1], darker(linen, 0.05), "glow")
    rims = [
        lathe([(r, y), (r * 1.012, y + 5), (r, y + 9)], darker(linen, 0.35), "satin", 96)
        for r, y in ((low_r, low - 2), (high_r, high - 6))
    ]
    return [inside, lit, *rims]


def table_lamp(item: Product) -> Sequence[Surface]:
    """Put a lacquered dome over an opal glass."""
    w, h, _ = item.size_mm
    paint, opal = rgb(item.look["base"]), rgb(item.look["ink"])
    floor, r = -h / 2, w / 2
    brim = floor + 0.58 * h
    t = np.linspace(0, math.pi / 2, 56)
    dome = np.stack([r * np.cos(t), brim + (h * 0.42) * np.sin(t)], axis=1)
    body = [
        (r * 0.52, floor),
        (r * 0.54, floor + 6),
        (r * 0.52, floor + 16),
        (r * 0.22, floor + 44),
        (r * 0.17, floor + 0.3 * h),
        (r * 0.19, floor + 0.5 * h),
        (r * 0.34, brim),
    ]
    glass = lathe(
        [(r * 0.30, brim - 40), (r * 0.78, brim - 16), (r * 0.93, brim)],
        mix(opal, (255, 250, 230), 0.5),
        "glow",
        96,
    )
    return [
        lathe(body, paint, "gloss", 96),
        glass,
        lathe(dome, paint, "gloss", 220),
        lathe([(r, brim - 5), (r * 1.01, brim), (r, brim + 5)], darker(paint, 0.2), "gloss", 110),
        lathe(
            [(10, floor + h - 6), (10, floor + h), (3, floor + h + 5), (0.1, floor + h + 6)],
            (200, 170, 100),
            "metal",
            30,
        ),
    ]
