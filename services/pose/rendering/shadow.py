"""Soft shadows that seat a product on a person."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement.types import Bytes, TryOnKind
from services.pose.rendering.raster import Window

Float32 = npt.NDArray[np.float32]
STRENGTH = {
    TryOnKind.GLASSES: 0.30,
    TryOnKind.HAT: 0.45,
    TryOnKind.EARRINGS: 0.25,
    TryOnKind.NECKLACE: 0.30,
    TryOnKind.WATCH: 0.40,
    TryOnKind.BRACELET: 0.40,
    TryOnKind.RING: 0.40,
    TryOnKind.TOP: 0.30,
    TryOnKind.DRESS: 0.30,
    TryOnKind.TROUSERS: 0.25,
    TryOnKind.SHOES: 0.35,
}
"""How dark the core of each kind's shadow is."""
_FALL = 0.035  # how far below the product its shadow falls, over the subject's size
_SOFT = 0.025  # its blur, over the same


def cast(alpha: Float32, kind: TryOnKind, size_px: float, onto: Float32) -> Float32:
    """Factor (H, W) 0..1 by which a picture darkens under a product.

    Args:
        alpha: (H, W) 0..1 of the product as drawn.
        kind: what it is.
        size_px: the subject's size in the picture.
        onto: (H, W) 0..1, what the shadow may fall on.
    """
    fall = 2.2 * _FALL if kind is TryOnKind.HAT else _FALL
    moved = _shifted(alpha, round(fall * size_px))
    sigma = max(0.8, _SOFT * size_px * (1.8 if kind is TryOnKind.HAT else 1.0))
    soft = cv2.GaussianBlur(moved, (0, 0), sigma)
    factor = 1.0 - STRENGTH.get(kind, 0.0) * soft * onto
    return np.asarray(factor, np.float32)


def _shifted(alpha: Float32, down_px: int) -> Float32:
    moved = np.zeros_like(alpha)
    if down_px < len(alpha):
        moved[down_px:] = alpha[: len(alpha) - down_px]
    return moved


def reach_px(kind: TryOnKind, size_px: float) -> float:
    """How far a product's shadow reaches beyond it."""
    return size_px * (2.2 * _FALL + 3 * 1.8 * _SOFT if kind is TryOnKind.HAT else _FALL + 3 * _SOFT)


def falls_on(person_mask: Bytes | None, size_wh: tuple[int, int], window: Window) -> Float32:
    """What shadows fall on in a window (h, w): the person where a mask says who, else all."""
    width, height = window.size_wh
    if person_mask is None:
        return np.ones((height, width), np.float32)
    scale = np.array(person_mask.shape[::-1]) / size_wh
    x0, y0 = np.floor((window.left, window.top) * scale).astype(int)
    x1, y1 = np.maximum(
        np.ceil((window.right, window.bottom) * scale).astype(int), (x0 + 1, y0 + 1)
    )
    part = np.ascontiguousarray(person_mask[y0:y1, x0:x1])
    mask = cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(mask.astype(np.float32) / 255, np.float32)
