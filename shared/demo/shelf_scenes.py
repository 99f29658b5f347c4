"""Photos of shelves: boards full of packages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shared.demo import backdrops
from shared.demo.catalogue import Product
from shared.demo.sets import SET_WH, SIZE_WH, opaque, pick, pose, size_px, sku, upright
from shared.demo.stage import Scene, Stage, camera_view
from shared.demo.views import cutout

_SHELF_PX_PER_MM = 1.55


def shelf(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """Two or three boards; products in runs of one to three facings, each with its label."""
    width, height = SET_WH
    stage = Stage(backdrops.shelf_panel(SET_WH, rng))
    queue = pick(rng, wanted, 16, lambda item: item.packaged)
    order = [queue[int(k)] for k in rng.permutation(len(queue[: max(len(wanted), 12)]))]
    boards = (round(height * 0.48), round(height * 0.94))
    for row, y in enumerate(boards):
        _board(stage, y, f"{row}/{rng.integers(1 << 20)}")
        x = float(rng.uniform(90, 130))
        while order and x < width - 200:
            x = _facings(stage, rng, order.pop(), x, y)
    margin = (60, 20, width - 60, height - 10)
    return stage.shoot(SIZE_WH, camera_view(SIZE_WH, margin, rng, 0.035), rng)


def _board(stage: Stage, y: int, name: str) -> None:
    width = stage.image.shape[1]
    stage.image[max(0, y - 420) : y - 330] = stage.image[max(0, y - 420) : y - 330] // 10 * 8
    stage.image[y - 12 : y] = stage.image[y - 12 : y] // 10 * 6
    front = backdrops.board_front((width, 46), (208, 176, 136), name)
    lower = min(y + 46, stage.image.shape[0])
    stage.image[y:lower] = front[: lower - y]


def _facings(stage: Stage, rng: np.random.Generator, item: Product, x: float, y: int) -> float:
    """Stand one to three of a product side by side; returns where the next may stand."""
    start, count = x, int(rng.integers(1, 3 if item.size_mm[0] > 120 else 4))
    shape = cutout(item.sku, pose(rng, 9))
    w, h = size_px(item, shape, _SHELF_PX_PER_MM)
    for _ in range(count):
        if x + w > stage.image.shape[1] - 60:
            break
        base = y - 4 + float(rng.uniform(-3, 3))
        stage.put(shape, upright(x, base, w, h), sku(item), shadow=0.45)
        x += w + float(rng.uniform(3, 9))
    if x > start:
        tag = opaque(
            backdrops.price_tag((240, 92), f"{item.price_eur}".replace(".", ","), item.title)
        )
        stage.dress(tag, upright(start + 6, y + 44, 92, 36), 0.15)
    return x + float(rng.uniform(10, 30))
