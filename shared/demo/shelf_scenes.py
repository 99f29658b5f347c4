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
    queue = pick(rng, wanted, 18, lambda item: item.packaged)
    first = len(wanted) + 1
    order = [*queue[first:], *(queue[int(k)] for k in rng.permutation(first))]
    boards = (round(height * 0.48), round(height * 0.94))
    for row, y in enumerate(boards):
        _board(stage, y, round(height * 0.46), f"{row}/{rng.integers(1 << 20)}")
        x = float(rng.uniform(90, 130))
        while order and x < width - 200:
            x = _facings(stage, rng, order.pop(), x, y)
    margin = (60, 20, width - 60, height - 10)
    return stage.shoot(SIZE_WH, camera_view(SIZE_WH, margin, rng, 0.035), rng)


def _board(stage: Stage, y: int, gap: int, name: str) -> None:
    """Put a board at row ``y``, the next one ``gap`` rows above, which shades what is below it."""
    width = stage.image.shape[1]
    space = stage.image[max(0, y - gap + 40) : y]
    rows = np.linspace(0, 1, space.shape[0], dtype=np.float32)[:, None, None]
    light = 1 - 0.45 * np.exp(-rows * 7) - 0.30 * np.exp(-(1 - rows) * 30)
    space[...] = (space * light).astype(np.uint8)
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
