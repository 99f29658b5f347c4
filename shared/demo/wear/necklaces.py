"""Necklaces: chains and pearls round a neck that is not there."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from shared.demo.catalogue import Product
from shared.demo.drawing.meshes import Finish, Surface, cushion, surface, tube
from shared.demo.drawing.paint import Colour, channels, lighter, rgb


def circle(
    radius: float, count: int = 90, start: float = 0.0, end: float = 360.0
) -> NDArray[np.float64]:
    """Run an upright circle in the plane of the picture, as a path (N, 3); 0 is its top."""
    a = np.radians(np.linspace(start, end, count))
    return np.stack([radius * np.sin(a), radius * np.cos(a), np.zeros_like(a)], axis=1)


def ball(radius: float, colour: Colour, finish: Finish, count: int = 15) -> Surface:
    """Make a sphere."""
    return cushion((2 * radius, 2 * radius, 2 * radius), colour, finish, 1.0, count)


def pearl(radius: float, colour: Colour, count: int = 18) -> Surface:
    """A sphere with lustre: rosy at the rim, bright in the middle."""
    sphere = ball(radius, colour, "gloss", count)
    z = sphere.points[:-1, :-1, 2] / radius
    t = np.clip(z, 0, 1)[..., None] ** 0.8
    tint = channels((214, 186, 182)) * (1 - t) + channels(lighter(colour, 0.25)) * t
    return surface(sphere.points, tint, "gloss")


def chain_path(width: float, drop: float, count: int) -> NDArray[np.float64]:
    """The line of a chain round a neck, from one side of it to the other, (N, 3)."""
    t = np.linspace(-1, 1, 400)
    x = width / 2 * np.sin(t * math.pi / 2) * (1 - 0.10 * np.abs(t) ** 6)
    y = -drop * (1 - np.abs(t) ** 2.1)
    z = 18 * np.cos(t * math.pi / 2)
    line = np.stack([x, y, z], axis=1)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    s = np.linspace(0, length[-1], count)
    return np.stack([np.interp(s, length, line[:, i]) for i in range(3)], axis=1)


def pendant(item: Product) -> list[Surface]:
    """Link an anchor chain and hang a sun on it."""
    gold = rgb(item.look["base"])
    w, h, _ = item.size_mm
    path = chain_path(w, h - 28, 92)
    parts = []
    ahead = np.gradient(path, axis=0)
    oval = circle(1.0, 20) * (1.15, 2.1, 1)
    link = tube(oval, 0.42, gold, "metal", 7)
    for k, (at, way) in enumerate(zip(path, ahead, strict=True)):
        lean = -math.degrees(math.atan2(way[0], way[1]))
        turned = link.turned("y", 64 * (k % 2) + 12).turned("z", lean)
        parts.append(turned.moved(*at))
    low = path[np.argmin(path[:, 1])]
    return [*parts, *(s.moved(low[0], low[1] - 15, low[2] + 1) for s in _sun(gold))]


def _sun(gold: Colour) -> list[Surface]:
    disc = cushion((17, 17, 4), gold, "metal", 1.0, 40)
    rim = tube(circle(8.6, 60), 0.8, gold, "metal", 12)
    rays = []
    for k in range(16):
        a = math.radians(k * 22.5)
        long = 12.6 if k % 2 == 0 else 11.0
        path = np.array(
            [(r * math.sin(a), r * math.cos(a), 0) for r in (9.2, (9.2 + long) / 2, long)]
        )
        rays.append(tube(path, np.array([1.0, 0.7, 0.2]), gold, "metal", 8))
    bail = tube(np.add(circle(1.9, 24), (0, 13.2, 0)), 0.5, gold, "metal", 8).turned("y", 30)
    return [disc, rim, *rays, bail]


def pearls(item: Product) -> list[Surface]:
    """String pearls, the largest in the middle."""
    w, h, _ = item.size_mm
    path = chain_path(w - 8, h - 9, 53)
    white = rgb(item.look["ink"])
    parts = []
    for k, at in enumerate(path):
        size = 3.4 + 1.0 * math.exp(-(((k - 26) / 15) ** 2))
        parts.append(pearl(size, white, 15).moved(*at))
    return parts
