"""Pictures and products to test with, drawn from a seed."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from services.visual_search.index.products import IndexedProduct
from shared.image import encode_jpeg
from shared.image_pixels import Rgb

DIMS = 8


def pack(seed: int, size_wh: tuple[int, int] = (240, 320)) -> Rgb:
    """The front of a printed pack: its own colours, shapes and letters."""
    rng = np.random.default_rng(seed)
    width, height = size_wh
    image = np.empty((height, width, 3), np.uint8)
    image[:] = rng.integers(30, 226, 3)
    for _ in range(40):
        centre = tuple(int(v) for v in rng.integers(0, (width, height)))
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        side = int(rng.integers(6, 40))
        if rng.random() < 0.5:
            cv2.circle(image, centre, side, colour, -1)
        else:
            letter = chr(65 + int(rng.integers(26)))
            cv2.putText(image, letter, centre, cv2.FONT_HERSHEY_SIMPLEX, side / 15, colour, 3)
    return image


def jpeg(seed: int) -> bytes:
    """The pack of a seed as a JPEG file."""
    return encode_jpeg(pack(seed))


def on_shelf(image: Rgb, seed: int = 0) -> tuple[Rgb, np.ndarray]:
    """The pack photographed at an angle on a noisy background, and its corners, normalised."""
    rng = np.random.default_rng(seed)
    height, width = image.shape[:2]
    photo = rng.integers(90, 130, (480, 640, 3)).astype(np.uint8)
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    seen = np.float32([[190, 60], [420, 90], [400, 420], [210, 400]])
    matrix = cv2.getPerspectiveTransform(corners, seen)
    cv2.warpPerspective(image, matrix, (640, 480), photo, borderMode=cv2.BORDER_TRANSPARENT)
    return photo, seen / (640, 480)


def vector(seed: int, dims: int = DIMS) -> np.ndarray:
    """A vector of length 1."""
    values = np.random.default_rng(seed).normal(size=dims).astype(np.float32)
    return values / np.linalg.norm(values)


def product(sku: str, seed: int | None = None, **fields: Any) -> IndexedProduct:
    """A product with one image, or none without a seed."""
    vectors = {} if seed is None else {f"image-{seed}": vector(seed)}
    made = {"title": f"Product {sku}", "document": sku.encode(), "vectors": vectors} | fields
    return IndexedProduct(sku, **made)
