"""The pictures on the packages: leaves, fruit, beans, fish, mountains and so on.

Each motif paints itself in place round a centre, ``size`` pixels across.
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
    return local @ rotation(angle).T * size + np.asarray(centre)


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
        (-0.26, 0.18, 205), (0.27, 0.1, -25), (-0.24, -0.12, 220), (0.24, -0.2, -42), (0, -0.45, -90)
    ):  # fmt: skip
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


def rings(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint a bowl that overflows with cereal rings and a splash of milk."""
    cx, cy = centre
    polygon(
        image, ellipse_points((cx, cy - 0.02 * size), (0.52 * size, 0.2 * size)), (250, 248, 242)
    )
    for _ in range(70):
        a, r = rng.uniform(0, 2 * math.pi), math.sqrt(rng.uniform(0, 1))
        at = (cx + 0.45 * size * r * math.cos(a), cy - 0.06 * size + 0.17 * size * r * math.sin(a))
        _ring(image, at, size * 0.066, colour, rng)
    bowl = spline([(-0.52, 0), (-0.4, 0.09), (0, 0.16), (0.4, 0.09), (0.52, 0), (0.44, 0.28),
                   (0.22, 0.44), (-0.22, 0.44), (-0.44, 0.28)])  # fmt: skip
    polygon(image, place(bowl, centre, size, 0), (34, 88, 140))
    shine = spline([(-0.44, 0.1), (-0.34, 0.16), (-0.26, 0.36), (-0.36, 0.27)])
    polygon(image, place(shine, centre, size, 0), (88, 146, 196))
    for x in (-0.16, 0.0, 0.16, 0.32):
        disc(image, (cx + x * size, cy + 0.29 * size), size * 0.035, (240, 205, 110))
    for dx, dy in ((-0.42, -0.36), (0.36, -0.42), (0.5, -0.2), (-0.1, -0.46)):
        _ring(image, (cx + dx * size, cy + dy * size), size * 0.085, colour, rng)


def _ring(
    image: Image, centre: Point, radius: float, colour: Colour, rng: np.random.Generator
) -> None:
    tone = mix(colour, lighter(colour, 0.35), float(rng.uniform(0, 1)))
    turn, flat = float(rng.uniform(0, 180)), float(rng.uniform(0.6, 1))
    cx, cy = centre
    polygon(
        image,
        ellipse_points((cx, cy + 0.14 * radius), (radius, radius * flat), turn, 24),
        darker(tone, 0.45),
    )
    polygon(image, ellipse_points(centre, (radius, radius * flat), turn, 24), tone)
    polygon(
        image,
        ellipse_points(
            (cx - 0.1 * radius, cy - 0.12 * radius), (0.78 * radius, 0.74 * radius * flat), turn, 24
        ),
        lighter(tone, 0.25),
    )
    polygon(
        image,
        ellipse_points(centre, (0.36 * radius, 0.34 * radius * flat), turn, 16),
        darker(tone, 0.6),
    )


def strands(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint a sheaf of dried pasta tied with a ribbon."""
    cx, cy = centre
    for _ in range(80):
        x, lean = rng.uniform(-0.15, 0.15), rng.normal(0, 0.035)
        tone = mix((236, 196, 104), (196, 142, 52), float(rng.uniform(0, 1)))
        top = (cx + (x * 1.5 + lean) * size, cy - rng.uniform(0.46, 0.5) * size)
        low = (cx + (x * 1.5 - lean) * size, cy + rng.uniform(0.46, 0.5) * size)
        line(image, spline([top, (cx + x * 0.75 * size, cy), low], closed=False), tone, size / 75)
    band = [(-0.15, -0.045), (0.15, -0.045), (0.15, 0.045), (-0.15, 0.045)]
    polygon(image, place(np.array(band), centre, size, 0), colour)
    for side in (-1, 1):
        loop = spline([(0, 0), (side * 0.17, -0.1), (side * 0.21, 0.02), (side * 0.14, 0.06)])
        polygon(image, place(loop, centre, size, 0), lighter(colour, 0.15))
        tail = np.array([(0, 0), (side * 0.1, 0.17), (side * 0.16, 0.14), (side * 0.03, -0.02)])
        polygon(image, place(tail, centre, size, 0), darker(colour, 0.15))
    disc(image, centre, size * 0.04, darker(colour, 0.25))


def bean(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint a heap of roasted beans."""
    grid = [(x, y) for y in np.linspace(-0.3, 0.3, 7) for x in np.linspace(-0.45, 0.45, 9)]
    for column, row in grid:
        x, y = column + rng.normal(0, 0.025), row + rng.normal(0, 0.02)
        if x * x / 0.21 + (y - 0.05) ** 2 / 0.1 > 1 - 0.5 * (y < 0) * abs(x):
            continue
        _one_bean(image, (centre[0] + x * size, centre[1] + y * size), size * 0.13, colour, rng)


def _one_bean(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    turn = float(rng.uniform(0, 180))
    tone = mix(darker(colour, 0.35), colour, float(rng.uniform(0, 0.7)))
    polygon(
        image,
        ellipse_points((centre[0], centre[1] + 0.08 * size), (size * 0.74, size * 0.5), turn, 24),
        darker(tone, 0.6),
    )
    polygon(image, ellipse_points(centre, (size * 0.7, size * 0.46), turn, 24), tone)
    glow = place(np.array([[-0.2, -0.2]]), centre, size, turn)[0]
    polygon(
        image,
        ellipse_points((glow[0], glow[1]), (size * 0.36, size * 0.14), turn, 16),
        lighter(tone, 0.22),
    )
    crease = spline([(-0.66, 0), (-0.2, 0.1), (0.2, -0.1), (0.66, 0)], closed=False)
    line(image, place(crease, centre, size, turn), darker(tone, 0.7), size / 9)


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


def fish(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint a tuna over waves."""
    waves(image, (centre[0], centre[1] + 0.3 * size), size, lighter(colour, 0.35), rng)
    body = spline(
        [
            (-0.5, 0),
            (-0.3, -0.14),
            (0.05, -0.18),
            (0.34, -0.05),
            (0.42, 0),
            (0.34, 0.05),
            (0.05, 0.16),
            (-0.3, 0.12),
        ]
    )
    fins = ([(0.38, 0), (0.56, -0.2), (0.5, 0), (0.56, 0.2)], [(-0.06, -0.16), (0.06, -0.3), (0.1, -0.15)],
            [(0.0, 0.14), (0.1, 0.28), (0.12, 0.12)])  # fmt: skip
    for fin in fins:
        polygon(image, place(np.array(fin), centre, size, -6), darker(colour, 0.3))
    polygon(image, place(body, centre, size, -6), colour)
    belly = spline([(-0.46, 0.02), (-0.1, 0.04), (0.38, 0.0), (0.05, 0.15), (-0.3, 0.11)])
    polygon(image, place(belly, centre, size, -6), lighter(colour, 0.7))
    eye = place(np.array([[-0.36, -0.02]]), centre, size, -6)[0]
    disc(image, (eye[0], eye[1]), size * 0.025, (255, 255, 255))
    disc(image, (eye[0], eye[1]), size * 0.014, (10, 20, 30))
    for k in range(6):
        gill = place(
            np.array([[-0.24 + k * 0.09, -0.08], [-0.2 + k * 0.09, 0.02]]), centre, size, -6
        )
        line(image, gill, darker(colour, 0.25), size / 90)


def waves(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint three lines of waves."""
    x = np.linspace(-0.62, 0.62, 60)
    for k in range(3):
        y = 0.035 * np.sin(x * 18 + k * 1.3) + 0.085 * k
        line(image, place(np.stack([x, y], axis=1), centre, size, 0), colour, size / 40)


def bubbles(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint rising bubbles."""
    for _ in range(60):
        x, y, r = rng.uniform(-0.5, 0.5), rng.uniform(-0.6, 0.6), rng.uniform(0.008, 0.045)
        at = (centre[0] + x * size, centre[1] + y * size)
        disc(image, at, r * size, colour)
        disc(image, at, r * size * 0.8, darker(colour, 0.12))
        disc(
            image,
            (at[0] - r * size * 0.3, at[1] - r * size * 0.3),
            r * size * 0.28,
            lighter(colour, 0.7),
        )


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


def mountain(
    image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint a snow-covered range under a sun."""
    disc(image, (centre[0] + 0.22 * size, centre[1] - 0.2 * size), 0.11 * size, (250, 206, 90))
    peaks = (((-0.55, 0.3), (-0.24, -0.22), (0.12, 0.3)), ((-0.1, 0.3), (0.2, -0.06), (0.55, 0.3)))
    for (ax, ay), (bx, by), (cx, cy) in peaks:
        polygon(image, place(np.array([(ax, ay), (bx, by), (cx, cy)]), centre, size, 0), colour)
        right = [(bx, by), (cx, cy), (bx + 0.03, cy), (bx - 0.02, by + 0.2), (bx + 0.04, by + 0.12)]
        polygon(image, place(np.array(right), centre, size, 0), darker(colour, 0.25))
        snow = [(bx, by), (bx + 0.09, by + 0.14), (bx + 0.04, by + 0.11), (bx + 0.01, by + 0.17),
                (bx - 0.03, by + 0.11), (bx - 0.08, by + 0.135)]  # fmt: skip
        polygon(image, place(np.array(snow), centre, size, 0), (255, 255, 255))
    waves(image, (centre[0], centre[1] + 0.3 * size), size * 0.9, lighter(colour, 0.4), rng)


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


def cow(image: Image, centre: Point, size: float, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a spotted cow on a meadow."""
    cx, cy = centre
    hill = spline([(-0.7, 0.3), (-0.3, 0.17), (0.2, 0.22), (0.7, 0.14), (0.7, 0.55), (-0.7, 0.55)])
    polygon(image, place(hill, centre, size, 0), colour)
    body = spline(
        [(-0.3, -0.12), (0.22, -0.14), (0.29, 0.02), (0.24, 0.14), (-0.26, 0.14), (-0.34, 0)]
    )
    for x in (-0.26, -0.16, 0.13, 0.22):
        leg = [(x, 0.08), (x + 0.055, 0.08), (x + 0.05, 0.33), (x + 0.005, 0.33)]
        polygon(image, place(np.array(leg), centre, size, 0), (236, 232, 226))
    polygon(image, place(body, centre, size, 0), (250, 248, 244))
    for x, y, r in (
        (-0.18, -0.05, 0.1),
        (0.08, -0.06, 0.11),
        (0.2, 0.06, 0.05),
        (-0.05, 0.09, 0.06),
    ):
        patch = [
            (x + r * float(rng.uniform(0.7, 1.2)) * math.cos(a), y + r * 0.7 * math.sin(a))
            for a in np.linspace(0, 5.6, 8)
        ]
        polygon(image, place(spline(patch), centre, size, 0), (46, 38, 38))
    head = spline(
        [(-0.5, -0.16), (-0.36, -0.2), (-0.3, -0.08), (-0.38, 0.08), (-0.48, 0.06), (-0.52, -0.04)]
    )
    polygon(image, place(head, centre, size, 0), (46, 38, 38))
    polygon(
        image,
        place(spline([(-0.53, 0.0), (-0.42, 0.0), (-0.4, 0.09), (-0.5, 0.09)]), centre, size, 0),
        (240, 176, 166),
    )
    disc(image, (cx - 0.43 * size, cy - 0.08 * size), size * 0.018, (255, 255, 255))


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
        for k in (-0.05, 0.0, 0.05):
            awn = place(np.array([[0, -0.45], [k * 2, -0.68]]), centre, size, lean)
            line(image, awn, colour, size / 120)


MOTIFS: dict[str, Motif] = {
    "leaf": leaf, "citrus": citrus, "flower": flower, "rings": rings, "strands": strands,
    "bean": bean, "tomato": tomato, "fish": fish, "bubbles": bubbles, "olive": olive,
    "mountain": mountain, "pepper": pepper, "potato": potato, "cow": cow, "wheat": wheat,
}  # fmt: skip
"""Every motif by the name that ``look.motif`` gives it."""
