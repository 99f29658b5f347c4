"""A table and a shelf: boards with grain, and what stands on them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from shared.demo.catalogue import Product
from shared.demo.drawing.meshes import Surface, lathe, surface, tube
from shared.demo.drawing.paint import (
    Colour,
    channels,
    darker,
    lighter,
    noise,
    rgb,
    rng_of,
)
from shared.demo.home.armchairs import shaded


def _wood(length: int, width: int, colour: Colour, name: str) -> np.ndarray:
    """Colour a board (length, width, 3): grain runs along the width."""
    rng = rng_of("wood", name)
    flow = noise((width, length), max(3.0, length / 9), rng)
    lines = np.sin(np.arange(length, dtype=np.float32)[:, None] * 0.9 + 5 * flow)
    t = np.clip(0.5 + 0.22 * lines + 0.16 * noise((width, length), 2.2, rng), 0, 1)[..., None]
    return np.asarray(
        channels(darker(colour, 0.22)) * (1 - t) + channels(lighter(colour, 0.16)) * t
    )


def round_table(item: Product) -> Sequence[Surface]:
    """Turn a round table top on three splayed legs."""
    w, h, _ = item.size_mm
    wood = rgb(item.look["base"])
    top, floor, r = h / 2, -h / 2, w / 2
    rim = [(r * 0.97, top - 34), (r, top - 26), (r, top - 8), (r * 0.985, top)]
    edge = lathe(rim, wood, "satin", 96)
    board = _board_top(r * 0.985, top, wood, item.sku)
    parts = [edge, board]
    for k in range(3):
        a = math.radians(k * 120 + 30)
        foot = np.array([r * 0.82 * math.sin(a), floor, r * 0.82 * math.cos(a)])
        head = np.array([r * 0.42 * math.sin(a), top - 34, r * 0.42 * math.cos(a)])
        path = foot + (head - foot) * np.linspace(0, 1, 20)[:, None]
        parts.append(
            shaded(tube(path, np.linspace(12, 22, 20), wood, "satin", 18), floor, top, 0.8)
        )
    ring = lathe(
        [(r * 0.40, top - 60), (r * 0.44, top - 56), (r * 0.44, top - 36)],
        darker(wood, 0.25),
        "satin",
    )
    return [*parts, ring]


def _board_top(radius: float, y: float, wood: Colour, name: str) -> Surface:
    """A round board with straight grain, as a polar grid that takes a plain texture."""
    steps, angle = np.linspace(1, 0.0, 40)[:, None], np.linspace(0, 2 * math.pi, 121)[None, :]
    x, z = radius * steps * np.sin(angle), radius * steps * np.cos(angle)
    points = np.stack([x, np.full_like(x, y), z], -1)
    grain = _wood(160, 60, wood, name)
    u = ((x[:-1, :-1] / radius + 1) * 0.5 * 59).astype(int)
    v = ((z[:-1, :-1] / radius + 1) * 0.5 * 159).astype(int)
    return surface(points, grain[v, u], "satin")


def shelf(item: Product) -> Sequence[Surface]:
    """Build a shelf of five boards between two sides, with books on it."""
    w, h, d = item.size_mm
    white, oak = rgb(item.look["base"]), rgb(item.look["ink"])
    parts: list[Surface] = []
    for k in range(5):
        y = -h / 2 + 40 + k * (h - 60) / 4
        parts += _plank((w - 40, 28, d - 10), oak, f"{item.sku}/{k}", y)
    for side in (-1, 1):
        for part in _plank((26, h, d), white, item.sku, 0.0, plain=True):
            parts.append(part.moved(side * (w / 2 - 13)))
    back = [
        surface(_sheet((-w / 2, y), (w / 2, y + 34), -d / 2, 24, 3), darker(white, 0.12), "matte")
        for y in (h / 2 - 60, -h / 2 + 120)
    ]
    return [*back, *parts, *_things(item, w, h)]


def _things(item: Product, w: float, h: float) -> Sequence[Surface]:
    """Books and vases, so that the shelf reads as a shelf."""
    rng = rng_of("things", item.sku)
    colours = [
        (176, 74, 58),
        (62, 92, 120),
        (214, 178, 112),
        (84, 118, 92),
        (232, 226, 214),
        (46, 48, 56),
    ]
    parts: list[Surface] = []
    for k, start in ((1, -0.38), (2, 0.02), (3, -0.36)):
        x, y = start * w, -h / 2 + 54 + k * (h - 60) / 4
        for _ in range(int(rng.integers(6, 9))):
            thick, tall = float(rng.uniform(22, 44)), float(rng.uniform(180, 270))
            colour = colours[int(rng.integers(len(colours)))]
            parts += [
                p.moved(x + thick / 2, 0, 30)
                for p in _plank((thick - 2, tall, 170), colour, "book", y + tall / 2, plain=True)
            ]
            x += thick
    vase = [(48, 0), (78, 40), (84, 90), (52, 150), (30, 180), (36, 200)]
    y = -h / 2 + 54 + 3 * (h - 60) / 4
    parts.append(lathe(np.add(vase, (0, y)), (92, 132, 138), "gloss", 48).moved(w * 0.26, 0, 20))
    return parts


def _plank(
    size: tuple[float, float, float], colour: Colour, name: str, y: float, plain: bool = False
) -> list[Surface]:
    """Five visible sides of a board centred at height ``y``."""
    w, h, d = (v / 2 for v in size)
    wood = colour if plain else _wood(14, 40, colour, name)
    front = surface(
        _sheet((-w, y - h), (w, y + h), d, 2 if plain else 40, 12 if plain else 2), colour
    )
    parts = [front]
    for sign in (-1, 1):
        lid = _sheet((-w, -d), (w, d), 0.0, 41 if not plain else 3, 15 if not plain else 8)
        flat = np.stack(
            [lid[..., 0], np.full(lid.shape[:2], y + sign * h), -sign * lid[..., 1]], -1
        )
        tone = wood if sign > 0 else darker(colour, 0.45)
        parts.append(surface(flat, tone))
        upright = _sheet((-d, y - h), (d, y + h), 0.0, 8, 20 if plain else 2)
        side = np.stack(
            [np.full(upright.shape[:2], sign * w), upright[..., 1], -sign * upright[..., 0]], -1
        )
        parts.append(surface(side, darker(colour, 0.06)))
    return parts


def _sheet(
    low: tuple[float, float], high: tuple[float, float], z: float, columns: int, rows: int
) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(low[0], high[0], columns), np.linspace(low[1], high[1], rows))
    return np.stack([x, y, np.full_like(x, z)], axis=-1)
