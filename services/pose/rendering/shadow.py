"""Soft shadows that seat a product on a person."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement.types import Bytes, TryOnKind

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


def skin_and_cloth(person_mask: Bytes | None, shape: tuple[int, int]) -> Float32:
    """What shadows fall on (H, W): the person where a mask says who, else everything."""
    if person_mask is None:
        return np.ones(shape, np.float32)
    mask = cv2.resize(person_mask, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(mask.astype(np.float32) / 255, np.float32)
