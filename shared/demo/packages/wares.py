"""Pictures of what is made, swims, grazes or stands there: cereal, pasta, beans, cows, peaks.

Each paints itself in place round a centre, ``size`` pixels across.
"""

from __future__ import annotations

import math

import numpy as np

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
    spline,
)
from shared.demo.packages.plants import place


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
    bowl = spline(
        [
            (-0.52, 0),
            (-0.4, 0.09),
            (0, 0.16),
            (0.4, 0.09),
            (0.52, 0),
            (0.44, 0.28),
            (0.22, 0.44),
            (-0.22, 0.44),
            (-0.44, 0.28),
        ]
    )
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
    fins = (
        [(0.38, 0), (0.56, -0.2), (0.5, 0), (0.56, 0.2)],
        [(-0.06, -0.16), (0.06, -0.3), (0.1, -0.15)],
        [(0.0, 0.14), (0.1, 0.28), (0.12, 0.12)],
    )
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
        snow = [
            (bx, by),
            (bx + 0.09, by + 0.14),
            (bx + 0.04, by + 0.11),
            (bx + 0.01, by + 0.17),
            (bx - 0.03, by + 0.11),
            (bx - 0.08, by + 0.135),
        ]
        polygon(image, place(np.array(snow), centre, size, 0), (255, 255, 255))
    waves(image, (centre[0], centre[1] + 0.3 * size), size * 0.9, lighter(colour, 0.4), rng)


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
