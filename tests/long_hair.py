"""A portrait whose hair falls beside the face, as it is and before a camera.

NASA's astronaut (public domain) wears her hair short. Strands in its colours are drawn over
her temples, ears and neck.
"""

from __future__ import annotations

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Plane = NDArray[np.float64]
FACE = np.array((225.0, 125.0))
"""The middle of her face in the portrait, 512 x 512."""
FACE_WIDTH = 94.0
_HAIR = np.s_[25:70, 180:260]  # a piece of her own
_OUTER, _INNER = (0.80, 1.05), (0.42, 0.74)  # half axes of the strands' edges, in faces


def long_haired() -> Image:
    """The portrait (512, 512, 3), strands on both sides from above the ears to below the chin."""
    image = np.ascontiguousarray(skimage.data.astronaut())
    y, x = np.mgrid[:512, :512].astype(np.float64)
    inside = [_ellipse(x, y, axes) for axes in (_OUTER, _INNER)]
    strands = inside[0] & ~inside[1] & (y > FACE[1] - 0.35 * FACE_WIDTH)
    share = cv2.GaussianBlur(strands.astype(np.float32), (0, 0), 1.2)[..., None]
    drawn = image * (1 - share) + _strands(image) * share
    return np.clip(np.rint(drawn), 0, 255).astype(np.uint8)


def _ellipse(x: Plane, y: Plane, axes: tuple[float, float]) -> Mask:
    across, down = (x - FACE[0]) / FACE_WIDTH / axes[0], (y - FACE[1]) / FACE_WIDTH / axes[1]
    return np.asarray(across**2 + down**2 < 1)


def _strands(image: Image) -> Plane:
    """Hair (512, 512, 3) in the colours of a piece of the picture, combed down."""
    random = np.random.default_rng(0)
    noise = random.normal(size=(512, 512)).astype(np.float32)
    combed = cv2.GaussianBlur(noise, (0, 0), sigmaX=1.2, sigmaY=14.0)
    tone = image[_HAIR].reshape(-1, 3).mean(axis=0)
    strands: Plane = tone * (1 + 3.0 * combed[..., None])
    return strands


def camera_frame(image: Image, size_wh: tuple[int, int], scale: float, sway: float = 0.0) -> Image:
    """The face in the middle of a camera's picture (H, W, 3), swaying there and back once in 1."""
    swing = 2 * np.pi * sway
    matrix = np.asarray(cv2.getRotationMatrix2D(FACE.tolist(), 4 * np.sin(swing), scale))
    matrix[:, 2] += np.array(size_wh) / 2 - FACE
    matrix[:, 2] += size_wh[0] * 0.03 * np.array((np.sin(swing), 0.4 * np.sin(2 * swing)))
    drawn = cv2.warpAffine(image, matrix, size_wh, flags=cv2.INTER_CUBIC)
    return np.asarray(drawn, np.uint8)


def noisy(image: Image, seed: int, deviation: float = 4.0) -> Image:
    """The picture with a camera's noise."""
    random = np.random.default_rng(seed)
    noise = random.normal(scale=deviation, size=image.shape)
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)
