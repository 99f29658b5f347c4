"""Printed packaging: packs, pouches, cans, bottles and cartons, drawn from any side.

`draw` gives the cut-out for one pose. From behind (yaw 180) every package shows its
barcode; `draw` can print another product's code instead, as a swapped label.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from shared.demo.catalogue import Product, drawable
from shared.demo.drawing.camera import Pose
from shared.demo.drawing.paint import Colour, Image, canvas, darker, lighter, line
from shared.demo.drawing.pouches import fill_pouch
from shared.demo.drawing.solids import Panel, Turned, fold, turn
from shared.demo.packages import small_print, wraps
from shared.demo.packages.artwork import front
from shared.demo.packages.prints import palette

_PRINT_PX = 832
"""Longer side of a printed face, in pixels."""


def draw(item: Product, pose: Pose, gtin: str | None = None) -> Image:
    """Draw a package as a cut-out (H, W, 4); ``gtin`` replaces the printed code."""
    code = gtin or item.gtin
    if item.kind == "pouch":
        return _pouch(item, pose, code)
    if item.kind in ("can", "bottle"):
        return turn(_body(item.sku, code), pose)
    return fold(_folded(item.sku, code), pose)


def _pouch(item: Product, pose: Pose, code: str) -> Image:
    behind = abs(pose.yaw_deg) > 90
    face = _pouch_print(item.sku, code, behind)
    yaw = pose.yaw_deg - math.copysign(180, pose.yaw_deg) if behind else pose.yaw_deg
    crimp = 0.035 if item.look["layout"] == "chips" else 0.02
    return fill_pouch(face, item.size_mm, replace(pose, yaw_deg=yaw), item.sku, crimp)


@lru_cache(maxsize=8)
def _pouch_print(sku: str, code: str, behind: bool) -> Image:
    item = drawable(sku)
    size = _pixels(item.size_mm[:2])
    return small_print.back(item, size, code) if behind else front(item, size)


def _pixels(size_mm: tuple[int, ...]) -> tuple[int, int]:
    scale = _PRINT_PX / max(size_mm)
    return round(size_mm[0] * scale), round(size_mm[1] * scale)


@lru_cache(maxsize=16)
def _folded(sku: str, code: str) -> tuple[Panel, ...]:
    item = drawable(sku)
    return _carton(item, code) if item.kind == "carton" else _box(item, code)


def _box(item: Product, code: str) -> tuple[Panel, ...]:
    w, h, d = item.size_mm
    scale = _PRINT_PX / max(w, h)
    shapes = {"face": (w, h), "side": (d, h), "top": (w, d)}
    px = {k: (max(8, round(a * scale)), max(8, round(b * scale))) for k, (a, b) in shapes.items()}
    edge = small_print.side(item, px["side"]) if d > 20 else canvas(px["side"], palette(item).base)
    flap = small_print.top(item, px["top"])
    return (
        Panel(_face(w, h, d, 0), front(item, px["face"])),
        Panel(_face(w, h, d, 180), small_print.back(item, px["face"], code)),
        Panel(_face(d, h, w, 90), edge),
        Panel(_face(d, h, w, -90), edge),
        Panel(_lid(w, h, d, 1), flap),
        Panel(_lid(w, h, d, -1), flap),
    )


def _face(w: float, h: float, d: float, yaw_deg: float) -> NDArray[np.float64]:
    """Corners of an upright side of a box: ``w`` wide, ``d`` / 2 out from the middle."""
    a = math.radians(yaw_deg)
    out, across = np.array([math.sin(a), 0, math.cos(a)]), np.array([math.cos(a), 0, -math.sin(a)])
    up = np.array([0, h / 2, 0])
    left, right = out * d / 2 - across * w / 2, out * d / 2 + across * w / 2
    return np.stack([left + up, right + up, right - up, left - up])


def _lid(w: float, h: float, d: float, side: int) -> NDArray[np.float64]:
    x, y, z = w / 2, side * h / 2, side * d / 2
    return np.array([(-x, y, -z), (x, y, -z), (x, y, z), (-x, y, z)])


def _carton(item: Product, code: str) -> tuple[Panel, ...]:
    """Fold a gable-top carton: four walls, and on them the top."""
    w, h, d = item.size_mm
    body = h * 0.80
    scale = _PRINT_PX / h
    px = (round(w * scale), round(body * scale))
    flank = small_print.side(item, (round(d * scale), px[1]))
    faces = (
        (w, d, 0, front(item, px)),
        (w, d, 180, small_print.back(item, px, code)),
        (d, w, 90, flank),
        (d, w, -90, flank),
    )
    low = np.array([0, (body - h) / 2, 0])
    walls = [Panel(_face(a, body, b, yaw) + low, face) for a, b, yaw, face in faces]
    return (*walls, *_gable_top(item, px[0]))


def _gable_top(item: Product, px: int) -> list[Panel]:
    """Fold the sloping roof, the gables at its sides and the upright seal, both ways round."""
    w, h, d = item.size_mm
    x, z, tip = w / 2, d / 2, h / 2
    eaves, ridge = 0.80 * h - tip, tip - 0.075 * h
    colour = palette(item).band
    slope = [(-x, ridge, 0), (x, ridge, 0), (x, eaves, z), (-x, eaves, z)]
    seal = [(-x, tip, 1), (x, tip, 1), (x, ridge, 1), (-x, ridge, 1)]
    side = [(x, ridge, 1), (x, ridge, -1), (x, eaves, -z), (x, eaves, z)]
    prints = (
        (slope, canvas((px, px // 2), colour)),
        (seal, canvas((px, px // 4), lighter(colour, 0.15))),
        (side, _creased((px, px // 2), darker(colour, 0.12))),
    )
    return [
        Panel(np.array(corners, np.float64) * (turn_, 1, turn_), print_)
        for turn_ in (1, -1)
        for corners, print_ in prints
    ]


def _creased(size_wh: tuple[int, int], colour: Colour) -> Image:
    """Colour a gable with the two creases along which it is pressed in."""
    w, h = size_wh
    image = canvas(size_wh, colour)
    for corner in ((0, h), (w, h)):
        line(image, [corner, (w / 2, 0)], darker(colour, 0.3), 3)
    return image


@lru_cache(maxsize=16)
def _body(sku: str, code: str) -> Turned:
    item = drawable(sku)
    return _can(item, code) if item.kind == "can" else _bottle(item, code)


def _can(item: Product, code: str) -> Turned:
    w, h, _ = item.size_mm
    r = w / 2
    if item.look["shape"] == "slim":
        shape = [
            (0.80, 0),
            (0.84, 0.012),
            (0.97, 0.05),
            (1, 0.07),
            (1, 0.90),
            (0.97, 0.925),
            (0.86, 0.975),
            (0.84, 0.982),
            (0.87, 0.99),
            (0.87, 1),
        ]
        bands, metal = (0.055, 0.925), 0.35
    else:
        shape = [
            (0.98, 0),
            (1, 0.008),
            (1, 0.035),
            (0.972, 0.045),
            (0.972, 0.95),
            (1, 0.965),
            (1, 0.992),
            (0.98, 1),
        ]
        bands, metal = (0.05, 0.945), 0.12
    profile = np.array(shape) * (r, h)
    width = round(math.pi * w * _PRINT_PX / max(w, h))
    texture = canvas((width, _PRINT_PX if h > w else round(_PRINT_PX * h / w)), (198, 202, 206))
    rows = texture.shape[0]
    y0, y1 = round(rows * (1 - bands[1])), round(rows * (1 - bands[0]))
    texture[y0:y1] = wraps.wrap(item, (width, y1 - y0), code)
    return Turned(profile, texture, 0.9, metal, (206, 210, 214))


_BOTTLES: dict[str, tuple[tuple[tuple[float, float], ...], tuple[float, float], float]] = {
    # outline as (share of the radius, share of the height), label from-to, cap from
    "oil": (
        (
            (0.9, 0),
            (1, 0.01),
            (1, 0.6),
            (0.97, 0.65),
            (0.55, 0.76),
            (0.36, 0.82),
            (0.34, 0.9),
            (0.41, 0.905),
            (0.41, 0.99),
            (0.38, 1),
        ),
        (0.09, 0.56),
        0.9,
    ),
    "water": (
        (
            (0.88, 0),
            (0.97, 0.012),
            (1, 0.05),
            (0.94, 0.12),
            (1, 0.17),
            (0.97, 0.3),
            (0.97, 0.6),
            (1, 0.66),
            (0.95, 0.74),
            (0.62, 0.86),
            (0.36, 0.92),
            (0.35, 0.94),
            (0.44, 0.945),
            (0.44, 0.99),
            (0.41, 1),
        ),
        (0.22, 0.66),
        0.94,
    ),
    "squeeze": (
        (
            (0.93, 0),
            (1, 0.015),
            (1, 0.1),
            (0.95, 0.45),
            (0.97, 0.7),
            (0.86, 0.82),
            (0.52, 0.87),
            (0.5, 0.875),
            (0.52, 0.88),
            (0.47, 0.985),
            (0.43, 1),
        ),
        (0.13, 0.71),
        0.875,
    ),
}


def _bottle(item: Product, code: str) -> Turned:
    w, h, _ = item.size_mm
    outline, label, cap = _BOTTLES[item.look["shape"]]
    colours = wraps.label_palette(item)
    width = round(math.pi * w * _PRINT_PX / h)
    texture = canvas((width, _PRINT_PX), colours.base)
    cap_rows = round(_PRINT_PX * (1 - cap))
    texture[:cap_rows] = colours.band
    texture[:cap_rows, :: max(2, width // 120)] = darker(colours.band, 0.18)
    y0, y1 = (round(_PRINT_PX * (1 - v)) for v in (label[1], label[0]))
    texture[y0:y1] = wraps.wrap(item, (width, y1 - y0), code)
    return Turned(np.array(outline) * (w / 2, h), texture, 0.8, 0.0, colours.band)
