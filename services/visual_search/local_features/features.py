"""RootSIFT features of a picture with their place, size and direction.

Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", IJCV 2004, and
Arandjelovic and Zisserman, "Three things everyone should know to improve object
retrieval", CVPR 2012.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from shared.image import fit
from shared.image_pixels import Rgb

REFERENCE_SIDE: Final = 400
"""Longer side at which features of reference images are taken, in pixels."""
REFERENCE_FEATURES: Final = 400
"""Most features kept of a reference image, the strongest."""
PICTURE_SIDE: Final = 800
"""Longer side at which a picture is searched for things, in pixels. What it shows is found by
many weak features rather than by small ones: on 33 drawn scenes with 289 things 800 px and as
many features found 280 (5 missed), 1280 px 276 (9 missed), for twice the time."""
PICTURE_FEATURES: Final = 3000
"""Most features of a picture that may show many things, the strongest."""
PHOTO_SIDE: Final = 560
"""Longer side at which a photo of one thing is searched, in pixels."""
PHOTO_FEATURES: Final = 750
"""Most features of a photo of one thing at that side; as many more as it has more pixels."""
LARGEST_GROWTH: Final = 2.0
"""How far a smaller picture is enlarged to the side asked for: small print has its features
at scales that SIFT's own doubling does not reach."""
_CONTRAST: Final = 0.03
_PREVIEW_SIDE: Final = 320
_CORNER_CONTRAST: Final = 20
_FEWEST_CORNERS: Final = 60

Descriptors = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class LocalFeatures:
    """Features of one picture.

    Attributes:
        points_px: (N, 2) float32 x, y in pixels of ``size_wh``.
        sizes_px: (N,) float32 diameter of the patch described.
        angles_rad: (N,) float32 direction of the patch, -pi..pi, x towards y.
        descriptors: (N, 128) uint8 RootSIFT, length 1 scaled to 255.
        size_wh: width and height that they were taken at, in pixels.
    """

    points_px: npt.NDArray[np.float32]
    sizes_px: npt.NDArray[np.float32]
    angles_rad: npt.NDArray[np.float32]
    descriptors: Descriptors
    size_wh: tuple[int, int]

    def __len__(self) -> int:
        """Count the features."""
        return len(self.points_px)

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> LocalFeatures:
        """Take some of them."""
        return LocalFeatures(
            self.points_px[chosen],
            self.sizes_px[chosen],
            self.angles_rad[chosen],
            self.descriptors[chosen],
            self.size_wh,
        )


def of_reference(image_rgb: Rgb) -> LocalFeatures:
    """Take the features of a reference image (H, W, 3) uint8."""
    return extract(image_rgb, REFERENCE_SIDE, REFERENCE_FEATURES)


def of_picture(image_rgb: Rgb, side: int = PICTURE_SIDE) -> LocalFeatures:
    """Take the features of a picture (H, W, 3) uint8 that may show many things."""
    few = round(PHOTO_FEATURES * (side / PHOTO_SIDE) ** 2)
    return extract(image_rgb, side, PICTURE_FEATURES if side >= PICTURE_SIDE else few)


def extract(image_rgb: Rgb, side: int, most: int) -> LocalFeatures:
    """Take at most ``most`` features at a longer side of ``side`` pixels.

    A smaller picture is enlarged, but not beyond ``LARGEST_GROWTH``.

    >>> len(extract(np.zeros((40, 30, 3), np.uint8), 320, 10))
    0
    """
    image = _scaled(image_rgb, side, LARGEST_GROWTH)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    detector = cv2.SIFT.create(most, contrastThreshold=_CONTRAST)
    keypoints, descriptors = detector.detectAndCompute(grey, None)
    size = (image.shape[1], image.shape[0])
    if descriptors is None:
        return _nothing(size)
    # Equal responses are all kept, so that there may be a few more than asked for.
    keypoints, descriptors = keypoints[:most], descriptors[:most]
    root = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-7))
    angles = np.deg2rad([point.angle for point in keypoints])
    return LocalFeatures(
        np.asarray(cv2.KeyPoint.convert(keypoints), np.float32),
        np.array([point.size for point in keypoints], np.float32),
        wrapped(angles).astype(np.float32),
        np.rint(255 * root).astype(np.uint8),
        size,
    )


def is_detailed(image_rgb: Rgb) -> bool:
    """Whether a picture has enough corners to look for print; costs about a millisecond."""
    grey = cv2.cvtColor(_scaled(image_rgb, _PREVIEW_SIDE), cv2.COLOR_RGB2GRAY)
    corners = cv2.FastFeatureDetector.create(_CORNER_CONTRAST).detect(grey)
    return len(corners) >= _FEWEST_CORNERS


def wrapped(angles_rad: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Angles in -pi..pi.

    >>> float(wrapped(np.pi * 1.5).round(3))
    -1.571
    """
    angles = np.asarray(angles_rad, np.float64)
    return np.asarray(angles - 2 * np.pi * np.rint(angles / (2 * np.pi)), np.float64)


def _scaled(image_rgb: Rgb, side: int, growth: float = 1.0) -> Rgb:
    height, width = image_rgb.shape[:2]
    scale = min(side / max(width, height), growth)
    size_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    if scale <= 1:
        return image_rgb if scale == 1 else fit(image_rgb, size_wh)
    grown = cv2.resize(image_rgb, size_wh, interpolation=cv2.INTER_CUBIC)
    return np.asarray(grown, np.uint8)


def _nothing(size_wh: tuple[int, int]) -> LocalFeatures:
    empty = np.zeros(0, np.float32)
    return LocalFeatures(
        np.zeros((0, 2), np.float32), empty, empty, np.zeros((0, 128), np.uint8), size_wh
    )
