"""Flat things that are not quite flat: cloth, leather, frames, as pieces laid on each other.

A piece is an outline filled with colour, puffed up from its edge and lit. Outlines
are drawn at twice the size for smooth edges; relief and light, which are soft, are
worked out at the final size.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from shared.demo.drawing.camera import Light, gloss, lambert
from shared.demo.drawing.paint import Floats, Image, shrink

_BITS = 4


@dataclass(frozen=True, slots=True)
class Cloth:
    """What a piece is made of.

    Attributes:
        puff: height of the middle over the edge, in pixels.
        edge: how far from the edge it has risen, in pixels.
        shine: strength of the highlight, 0 to 1.
        sharp: narrowness of the highlight.
        shadow: strength of the shadow that it throws on what lies under it, 0 to 1.
    """

    puff: float = 10.0
    edge: float = 16.0
    shine: float = 0.0
    sharp: float = 10.0
    shadow: float = 0.4


@dataclass(slots=True)
class Board:
    """A picture in the making: (H, W) colour and alpha, premultiplied, at the final size."""

    size_wh: tuple[int, int]
    light: Light
    colour: Floats = field(init=False)
    alpha: Floats = field(init=False)

    def __post_init__(self) -> None:
        w, h = self.size_wh
        self.colour = np.zeros((h, w, 3), np.float32)
        self.alpha = np.zeros((h, w), np.float32)

    def lay(
        self,
        outline: ArrayLike,
        colour: ArrayLike,
        cloth: Cloth,
        folds: Floats | None = None,
        opacity: float = 1.0,
    ) -> None:
        """Lay a piece on top.

        Args:
            outline: polygon (N, 2) in final pixels.
            colour: (3,), or a texture (H, W, 3) as large as the board.
            cloth: material.
            folds: further relief (H, W) in pixels, as large as the board.
            opacity: 1 is opaque.
        """
        self.lay_mask(coverage(self.size_wh, outline), colour, cloth, folds, opacity)

    def lay_mask(
        self,
        mask: Floats,
        colour: ArrayLike,
        cloth: Cloth,
        folds: Floats | None = None,
        opacity: float = 1.0,
    ) -> None:
        """Lay a piece given by its coverage (H, W), 0 to 1; otherwise as `lay`."""
        y, x = np.nonzero(mask.max(axis=1))[0], np.nonzero(mask.max(axis=0))[0]
        if y.size == 0:
            return
        pad = 12
        rows = slice(max(0, int(y[0]) - pad), int(y[-1]) + pad + 1)
        columns = slice(max(0, int(x[0]) - pad), int(x[-1]) + pad + 1)
        part = mask[rows, columns]
        extra = None if folds is None else folds[rows, columns]
        texture = np.asarray(colour, np.float32)
        texture = texture[rows, columns] if texture.ndim == 3 else texture
        if cloth.shadow > 0:
            self._shadow(part, rows, columns, cloth.shadow)
        lit = _lit(part, texture, cloth, extra, self.light)
        cover = part * opacity
        self.colour[rows, columns] *= (1 - cover)[..., None]
        self.colour[rows, columns] += lit * cover[..., None]
        self.alpha[rows, columns] += (1 - self.alpha[rows, columns]) * cover

    def _shadow(self, part: Floats, rows: slice, columns: slice, strength: float) -> None:
        dx, dy = -3 * self.light.direction[0], 4 * self.light.direction[1]
        soft = cv2.GaussianBlur(part, (0, 0), 4)
        moved = cv2.warpAffine(
            soft, np.array([[1, 0, dx], [0, 1, dy]], np.float32), soft.shape[::-1]
        )
        self.colour[rows, columns] *= (1 - strength * moved)[..., None]

    def stroke(
        self, path: ArrayLike, colour: ArrayLike, width: float, opacity: float = 1.0
    ) -> None:
        """Draw a line (N, 2) on what is there, without light; it keeps within the shape."""
        mask = np.zeros((self.size_wh[1] * 2, self.size_wh[0] * 2), np.uint8)
        fixed = np.round(np.asarray(path, np.float64) * 2 * (1 << _BITS)).astype(np.int32)
        cv2.polylines(mask, [fixed], False, 255, max(1, round(width * 2)), cv2.LINE_AA, _BITS)
        self.ink(shrink(mask, self.size_wh), colour, opacity)

    def stitches(self, path: ArrayLike, colour: ArrayLike, width: float = 1.0) -> None:
        """Sew a dashed line along a path (N, 2)."""
        points = np.asarray(path, np.float64)
        lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
        mask = np.zeros((self.size_wh[1] * 2, self.size_wh[0] * 2), np.uint8)
        for start in np.arange(0, lengths[-1], 5.0):
            ends = [np.interp(s, lengths, points[:, i]) for s in (start, start + 3) for i in (0, 1)]
            fixed = np.round(np.array(ends).reshape(2, 2) * 2 * (1 << _BITS)).astype(np.int32)
            cv2.polylines(mask, [fixed], False, 255, round(width * 2), cv2.LINE_AA, _BITS)
        self.ink(shrink(mask, self.size_wh), colour, 0.8)

    def ink(self, mask: Image, colour: ArrayLike, opacity: float = 1.0) -> None:
        """Print through a mask (H, W) uint8, only where there is something to print on."""
        x, y, w, h = cv2.boundingRect(mask)
        rows, columns = slice(y, y + h), slice(x, x + w)
        cover = mask[rows, columns] * (self.alpha[rows, columns] * np.float32(opacity / 255))
        part = self.colour[rows, columns]
        part += (np.asarray(colour, np.float32) - part) * cover[..., None]

    def cutout(self) -> Image:
        """Finish: (H, W, 4) uint8 with straight alpha."""
        rgb = self.colour / np.maximum(self.alpha, 1e-3)[..., None]
        return np.dstack([np.clip(rgb, 0, 255), self.alpha * 255]).round().astype(np.uint8)


def coverage(size_wh: tuple[int, int], outline: ArrayLike) -> Floats:
    """Fill an outline (N, 2) in pixels: (H, W), 0 to 1."""
    mask = np.zeros((size_wh[1] * 2, size_wh[0] * 2), np.uint8)
    fixed = np.round(np.asarray(outline, np.float64) * 2 * (1 << _BITS)).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, _BITS)
    small = shrink(mask, size_wh)
    return np.asarray(small.astype(np.float32) / 255, np.float32)


def _lit(
    mask: Floats, texture: NDArray[np.float32], cloth: Cloth, folds: Floats | None, light: Light
) -> Floats:
    inside = (mask > 0.5).astype(np.uint8)
    far = np.minimum(cv2.distanceTransform(inside, cv2.DIST_L2, 3) / cloth.edge, 1)
    height = cloth.puff * np.sqrt(1 - (1 - far) ** 2)
    if folds is not None:
        height = height + folds * np.minimum(far * 2, 1)
    height = cv2.GaussianBlur(height.astype(np.float32), (0, 0), 1.4)
    gx, gy = cv2.Sobel(height, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(height, cv2.CV_32F, 0, 1) / 8
    normal = np.dstack([-gx, gy, np.ones_like(gx)])
    normal /= np.sqrt(1 + gx * gx + gy * gy)[..., None]
    lit = texture * lambert(normal, light)
    if cloth.shine > 0:
        lit = lit + (gloss(normal, light, cloth.sharp) * cloth.shine * 150)[..., None]
    return np.asarray(np.clip(lit, 0, 255), np.float32)


def mirrored(half: ArrayLike) -> NDArray[np.float64]:
    """Complete an outline from its right half (x >= 0), which starts and ends on the axis."""
    right = np.asarray(half, np.float64)
    left = right[::-1] * (-1, 1)
    return np.concatenate([right, left])
