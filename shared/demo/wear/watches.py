"""Wristwatches, seen from the front: strap, case, dial and hands."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from shared.demo.catalogue import Product, product
from shared.demo.drawing.camera import LONG_SIDE_PX, Light, Pose
from shared.demo.drawing.paint import (
    Colour,
    Floats,
    Image,
    channels,
    darker,
    disc,
    ellipse_points,
    lighter,
    noise,
    pixels,
    polygon,
    rgb,
    rng_of,
    rounded_rectangle,
    shrink,
    spline,
    text,
)
from shared.demo.drawing.pouches import swing_flat
from shared.demo.drawing.relief import Board, Cloth, coverage

_CASE_MM = 38.0


def draw(item: Product, pose: Pose) -> Image:
    """Draw a watch as a cut-out (H, W, 4)."""
    flat = front(item.sku, pose.light)
    return flat if pose.yaw_deg == 0 else swing_flat(flat, pose.yaw_deg)


def points(item: Product) -> dict[str, tuple[float, float]]:
    """Name where the watch sits on a wrist: its middle, the ends of the strap, the case."""
    x, case = _CASE_MM / 2 / item.size_mm[0], _CASE_MM / item.size_mm[0]
    return {
        "centre": (x, 0.5),
        "strap_top": (x, 0.0),
        "strap_bottom": (x, 1.0),
        "case_left": (0.0, 0.5),
        "case_right": (case, 0.5),
    }


@lru_cache(maxsize=4)
def front(sku: str, light: Light) -> Image:
    """Assemble a watch, seen straight on; its frame is the watch's own."""
    item = product(sku)
    width, height, _ = item.size_mm
    scale = LONG_SIDE_PX / height
    board = Board((round(width * scale), LONG_SIDE_PX), light)
    centre = (_CASE_MM / 2 * scale + 1, LONG_SIDE_PX / 2)
    _strap(board, item, centre, scale)
    _case(board, item, centre, scale)
    _glass(board, centre, scale)
    return board.cutout()


def _strap(board: Board, item: Product, centre: tuple[float, float], mm: float) -> None:
    """Two leather straps, padded and stitched, which bend away round the wrist."""
    leather, (cx, cy) = rgb(item.look["strap"]), centre
    rng = rng_of("leather", item.sku)
    grain = 1 + 0.05 * noise(board.size_wh, 3, rng) + 0.05 * noise(board.size_wh, 30, rng)
    y = np.abs(np.arange(board.size_wh[1], dtype=np.float32)[:, None] - cy) / cy
    away = 1 - 0.5 * np.clip((y - 0.45) / 0.55, 0, 1) ** 2
    texture = channels(leather) * (grain * away)[..., None]
    wide, narrow = 10.0 * mm, 8.6 * mm
    for way in (-1, 1):
        near, far = cy + way * 15 * mm, cy + way * (cy - 2)
        outline = [
            (cx - wide, near),
            (cx + wide, near),
            (cx + narrow, far - way * 4 * mm),
            (cx + narrow * 0.9, far),
            (cx - narrow * 0.9, far),
            (cx - narrow, far - way * 4 * mm),
        ]
        board.lay(np.array(outline), texture, Cloth(16, 26, 0.25, 8, 0.0))
        for side in (-1, 1):
            seam = [
                (cx + side * (wide - 1.5 * mm), near),
                (cx + side * (narrow - 1.5 * mm), far - way * 3 * mm),
            ]
            board.stitches(np.array(seam), lighter(leather, 0.5), 1.4)


def _case(board: Board, item: Product, centre: tuple[float, float], mm: float) -> None:
    steel, (cx, cy) = rgb(item.look["base"]), centre
    r = _CASE_MM / 2 * mm
    for sx in (-1, 1):
        for sy in (-1, 1):
            lug = spline(
                [
                    (cx + sx * 8.2 * mm, cy + sy * 13 * mm),
                    (cx + sx * 14 * mm, cy + sy * 11 * mm),
                    (cx + sx * 13.2 * mm, cy + sy * 21.5 * mm),
                    (cx + sx * 10.6 * mm, cy + sy * 22.5 * mm),
                ],
                steps=6,
            )
            board.lay(lug, steel, Cloth(6, 6, 0.8, 16, 0.4))
    crown = rounded_rectangle(
        (cx + r - 1 * mm, cy - 3 * mm, cx + r + 3.6 * mm, cy + 3 * mm), 0.8 * mm
    )
    board.lay(crown, _knurled(board, steel, mm), Cloth(5, 5, 0.7, 16, 0.3))
    board.lay(_round(centre, r), _brushed(board, steel, centre), Cloth(10, 9, 0.7, 18, 0.5))
    board.lay(_round(centre, r * 0.865), darker(steel, 0.5), Cloth(0, 2, shadow=0.0))
    dial = _dial(item, round(r * 0.84 * 4))
    _print_dial(board, dial, centre, r * 0.84)


def _round(centre: tuple[float, float], radius: float) -> NDArray[np.float64]:
    return ellipse_points(centre, (radius, radius), 0, 120)


def _brushed(board: Board, steel: Colour, centre: tuple[float, float]) -> Floats:
    """Steel turned on a lathe: bright and dark fans round the middle."""
    w, h = board.size_wh
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    angle = np.arctan2(y - centre[1], x - centre[0])
    tone = 0.86 + 0.20 * np.cos(2 * angle + 1.0) + 0.10 * np.cos(6 * angle)
    return np.asarray(channels(steel) * tone[..., None], np.float32)


def _knurled(board: Board, steel: Colour, mm: float) -> Floats:
    y = np.arange(board.size_wh[1], dtype=np.float32)[:, None, None]
    tone = 0.8 + 0.25 * np.sin(y * 2 * math.pi / (0.95 * mm))
    return np.broadcast_to(channels(steel) * tone, (*board.size_wh[::-1], 3)).astype(np.float32)


def _dial(item: Product, size: int) -> Image:
    """Paint the dial: sunburst, minute track, indices, date, hands at ten past ten."""
    base, ink = rgb(item.look["dial"]), rgb(item.look["ink"])
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) - size / 2
    ray = 1 + 0.28 * np.cos(2 * np.arctan2(y, x) - 1.1) + 0.04 * np.cos(90 * np.arctan2(y, x))
    image = pixels(channels(lighter(base, 0.12)) * ray[..., None])
    c = size / 2
    for k in range(60):
        long = k % 5 == 0
        _mark(image, c, k * 6, (0.90, 0.96), 0.012 if long else 0.006, ink)
        if long:
            span = (0.62, 0.84) if k % 15 == 0 else (0.68, 0.84)
            _mark(image, c, k * 6, span, 0.040, darker(ink, 0.45))
            _mark(image, c, k * 6, (span[0] + 0.012, span[1] - 0.012), 0.028, ink)
    text(image, "UHRWERK MITTE", (c, c * 0.62), size * 0.055, ink, weight=600)
    text(image, "automatic", (c, c * 1.34), size * 0.045, ink, face="italic")
    text(image, "38 · 100 m", (c, c * 1.43), size * 0.032, ink)
    polygon(image, rounded_rectangle((c * 1.52, c * 0.93, c * 1.67, c * 1.07), 4), (246, 246, 242))
    text(image, "14", (c * 1.595, c), size * 0.052, (24, 24, 28), weight=600)
    for angle, reach, width in ((305, 0.52, 0.075), (60, 0.80, 0.055)):
        _hand(image, c, angle, reach, width, (20, 20, 22))
        _hand(image, c, angle, reach - 0.01, width * 0.8, ink)
    _mark(image, c, 205, (-0.2, 0.86), 0.010, (206, 60, 48))
    disc(image, (c, c), size * 0.022, lighter(ink, 0.2))
    disc(image, (c, c), size * 0.009, (90, 90, 94))
    return image


def _mark(
    image: Image, c: float, angle: float, span: tuple[float, float], width: float, colour: Colour
) -> None:
    a = math.radians(angle)
    out, across = np.array([math.sin(a), -math.cos(a)]), np.array([math.cos(a), math.sin(a)])
    quad = [
        out * span[0] - across * width,
        out * span[1] - across * width,
        out * span[1] + across * width,
        out * span[0] + across * width,
    ]
    polygon(image, np.array(quad) * c + c, colour)


def _hand(image: Image, c: float, angle: float, reach: float, width: float, colour: Colour) -> None:
    a = math.radians(angle)
    out, across = np.array([math.sin(a), -math.cos(a)]), np.array([math.cos(a), math.sin(a)])
    blade = [
        -out * 0.1 - across * width * 0.4,
        out * reach * 0.7 - across * width,
        out * reach,
        out * reach * 0.7 + across * width,
        -out * 0.1 + across * width * 0.4,
    ]
    polygon(image, np.array(blade) * c + c, colour)


def _print_dial(board: Board, dial: Image, centre: tuple[float, float], radius: float) -> None:
    side = 2 * radius
    small = shrink(dial, (round(side), round(side)))
    texture = np.zeros((*board.size_wh[::-1], 3), np.float32)
    x, y = round(centre[0] - radius), round(centre[1] - radius)
    h, w = small.shape[:2]
    texture[y : y + h, x : x + w] = small
    board.lay(_round(centre, radius - 0.5), texture, Cloth(0, 1, shadow=0.0))


def _glass(board: Board, centre: tuple[float, float], mm: float) -> None:
    """Domed sapphire: one slanting reflection, a bright rim."""
    r = _CASE_MM / 2 * mm * 0.84
    streak = np.array([(-0.9, -0.7), (-0.35, -1.0), (0.35, 1.0), (-0.25, 1.0)]) * r + centre
    gleam = coverage(board.size_wh, streak) * coverage(board.size_wh, _round(centre, r * 0.98))
    board.lay_mask(gleam * 0.13, (255, 255, 255), Cloth(0, 1, shadow=0.0))
