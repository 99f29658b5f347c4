"""Embedders without weights: shape, colour and local features as hand-made vectors.

They answer where no network is installed, and stand in the table beside the network
(``vitrine evaluate --embedder hog``). ``classical`` joins shape and colour; weights
and bins were chosen on GroceryStore's validation photos.

- ``hog``: histograms of oriented gradients (Dalal and Triggs, CVPR 2005).
- ``hsv``: colour histograms of the whole and of the centre, square-rooted
  (Hellinger kernel).
- ``sift``: a bag of RootSIFT features (Arandjelovic and Zisserman, CVPR 2012) whose
  words are the sign patterns of fixed random projections, so that it needs no training.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from services.visual_search.embedding.embedder import Vectors, l2_normalised
from shared.image import fit
from shared.image_pixels import Rgb
from shared.models.calibrations import calibrated
from shared.models.card import ModelCard

_SIDE: Final = 128
_HOG_SIDE: Final = 64
_HOG: Final = cv2.HOGDescriptor((_HOG_SIDE, _HOG_SIDE), (32, 32), (16, 16), (16, 16), 9)
_HOG_WEIGHT: Final = 0.35
_HSV_BINS: Final = (16, 4, 4)
_HSV_RANGES: Final = [0, 180, 0, 256, 0, 256]
_CENTRE_MARGIN: Final = 24
_WORD_BITS: Final = 9
_SIFT_FEATURES: Final = 300
_SEED: Final = 20190101

Feature = Callable[[Rgb], npt.NDArray[np.float32]]


def hog(image_rgb: Rgb) -> npt.NDArray[np.float32]:
    """Oriented gradients of a 64 x 64 picture: (324,) float32."""
    grey = cv2.cvtColor(fit(image_rgb, (_HOG_SIDE, _HOG_SIDE)), cv2.COLOR_RGB2GRAY)
    return _unit(np.asarray(_HOG.compute(grey), np.float32).ravel())


def hsv(image_rgb: Rgb) -> npt.NDArray[np.float32]:
    """Colours of the whole picture and of its centre: (512,) float32."""
    pixels = np.asarray(cv2.cvtColor(image_rgb, cv2.COLOR_RGB2HSV), np.uint8)
    margin = _CENTRE_MARGIN * min(image_rgb.shape[:2]) // _SIDE
    centre = pixels[margin : pixels.shape[0] - margin, margin : pixels.shape[1] - margin]
    return _unit(np.concatenate([_colours(pixels), _colours(centre)]))


def sift(image_rgb: Rgb) -> npt.NDArray[np.float32]:
    """How often each visual word occurs, square-rooted: (512,) float32."""
    grey = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2GRAY)
    _, descriptors = cv2.SIFT.create(nfeatures=_SIFT_FEATURES).detectAndCompute(grey, None)
    words = np.zeros(1 << _WORD_BITS, np.float32)
    if descriptors is None:
        return words
    # RootSIFT: unit sum, then square root; centred so that signs split the features evenly.
    root = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-7))
    bits = ((root - 1 / np.sqrt(root.shape[1] * 2)) @ _projections() > 0).astype(np.int64)
    np.add.at(words, bits @ (1 << np.arange(_WORD_BITS)), 1.0)
    return _unit(np.sqrt(words))


def classical(image_rgb: Rgb) -> npt.NDArray[np.float32]:
    """Colour and, with a third of its weight, shape: (836,) float32."""
    return _unit(np.concatenate([hsv(image_rgb), _HOG_WEIGHT * hog(image_rgb)]))


# Fitted on GroceryStore: validation photos, a third of the labels held out as strangers.
_CALIBRATION: Final = (
    ("temperature", 0.027),
    ("similarity", 8.6),
    ("margin", 10.2),
    ("bias", -7.0),
)


@dataclass(frozen=True, slots=True)
class _Method:
    """How one of the embedders works: its function, its vector and the picture that it takes."""

    feature: Feature
    dims: int
    side: int = _SIDE
    calibration: tuple[tuple[str, float], ...] = ()


CLASSICAL: Final = {
    "classical": _Method(classical, 836, calibration=_CALIBRATION),
    "hog": _Method(hog, 324),
    "hsv": _Method(hsv, 512),
    "sift": _Method(sift, 1 << _WORD_BITS, side=320),
}


class ClassicalEmbedder:
    """Embeds by one hand-made feature. See ``embedder.Embedder``.

    Args:
        method_id: one of ``CLASSICAL``.
        folders: model folders, where a calibration for it may lie.
    """

    def __init__(self, method_id: str, folders: Sequence[Path] = ()) -> None:
        self._method = CLASSICAL[method_id]
        self._card = calibrated(_card(method_id, self._method), folders)

    @property
    def card(self) -> ModelCard:
        """What it is."""
        return self._card

    def embed(self, images_rgb: Sequence[Rgb]) -> Vectors:
        """Embed pictures (H, W, 3) uint8 as (N, D) float32."""
        if not images_rgb:
            return np.zeros((0, self._card.dims), np.float32)
        size = (self._method.side, self._method.side)
        features = [self._method.feature(fit(image, size)) for image in images_rgb]
        return l2_normalised(np.stack(features))


def open_classical(method_id: str, folders: Sequence[Path] = ()) -> ClassicalEmbedder:
    """Open one of ``CLASSICAL``, see ``ClassicalEmbedder``.

    >>> open_classical("hsv").card.dims
    512
    """
    return ClassicalEmbedder(method_id, folders)


def _card(method_id: str, method: _Method) -> ModelCard:
    return ModelCard(
        id=method_id,
        task="embedding",
        file="",
        sha256=hashlib.sha256(f"vitrine {method_id} 1".encode()).hexdigest(),
        licence="Apache-2.0",
        source="computed; no weights",
        input_size=(method.side, method.side),
        dims=method.dims,
        calibration=dict(method.calibration),
    )


def _colours(pixels_hsv: Rgb) -> npt.NDArray[np.float32]:
    counts = cv2.calcHist([pixels_hsv], [0, 1, 2], None, list(_HSV_BINS), _HSV_RANGES).ravel()
    return np.asarray(np.sqrt(counts / max(counts.sum(), 1.0)), np.float32)


def _projections() -> npt.NDArray[np.float32]:
    return np.random.default_rng(_SEED).normal(size=(128, _WORD_BITS)).astype(np.float32)


def _unit(vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    unit: npt.NDArray[np.float32] = l2_normalised(vector[None])[0]
    return unit
