"""A product cut out of a photo on white: a picture with alpha of what was photographed.

What is like the border and hangs together with it is background, so that a white label within
the product stays. GrabCut (Rother, Kolmogorov, Blake, SIGGRAPH 2004) then decides about the
rim, where shadows and reflections lie between the two.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement.types import Bytes
from shared.errors import NotReady


def cut_out(image_rgb: Bytes) -> Bytes:
    """Cut a product out of a photo on a plain light background.

    The background is what is like the border and hangs together with it; so a white
    label within the product stays. The result is cropped to the product.

    Args:
        image_rgb: (H, W, 3) uint8.

    Returns:
        (h, w, 4) uint8 with straight alpha, soft by about a pixel at the edge.

    Raises:
        NotReady: the border is not of one light colour, or nothing is left
            (``BACKGROUND_NOT_PLAIN``).
    """
    return cut_out_with_box(image_rgb)[0]


def cut_out_with_box(image_rgb: Bytes) -> tuple[Bytes, tuple[float, float, float, float]]:
    """As ``cut_out``, and which part of the photo is left: left, top, right, bottom, 0..1."""
    lab = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    ground = np.median(border, axis=0)
    apart = np.linalg.norm(lab - ground, axis=2)
    rim = np.linalg.norm(border - ground, axis=1)
    if ground[0] < 150 or np.mean(rim > _UNLIKE) > 0.2:
        raise NotReady(
            "the background is not plain and light; photograph the product on white",
            reason="BACKGROUND_NOT_PLAIN",
        )
    return _cropped(image_rgb, _alpha(apart))


_UNLIKE = 14.0
"""CIELAB distance (8-bit scale) from the background at which a pixel is the product's."""


def _alpha(apart: npt.NDArray[np.float32]) -> Bytes:
    like = np.asarray(apart < _UNLIKE, np.uint8)
    framed = cv2.copyMakeBorder(like, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(framed, None, (0, 0), 2)
    product = np.asarray(framed[1:-1, 1:-1] != 2, np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(product)
    areas = stats[1:count, cv2.CC_STAT_AREA]
    specks = [i + 1 for i, area in enumerate(areas) if area < areas.max() * 0.002]
    product[np.isin(labels, specks)] = 0
    solid = cv2.erode(product, np.ones((3, 3), np.uint8)).astype(np.float32)
    return np.asarray(np.round(cv2.GaussianBlur(solid, (0, 0), 0.8) * 255), np.uint8)


def _cropped(image_rgb: Bytes, alpha: Bytes) -> tuple[Bytes, tuple[float, float, float, float]]:
    rows, columns = (np.flatnonzero((alpha > 127).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise NotReady(
            "there is nothing but background in the picture", reason="BACKGROUND_NOT_PLAIN"
        )
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    height, width = alpha.shape
    part = np.dstack([image_rgb[top:bottom, left:right], alpha[top:bottom, left:right]])
    return part, (left / width, top / height, right / width, bottom / height)
