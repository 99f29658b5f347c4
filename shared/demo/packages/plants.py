"""Pictures of what grows: leaves, blossoms, fruit, grain, and crisps of potatoes.

Each paints itself in place round a centre, ``size`` pixels across.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from shared.demo.drawing.paint import (
    Colour,
    Image,
    Point,
    darker,
    disc,
    ellipse_points,
    lighter,
    line,
    mix,
    polygon,
    rotation,
    spline,
)

Motif = Callable[[Image, Point, float, Colour, np.random.Generator], None]


def place(
    local: NDArray[np.float64], centre: Point, size: float, angle: float
) -> NDArray[np.float64]:
    """Move unit-square points (N, 2) to ``centre``, turned by ``angle`` degrees."""
    return np.asarray(local @ rotation(angle).T * size + np.asarray(centre))


def leaf_at(image: Image, centre: Point, size: float, angle: float, colour: Colour) -> None:
    """Paint one leaf, two-toned along its vein."""
    t = np.linspace(0, 1, 24)
    belly = 0.19 * np.sin(math.pi * t) ** 0.8 * (1.15 - 0.4 * t)
    spine = np.stack([t - 0.5, np.zeros_like(t)], axis=1)
    for side, tone in ((1, colour), (-1, lighter(colour, 0.22))):
        edge = np.stack([t - 0.5, side * belly], axis=1)
        polygon(image, place(np.concatenate([spine, edge[::-1]]), centre, size, angle), tone)
    line(image, place(spine, centre, size, angle), darker(colour, 0.35), size / 70)
    for k in np.linspace(0.2, 0.8, 5):
        for side in (1, -1):
            vein = np.array([[k - 0.5, 0], [k - 0.38, side * 0.11 * math.sin(math.pi * k)]])
            line(image, place(vein, centre, size, angle), darker(colour, 0.2), size / 120)


def leaf(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint a sprig of five leaves."""
    stem = place(np.array([[0, 0.5], [0.03, 0.1], [0, -0.3]]), centre, size, 0)
    line(image, spline(stem, closed=False), darker(colour, 0.3), size / 40)
    for dx, dy, angle in (
        (-0.26, 0.18, 205),
        (0.27, 0.1, -25),
        (-0.24, -0.12, 220),
        (0.24, -0.2, -42),
        (0, -0.45, -90),
    ):
        tone = mix(colour, lighter(colour, 0.3), float(rng.uniform(0, 0.6)))
        leaf_at(image, (centre[0] + dx * size, centre[1] + dy * size), size * 0.55, angle, tone)


def citrus(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint a cut citrus fruit with a leaf."""
    leaf_at(
        image, (centre[0] + 0.42 * size, centre[1] - 0.4 * size), size * 0.5, -30, (74, 134, 62)
    )
    for radius, tone in ((0.5, darker(colour, 0.1)), (0.47, colour), (0.43, lighter(colour, 0.75))):
        disc(image, centre, radius * size, tone)
    for k in range(9):
        angle = k * 40 + 8.0
        wedge = spline([(0.05, 0), (0.36, -0.11), (0.395, 0), (0.36, 0.11)], steps=6)
        polygon(image, place(wedge, centre, size, angle), mix(colour, (255, 240, 170), 0.18))
        for _ in range(6):
            r, a = rng.uniform(0.16, 0.36), math.radians(angle + rng.uniform(-9, 9))
            drop = (centre[0] + r * size * math.cos(a), centre[1] + r * size * math.sin(a))
            polygon(
                image,
                ellipse_points(drop, (size * 0.03, size * 0.011), math.degrees(a), 10),
                lighter(colour, 0.45),
            )


def flower(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint three blossoms on leaves."""
    for angle in (25, 160, 265):
        a = math.radians(angle)
        at = (centre[0] + 0.42 * size * math.cos(a), centre[1] + 0.42 * size * math.sin(a))
        leaf_at(image, at, size * 0.45, angle, darker(colour, 0.15))
    for dx, dy, s in ((-0.2, 0.12, 0.5), (0.24, 0.2, 0.42), (0.05, -0.25, 0.6)):
        _blossom(image, (centre[0] + dx * size, centre[1] + dy * size), s * size, colour, rng)


def _blossom(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    turn = float(rng.uniform(0, 72))
    petal = spline([(0.04, 0), (0.3, -0.17), (0.47, -0.06), (0.44, 0.08), (0.3, 0.17)], steps=6)
    for k in range(5):
        polygon(
            image,
            place(petal * 1.05, centre, size, turn + k * 72),
            mix(colour, (255, 255, 255), 0.62),
        )
        polygon(image, place(petal, centre, size, turn + k * 72), lighter(colour, 0.9))
    disc(image, centre, size * 0.1, (244, 190, 60))
    for k in range(7):
        a = math.radians(turn + k * 51)
        end = (centre[0] + 0.16 * size * math.cos(a), centre[1] + 0.16 * size * math.sin(a))
        line(image, [centre, end], (214, 150, 40), size / 60)
        disc(image, end, size * 0.018, (190, 120, 20))


def tomato(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint two plum tomatoes with their green."""
    for dx, dy, s, turn in ((0.2, 0.06, 0.72, 18.0), (-0.16, 0.0, 0.86, -12.0)):
        at = (centre[0] + dx * size, centre[1] + dy * size)
        red = mix((206, 38, 26), colour, 0.15)
        for k in range(7):
            t = k / 6
            radii = ((0.36 - 0.25 * t) * s * size, (0.45 - 0.3 * t) * s * size)
            glow = (at[0] - 0.1 * t * s * size, at[1] - 0.12 * t * s * size)
            polygon(
                image, ellipse_points(glow, radii, turn), mix(darker(red, 0.25), (248, 96, 62), t)
            )
        shine = (at[0] - 0.14 * s * size, at[1] - 0.2 * s * size)
        polygon(
            image,
            ellipse_points(shine, (0.05 * s * size, 0.1 * s * size), turn + 20),
            (255, 214, 196),
        )
        head = (at[0] + math.sin(math.radians(turn)) * 0.42 * s * size, at[1] - 0.42 * s * size)
        for k in range(5):
            a = math.radians(10 + k * 40)
            tip = (head[0] + 0.11 * s * size * math.cos(a), head[1] + 0.08 * s * size * math.sin(a))
            leaf_at(image, tip, 0.26 * s * size, math.degrees(a), (62, 122, 52))


def olive(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint an olive branch."""
    stem = place(spline([(-0.5, 0.2), (-0.1, 0.0), (0.5, -0.22)], closed=False), centre, size, 0)
    line(image, stem, (98, 82, 48), size / 45)
    for k in range(7):
        x, y = -0.4 + k * 0.14, 0.16 - k * 0.06
        for side in (-1, 1):
            at = (centre[0] + (x + 0.04 * side) * size, centre[1] + (y + 0.13 * side) * size)
            leaf_at(image, at, size * 0.27, side * 55 - 20, (98, 124, 66))
    for dx, dy in ((-0.16, 0.17), (0.12, 0.08), (0.3, -0.02)):
        at = (centre[0] + dx * size, centre[1] + dy * size)
        polygon(image, ellipse_points(at, (0.085 * size, 0.11 * size), 15), darker(colour, 0.25))
        polygon(
            image,
            ellipse_points(
                (at[0] - 0.015 * size, at[1] - 0.02 * size), (0.065 * size, 0.085 * size), 15
            ),
            colour,
        )
        polygon(
            image,
            ellipse_points(
                (at[0] - 0.03 * size, at[1] - 0.045 * size), (0.014 * size, 0.03 * size), 15
            ),
            lighter(colour, 0.6),
        )


def pepper(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint crisps and a red pepper."""
    potato(image, centre, size, colour, rng)
    at = (centre[0] + 0.16 * size, centre[1] + 0.2 * size)
    for k, (dx, w) in enumerate(((-0.13, 0.13), (0.13, 0.13), (0.0, 0.15))):
        red = mix((178, 22, 22), (232, 52, 34), k / 2)
        polygon(
            image, ellipse_points((at[0] + dx * size, at[1]), (w * size, 0.21 * size), dx * 40), red
        )
    shine = spline([(-0.05, -0.12), (0.0, -0.14), (-0.02, 0.06), (-0.07, 0.02)])
    polygon(image, place(shine, at, size, 0), (255, 160, 140))
    stem = spline([(0, -0.19), (0.02, -0.28), (0.07, -0.31)], closed=False)
    line(image, place(stem, at, size, 0), (70, 120, 50), size / 24)


def potato(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint a fan of golden crisps."""
    for k in range(18):
        a, r = math.radians(200 + k * 40.0), (1.0 if k < 9 else 0.55 if k < 17 else 0.0)
        at = (centre[0] + 0.32 * r * size * math.cos(a), centre[1] + 0.27 * r * size * math.sin(a))
        _crisp(image, at, size * float(rng.uniform(0.32, 0.42)), rng)


def _crisp(image: Image, centre: Point, size: float, rng: np.random.Generator) -> None:
    turn = float(rng.uniform(0, 360))
    wobble = 0.5 + rng.normal(0, 0.03, 10)
    t = np.linspace(0, 2 * math.pi, 10, endpoint=False)
    outline = spline(np.stack([wobble * np.cos(t), 0.72 * wobble * np.sin(t)], axis=1), steps=6)
    polygon(image, place(outline, (centre[0], centre[1] + 0.05 * size), size, turn), (150, 92, 20))
    polygon(image, place(outline, centre, size, turn), (224, 160, 52))
    polygon(image, place(outline * 0.86, centre, size, turn), (246, 204, 98))
    ridge = spline([(-0.3, 0.06), (0, -0.08), (0.3, 0.06)], closed=False)
    line(image, place(ridge, centre, size, turn), (255, 228, 150), size / 14)
    for _ in range(7):
        x, y = rng.uniform(-0.3, 0.3), rng.uniform(-0.2, 0.2)
        at = place(np.array([[x, y]]), centre, size, turn)[0]
        disc(image, (at[0], at[1]), size * 0.014, (176, 96, 24))


def wheat(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint three ears of grain."""
    for lean in (-22, 22, 0):
        turn = place(np.array([[0, 0.5], [0, -0.3]]), centre, size, lean)
        line(image, turn, darker(colour, 0.25), size / 55)
        for k in range(7):
            for side in (-1, 1):
                local = np.array([[side * 0.055, 0.02 - 0.075 * k]])
                at = place(local, centre, size, lean)[0]
                grain = ellipse_points(
                    (at[0], at[1]), (0.075 * size, 0.03 * size), lean - 90 + side * 28, 20
                )
                polygon(image, grain, mix(colour, darker(colour, 0.3), 0.5 if side > 0 else 0))
        for lean_out in (-0.1, 0.0, 0.1):
            awn = place(np.array([[0, -0.45], [lean_out, -0.68]]), centre, size, lean)
            line(image, awn, colour, size / 120)
