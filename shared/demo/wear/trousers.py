"""Jeans and chinos: how they are cut and sewn."""

from __future__ import annotations

import numpy as np

from shared.demo.drawing.paint import darker, ellipse_points, joined, lighter
from shared.demo.drawing.relief import Cloth
from shared.demo.wear.pattern import Pattern

POINTS = {
    "jeans": {
        "waist": (0.80, 0.03),
        "hip": (0.95, 0.20),
        "crotch": (0.0, 0.285),
        "knee": (0.60, 0.62),
        "ankle": (0.62, 0.99),
    },
    "chino": {
        "waist": (0.80, 0.03),
        "hip": (0.97, 0.20),
        "crotch": (0.0, 0.285),
        "knee": (0.58, 0.62),
        "ankle": (0.56, 0.99),
    },
}


def sew_jeans(p: Pattern) -> None:
    """Straight legs, five pockets, orange stitches, copper rivets."""
    _legs(p, 0.98, 0.30)
    thread = p.ink
    p.stitch([(0.30, 0.062), (0.42, 0.115), (0.62, 0.135), (0.83, 0.128)], thread)
    p.stitch([(0.285, 0.064), (0.41, 0.122), (0.62, 0.143), (0.835, 0.136)], thread)
    p.stitch([(0.94, 0.20), (0.93, 0.45), (0.93, 0.7), (0.955, 0.975)], thread, 0.7)
    p.stitch([(0.29, 0.975), (0.6, 0.978), (0.96, 0.972)], thread)
    for x, y in ((0.31, 0.068), (0.82, 0.135)):
        for side in (1, -1):
            (centre,) = p.at([(x * side, y)])
            p.board.lay(
                ellipse_points((centre[0], centre[1]), (2.2, 2.2)),
                (196, 130, 76),
                Cloth(3, 2, 0.8, 12, 0.4),
            )
    _waist(p, thread)


def sew_chino(p: Pattern) -> None:
    """Tapered legs, slanted pockets, pressed creases."""
    _legs(p, 0.84, 0.32)
    p.seam([(0.55, 0.06), (0.68, 0.11), (0.86, 0.19)], 0.5, 1.4)
    p.stitch([(0.52, 0.062), (0.655, 0.116), (0.85, 0.2)], darker(p.base, 0.3), 0.6)
    p.seam([(0.6, 0.24), (0.57, 0.5), (0.56, 0.75), (0.57, 0.98)], 0.28, 1.2)
    p.stitch([(0.33, 0.97), (0.56, 0.973), (0.82, 0.967)], darker(p.base, 0.3), 0.6)
    _waist(p, darker(p.base, 0.3))


def _legs(p: Pattern, ankle: float, inner: float) -> None:
    back = np.array([(-0.78, 0.0), (0.78, 0.0), (0.78, 0.05), (-0.78, 0.05)])
    p.lay(p.at(back), 0.4, puff=2, shadow=0.0)
    leg = joined(
        [(-0.01, 0.05), (0.4, 0.045), (0.82, 0.03)],
        [(0.82, 0.03), (0.93, 0.13), (0.99, 0.25)],
        [(0.99, 0.25), (0.97, 0.45), (ankle * 0.97, 0.68), (ankle, 0.99)],
        [(ankle, 0.99), ((ankle + inner) / 2, 1.0), (inner - 0.04, 0.992)],
        [(inner - 0.04, 0.992), (inner - 0.1, 0.68), (0.12, 0.42), (0.035, 0.29)],
        [(0.035, 0.29), (-0.01, 0.285)],
    )
    ridges = [
        [(0.06, 0.29), (0.2, 0.26), (0.4, 0.27)],
        [(0.1, 0.33), (0.25, 0.31), (0.4, 0.33)],
        [(0.3, 0.60), (0.5, 0.585), (0.75, 0.60)],
        [(0.33, 0.65), (0.55, 0.64), (0.8, 0.66)],
        [(0.35, 0.93), (0.5, 0.915), (0.75, 0.93)],
        [(0.38, 0.89), (0.55, 0.88), (0.7, 0.885)],
    ]
    for side in (-1, 1):
        mine = [[(x * side, y) for x, y in ridge] for ridge in ridges]
        p.lay(
            p.at(leg * (side, 1)),
            0.0,
            p.fall(4, mine, f"leg{side}", (60.0, 180.0)),
            puff=15,
            edge=30,
            shadow=0.3,
        )
    p.seam([(0.0, 0.06), (0.0, 0.16), (0.0, 0.285)], 0.55, 1.6)
    p.board.stitches(
        p.curve([(0.13, 0.06), (0.12, 0.16), (0.08, 0.215), (0.0, 0.235)]), darker(p.ink, 0.05), 0.8
    )


def _waist(p: Pattern, thread: tuple[int, int, int]) -> None:
    band = joined(
        [(0.0, 0.018), (0.4, 0.012), (0.79, 0.0)],
        [(0.79, 0.0), (0.83, 0.045)],
        [(0.83, 0.045), (0.4, 0.06), (0.0, 0.064)],
    )
    p.lay(p.whole(band), 0.0, puff=4, edge=6, shadow=0.4)
    p.stitch([(0.0, 0.024), (0.4, 0.018), (0.78, 0.006)], thread, 0.7)
    p.stitch([(0.0, 0.058), (0.4, 0.053), (0.82, 0.04)], thread, 0.7)
    for x in (0.28, 0.62):
        for side in (1, -1):
            y = 0.012 - 0.008 * x
            loop = np.array(
                [(x - 0.028, y), (x + 0.028, y), (x + 0.028, y + 0.056), (x - 0.028, y + 0.056)]
            ) * (side, 1)
            p.lay(p.at(loop), -0.03, puff=3, edge=4, shadow=0.5)
    (centre,) = p.at([(0.03, 0.041)])
    metal = (190, 140, 90) if p.item.look["shape"] == "jeans" else lighter(p.base, 0.2)
    p.board.lay(
        ellipse_points((centre[0], centre[1]), (4.6, 4.6)), metal, Cloth(4, 4, 0.6, 12, 0.5)
    )
