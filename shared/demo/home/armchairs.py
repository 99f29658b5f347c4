"""Armchairs, built from surfaces.

Each function is one recipe, painted from the back to the front: its length is that of
the list of what is on it, and taking it apart would hide the order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from shared.demo.catalogue import Product
from shared.demo.drawing.meshes import Surface, cushion, lathe, surface
from shared.demo.drawing.paint import (
    Colour,
    darker,
    rgb,
)


def shaded(part: Surface, low: float, high: float, floor: float = 0.72) -> Surface:
    """Darken a part towards its lower end, where less light comes in."""
    y = part.points[:-1, :-1, 1]
    t = np.clip((y - low) / max(high - low, 1e-6), 0, 1)[..., None]
    colour = np.broadcast_to(part.colour, (*t.shape[:2], 3)) * (floor + (1 - floor) * t)
    return surface(part.points, colour, part.finish, part.two_sided)


def armchair(item: Product) -> Sequence[Surface]:
    """Mid-century: slim arms on tapered legs, a leaning back, a thick seat cushion."""
    w, h, d = item.size_mm
    base, light, wood = rgb(item.look["base"]), rgb(item.look["ink"]), rgb(item.look["legs"])
    floor = -h / 2
    seat_y = floor + 0.46 * h
    parts = [
        shaded(
            cushion((w * 0.74, 170, d * 0.74), light, square=0.32).moved(0, seat_y, 50),
            seat_y - 90,
            seat_y + 30,
        ),
        shaded(
            cushion((w * 0.78, 110, d * 0.76), darker(base, 0.15), square=0.25).moved(
                0, seat_y - 125, 20
            ),
            seat_y - 180,
            seat_y - 60,
            0.6,
        ),
        shaded(
            cushion((w * 0.76, h * 0.66, 150), base, square=0.36)
            .turned("x", -14)
            .moved(0, floor + 0.70 * h, -d * 0.30),
            floor + 0.35 * h,
            floor + 0.75 * h,
            0.55,
        ),
        shaded(
            cushion((w * 0.60, h * 0.40, 110), light, square=0.45)
            .turned("x", -14)
            .moved(0, floor + 0.70 * h, -d * 0.19),
            floor + 0.50 * h,
            floor + 0.75 * h,
            0.7,
        ),
    ]
    for side in (-1, 1):
        arm = cushion((w * 0.13, h * 0.34, d * 0.84), base, square=0.34)
        parts.append(shaded(arm.moved(side * w * 0.435, seat_y + 10, 0), seat_y - 130, seat_y + 90))
        for z in (-d * 0.32, d * 0.34):
            parts.append(_leg(side * w * 0.36, z, floor, seat_y - 160, wood))
    return parts


def club(item: Product) -> Sequence[Surface]:
    """Leather club chair: fat rolled arms, deep cushion, low back, bun feet."""
    w, h, d = item.size_mm
    base, light, wood = rgb(item.look["base"]), rgb(item.look["ink"]), rgb(item.look["legs"])
    floor = -h / 2
    parts = [
        shaded(
            cushion((w * 0.86, h * 0.34, d * 0.80), darker(base, 0.1), "satin", 0.18).moved(
                0, floor + 0.29 * h, 0
            ),
            floor + 0.05 * h,
            floor + 0.4 * h,
            0.6,
        ),
        shaded(
            cushion((w * 0.56, h * 0.24, d * 0.70), light, "satin", 0.34).moved(
                0, floor + 0.50 * h, d * 0.11
            ),
            floor + 0.4 * h,
            floor + 0.54 * h,
        ),
        shaded(
            cushion((w * 0.84, h * 0.66, d * 0.24), base, "satin", 0.34)
            .turned("x", -9)
            .moved(0, floor + 0.65 * h, -d * 0.34),
            floor + 0.4 * h,
            floor + 0.75 * h,
            0.6,
        ),
        shaded(
            cushion((w * 0.56, h * 0.42, d * 0.17), light, "satin", 0.42)
            .turned("x", -10)
            .moved(0, floor + 0.74 * h, -d * 0.21),
            floor + 0.5 * h,
            floor + 0.75 * h,
            0.7,
        ),
    ]
    for side in (-1, 1):
        arm = cushion((w * 0.24, h * 0.56, d * 0.86), base, "satin", 0.42)
        parts.append(
            shaded(
                arm.moved(side * w * 0.38, floor + 0.42 * h, d * 0.02),
                floor + 0.1 * h,
                floor + 0.5 * h,
            )
        )
        roll = cushion((w * 0.26, h * 0.22, d * 0.90), light, "satin", 0.6)
        parts.append(
            shaded(
                roll.moved(side * w * 0.39, floor + 0.64 * h, d * 0.02),
                floor + 0.54 * h,
                floor + 0.66 * h,
                0.7,
            )
        )
        for z in (-d * 0.33, d * 0.35):
            parts.append(_leg(side * w * 0.36, z, floor, floor + 0.13 * h, wood))
    return parts


def _leg(x: float, z: float, floor: float, top: float, colour: Colour) -> Surface:
    profile = [(13, floor), (15, floor + 4), (26, top), (26, top + 4)]
    part = lathe(profile, colour, "satin", 24)
    lean = (part.points[..., 1:2] - top) * np.array(
        [[-0.10 * math.copysign(1, x), 0, -0.10 * math.copysign(1, z)]]
    )
    return surface(part.points + lean, part.colour, "satin").moved(x, 0, z)
