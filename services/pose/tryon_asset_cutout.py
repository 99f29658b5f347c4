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

UNLIKE = 14.0
"""CIELAB distance (8-bit scale) from the background at which a pixel is the product's."""
_LIGHT = 150.0  # least lightness of a background, of 255
_MOTLEY = 0.2  # most of a border that may differ from its own median
_SPECK = 0.002  # of the largest piece: smaller ones are dust
_GRABCUT_PX = 700  # longer side at which the rim is decided
_RIM = 0.008  # half the rim's breadth over the longer side
_AGREEMENT = 0.75  # least overlap with the outline by colour for GrabCut to be believed
Lab = npt.NDArray[np.float32]


def cut_out(image_rgb: Bytes, *, holes: bool = False, hole_alpha: int = 0) -> Bytes:
    """Cut a product out of a photo on a plain light background.

    Args:
        image_rgb: (H, W, 3) uint8.
        holes: background that the product encloses is cut out too.
        hole_alpha: what is left of it, 0..255: more than nothing for lenses.

    Returns:
        (H, W, 4) uint8 with straight alpha, soft by about a pixel at the edge.

    Raises:
        NotReady: the border is not of one light colour, or nothing is left
            (``BACKGROUND_NOT_PLAIN``).
    """
    lab: Lab = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    like = np.linalg.norm(lab - _background(lab), axis=2) < UNLIKE
    product = _without_specks(~_joined_to_border(like))
    if not product.any():
        raise _not_plain("there is nothing but background in the picture")
    product = _decided_at_rim(image_rgb, product)
    alpha = _soft(product)
    if holes:
        inner = _without_specks(like & product, share=0.02)
        alpha = np.minimum(alpha, np.maximum(_soft(~inner), hole_alpha)).astype(np.uint8)
    if alpha.max(initial=0) < 128:
        raise _not_plain("there is nothing but background in the picture")
    return np.dstack([image_rgb, alpha])


def _background(lab: Lab) -> Lab:
    """The border's colour (3,)."""
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    ground = np.median(border, axis=0)
    motley = np.linalg.norm(border - ground, axis=1) > UNLIKE
    if ground[0] < _LIGHT or motley.mean() > _MOTLEY:
        raise _not_plain("the background is not plain and light; photograph the product on white")
    return np.asarray(ground, np.float32)


def _joined_to_border(like: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    framed = cv2.copyMakeBorder(like.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(framed, None, (0, 0), 2)
    return np.asarray(framed[1:-1, 1:-1] == 2, np.bool_)


def _without_specks(mask: npt.NDArray[np.bool_], share: float = _SPECK) -> npt.NDArray[np.bool_]:
    """The mask without pieces that are small beside its largest one."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    areas[0] = 0
    if count < 2:
        return mask
    return np.asarray((areas >= share * areas.max())[labels] & mask, np.bool_)


def _decided_at_rim(image_rgb: Bytes, product: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The outline with GrabCut's word on the pixels near it; as it was where that goes wrong."""
    height, width = product.shape
    ratio = min(1.0, _GRABCUT_PX / max(width, height))
    size = max(8, round(width * ratio)), max(8, round(height * ratio))
    small = cv2.resize(image_rgb, size, interpolation=cv2.INTER_AREA)
    inside = cv2.resize(product.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    reach = max(1, round(_RIM * max(size)))
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    labels = np.where(inside > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[cv2.erode(inside, kernel) > 0] = cv2.GC_FGD
    labels[cv2.dilate(inside, kernel) == 0] = cv2.GC_BGD
    if not ((labels == cv2.GC_FGD).any() and (labels == cv2.GC_BGD).any()):
        return product
    cv2.setRNGSeed(0)
    ground, figure = np.zeros((1, 65)), np.zeros((1, 65))
    # With a mask the rectangle is not looked at.
    cv2.grabCut(small, labels, (0, 0, 1, 1), ground, figure, 3, cv2.GC_INIT_WITH_MASK)
    found = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))
    overlap = (found & (inside > 0)).sum() / max((found | (inside > 0)).sum(), 1)
    if overlap < _AGREEMENT:  # thin things vanish in it
        return product
    grown = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(grown > 0.5, np.bool_)


def _soft(mask: npt.NDArray[np.bool_]) -> Bytes:
    """Alpha (H, W) of a mask, drawn in by a pixel so that no background shows at the edge."""
    solid = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    return np.asarray(np.round(cv2.GaussianBlur(solid, (0, 0), 0.8) * 255), np.uint8)


def _not_plain(message: str) -> NotReady:
    return NotReady(message, reason="BACKGROUND_NOT_PLAIN")
