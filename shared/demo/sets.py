"""How products are chosen and placed for a photo."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from shared.demo.catalogue import Product, products, strangers
from shared.demo.drawing.camera import LONG_SIDE_PX, STUDIO, WARM, Pose
from shared.demo.drawing.paint import Image

SIZE_WH = (1280, 960)
"""Size of every photo, width and height in pixels."""


SET_WH = (1440, 1080)


def pick(
    rng: np.random.Generator, wanted: Sequence[Product], count: int, fits: Callable[[Product], bool]
) -> list[Product]:
    """Choose ``count`` products that fit: those wanted first, then others by chance."""
    chosen = [item for item in wanted if fits(item)][:count]
    others = [item for item in products() if fits(item) and item not in chosen]
    for index in rng.permutation(len(others))[: count - len(chosen)]:
        chosen.append(others[int(index)])
    return chosen


def pose(rng: np.random.Generator, yaw: float) -> Pose:
    """Choose a pose by chance, turned by at most ``yaw`` degrees."""
    light = STUDIO if rng.uniform() < 0.7 else WARM
    return Pose(round(float(rng.uniform(-yaw, yaw))), 6 + round(float(rng.uniform(0, 4))), light)


def size_px(item: Product, shape: Image, px_per_mm: float) -> tuple[float, float]:
    """Tell how large a cut-out is at its true size, width and height in pixels."""
    scale = max(item.size_mm[:2]) * px_per_mm / LONG_SIDE_PX
    return shape.shape[1] * scale, shape.shape[0] * scale


def upright(x: float, y: float, w: float, h: float) -> NDArray[np.float64]:
    """Corners of a frame that stands on row ``y`` with its left side at ``x``."""
    return np.array([(x, y - h), (x + w, y - h), (x + w, y), (x, y)])


def opaque(image: Image) -> Image:
    """Give an image (H, W, 3) a full alpha."""
    return np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])


def sku(item: Product) -> str | None:
    """Name a product as truth does: None for a stranger."""
    return None if item in strangers() else item.sku


def turned(
    shape: Image, centre: NDArray[np.float64], size: float, angle: float
) -> NDArray[np.float64]:
    """Corners of a frame round ``centre`` whose longer side is ``size``, turned by ``angle``."""
    h, w = shape.shape[:2]
    k = size / max(w, h) / 2
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    corners = np.array([(-w, -h), (w, -h), (w, h), (-w, h)]) * k
    return np.asarray(corners @ np.array([[c, s], [-s, c]]) + centre)
