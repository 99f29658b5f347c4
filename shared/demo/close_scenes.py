"""Photos of one package, close: from behind, or with a stranger's label on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shared.demo import backdrops
from shared.demo.catalogue import Product
from shared.demo.drawing.barcode_drawing import draw_barcode
from shared.demo.drawing.camera import Pose
from shared.demo.drawing.paint import Image, shrink
from shared.demo.sets import SET_WH, SIZE_WH, pick, sku, turned
from shared.demo.stage import Scene, Stage, camera_view
from shared.demo.views import cutout

_CLOSE_PX = 860
"""Longer side of a package that fills the photo."""


def barcode(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """One package held with its back to the camera, its barcode in plain sight."""
    (item,) = pick(rng, wanted, 1, lambda item: item.packaged)
    return _held(
        rng, item, cutout(item.sku, Pose(180, 4, long_side_px=_CLOSE_PX)), (item.gtin,), False
    )


def conflict(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """One package whose front bears a sticker with the barcode of another product."""
    item, other = pick(rng, wanted, 2, _flat_front)
    shape = cutout(item.sku, Pose(0, 4, long_side_px=_CLOSE_PX)).copy()
    h, w = shape.shape[:2]
    symbol = draw_barcode(other.gtin, 3, 165)
    scale = min(1.0, w * 0.86 / symbol.shape[1])
    sticker = shrink(symbol, (int(symbol.shape[1] * scale), int(symbol.shape[0] * scale)))
    x, y = (w - sticker.shape[1]) // 2, round(h * 0.93) - sticker.shape[0]
    shape[y : y + sticker.shape[0], x : x + sticker.shape[1], :3] = sticker
    return _held(rng, item, shape, (other.gtin,), True)


def _flat_front(item: Product) -> bool:
    return item.kind in ("pack", "pouch") and item.size_mm[0] > 100


def _held(
    rng: np.random.Generator, item: Product, shape: Image, codes: tuple[str, ...], conflict: bool
) -> Scene:
    """One package, close, a little askew, on a cloth."""
    stage = Stage(
        backdrops.cloth(
            SET_WH, ((150, 160, 158), (190, 176, 158), (120, 130, 146))[int(rng.integers(3))], rng
        )
    )
    centre = np.array(SET_WH) / 2 + rng.uniform(-30, 30, 2)
    size = 820.0 if shape.shape[0] > shape.shape[1] * 0.8 else 1000.0
    quad = turned(shape, centre, size, float(rng.uniform(-7, 7)))
    stage.put(shape, quad, sku(item), codes=codes, conflict=conflict, shadow=0.5)
    region = (60, 45, SET_WH[0] - 60, SET_WH[1] - 45)
    return stage.shoot(SIZE_WH, camera_view(SIZE_WH, region, rng, 0.03), rng)
