"""T-shirts and shirts: how they are cut and sewn."""

from __future__ import annotations

import math

import cv2
import numpy as np

from shared.demo.drawing.paint import (
    Image,
    darker,
    ellipse_points,
    joined,
    lighter,
    polygon,
    shrink,
    text,
)
from shared.demo.drawing.relief import Cloth
from shared.demo.wear.pattern import Pattern

POINTS = {
    "tee": {
        "collar": (0.0, 0.085),
        "shoulder": (0.56, 0.055),
        "cuff": (0.89, 0.345),
        "armpit": (0.62, 0.275),
        "waist": (0.6, 0.6),
        "hem": (0.62, 0.99),
    },
    "longsleeve": {
        "collar": (0.0, 0.07),
        "shoulder": (0.45, 0.05),
        "armpit": (0.5, 0.295),
        "elbow": (0.72, 0.42),
        "cuff": (0.89, 0.76),
        "hem": (0.5, 0.99),
    },
    "shirt": {
        "collar": (0.0, 0.1),
        "shoulder": (0.45, 0.075),
        "armpit": (0.5, 0.315),
        "elbow": (0.72, 0.43),
        "cuff": (0.89, 0.78),
        "hem": (0.49, 0.96),
    },
}

_ARM_RIDGES = (
    [(0.5, 0.32), (0.4, 0.30), (0.3, 0.25)],
    [(-0.5, 0.34), (-0.38, 0.32), (-0.27, 0.28)],
    [(0.48, 0.40), (0.36, 0.42), (0.22, 0.40)],
    [(-0.48, 0.66), (-0.3, 0.62), (-0.12, 0.64)],
    [(0.47, 0.78), (0.3, 0.74), (0.16, 0.75)],
)


def sew_tee(p: Pattern) -> None:
    """Short sleeves, ribbed collar, a printed sun on the chest."""
    _inner_neck(p, 0.26, 0.0, 0.06)
    fall = p.fall(5.5, [[(x * 1.25, y) for x, y in ridge] for ridge in _ARM_RIDGES])
    sleeve = joined(
        [(0.5, 0.045), (0.62, 0.06), (0.83, 0.17), (1.0, 0.305)],
        [(1.0, 0.305), (0.9, 0.35), (0.775, 0.385)],
        [(0.775, 0.385), (0.69, 0.32), (0.60, 0.27)],
    )
    for side in (1, -1):
        p.lay(p.at(sleeve * (side, 1)), 0.05, p.fall(4, part="sleeve"), shadow=0.2)
    p.seam([(0.955, 0.285), (0.86, 0.33), (0.745, 0.362)], 0.3, 0.8)
    body = joined(
        [(0.0, 0.115), (0.12, 0.10), (0.21, 0.055), (0.25, 0.0)],
        [(0.25, 0.0), (0.42, 0.035), (0.58, 0.06)],
        [(0.58, 0.06), (0.565, 0.16), (0.62, 0.28)],
        [(0.62, 0.28), (0.6, 0.5), (0.61, 0.75), (0.63, 0.975)],
        [(0.63, 0.975), (0.3, 0.995), (0.0, 1.0)],
    )
    p.lay(p.whole(body), 0.0, fall, shadow=0.25)
    _print(p)
    _ribbed_collar(p, 0.115, 0.25)
    p.seam([(0.58, 0.06), (0.565, 0.16), (0.62, 0.28)], 0.35)
    p.stitch([(0.0, 0.975), (0.3, 0.97), (0.62, 0.95)], darker(p.base, 0.25), 0.6)


def sew_long_sleeve(p: Pattern) -> None:
    """Boat neck, long sleeves, stripes on body and arms."""
    _inner_neck(p, 0.25, 0.0, 0.045)
    _long_sleeves(p, 0.05)
    body = joined(
        [(0.0, 0.07), (0.14, 0.062), (0.25, 0.0)],
        [(0.25, 0.0), (0.37, 0.03), (0.47, 0.055)],
        [(0.47, 0.055), (0.45, 0.16), (0.5, 0.30)],
        [(0.5, 0.30), (0.485, 0.5), (0.49, 0.75), (0.505, 0.975)],
        [(0.505, 0.975), (0.25, 0.995), (0.0, 1.0)],
    )
    p.lay(p.whole(body), 0.0, p.fall(5.5, _ARM_RIDGES), shadow=0.3)
    _ribbed_collar(p, 0.07, 0.25)
    p.seam([(0.47, 0.055), (0.45, 0.16), (0.5, 0.30)], 0.35)
    p.stitch([(0.0, 0.978), (0.25, 0.972), (0.5, 0.955)], darker(p.base, 0.25), 0.6)


def sew_shirt(p: Pattern) -> None:
    """Collar with stand, placket with buttons, pocket, cuffs, curved hem."""
    _inner_neck(p, 0.2, 0.03, 0.09)
    _long_sleeves(p, 0.075, cuff=True)
    body = joined(
        [(0.0, 0.15), (0.1, 0.09), (0.19, 0.03)],
        [(0.19, 0.03), (0.33, 0.055), (0.47, 0.08)],
        [(0.47, 0.08), (0.45, 0.18), (0.5, 0.32)],
        [(0.5, 0.32), (0.48, 0.5), (0.485, 0.75), (0.5, 0.89)],
        [(0.5, 0.89), (0.4, 0.955), (0.2, 0.995), (0.0, 1.0)],
    )
    p.lay(p.whole(body), 0.0, p.fall(5.0, _ARM_RIDGES), shadow=0.3)
    p.seam([(0.47, 0.08), (0.45, 0.18), (0.5, 0.32)], 0.4)
    p.seam([(0.17, 0.055), (0.33, 0.095), (0.455, 0.125)], 0.35)
    p.stitch([(0.0, 0.985), (0.2, 0.98), (0.4, 0.94), (0.49, 0.88)], darker(p.base, 0.3), 0.6)
    for side in (1, -1) if p.item.look["pattern"] == "check" else (1,):
        _pocket(p, side)
    placket = np.array([(-0.035, 0.13), (0.035, 0.13), (0.035, 0.997), (-0.035, 0.997)])
    p.lay(p.at(placket), -0.02, puff=2, edge=4, shadow=0.25)
    for x in (0.026, -0.026):
        p.board.stitches(p.at([(x, 0.14), (x, 0.99)]), darker(p.base, 0.3), 0.6)
    _shirt_collar(p)
    for k in range(7):
        _button(p, 0.0, 0.165 + k * 0.125)


def _long_sleeves(p: Pattern, shoulder: float, cuff: bool = False) -> None:
    arm = joined(
        [
            (0.42, shoulder - 0.02),
            (0.52, shoulder + 0.015),
            (0.66, 0.22),
            (0.82, 0.42),
            (0.995, 0.735),
        ],
        [(0.995, 0.735), (0.9, 0.765), (0.80, 0.79)],
        [(0.80, 0.79), (0.7, 0.58), (0.59, 0.42), (0.49, 0.29)],
        [(0.49, 0.29), (0.36, 0.2), (0.36, shoulder)],
    )
    bend = [
        [(0.62, 0.42), (0.7, 0.44), (0.78, 0.43)],
        [(0.66, 0.5), (0.74, 0.5), (0.82, 0.47)],
        [(0.74, 0.66), (0.82, 0.65), (0.9, 0.62)],
    ]
    for side in (1, -1):
        ridges = [[(x * side, y) for x, y in ridge] for ridge in bend]
        fall = p.fall(5, ridges, f"arm{side}", (60.0, 60.0))
        p.lay(p.at(arm * (side, 1)), 0.04, fall, shadow=0.2)
        end = np.array(
            [(0.945, 0.655), (1.0, 0.735), (0.90, 0.77), (0.80, 0.795), (0.745, 0.71), (0.84, 0.69)]
        )
        if cuff:
            p.lay(p.at(end * (side, 1)), 0.0, puff=5, edge=8, shadow=0.35)
            _button(p, 0.855 * side, 0.725)
    if not cuff:
        p.seam([(0.965, 0.69), (0.87, 0.722), (0.77, 0.745)], 0.3, 0.8)


def _inner_neck(p: Pattern, half: float, top: float, depth: float) -> None:
    """Show the inside of the back of the neck behind the opening."""
    inside = joined(
        [(0.0, top + 0.012), (half * 0.6, top + 0.01), (half, top)],
        [(half, top), (half * 0.8, depth + 0.03), (0.0, depth + 0.06)],
    )
    p.lay(p.whole(inside), 0.34, puff=3, shadow=0.0)
    label = ellipse_points((0, top + 0.042), (0.045, 0.016), 0, 4)
    p.board.lay(p.at(label), lighter(p.ink, 0.7), Cloth(1, 3, shadow=0.0))


def _ribbed_collar(p: Pattern, depth: float, half: float) -> None:
    """A knitted band along the neckline."""
    line = joined(
        [(0.0, depth), (half * 0.48, depth * 0.87), (half * 0.84, depth * 0.48), (half, 0.0)]
    )
    inner = joined(
        [
            (half * 0.86, -0.004),
            (half * 0.72, depth * 0.38),
            (half * 0.42, depth * 0.68),
            (0.0, depth * 0.79),
        ]
    )
    ring = np.concatenate([line, inner])
    p.lay(p.whole(ring), 0.07, puff=5, edge=5, shadow=0.3)


def _shirt_collar(p: Pattern) -> None:
    stand = joined(
        [(0.0, 0.135), (0.1, 0.115), (0.2, 0.045)],
        [(0.2, 0.045), (0.17, 0.015)],
        [(0.17, 0.015), (0.08, 0.085), (0.0, 0.10)],
    )
    for side in (1, -1):
        p.lay(p.at(stand * (side, 1)), 0.03, puff=4, edge=6)
        leaf = joined(
            [(0.165, 0.0), (0.215, 0.035), (0.235, 0.07)],
            [(0.235, 0.07), (0.2, 0.12), (0.15, 0.175)],
            [(0.15, 0.175), (0.08, 0.15), (0.005, 0.112)],
            [(0.005, 0.112), (0.08, 0.08), (0.14, 0.02)],
        )
        p.lay(p.at(leaf * (side, 1)), 0.0, puff=6, edge=9, shadow=0.5)
        edge = [(0.222 * side, 0.075), (0.15 * side, 0.163), (0.03 * side, 0.113)]
        p.board.stitches(p.at(edge), darker(p.base, 0.35), 0.6)
    _button(p, 0.0, 0.118)


def _pocket(p: Pattern, side: int) -> None:
    patch = np.array([(0.13, 0.29), (0.35, 0.29), (0.35, 0.44), (0.24, 0.475), (0.13, 0.44)]) * (
        side,
        1,
    )
    p.lay(p.at(patch), 0.0, puff=3, edge=6, shadow=0.3)
    p.board.stitches(
        p.at(np.array([(0.14, 0.31), (0.34, 0.31)]) * (side, 1)), darker(p.base, 0.35), 0.6
    )


def _button(p: Pattern, x: float, y: float) -> None:
    ((cx, cy),) = p.at([(x, y)])
    p.board.lay(
        ellipse_points((cx, cy), (3.6, 3.6)), lighter(p.ink, 0.6), Cloth(3, 3, 0.5, 12, 0.5)
    )
    for dx in (-1, 1):
        p.board.lay(
            ellipse_points((cx + dx, cy), (0.7, 0.7)), darker(p.ink, 0.7), Cloth(0, 1, shadow=0)
        )


def _print(p: Pattern) -> None:
    """Screen-print a sun that rises from waves, with a line of words below."""
    w, h = p.board.size_wh
    mask: Image = np.zeros((h * 2, w * 2), np.uint8)
    cx, cy, r = w, h * 0.72, w * 0.20
    polygon(mask, ellipse_points((cx, cy), (r, r)), (255,))
    for k in range(15):
        a = math.radians(180 + k * 180 / 14)
        ray = [(r * 1.13, -0.035), (r * 1.42, 0.0), (r * 1.13, 0.035)]
        polygon(
            mask, [(cx + d * math.cos(a + t), cy + d * math.sin(a + t)) for d, t in ray], (255,)
        )
    x = np.linspace(-1.5 * r, 1.5 * r, 60)
    for k in range(6):
        y = cy + r * (0.02 + 0.19 * k)
        wave = np.stack([cx + x, y + r * 0.045 * np.sin(x / r * 9 + k * 1.9)], axis=1)
        cv2.polylines(
            mask,
            [np.round(wave * 16).astype(np.int32)],
            False,
            0 if k % 2 == 0 else 255,
            round(r * 0.085),
            cv2.LINE_AA,
            4,
        )
    for words, size, dy in (("KÜSTE", 0.36, 1.36), ("NORDSEE · OSTSEE", 0.13, 1.68)):
        text(mask, words, (cx, cy + r * dy), r * size, (255, 255, 255), weight=800)
    p.board.ink(shrink(mask, (w, h)), p.ink, 0.93)
