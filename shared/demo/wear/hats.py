"""Hats: a fedora, a cap, a beanie and a straw hat, built from surfaces."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.demo.catalogue import Product, product
from shared.demo.drawing.camera import Pose
from shared.demo.drawing.meshes import Surface, cushion, lathe, render, surface
from shared.demo.drawing.paint import (
    Image,
    canvas,
    channels,
    darker,
    disc,
    ellipse_points,
    lighter,
    line,
    pixels,
    rgb,
    rng_of,
    shrink,
)

Grid = NDArray[np.float64]


def draw(item: Product, pose: Pose) -> Image:
    """Draw a hat as a cut-out (H, W, 4)."""
    shape = render(built(item.sku), pose)
    grain = {"fedora": 0.05, "beanie": 0.07, "straw": 0.05, "cap": 0.05}[item.look["shape"]]
    rng = rng_of("felt", item.sku)
    fuzz = cv2.blur(rng.standard_normal(shape.shape[:2]).astype(np.float32), (2, 2))
    rgb_ = pixels(shape[..., :3] * (1 + grain * fuzz)[..., None])
    return np.dstack([rgb_, shape[..., 3]])


@lru_cache(maxsize=4)
def built(sku: str) -> tuple[Surface, ...]:
    """Build a hat in millimetres; y 0 is the plane of the band, z is where one looks."""
    item = product(sku)
    return tuple(_BUILD[item.look["shape"]](item))


def band_points(item: Product) -> dict[str, tuple[float, float, float]]:
    """Name the ends of the band, where the hat meets the head, and its front, in mm."""
    r = (
        item.size_mm[0]
        / 2
        * {"fedora": 0.56, "straw": 0.46, "beanie": 0.98, "cap": 0.96}[item.look["shape"]]
    )
    return {"band_left": (-r, 0, 0), "band_right": (r, 0, 0), "band_front": (0, 0, 1.12 * r)}


def _oval(part: Surface, z: float = 1.16) -> Surface:
    """Heads are longer than wide."""
    return part.scaled(1, 1, z)


def _brim(
    inner: float,
    outer: float,
    colour: tuple[int, int, int] | Grid,
    lift: Callable[[Grid, Grid], Grid],
) -> Surface:
    """A ring whose height is ``lift(share of the way out, angle)``; 0 rad faces the camera."""
    t, a = np.meshgrid(np.linspace(0, 1, 26), np.linspace(0, 2 * math.pi, 145), indexing="ij")
    r = inner + (outer - inner) * t
    points = np.stack([r * np.sin(a), lift(t, a), r * np.cos(a)], axis=-1)
    return surface(points, colour, "matte", two_sided=True)


def _fedora(item: Product) -> Sequence[Surface]:
    w, h, _ = item.size_mm
    felt, ribbon = rgb(item.look["base"]), rgb(item.look["ink"])
    r = w / 2 * 0.56
    t = np.linspace(0, 1, 40)
    profile = np.stack([r * (1 - 0.13 * t) * np.sqrt(np.clip(1 - t**9, 0, 1)), h * t], axis=1)
    crown = _oval(lathe(profile, felt, "matte", 110))
    x, y, z = (crown.points[..., i] for i in range(3))
    high = np.clip((y / h - 0.55) / 0.45, 0, 1) ** 1.5
    dent = high * 34 * np.exp(-((x / (0.33 * r)) ** 2)) * (0.75 + 0.25 * np.cos(z / r))
    pinch = 1 - 0.30 * high * np.clip(z / (1.1 * r), 0, 1) ** 1.5
    crown = surface(np.stack([x * pinch, y - dent, z], -1), felt, "matte")
    band_t = np.linspace(0.02, 0.30, 6)
    band = _oval(
        lathe(np.stack([r * (1 - 0.13 * band_t) * 1.012, h * band_t], 1), ribbon, "satin", 90)
    ).lifted(14)
    bow = (
        cushion((12, h * 0.25, 44), darker(ribbon, 0.1), "satin", 0.5, 16)
        .moved(-r * 0.99, h * 0.16, 10)
        .lifted(20)
    )
    brim = _oval(
        _brim(
            r * 0.99,
            w / 2,
            felt,
            lambda s, a: s**1.6 * (16 * np.abs(np.sin(a)) ** 2.2 - 10 * np.clip(np.cos(a), 0, 1)),
        ),
        1.10,
    )
    return [brim, crown, band, bow]


def _straw(item: Product) -> Sequence[Surface]:
    w, h, _ = item.size_mm
    straw, ribbon = rgb(item.look["base"]), rgb(item.look["ink"])
    r = w / 2 * 0.46
    t = np.linspace(0, 1, 56)
    profile = np.stack([r * (1 - 0.08 * t) * np.sqrt(np.clip(1 - t**5, 0, 1)), h * t], axis=1)
    crown = lathe(profile, straw, "matte", 144)
    crown = _oval(surface(crown.points, _woven(crown, straw), "matte"))
    band_t = np.linspace(0.02, 0.30, 6)
    band = _oval(
        lathe(np.stack([r * (1 - 0.08 * band_t) * 1.012, h * band_t], 1), ribbon, "satin", 90)
    ).lifted(14)
    brim = _brim(r * 0.99, w / 2, straw, lambda s, a: -14 * s**2 + 7 * s * np.sin(2 * a + 0.6))
    return [_oval(surface(brim.points, _woven(brim, straw), "matte", True), 1.06), crown, band]


def _woven(part: Surface, colour: tuple[int, int, int]) -> Grid:
    """Plait the straw: rows that alternate, with short bright and dark stalks."""
    rows, columns = part.points.shape[0] - 1, part.points.shape[1] - 1
    row, column = np.mgrid[0:rows, 0:columns]
    rng = rng_of("straw", rows)
    tone = 1 + 0.10 * np.where((row + column) % 2 == 0, 1, -1) - 0.10 * (row % 3 == 0)
    tone = tone + 0.05 * rng.standard_normal((rows, columns))
    return np.asarray(channels(colour) * tone[..., None])


def _beanie(item: Product) -> Sequence[Surface]:
    w, h, _ = item.size_mm
    wool = rgb(item.look["base"])
    r, fold = w / 2 * 0.93, h * 0.34
    t = np.linspace(0, 1, 60)
    y = fold * 0.5 + (h - fold * 0.5) * t
    radius = (
        r
        * np.sqrt(np.clip(1 - np.clip((t - 0.30) / 0.70, 0, 1) ** 2.2, 0, 1))
        * (1 + 0.02 * np.sin(t * 9))
    )
    crown = _ribbed(np.stack([radius, y], 1), wool, 46, 0.022)
    s = np.linspace(0, 1, 26)
    cuff = np.stack([r * (1.055 + 0.02 * np.sin(s * math.pi)), fold * s], 1)
    cuff[0, 0] *= 0.97
    cuff[-1, 0] *= 0.955
    return [
        _oval(crown, 1.0),
        _oval(_ribbed(cuff, lighter(wool, 0.05), 46, 0.022), 1.0),
        _tag(item, r * 1.10, fold * 0.5),
    ]


def _ribbed(profile: Grid, colour: tuple[int, int, int], ribs: int, depth: float) -> Surface:
    """Knit: ribs round the body, stitches along them."""
    part = lathe(profile, colour, "matte", ribs * 6)
    angle = np.linspace(0, 2 * math.pi, ribs * 6 + 1)
    swell = 1 + depth * np.cos(ribs * angle)[None, :, None]
    points = part.points * np.concatenate([swell, np.ones_like(swell), swell], axis=-1)
    rows = points.shape[0] - 1
    groove = 0.80 + 0.20 * (0.5 + 0.5 * np.cos(ribs * (angle[:-1] + angle[1:]) / 2))
    stitch = 1 + 0.05 * np.where(np.arange(rows) % 2 == 0, 1, -1)
    return surface(points, channels(colour) * (groove[None] * stitch[:, None])[..., None])


def _tag(item: Product, r: float, y: float) -> Surface:
    """A small woven label on the fold."""
    image = canvas((120, 60), darker(rgb(item.look["ink"]), 0.55))
    peak = [(20, 46), (46, 16), (60, 30), (76, 10), (102, 46)]
    line(image, peak, (240, 232, 214), 6)
    return _patch(image, r, y, 40, 20)


def _patch(image: Image, r: float, y: float, width: float, height: float) -> Surface:
    """Sew a picture (H, W, 3) on the front of a round body of radius ``r`` at height ``y``."""
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    small = shrink(image, (columns, rows))[::-1]
    v, u = np.meshgrid(
        np.linspace(-0.5, 0.5, rows + 1), np.linspace(-0.5, 0.5, columns + 1), indexing="ij"
    )
    angle = u * width / r
    points = np.stack([r * np.sin(angle), y + v * height, r * np.cos(angle)], -1)
    return surface(points, small.astype(np.float64))


def _cap(item: Product) -> Sequence[Surface]:
    w, h, _ = item.size_mm
    cotton, ink = rgb(item.look["base"]), rgb(item.look["ink"])
    r = w / 2 * 0.96
    t = np.linspace(0, 1, 50)
    profile = np.stack([r * np.sqrt(np.clip(1 - t**2.3, 0, 1)), h * t], axis=1)
    crown = lathe(profile, cotton, "matte", 144)
    seams = np.ones((49, 144, 1))
    for k in range(6):
        seams[:, [(k * 24 + 12) % 144, (k * 24 + 13) % 144]] = (0.72,)
    seams[:2] *= 0.85
    crown = _oval(surface(crown.points, channels(cotton) * seams, "matte"), 1.08)
    s, a = np.meshgrid(np.linspace(0, 1, 30), np.linspace(-1.12, 1.12, 80), indexing="ij")
    reach = r * 1.03 + s * 72 * np.clip(np.cos(a * 1.4), 0, 1) ** 0.7
    x, z = reach * np.sin(a) * (1 - 0.06 * s), reach * np.cos(a) * 1.08
    droop = 8 - 20 * s**1.3 - 0.0022 * x**2 * (0.3 + 0.7 * s)
    rows = np.ones((29, 79, 1))
    rows[6:28:5] = 0.84
    visor = surface(np.stack([x, droop, z], -1), channels(cotton) * rows, "matte", two_sided=True)
    button = cushion((15, 8, 15), darker(cotton, 0.15), "matte", 1.0, 14).moved(0, h + 2, 0)
    return [crown, visor, button, _anchor(r, h, cotton, ink)]


def _anchor(r: float, h: float, cotton: tuple[int, int, int], ink: tuple[int, int, int]) -> Surface:
    """Embroider an anchor on a round patch of the cap's own cotton, bent to the crown."""
    image = canvas((180, 180), cotton)
    disc(image, (90, 90), 84, ink)
    disc(image, (90, 90), 76, lighter(cotton, 0.08))
    ring = ellipse_points((90, 40), (12, 12))
    line(image, np.concatenate([ring, ring[:1]]), ink, 7)
    line(image, [(90, 52), (90, 140)], ink, 11)
    line(image, [(62, 68), (118, 68)], ink, 9)
    line(image, ellipse_points((90, 96), (48, 46), 0, 60)[2:29], ink, 11)
    for side in (-1, 1):
        line(image, [(90 + side * 34, 112), (90 + side * 49, 96), (90 + side * 56, 116)], ink, 9)
    flat = _patch(image, r, 0, 46, 46)
    y = h * 0.44 + flat.points[..., 1]
    bent = r * np.sqrt(np.clip(1 - (y / h) ** 2.3, 0, 1)) + 2
    angle = np.arctan2(flat.points[..., 0], flat.points[..., 2])
    points = np.stack([bent * np.sin(angle), y, bent * np.cos(angle) * 1.08 + 1], -1)
    keep = np.hypot(*np.meshgrid(np.linspace(-1, 1, 90), np.linspace(-1, 1, 90))) > 0.95
    colour = flat.colour.copy()
    colour[keep] = cotton
    return surface(points, colour)


_BUILD: dict[str, Callable[[Product], Sequence[Surface]]] = {
    "fedora": _fedora,
    "straw": _straw,
    "beanie": _beanie,
    "cap": _cap,
}
