"""A photo in the making: products are put into it, then it is seen, lit and developed.

Everything that is put keeps its truth through the camera's homography: where its
frame lies, how much of it can still be seen, which codes are on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from shared.demo.drawing.paint import Image, noise, pixels, premultiplied, shrink

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SceneItem:
    """One product in a photo, as it truly is.

    Attributes:
        sku: what it is; None for a thing that is not in the catalogue.
        quad: (4, 2) corners of its frame, normalised, clockwise from its own top left;
            they may lie outside the image.
        box_xyxy: (4,) bounds of what can be seen of it, normalised, within 0 to 1.
        visible: share of it that can be seen, 0 to 1.
        codes: GTINs printed on the side that is seen.
        conflict: whether such a code belongs to another product (a swapped label).
    """

    sku: str | None
    quad: NDArray[np.float64]
    box_xyxy: NDArray[np.float64]
    visible: float
    codes: tuple[str, ...] = ()
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """A photo and the truth about it: ``image_rgb`` (H, W, 3) uint8 and its products."""

    image_rgb: Image
    items: tuple[SceneItem, ...]


@dataclass(slots=True)
class _Put:
    sku: str | None
    quad_px: Matrix
    area_px: float
    codes: tuple[str, ...]
    conflict: bool


@dataclass(slots=True)
class Stage:
    """A flat set of pixels onto which cut-outs are put, from the back to the front."""

    image: Image
    _owner: NDArray[np.uint8] = field(init=False)
    _puts: list[_Put] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._owner = np.zeros(self.image.shape[:2], np.uint8)

    def put(
        self,
        cutout: Image,
        quad_px: ArrayLike,
        sku: str | None,
        *,
        codes: tuple[str, ...] = (),
        conflict: bool = False,
        shadow: float = 0.35,
    ) -> None:
        """Warp a cut-out (H, W, 4) into the quad (4, 2) and lay it over what is there."""
        quad = np.asarray(quad_px, np.float64)
        patch, (x, y) = self._warped(cutout, quad)
        if shadow > 0:
            self._shadow(patch[..., 3], x, y, shadow)
        seen = self._blend(patch, x, y)
        self._puts.append(_Put(sku, quad, float(seen), codes, conflict))

    def dress(self, cutout: Image, quad_px: ArrayLike, shadow: float = 0.0) -> None:
        """Put something that is no product: a label, a rail. It may hide products."""
        patch, (x, y) = self._warped(cutout, np.asarray(quad_px, np.float64))
        if shadow > 0:
            self._shadow(patch[..., 3], x, y, shadow)
        self._blend(patch, x, y, hides=True)

    def _warped(self, cutout: Image, quad: Matrix) -> tuple[Image, tuple[int, int]]:
        """Cut the patch of the canvas that the quad covers: premultiplied, and its corner."""
        height, width = self.image.shape[:2]
        x0, y0 = np.clip(np.floor(quad.min(axis=0)).astype(int), 0, (width - 1, height - 1))
        x1, y1 = np.clip(
            np.ceil(quad.max(axis=0)).astype(int) + 1, (x0 + 1, y0 + 1), (width, height)
        )
        h, w = cutout.shape[:2]
        sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
        scale = min(1.0, 1.15 * float(max(sides[0] / w, sides[2] / w, sides[1] / h, sides[3] / h)))
        small = premultiplied(cutout)
        if scale < 0.9:
            size = (max(2, round(w * scale)), max(2, round(h * scale)))
            small = shrink(small, size)
        h, w = small.shape[:2]
        source = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
        warp = cv2.getPerspectiveTransform(source, (quad - (x0, y0)).astype(np.float32))
        patch = cv2.warpPerspective(small, warp, (int(x1 - x0), int(y1 - y0)))
        return np.asarray(patch, np.uint8), (int(x0), int(y0))

    def _blend(self, patch: Image, x: int, y: int, hides: bool = False) -> int:
        h, w = patch.shape[:2]
        target = self.image[y : y + h, x : x + w]
        keep = cv2.merge([255 - patch[..., 3]] * 3)
        cv2.add(
            cv2.multiply(target, keep, scale=1 / 255),
            np.ascontiguousarray(patch[..., :3]),
            dst=target,
        )
        solid = patch[..., 3] > 100
        self._owner[y : y + h, x : x + w][solid] = 0 if hides else len(self._puts) + 1
        return int(solid.sum())

    def _shadow(self, alpha: Image, x: int, y: int, strength: float) -> None:
        """Darken what lies behind, down and to the right, worked out at a quarter of the size."""
        pad, shift = 24, 10
        x0, y0 = max(0, x - pad + shift), max(0, y - pad + shift)
        x1 = min(self.image.shape[1], x + alpha.shape[1] + pad + shift)
        y1 = min(self.image.shape[0], y + alpha.shape[0] + pad + shift)
        if x1 - x0 < 8 or y1 - y0 < 8:
            return
        field_ = np.zeros((alpha.shape[0] + 2 * pad, alpha.shape[1] + 2 * pad), np.uint8)
        field_[pad:-pad, pad:-pad] = alpha
        left, top = x0 - (x - pad + shift), y0 - (y - pad + shift)
        cast = field_[top : top + y1 - y0, left : left + x1 - x0]
        small = shrink(cast, (cast.shape[1] // 4, cast.shape[0] // 4))
        soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), 2.8), cast.shape[::-1])
        factor = cv2.merge([cv2.convertScaleAbs(soft, alpha=-strength, beta=255)] * 3)
        target = self.image[y0:y1, x0:x1]
        cv2.multiply(target, factor, dst=target, scale=1 / 255)

    def shoot(self, size_wh: tuple[int, int], camera: Matrix, rng: np.random.Generator) -> Scene:
        """Take the photo through a homography (3, 3) from set to photo pixels; develop it."""
        seen = cv2.warpPerspective(
            self.image, camera, size_wh, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        owner = cv2.warpPerspective(self._owner, camera, size_wh, flags=cv2.INTER_NEAREST)
        items = [
            item
            for number, put in enumerate(self._puts, 1)
            if (item := _truth(put, owner == number, size_wh, camera)) is not None
        ]
        return Scene(develop(np.asarray(seen, np.uint8), rng), tuple(items))


def _truth(
    put: _Put, mask: NDArray[np.bool_], size_wh: tuple[int, int], camera: Matrix
) -> SceneItem | None:
    """Tell what is left of a put in the photo; None if hardly any of it."""
    quad = cv2.perspectiveTransform(put.quad_px[None], camera)[0]
    before = _area(put.quad_px)
    scale = _area(quad) / max(before, 1e-9)
    visible = float(mask.sum()) / max(put.area_px * scale, 1e-9)
    if visible < 0.2:
        return None
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    w, h = size_wh
    box = np.array([columns[0] / w, rows[0] / h, (columns[-1] + 1) / w, (rows[-1] + 1) / h])
    return SceneItem(
        put.sku, quad / size_wh, box, min(1.0, round(visible, 3)), put.codes, put.conflict
    )


def _area(quad: Matrix) -> float:
    x, y = quad[:, 0], quad[:, 1]
    return abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))) / 2


def develop(image: Image, rng: np.random.Generator) -> Image:
    """Do to a clean picture what a phone does.

    Exposure, white balance, vignette, slight defocus, sensor noise.
    """
    h, w = image.shape[:2]
    gain = float(rng.uniform(0.88, 1.08)) * (1 + np.array([1, 0, -1]) * float(rng.normal(0, 0.022)))
    y = np.linspace(-1, 1, 60, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, 80, dtype=np.float32)[None, :]
    tilt = float(rng.uniform(0, 2 * math.pi))
    light = 1 - 0.13 * (x * x + y * y) + 0.08 * (x * math.cos(tilt) + y * math.sin(tilt))
    wide = cv2.resize((light[..., None] * gain).astype(np.float32), (w, h))
    lit = cv2.multiply(image, wide, dtype=cv2.CV_8U)
    soft = cv2.GaussianBlur(lit, (0, 0), float(rng.uniform(0.35, 0.85)))
    grain = (rng.standard_normal((h, w), np.float32) * rng.uniform(1.5, 4.0)).astype(np.int16)
    blotch = noise((w, h), 5, rng) * 1.2
    added = cv2.add(soft.astype(np.int16), cv2.merge([grain + blotch.astype(np.int16)] * 3))
    return pixels(added)


def camera_view(
    size_wh: tuple[int, int],
    region_xyxy: tuple[float, float, float, float],
    rng: np.random.Generator,
    tilt: float = 0.04,
) -> Matrix:
    """Hold a camera at a region of the set, by hand: corners astray by up to ``tilt``."""
    x0, y0, x1, y1 = region_xyxy
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    astray = rng.uniform(-tilt, tilt, (4, 2)) * (x1 - x0, y1 - y0)
    w, h = size_wh
    target = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
    return np.asarray(cv2.getPerspectiveTransform((corners + astray).astype(np.float32), target))
