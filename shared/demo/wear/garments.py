"""Tops, dresses and trousers, laid flat: cut, cloth, folds, seams and prints.

Each cut is given for the right half of the picture, x in half widths from the
middle and y in heights from the top, and mirrored for the left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np

from shared.demo.catalogue import Product, product
from shared.demo.drawing.camera import LONG_SIDE_PX, Light, Pose
from shared.demo.drawing.paint import Image
from shared.demo.drawing.pouches import swing_flat
from shared.demo.wear import dresses, tops, trousers
from shared.demo.wear.pattern import Pattern

Points = Mapping[str, tuple[float, float]]

_SEW: dict[str, Callable[[Pattern], None]] = {
    "tee": tops.sew_tee,
    "longsleeve": tops.sew_long_sleeve,
    "shirt": tops.sew_shirt,
    "aline": dresses.sew_a_line,
    "wrap": dresses.sew_wrap,
    "jeans": trousers.sew_jeans,
    "chino": trousers.sew_chino,
}
_POINTS: dict[str, Points] = {**tops.POINTS, **dresses.POINTS, **trousers.POINTS}


def draw(item: Product, pose: Pose) -> Image:
    """Draw a garment as a cut-out (H, W, 4)."""
    flat = sewn(item.sku, pose.light)
    return flat if pose.yaw_deg == 0 else swing_flat(flat, pose.yaw_deg)


def points(item: Product) -> dict[str, tuple[float, float]]:
    """Name the control points of a garment, normalised to its cut-out's frame."""
    named = {}
    for name, (x, y) in _POINTS[item.look["shape"]].items():
        if x == 0:
            named[name] = (0.5, y)
            continue
        named[f"{name}_left"] = (0.5 - x / 2, y)
        named[f"{name}_right"] = (0.5 + x / 2, y)
    return named


@lru_cache(maxsize=8)
def sewn(sku: str, light: Light) -> Image:
    """Sew a garment: a cut-out (H, W, 4) whose frame is the garment's."""
    item = product(sku)
    width, height, _ = item.size_mm
    scale = LONG_SIDE_PX / max(width, height)
    pattern = Pattern(item, (round(width * scale), round(height * scale)), light)
    _SEW[item.look["shape"]](pattern)
    return np.ascontiguousarray(pattern.board.cutout())
