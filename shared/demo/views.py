"""Reference images: each product from several sides and in another light, on white."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.demo.catalogue import PACKAGED, Kind, Product, drawable, product
from shared.demo.drawing.camera import LONG_SIDE_PX, WARM, Pose
from shared.demo.drawing.paint import Image, shrink
from shared.demo.home import furniture
from shared.demo.packages import packaging
from shared.demo.wear import eyewear, footwear, garments, hats, jewellery, watches

SIZE_PX = 640
"""Width and height of a reference image; backs are half as large again, to be read."""

_LYING: frozenset[Kind] = frozenset({"top", "dress", "trousers", "necklace", "earrings", "watch"})

Draw = Callable[[Product, Pose], Image]

_PACKAGE_POSES = {
    "front": Pose(),
    "left": Pose(-26),
    "right": Pose(26),
    "light": Pose(7, 9, WARM),
    "back": Pose(180, long_side_px=810),
}
_FURNITURE_POSES = {
    "front": Pose(0, 12),
    "left": Pose(-32, 16),
    "right": Pose(28, 12),
    "light": Pose(8, 12, WARM),
}
_WEAR_POSES = {"front": Pose(), "left": Pose(-26), "light": Pose(9, 6, WARM)}
_DRAW: dict[Kind, Draw] = {
    **dict.fromkeys(PACKAGED, packaging.draw),
    **dict.fromkeys(("top", "dress", "trousers"), garments.draw),
    **dict.fromkeys(("earrings", "necklace", "ring", "bracelet", "lipstick"), jewellery.draw),
    "glasses": eyewear.draw,
    "hat": hats.draw,
    "watch": watches.draw,
    "shoe": footwear.draw,
    "furniture": furniture.draw,
}


@dataclass(frozen=True, slots=True)
class View:
    """One reference image and what is true of it.

    Attributes:
        name: ``front``, ``left``, ``right``, ``light`` or ``back``.
        image_rgb: (640, 640, 3) uint8 on white; (960, 960, 3) for ``back``.
        quad: (4, 2) corners of the product's frame, normalised, from top left clockwise.
        codes: GTINs whose symbols can be read in the image.
    """

    name: str
    image_rgb: Image
    quad: NDArray[np.float64]
    codes: tuple[str, ...]


def poses(sku: str) -> dict[str, Pose]:
    """List the poses of a product's reference images, the front first."""
    item = product(sku)
    if item.packaged:
        return dict(_PACKAGE_POSES)
    return dict(_FURNITURE_POSES if item.kind == "furniture" else _WEAR_POSES)


def views(sku: str) -> tuple[View, ...]:
    """Draw all reference images of a product, the front first.

    Raises:
        NotFound: the catalogue has no such SKU.
    """
    return tuple(_view(sku, name) for name in poses(sku))


@lru_cache(maxsize=64)
def cutout(sku: str, pose: Pose, gtin: str | None = None) -> Image:
    """Draw one product as a tight cut-out (H, W, 4); do not write to it.

    Args:
        sku: the product.
        pose: how it is seen.
        gtin: code to print instead of the product's own (a swapped label).
    """
    item = drawable(sku)
    if gtin is not None and item.packaged:
        return packaging.draw(item, pose, gtin)
    return _DRAW[item.kind](item, pose)


def _view(sku: str, name: str) -> View:
    item = product(sku)
    pose = poses(sku)[name]
    shape = cutout(sku, pose)
    side = SIZE_PX * pose.long_side_px // LONG_SIDE_PX
    image, origin = on_white(shape, side, lying=item.kind in _LYING)
    h, w = shape.shape[:2]
    corners = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float64) + origin
    codes = (item.gtin,) if name == "back" and item.packaged else ()
    return View(name, image, corners / side, codes)


def on_white(shape: Image, side: int, lying: bool) -> tuple[Image, tuple[int, int]]:
    """Stand or lay a cut-out on white with a soft shadow; also tell where its corner is."""
    h, w = shape.shape[:2]
    x, y = (side - w) // 2, (side - h) // 2
    ground = np.full((side, side, 3), 255, np.uint8)
    (_lay_shadow if lying else _cast_shadow)(ground, shape, x, y)
    over(ground, shape, x, y)
    return ground, (x, y)


def _lay_shadow(ground: Image, shape: Image, x: int, y: int) -> None:
    """Darken the ground all round, a little down and to the right."""
    h, w = shape.shape[:2]
    side = ground.shape[0]
    field = np.zeros((side // 4, side // 4), np.uint8)
    small = shrink(np.ascontiguousarray(shape[..., 3]), (w // 4, h // 4))
    top, left = (y + 7) // 4, (x + 5) // 4
    field[top : top + h // 4, left : left + w // 4] = small
    soft = cv2.GaussianBlur(field, (0, 0), 2.2)
    large = cv2.resize(cv2.convertScaleAbs(soft, alpha=-0.24, beta=255), (side, side))
    ground[...] = large[..., None]


def _cast_shadow(ground: Image, shape: Image, x: int, y: int) -> None:
    """Darken the ground under the lowest part of the shape, worked out at quarter size."""
    h, side = shape.shape[0], ground.shape[0]
    foot = shape[h - max(6, h // 12) :, :, 3].max(axis=0)
    filled = np.nonzero(foot > 90)[0]
    if filled.size == 0:
        return
    left, right = x + int(filled[0]), x + int(filled[-1])
    strip = slice(max(0, y + h - 72), min(side, y + h + 56))
    small = np.zeros(((strip.stop - strip.start) // 4, side // 4), np.float32)
    centre = ((left + right) / 8 + 1, (y + h - strip.start) / 4 - 2)
    cv2.ellipse(small, (centre, ((right - left) / 4 * 1.02, 7.0), 0.0), (0.5,), cv2.FILLED)
    soft = cv2.GaussianBlur(small, (0, 0), 2.4) + cv2.GaussianBlur(small, (0, 0), 4) * 0.5
    large = cv2.resize(255 - 128 * soft, (side, strip.stop - strip.start))
    ground[strip] = large.clip(0, 255).astype(np.uint8)[..., None]


def over(ground: Image, shape: Image, x: int, y: int) -> None:
    """Lay a cut-out (H, W, 4) over an image (H, W, 3) with its corner at (x, y), in place."""
    h, w = shape.shape[:2]
    target = ground[y : y + h, x : x + w]
    alpha = cv2.merge([shape[..., 3]] * 3)
    high = cv2.multiply(shape[..., :3], alpha, scale=1 / 255)
    low = cv2.multiply(target, 255 - alpha, scale=1 / 255)
    cv2.add(high, low, dst=target)
