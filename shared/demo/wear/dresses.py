"""Dresses: how they are cut and sewn.

Each function is one recipe, painted from the back to the front: its length is that of
the list of what is on it, and taking it apart would hide the order.
"""

from __future__ import annotations

import numpy as np

from shared.demo.drawing.paint import darker, joined, lighter, spline
from shared.demo.drawing.relief import Cloth
from shared.demo.wear.pattern import Pattern

POINTS = {
    "aline": {
        "collar": (0.0, 0.11),
        "shoulder": (0.36, 0.0),
        "armpit": (0.5, 0.17),
        "waist": (0.42, 0.395),
        "hem": (0.97, 0.975),
    },
    "wrap": {
        "collar": (0.0, 0.25),
        "shoulder": (0.50, 0.05),
        "armpit": (0.51, 0.2),
        "cuff": (0.80, 0.27),
        "waist": (0.42, 0.40),
        "hem": (0.93, 0.975),
    },
}


def sew_a_line(p: Pattern) -> None:
    """Sleeveless, round neck, seam at the waist, a skirt that falls in pleats."""
    back = joined(
        [(0.0, 0.035), (0.14, 0.03), (0.26, 0.0)], [(0.26, 0.0), (0.2, 0.09), (0.0, 0.12)]
    )
    p.lay(p.whole(back), 0.35, puff=3, shadow=0.0)
    skirt = joined(
        [(0.0, 0.375), (0.2, 0.375), (0.42, 0.38)],
        [(0.42, 0.38), (0.62, 0.55), (0.82, 0.78), (1.0, 0.965)],
        [(1.0, 0.965), (0.82, 0.985), (0.6, 0.972), (0.4, 0.992), (0.2, 0.98), (0.0, 1.0)],
    )
    p.lay(p.whole(skirt), 0.0, _pleats(p, 11), puff=8, edge=18)
    bodice = joined(
        [(0.0, 0.11), (0.16, 0.095), (0.26, 0.0)],
        [(0.26, 0.0), (0.38, 0.008)],
        [(0.38, 0.008), (0.385, 0.09), (0.5, 0.17)],
        [(0.5, 0.17), (0.46, 0.29), (0.42, 0.385)],
        [(0.42, 0.385), (0.2, 0.392), (0.0, 0.394)],
    )
    darts = [[(0.2, 0.38), (0.21, 0.3), (0.2, 0.25)], [(-0.2, 0.38), (-0.21, 0.3), (-0.2, 0.25)]]
    p.lay(p.whole(bodice), 0.0, p.fall(4.5, darts), puff=10, shadow=0.3)
    p.seam([(0.0, 0.394), (0.2, 0.392), (0.42, 0.385)], 0.5, 1.4)
    p.stitch([(0.0, 0.122), (0.175, 0.105), (0.28, 0.008)], darker(p.base, 0.35), 0.7)
    p.stitch([(0.365, 0.01), (0.37, 0.095), (0.48, 0.172)], darker(p.base, 0.35), 0.7)
    for k in range(5):
        (centre,) = p.at([(0.0, 0.15 + k * 0.05)])
        ring = spline([(3, 0), (0, 3), (-3, 0), (0, -3)], steps=5) + centre
        p.board.lay(ring, lighter(p.base, 0.35), Cloth(3, 3, 0.5, 12, 0.4))


def sew_wrap(p: Pattern) -> None:
    """Short sleeves, crossed front, tied at the waist, one skirt panel over the other."""
    back = joined(
        [(0.0, 0.045), (0.12, 0.035), (0.22, 0.0)], [(0.22, 0.0), (0.12, 0.16), (0.0, 0.25)]
    )
    p.lay(p.whole(back), 0.35, puff=3, shadow=0.0)
    sleeve = joined(
        [(0.42, 0.03), (0.56, 0.06), (0.74, 0.14), (0.9, 0.245)],
        [(0.9, 0.245), (0.8, 0.275), (0.68, 0.29)],
        [(0.68, 0.29), (0.6, 0.23), (0.5, 0.19)],
    )
    for side in (1, -1):
        p.lay(p.at(sleeve * (side, 1)), 0.06, p.fall(4, part=f"sleeve{side}"), shadow=0.2)
    skirt = joined(
        [(0.0, 0.39), (0.42, 0.39)],
        [(0.42, 0.39), (0.6, 0.55), (0.8, 0.78), (0.97, 0.965)],
        [(0.97, 0.965), (0.7, 0.985), (0.4, 0.975), (0.0, 0.99)],
    )
    p.lay(p.whole(skirt), 0.08, _pleats(p, 9), puff=8, edge=18)
    over = joined(
        [(0.30, 0.39), (0.1, 0.6), (-0.05, 0.8), (-0.28, 0.985)],
        [(-0.28, 0.985), (-0.6, 0.992), (-0.97, 0.965)],
        [(-0.97, 0.965), (-0.8, 0.78), (-0.6, 0.55), (-0.42, 0.39)],
    )
    p.lay(p.at(over), 0.0, _pleats(p, 8), puff=8, edge=14, shadow=0.55)
    front = joined(
        [(0.22, 0.0), (0.36, 0.02), (0.52, 0.055)],
        [(0.52, 0.055), (0.48, 0.12), (0.52, 0.2)],
        [(0.52, 0.2), (0.47, 0.3), (0.42, 0.4)],
        [(0.42, 0.4), (-0.2, 0.405)],
        [(-0.2, 0.405), (0.0, 0.26), (0.13, 0.13), (0.22, 0.0)],
    )
    for side in (1, -1):
        p.lay(p.at(front * (side, 1)), 0.03, p.fall(4.5, part=f"front{side}"), puff=9, shadow=0.5)
        edge = [
            (0.235 * side, 0.01),
            (0.145 * side, 0.14),
            (0.01 * side, 0.275),
            (-0.16 * side, 0.395),
        ]
        p.board.stitches(p.curve(edge), lighter(p.base, 0.35), 0.6)
    belt = joined(
        [(-0.43, 0.378), (0.0, 0.386), (0.43, 0.378)],
        [(0.43, 0.378), (0.435, 0.418)],
        [(0.435, 0.418), (0.0, 0.428), (-0.435, 0.418)],
    )
    p.lay(p.at(belt), 0.12, puff=5, edge=7, shadow=0.45)
    for tail in (
        [(0.28, 0.41), (0.34, 0.42), (0.42, 0.66), (0.35, 0.67)],
        [(0.25, 0.41), (0.31, 0.42), (0.27, 0.61), (0.2, 0.6)],
    ):
        p.lay(p.at(spline(tail, steps=6)), 0.1, puff=4, edge=6, shadow=0.45)
    for loop in (
        [(0.29, 0.40), (0.42, 0.36), (0.5, 0.40), (0.42, 0.43)],
        [(0.27, 0.40), (0.14, 0.37), (0.07, 0.41), (0.15, 0.435)],
        [(0.25, 0.385), (0.31, 0.385), (0.31, 0.425), (0.25, 0.425)],
    ):
        p.lay(p.at(spline(loop, steps=6)), 0.04, puff=6, edge=7, shadow=0.5)


def _pleats(p: Pattern, count: int) -> np.ndarray:
    """Folds that fan out from the waist to the hem."""
    w, h = p.board.size_wh
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    t = np.clip((y / h - 0.36) / 0.62, 0, 1)
    spread = (x - w / 2) / (w / 2) / (0.40 + 0.60 * t)
    wobble = p.fall(0.25, part="pleats", lean=(120.0, 160.0))
    wave = np.sin(spread * count * 2.1 + wobble) + 0.5 * np.sin(
        spread * count * 3.7 + 1.3 + 2 * wobble
    )
    return np.asarray(wave * (2.2 + 5.5 * t), np.float32)
