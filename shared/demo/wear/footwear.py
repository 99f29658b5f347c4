"""Shoes, seen from the side: upper, panels, sole, laces; shown as a pair.

The longer functions are recipes, painted from the back to the front: their length is that
of the list of what is on it, and taking them apart would hide the order.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from shared.demo.catalogue import Product, product
from shared.demo.drawing.camera import LONG_SIDE_PX, Light, Pose
from shared.demo.drawing.paint import (
    Floats,
    Image,
    channels,
    darker,
    joined,
    lighter,
    noise,
    rgb,
    rng_of,
    shrink,
    spline,
)
from shared.demo.drawing.pouches import swing_flat
from shared.demo.drawing.relief import Board, Cloth

Path = NDArray[np.float64]

POINTS = {
    "sneaker": {"heel": (0.015, 0.97), "toe": (0.985, 0.95), "ankle": (0.17, 0.24)},
    "chelsea": {"heel": (0.05, 0.98), "toe": (0.98, 0.93), "ankle": (0.25, 0.08)},
}
"""Where a shoe sits on a foot, normalised to its picture."""


def draw(item: Product, pose: Pose) -> Image:
    """Draw a pair of shoes as a cut-out (H, W, 4), the second one a step behind."""
    shoe = side(item.sku, pose.light)
    pair = _paired(shoe)
    return pair if pose.yaw_deg == 0 else swing_flat(pair, pose.yaw_deg)


def _paired(shoe: Image) -> Image:
    """Stand a smaller, darker copy behind, further to the right."""
    h, w = shoe.shape[:2]
    small = shrink(shoe, (round(w * 0.84), round(h * 0.84)))
    front = shrink(shoe, (round(w * 0.9), round(h * 0.9)))
    dim = small.copy()
    dim[..., :3] = (small[..., :3] * 0.93).astype(np.uint8)
    top = round(h * 0.11)
    board = np.zeros((front.shape[0] + top, w, 4), np.uint8)
    _drop(board, dim, w - dim.shape[1], 0)
    _drop(board, front, 0, top)
    return board


def _drop(board: Image, shape: Image, x: int, y: int) -> None:
    h, w = shape.shape[:2]
    target = board[y : y + h, x : x + w]
    top = shape[..., 3:].astype(np.float32) / 255
    under = target[..., 3:].astype(np.float32) / 255 * (1 - top)
    alpha = top + under
    colour = (shape[..., :3] * top + target[..., :3] * under) / np.maximum(alpha, 1e-3)
    target[...] = np.dstack([np.clip(colour, 0, 255), alpha * 255]).round().astype(np.uint8)


@lru_cache(maxsize=4)
def side(sku: str, light: Light) -> Image:
    """Make one shoe, heel left, toe right; its frame is the shoe's own."""
    item = product(sku)
    w, h, _ = item.size_mm
    scale = LONG_SIDE_PX / w
    last = Last(item, (LONG_SIDE_PX, round(h * scale)), light)
    _MAKE[item.look["shape"]](last)
    return last.board.cutout()


class Last:
    """One shoe in the making: x in lengths from the heel, y in heights from the top."""

    def __init__(self, item: Product, size_wh: tuple[int, int], light: Light) -> None:
        self.board = Board(size_wh, light)
        self.base, self.ink, self.sole = (rgb(item.look[k]) for k in ("base", "ink", "sole"))
        rng = rng_of("hide", item.sku)
        suede = 0.09 if item.attributes["material"] == "suede" else 0.025
        grain = 1 + suede * noise(size_wh, 2.2, rng) + 0.04 * noise(size_wh, 40, rng)
        self.hide: Floats = np.asarray(channels(self.base) * grain[..., None], np.float32)
        self.creases = noise(size_wh, 34, rng) * 2.2
        self.polish = 0.05 if suede > 0.05 else 0.4

    def at(self, points: object) -> Path:
        """Map (N, 2) units to pixels."""
        w, h = self.board.size_wh
        return np.asarray(points, np.float64) * (w - 4, h - 4) + 2

    def curve(self, points: object, closed: bool = False) -> Path:
        """Run a smooth line through units and map it to pixels."""
        return self.at(spline(np.asarray(points, np.float64), closed=closed, steps=8))

    def leather(
        self,
        outline: Path,
        shade: float = 0.0,
        puff: float = 10,
        edge: float = 14,
        shadow: float = 0.35,
    ) -> None:
        """Lay a piece of the shoe's leather, ``shade`` darker."""
        self.board.lay(
            outline,
            self.hide * (1 - shade),
            Cloth(puff, edge, self.polish, 14, shadow),
            self.creases,
        )

    def seam(self, points: object, lift: float = -0.3) -> None:
        """Stitch along a smooth line."""
        colour = (
            lighter(self.base, -lift)
            if lift < 0 and max(self.base) < 150
            else darker(self.base, 0.32)
        )
        self.board.stitches(self.curve(points), colour, 0.8)


def _sneaker(s: Last) -> None:
    """Low court shoe: toe cap with holes, eyestay, side stripe, heel tab, cup sole."""
    inner = joined(
        [(0.055, 0.10), (0.18, 0.17), (0.33, 0.15), (0.42, 0.02)],
        [(0.42, 0.02), (0.3, 0.26), (0.08, 0.28)],
    )
    s.board.lay(s.at(inner), lighter(s.ink, 0.35), Cloth(4, 10, 0, shadow=0))
    tongue = joined(
        [(0.33, 0.16), (0.36, 0.0), (0.44, 0.02), (0.52, 0.2), (0.66, 0.42)],
        [(0.66, 0.42), (0.45, 0.46), (0.33, 0.16)],
    )
    s.leather(s.at(tongue), 0.04, 6)
    upper = joined(
        [(0.04, 0.10), (0.09, 0.12), (0.17, 0.235), (0.27, 0.25), (0.345, 0.175)],
        [(0.345, 0.175), (0.46, 0.28), (0.58, 0.43), (0.68, 0.52)],
        [(0.68, 0.52), (0.80, 0.545), (0.91, 0.62), (0.965, 0.74), (0.97, 0.83)],
        [(0.97, 0.83), (0.5, 0.84), (0.03, 0.83)],
        [(0.03, 0.83), (0.022, 0.5), (0.03, 0.25), (0.04, 0.10)],
    )
    s.leather(s.at(upper), 0.0, 26, 60)
    toe = joined(
        [(0.70, 0.525), (0.71, 0.68), (0.76, 0.83)],
        [(0.76, 0.83), (0.97, 0.83)],
        [(0.97, 0.83), (0.965, 0.74), (0.91, 0.625), (0.80, 0.55), (0.70, 0.525)],
    )
    s.leather(s.at(toe), 0.02, 16, 34, 0.3)
    s.seam([(0.715, 0.54), (0.725, 0.68), (0.773, 0.82)])
    for k in range(9):
        at = s.at(
            [(0.785 + 0.022 * (k % 3) + 0.012 * (k // 3), 0.60 + 0.05 * (k // 3) + 0.012 * (k % 3))]
        )[0]
        s.board.lay(
            spline([(1.6, 0), (0, 1.6), (-1.6, 0), (0, -1.6)], steps=4) + at,
            darker(s.base, 0.5),
            Cloth(0, 1, shadow=0),
        )
    stay = joined(
        [(0.345, 0.18), (0.46, 0.285), (0.58, 0.435), (0.68, 0.525)],
        [(0.68, 0.525), (0.64, 0.60), (0.53, 0.55), (0.40, 0.42), (0.315, 0.26)],
    )
    s.leather(s.at(stay), 0.03, 6, 8, 0.4)
    s.seam([(0.325, 0.265), (0.405, 0.41), (0.535, 0.535), (0.635, 0.583)])
    quarter = joined(
        [(0.022, 0.36), (0.12, 0.33), (0.20, 0.42), (0.24, 0.83)],
        [(0.24, 0.83), (0.03, 0.83)],
        [(0.03, 0.83), (0.02, 0.5), (0.022, 0.36)],
    )
    s.leather(s.at(quarter), 0.03, 10, 20, 0.3)
    s.seam([(0.04, 0.385), (0.12, 0.36), (0.187, 0.44), (0.225, 0.81)])
    tab = joined(
        [(0.036, 0.07), (0.088, 0.11), (0.105, 0.34), (0.022, 0.36)],
        [(0.022, 0.36), (0.026, 0.2), (0.036, 0.07)],
    )
    s.board.lay(s.at(tab), s.ink, Cloth(8, 10, 0.25, 12, 0.4))
    stripe = [
        (0.30, 0.80),
        (0.40, 0.62),
        (0.50, 0.56),
        (0.60, 0.60),
        (0.52, 0.64),
        (0.43, 0.72),
        (0.38, 0.82),
    ]
    s.board.lay(s.curve(stripe, True), s.ink, Cloth(4, 5, 0.25, 12, 0.35))
    _laces(s)
    _cup_sole(s)


def _laces(s: Last) -> None:
    white = lighter(s.sole, 0.4)
    for k in range(5):
        x, y = 0.375 + 0.065 * k, 0.25 + 0.072 * k
        lace = [
            (x - 0.008, y + 0.05),
            (x + 0.035, y - 0.045),
            (x + 0.062, y - 0.038),
            (x + 0.022, y + 0.068),
        ]
        s.board.lay(s.curve(lace, True), white, Cloth(5, 4, 0.1, 8, 0.5))
    for bow in (
        [(0.38, 0.17), (0.45, 0.06), (0.49, 0.12), (0.41, 0.19)],
        [(0.375, 0.19), (0.33, 0.30), (0.36, 0.36), (0.395, 0.22)],
    ):
        s.board.lay(s.curve(bow, True), white, Cloth(5, 4, 0.1, 8, 0.5))


def _cup_sole(s: Last) -> None:
    sole = joined(
        [(0.018, 0.79), (0.5, 0.805), (0.978, 0.79)],
        [(0.978, 0.79), (0.995, 0.86), (0.985, 0.95), (0.955, 1.0)],
        [(0.955, 1.0), (0.5, 1.0), (0.04, 1.0)],
        [(0.04, 1.0), (0.012, 0.95), (0.01, 0.86), (0.018, 0.79)],
    )
    s.board.lay(s.at(sole), s.sole, Cloth(7, 8, 0.2, 10, 0.5))
    s.board.stitches(
        s.curve([(0.02, 0.825), (0.5, 0.84), (0.98, 0.825)]), darker(s.sole, 0.25), 0.9
    )
    s.board.stroke(
        s.curve([(0.015, 0.945), (0.5, 0.945), (0.985, 0.945)]), darker(s.sole, 0.35), 1.4
    )


def _chelsea(s: Last) -> None:
    """Ankle boot: elastic gusset, pull tab, stacked heel, welted sole."""
    tab = joined(
        [(0.10, 0.0), (0.14, -0.0), (0.15, 0.12), (0.09, 0.12)], [(0.09, 0.12), (0.10, 0.0)]
    )
    s.board.lay(s.at(tab), s.ink, Cloth(4, 5, 0.1, 8, 0.2))
    inner = joined(
        [(0.095, 0.06), (0.25, 0.03), (0.405, 0.065)], [(0.405, 0.065), (0.25, 0.12), (0.095, 0.09)]
    )
    s.board.lay(s.at(inner), darker(s.ink, 0.2), Cloth(3, 6, 0, shadow=0))
    upper = joined(
        [(0.09, 0.065), (0.25, 0.085), (0.41, 0.06)],
        [(0.41, 0.06), (0.43, 0.30), (0.48, 0.48), (0.60, 0.585), (0.76, 0.65)],
        [(0.76, 0.65), (0.90, 0.715), (0.965, 0.80), (0.965, 0.885)],
        [(0.965, 0.885), (0.5, 0.90), (0.05, 0.885)],
        [(0.05, 0.885), (0.035, 0.72), (0.06, 0.52), (0.085, 0.30), (0.09, 0.065)],
    )
    s.leather(s.at(upper), 0.0, 32, 70)
    gusset = joined(
        [(0.175, 0.085), (0.325, 0.08)],
        [(0.325, 0.08), (0.315, 0.28), (0.26, 0.50)],
        [(0.26, 0.50), (0.205, 0.30), (0.175, 0.085)],
    )
    s.board.lay(s.at(gusset), _ribbed(s), Cloth(5, 8, 0.0, 8, 0.3))
    s.seam([(0.165, 0.09), (0.195, 0.31), (0.26, 0.53), (0.325, 0.29), (0.337, 0.085)])
    s.seam([(0.26, 0.53), (0.27, 0.7), (0.265, 0.88)])
    for k in range(3):
        bend = [
            (0.53 + 0.04 * k, 0.60 + 0.02 * k),
            (0.55 + 0.035 * k, 0.67 + 0.02 * k),
            (0.53 + 0.04 * k, 0.74 + 0.015 * k),
        ]
        s.board.stroke(s.curve(bend), darker(s.base, 0.35), 1.6, 0.35)
    welt = joined(
        [(0.045, 0.865), (0.5, 0.885), (0.975, 0.865)],
        [(0.975, 0.865), (0.985, 0.92)],
        [(0.985, 0.92), (0.5, 0.935), (0.04, 0.92)],
    )
    s.board.lay(s.at(welt), lighter(s.sole, 0.15), Cloth(4, 5, 0.2, 10, 0.5))
    s.board.stitches(s.curve([(0.05, 0.885), (0.5, 0.905), (0.975, 0.885)]), (196, 164, 112), 0.8)
    sole = joined(
        [(0.045, 0.92), (0.5, 0.932), (0.983, 0.915)],
        [(0.983, 0.915), (0.95, 0.975), (0.85, 0.998)],
        [(0.85, 0.998), (0.6, 0.998), (0.38, 0.972), (0.30, 0.965)],
        [(0.30, 0.965), (0.30, 1.0), (0.06, 1.0)],
        [(0.06, 1.0), (0.045, 0.92)],
    )
    s.board.lay(s.at(sole), s.sole, Cloth(4, 5, 0.15, 10, 0.4))


def _ribbed(s: Last) -> Floats:
    w, h = s.board.size_wh
    x = np.arange(w, dtype=np.float32)[None, :, None]
    tone = 0.85 + 0.25 * np.sin(x * 1.5)
    return np.broadcast_to(channels(s.ink) * tone, (h, w, 3)).astype(np.float32)


_MAKE: dict[str, Callable[[Last], None]] = {"sneaker": _sneaker, "chelsea": _chelsea}
