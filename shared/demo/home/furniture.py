"""Furniture: two armchairs, a table, two lamps and a shelf, built from surfaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import cv2
import numpy as np

from shared.demo.catalogue import Product, drawable
from shared.demo.drawing.camera import Pose
from shared.demo.drawing.meshes import Surface, render
from shared.demo.drawing.paint import (
    Image,
    noise,
    pixels,
    rng_of,
)
from shared.demo.home import armchairs, boards, lamps


def draw(item: Product, pose: Pose) -> Image:
    """Draw a piece of furniture as a cut-out (H, W, 4)."""
    shape = render(_built(item.sku), pose)
    weave = {"armchair": 0.10, "club": 0.05}.get(item.look["shape"], 0.0)
    return _woven(shape, item.sku, weave) if weave else shape


@lru_cache(maxsize=4)
def _built(sku: str) -> tuple[Surface, ...]:
    item = drawable(sku)
    return tuple(_BUILD[item.look["shape"]](item))


def _woven(shape: Image, name: str, strength: float) -> Image:
    """Roughen the cover with threads and a little wear."""
    h, w = shape.shape[:2]
    rng = rng_of("weave", name)
    threads = rng.standard_normal((h, w)).astype(np.float32)
    threads = cv2.blur(threads, (1, 3)) + cv2.blur(threads, (3, 1))
    grain = 1 + strength * (0.5 * threads + 0.35 * noise((w, h), 40, rng))
    rgb_ = pixels(shape[..., :3] * grain[..., None])
    return np.dstack([rgb_, shape[..., 3]])


_BUILD: dict[str, Callable[[Product], Sequence[Surface]]] = {
    "armchair": armchairs.armchair,
    "club": armchairs.club,
    "roundtable": boards.round_table,
    "floorlamp": lamps.floor_lamp,
    "tablelamp": lamps.table_lamp,
    "shelf": boards.shelf,
}
