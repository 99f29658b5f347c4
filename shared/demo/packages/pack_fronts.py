"""The fronts of cardboard packs: tea, cereal, pasta and chocolate.

Each function is one recipe, painted from the back to the front: its length is that of
the list of what is on it, and taking it apart would hide the order.
"""

from __future__ import annotations

import math

import numpy as np

from shared.demo.catalogue import Product
from shared.demo.drawing.paint import (
    Image,
    darker,
    disc,
    ellipse_points,
    gradient,
    ink_on,
    lighter,
    line,
    mix,
    polygon,
    rounded_rectangle,
    spline,
    text,
)
from shared.demo.packages.prints import badge, content, motif, palette


def tea(product: Product, size_wh: tuple[int, int]) -> Image:
    """Paint a tea box: northern lights, a picture in a ring, a ribbon."""
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


def band(product: Product, size_wh: tuple[int, int]) -> Image:
    """Paint a dark box with a gold frame and band round a light window."""
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


def cereal(product: Product, size_wh: tuple[int, int]) -> Image:
    """Paint a cereal box: rays of the sun, a banner, a bowl that overflows."""
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
    polygon(image, np.add(wave, (0, 0.018)) * (w, h), darker(p.accent, 0.4))
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
    polygon(image, np.add(banner, (0, 0.008)) * (w, h), darker(p.band, 0.5))
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


def pasta(product: Product, size_wh: tuple[int, int]) -> Image:
    """Paint a pasta box: a window on the sheaf, a slanting band."""
    w, h = size_wh
    p = palette(product)
    image = gradient(size_wh, lighter(p.base, 0.1), darker(p.base, 0.25))
    for k in range(26):
        line(image, [(0, h * k / 25), (w, h * k / 25 - w * 0.4)], lighter(p.base, 0.07), w / 200)
    polygon(image, ellipse_points((w / 2, h * 0.125), (w * 0.43, h * 0.075)), p.accent)
    polygon(image, ellipse_points((w / 2, h * 0.125), (w * 0.41, h * 0.07)), darker(p.base, 0.2))
    top, low = [*product.brand.split(" "), ""][:2]
    text(image, top, (w / 2, h * 0.103), h * 0.032, p.accent, weight=600, face="italic")
    text(image, low, (w / 2, h * 0.143), h * 0.05, p.ink, weight=800, face="italic")
    window = rounded_rectangle((w * 0.16, h * 0.235, w * 0.84, h * 0.665), w * 0.34)
    polygon(image, np.add(window, (0, h * 0.004)), darker(p.base, 0.6))
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


def chocolate(product: Product, size_wh: tuple[int, int]) -> Image:
    """Paint the wrapper of a bar, wider than high."""
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
