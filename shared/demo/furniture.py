"""Furniture: two armchairs, a table, two lamps and a shelf, built from surfaces."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import cv2
import numpy as np

from shared.demo.catalogue import Product, drawable
from shared.demo.drawing.camera import Pose
from shared.demo.drawing.meshes import Surface, cushion, lathe, render, surface, tube
from shared.demo.drawing.paint import Colour, Image, darker, lighter, mix, noise, rgb, rng_of


def draw(item: Product, pose: Pose) -> Image:
    """Draw a piece of furniture as a cut-out (H, W, 4)."""
    shape = render(_built(item.sku), pose)
    weave = {"armchair": 0.10, "club": 0.05}.get(item.look["shape"], 0.0)
    return _woven(shape, item.sku, weave) if weave else shape


@lru_cache(maxsize=4)
def _built(sku: str) -> tuple[Surface, ...]:
    item = drawable(sku)
    return tuple(_BUILD[item.look["shape"]](item))


def _woven(shape: Image, name: str, strength: float) -> Image:
    """Roughen the cover with threads and a little wear."""
    h, w = shape.shape[:2]
    rng = rng_of("weave", name)
    threads = rng.standard_normal((h, w)).astype(np.float32)
    threads = cv2.blur(threads, (1, 3)) + cv2.blur(threads, (3, 1))
    grain = 1 + strength * (0.5 * threads + 0.35 * noise((w, h), 40, rng))
    rgb_ = np.clip(shape[..., :3] * grain[..., None], 0, 255).astype(np.uint8)
    return np.dstack([rgb_, shape[..., 3]])


def _shaded(part: Surface, low: float, high: float, floor: float = 0.72) -> Surface:
    """Darken a part towards its lower end, where less light comes in."""
    y = part.points[:-1, :-1, 1]
    t = np.clip((y - low) / max(high - low, 1e-6), 0, 1)[..., None]
    colour = np.broadcast_to(part.colour, (*t.shape[:2], 3)) * (floor + (1 - floor) * t)
    return surface(part.points, colour, part.finish, part.two_sided)


def _armchair(item: Product) -> Sequence[Surface]:
    """Mid-century: slim arms on tapered legs, a leaning back, a thick seat cushion."""
    w, h, d = item.size_mm
    base, light, wood = rgb(item.look["base"]), rgb(item.look["ink"]), rgb(item.look["legs"])
    floor = -h / 2
    seat_y = floor + 0.46 * h
    parts = [
        _shaded(cushion((w * 0.74, 170, d * 0.74), light, square=0.32).moved(0, seat_y, 50), seat_y - 90, seat_y + 30),
        _shaded(cushion((w * 0.78, 110, d * 0.76), darker(base, 0.15), square=0.25).moved(0, seat_y - 125, 20), seat_y - 180, seat_y - 60, 0.6),
        _shaded(cushion((w * 0.76, h * 0.66, 150), base, square=0.36).turned("x", -14).moved(0, floor + 0.70 * h, -d * 0.30), floor + 0.35 * h, floor + 0.75 * h, 0.55),
        _shaded(cushion((w * 0.60, h * 0.40, 110), light, square=0.45).turned("x", -14).moved(0, floor + 0.70 * h, -d * 0.19), floor + 0.50 * h, floor + 0.75 * h, 0.7),
    ]  # fmt: skip
    for side in (-1, 1):
        arm = cushion((w * 0.13, h * 0.34, d * 0.84), base, square=0.34)
        parts.append(
            _shaded(arm.moved(side * w * 0.435, seat_y + 10, 0), seat_y - 130, seat_y + 90)
        )
        for z in (-d * 0.32, d * 0.34):
            parts.append(_leg(side * w * 0.36, z, floor, seat_y - 160, wood))
    return parts


def _club(item: Product) -> Sequence[Surface]:
    """Leather club chair: fat rolled arms, deep cushion, low back, bun feet."""
    w, h, d = item.size_mm
    base, light, wood = rgb(item.look["base"]), rgb(item.look["ink"]), rgb(item.look["legs"])
    floor = -h / 2
    parts = [
        _shaded(cushion((w * 0.86, h * 0.34, d * 0.80), darker(base, 0.1), "satin", 0.18).moved(0, floor + 0.29 * h, 0), floor + 0.05 * h, floor + 0.4 * h, 0.6),
        _shaded(cushion((w * 0.56, h * 0.24, d * 0.70), light, "satin", 0.34).moved(0, floor + 0.50 * h, d * 0.11), floor + 0.4 * h, floor + 0.54 * h),
        _shaded(cushion((w * 0.84, h * 0.66, d * 0.24), base, "satin", 0.34).turned("x", -9).moved(0, floor + 0.65 * h, -d * 0.34), floor + 0.4 * h, floor + 0.75 * h, 0.6),
        _shaded(cushion((w * 0.56, h * 0.42, d * 0.17), light, "satin", 0.42).turned("x", -10).moved(0, floor + 0.74 * h, -d * 0.21), floor + 0.5 * h, floor + 0.75 * h, 0.7),
    ]  # fmt: skip
    for side in (-1, 1):
        arm = cushion((w * 0.24, h * 0.56, d * 0.86), base, "satin", 0.42)
        parts.append(
            _shaded(
                arm.moved(side * w * 0.38, floor + 0.42 * h, d * 0.02),
                floor + 0.1 * h,
                floor + 0.5 * h,
            )
        )
        roll = cushion((w * 0.26, h * 0.22, d * 0.90), light, "satin", 0.6)
        parts.append(
            _shaded(
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


def _wood(length: int, width: int, colour: Colour, name: str) -> np.ndarray:
    """Colour a board (length, width, 3): grain runs along the width."""
    rng = rng_of("wood", name)
    flow = noise((width, length), max(3.0, length / 9), rng)
    lines = np.sin((np.arange(length, dtype=np.float32)[:, None] * 0.9 + 5 * flow))
    t = np.clip(0.5 + 0.22 * lines + 0.16 * noise((width, length), 2.2, rng), 0, 1)[..., None]
    return np.asarray(
        np.float64(darker(colour, 0.22)) * (1 - t) + np.float64(lighter(colour, 0.16)) * t
    )


def _round_table(item: Product) -> Sequence[Surface]:
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
            _shaded(tube(path, np.linspace(12, 22, 20), wood, "satin", 18), floor, top, 0.8)
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


def _floor_lamp(item: Product) -> Sequence[Surface]:
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
    colour = (
        np.float64(darker(linen, 0.16)) * (1 - glow) + np.float64((255, 240, 200)) * glow
    ) * pleat
    lit = surface(part.points, colour, "glow")
    inside = surface(part.points[:, ::-1], darker(linen, 0.05), "glow")
    rims = [
        lathe([(r, y), (r * 1.012, y + 5), (r, y + 9)], darker(linen, 0.35), "satin", 96)
        for r, y in ((low_r, low - 2), (high_r, high - 6))
    ]
    return [inside, lit, *rims]


def _table_lamp(item: Product) -> Sequence[Surface]:
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
        lathe(body, paint, "gloss", 96), glass, lathe(dome, paint, "gloss", 220),
        lathe([(r, brim - 5), (r * 1.01, brim), (r, brim + 5)], darker(paint, 0.2), "gloss", 110),
        lathe([(10, floor + h - 6), (10, floor + h), (3, floor + h + 5), (0.1, floor + h + 6)], (200, 170, 100), "metal", 30),
    ]  # fmt: skip


def _shelf(item: Product) -> Sequence[Surface]:
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
    parts.append(lathe(np.array(vase) + (0, y), (92, 132, 138), "gloss", 48).moved(w * 0.26, 0, 20))
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


_BUILD: dict[str, Callable[[Product], Sequence[Surface]]] = {
    "armchair": _armchair, "club": _club, "roundtable": _round_table, "floorlamp": _floor_lamp,
    "tablelamp": _table_lamp, "shelf": _shelf,
}  # fmt: skip
