"""Earrings, necklaces, rings, bracelets and lipsticks, built from surfaces.

`worn` builds them as they are worn: one earring, the front half of a ring.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from shared.demo.catalogue import Product
from shared.demo.drawing.camera import Pose
from shared.demo.drawing.meshes import Surface, cover, lathe, render, surface, tube
from shared.demo.drawing.paint import Colour, Image, channels, darker, lighter, rgb
from shared.demo.wear.necklaces import ball, chain_path, circle, pearl, pearls, pendant

Grid = NDArray[np.float64]


_PITCH = {
    "hoop": 4.0,
    "drop": 2.0,
    "pendant": 8.0,
    "pearls": 8.0,
    "solitaire": 22.0,
    "beads": 38.0,
    "lipstick": 8.0,
}


_WORN_POSE = {"hoop": (52.0, 0.0), "solitaire": (0.0, 10.0), "beads": (0.0, 12.0)}


def draw(item: Product, pose: Pose) -> Image:
    """Draw jewellery or a lipstick as a cut-out (H, W, 4), the camera as high as suits it."""
    shape = item.look["shape"]
    return render(
        _BUILD[shape](item), Pose(pose.yaw_deg, pose.pitch_deg + _PITCH[shape] - 6, pose.light)
    )


def worn(item: Product) -> list[Surface]:
    """Build one piece as it is worn; `worn_pose` looks at it straight on."""
    return list(_WORN[item.look["shape"]](item))


def worn_pose(item: Product) -> Pose:
    """Look at a worn piece: hoops a little from the side, as ears carry them."""
    yaw, pitch = _WORN_POSE.get(item.look["shape"], (0.0, 0.0))
    return Pose(yaw, pitch)


def worn_points(item: Product) -> dict[str, tuple[float, float, float]]:
    """Name the points by which a worn piece is fixed, (x, y, z) in mm."""
    w, h, _ = item.size_mm
    r = w / 2
    if item.kind == "earrings":
        hoop = item.look["shape"] == "hoop"
        return {"hook": (0, r, 0) if hoop else (0, 9.5, 2), "bottom": (0, -r if hoop else -6.6, 0)}
    if item.kind == "necklace":
        path = (
            chain_path(w, h - 28, 92)
            if item.look["shape"] == "pendant"
            else chain_path(w - 8, h - 9, 53)
        )
        low = path[np.argmin(path[:, 1])]
        ends = {"end_left": path[0], "end_right": path[-1], "pendant": low}
        return {name: (float(x), float(y), float(z)) for name, (x, y, z) in ends.items()}
    return {"left": (-r, 0, 0), "right": (r, 0, 0), "centre": (0, 0, r)}


def _hoop(item: Product) -> list[Surface]:
    gold = rgb(item.look["base"])
    r = item.size_mm[0] / 2
    path = circle(r - 1.4, 110, 4, 352)
    fat = 1.5 - 0.55 * np.cos(np.radians(np.linspace(4, 352, 110)))
    ring = tube(path, fat, gold, "metal", 18)
    pin = tube(
        np.array([(-1.0, r - 1.2, 0), (0.2, r + 1.4, 0), (2.2, r + 0.6, 0), (2.6, r - 2.4, 0)]),
        0.45,
        darker(gold, 0.1),
        "metal",
        10,
    )
    return [ring, pin]


def _pair(
    build: Callable[[Product], list[Surface]], gap: float, turn: float
) -> Callable[[Product], list[Surface]]:
    """Show an earring twice, both turned a little."""

    def both(item: Product) -> list[Surface]:
        single = build(item)
        return [s.turned("y", side * turn).moved(side * gap) for side in (-1, 1) for s in single]

    return both


def _drop(item: Product) -> list[Surface]:
    metal, white = rgb(item.look["base"]), rgb(item.look["ink"])
    stone = _brilliant(2.6).turned("x", 90).moved(0, 9.5, 1.2)
    cup = (
        lathe([(0.4, -1.4), (2.2, -0.6), (2.9, 0.6), (2.7, 1.0)], metal, "metal", 32)
        .turned("x", 90)
        .moved(0, 9.5, 0)
    )
    link = tube(np.add(circle(1.0, 30), (0, 5.8, 0)), 0.35, metal, "metal", 8)
    cap = lathe([(2.4, 2.6), (1.6, 3.6), (0.6, 4.3), (0.3, 5.0)], metal, "metal", 28)
    return [cup, stone, link, pearl(5.0, white, 40).moved(0, -1.6, 0), cap]


def _brilliant(radius: float) -> Surface:
    """A brilliant cut seen from its table: kite facets that are bright or dark by turns."""
    profile = [
        (0.02, -0.86),
        (1.0, 0.0),
        (1.0, 0.06),
        (0.80, 0.24),
        (0.55, 0.36),
        (0.28, 0.37),
        (0.02, 0.37),
    ]
    part = lathe(np.array(profile) * radius, (255, 255, 255), "metal", 48)
    row, column = np.mgrid[0 : len(profile) - 1, 0:48]
    facet = (column + 3 * row) // 6 + 5 * row
    sparkle = np.array([0.96, 0.58, 1.12, 0.74, 0.42, 1.05, 0.66, 1.18, 0.84, 0.5, 1.0])
    tone = sparkle[(facet * 7 + facet * facet) % 11] * np.where(row == 5, 1.15, 1.0)
    tint = np.stack([tone * 0.94, tone * 0.98, tone * 1.06], axis=-1) * 226
    return surface(part.points, np.clip(tint, 0, 255), "satin", True)


def _solitaire(item: Product) -> list[Surface]:
    return _ring(item, 0, 360)


def _ring(item: Product, start: float, end: float) -> list[Surface]:
    """A band that lies in the plane of the floor, its stone towards the camera."""
    metal = rgb(item.look["base"])
    r = item.size_mm[0] / 2 - 1.0
    path = circle(r, 120, start, end) @ np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    band = tube(path, 1.35, metal, "metal", 18)
    stone = _brilliant(2.5).turned("x", 90).moved(0, 0.0, r + 2.9)
    seat = (
        lathe([(0.9, -2.2), (1.6, -0.8), (2.3, 0.2)], metal, "metal", 24)
        .turned("x", 90)
        .moved(0, 0, r + 2.2)
    )
    prongs = []
    for k in range(4):
        a = math.radians(45 + 90 * k)
        x, y = 2.45 * math.cos(a), 2.45 * math.sin(a)
        prong = np.array([(x * 0.4, y * 0.4, r), (x, y, r + 2.4), (x * 0.86, y * 0.86, r + 3.9)])
        prongs.append(tube(prong, 0.38, metal, "metal", 8))
    return [band, seat, stone, *prongs]


def _worn_ring(item: Product) -> list[Surface]:
    """Only the half that is not hidden behind the finger."""
    return _ring(item, -90, 90)


def _beads(item: Product) -> list[Surface]:
    return _strung(item, 26, 26)


def _worn_beads(item: Product) -> list[Surface]:
    """The front half of the beads, those behind the wrist left out."""
    return _strung(item, 26, 13)


def _strung(item: Product, count: int, shown: int) -> list[Surface]:
    stone, silver = rgb(item.look["base"]), rgb(item.look["ink"])
    r = item.size_mm[0] / 2 - 4
    parts = []
    for k in range(-(shown // 2), shown - shown // 2):
        a = 2 * math.pi * k / count
        at = (r * math.sin(a), 0.0, r * math.cos(a))
        special = k == 0
        bead = ball(3.95, silver if special else stone, "metal" if special else "gloss", 20)
        if not special:
            bead = surface(bead.points, _veined(bead, stone, k), "gloss")
        parts.append(bead.moved(*at))
    return parts


def _veined(ball: Surface, stone: Colour, seed: int) -> Grid:
    """Lapis: darker and brighter clouds, a few specks of pyrite."""
    p = ball.points[:-1, :-1]
    wave = (
        np.sin(p[..., 0] * 1.1 + seed)
        + np.sin(p[..., 1] * 1.4 + 2.1 * seed)
        + np.sin(p[..., 2] * 0.9 - seed)
    )
    t = np.clip(0.5 + wave / 6, 0, 1)[..., None]
    colour = channels(darker(stone, 0.3)) * (1 - t) + channels(lighter(stone, 0.18)) * t
    speck = (np.sin(p[..., 0] * 7.3 + seed) * np.sin(p[..., 1] * 6.1 + seed * 1.7)) > 0.93
    colour[speck] = (206, 178, 96)
    return np.asarray(colour)


def _lipstick(item: Product) -> list[Surface]:
    """A black case, a gold sleeve, the stick cut at a slant."""
    w, h, _ = item.size_mm
    case, metal, shade = rgb(item.look["case"]), rgb(item.look["metal"]), rgb(item.look["shade"])
    r, base, sleeve = w / 2, h * 0.46, h * 0.66
    stick_r = r * 0.60
    profile = np.stack([np.full(30, stick_r), np.linspace(sleeve - 6, h * 1.1, 30)], axis=1)
    part = lathe(profile, shade, "satin", 64)
    slant = h * 0.88 - part.points[..., 0] * 0.55 - part.points[..., 2] * 0.75
    cut = np.minimum(part.points[..., 1], slant)
    stick = surface(np.stack([part.points[..., 0], cut, part.points[..., 2]], -1), shade, "satin")
    rim = stick.points[-1]
    tip = cover(rim.mean(axis=0), rim, lighter(shade, 0.10), "satin")
    rings = [(r * 0.97, base - 2.2), (r * 1.0, base - 1.6), (r * 1.0, base - 0.4), (r * 0.97, base)]
    body = lathe(
        [(r * 0.96, 0), (r, 0.8), (r, base - 2.2), (r * 0.97, base - 2)], case, "gloss", 80
    )
    tube_ = lathe(
        [(r * 0.80, base - 1), (r * 0.80, sleeve - 1), (r * 0.78, sleeve), (r * 0.66, sleeve)],
        metal,
        "metal",
        80,
    )
    shelf = lathe([(r * 0.97, base), (r * 0.80, base + 0.2)], metal, "metal", 80)
    return [
        body,
        lathe(rings, metal, "metal", 80),
        shelf,
        tube_,
        stick,
        surface(tip.points[:, ::-1], tip.colour, "satin", True).lifted(3),
    ]


_BUILD: dict[str, Callable[[Product], Sequence[Surface]]] = {
    "hoop": _pair(_hoop, 15, 32),
    "drop": _pair(_drop, 9, 0),
    "pendant": pendant,
    "pearls": pearls,
    "solitaire": _solitaire,
    "beads": _beads,
    "lipstick": _lipstick,
}


_WORN: dict[str, Callable[[Product], Sequence[Surface]]] = {
    "hoop": _hoop,
    "drop": _drop,
    "pendant": pendant,
    "pearls": pearls,
    "solitaire": _worn_ring,
    "beads": _worn_beads,
}
