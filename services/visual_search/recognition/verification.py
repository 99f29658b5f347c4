"""Do local features of a picture agree with a reference image under one homography?

RootSIFT (Arandjelovic and Zisserman, CVPR 2012), Lowe's ratio test with a mutual check,
and a homography by MAGSAC (Barath et al., CVPR 2020). It holds for what is flat and
printed: a pack, a label, a cover. A homography that folds, mirrors or shrinks the
reference to nothing is no agreement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from shared.geometry import Floats, apply_homography, box_corners, is_convex, polygon_area
from shared.image import fit
from shared.image_pixels import Rgb

SIDE: Final = 400
"""Longer side that features are taken at, in pixels."""
_MOST_FEATURES: Final = 400
_RATIO: Final = 0.8
_TOLERANCE_PX: Final = 5.0
_FEWEST_MATCHES: Final = 6
VERIFIED_INLIERS: Final = 12
"""Fewest inliers that identify what is printed."""
_VERIFIED_SHARE: Final = 0.25
_FEATURES_TO_JUDGE: Final = 80
_REFUTED_INLIERS: Final = 7
_SMALLEST_AREA: Final = 0.01
_LARGEST_AREA: Final = 100.0
_SQUEEZE: Final = 6.0


@dataclass(frozen=True, slots=True)
class Features:
    """Local features of a picture.

    Attributes:
        points: (N, 2) float32 x, y normalised to the picture.
        descriptors: (N, 128) uint8 RootSIFT, length 1 scaled to 255.
        size_wh: width and height that they were taken at, in pixels.
    """

    points: npt.NDArray[np.float32]
    descriptors: npt.NDArray[np.uint8]
    size_wh: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What came of comparing a picture with a reference image.

    Attributes:
        inliers: matches that agree with one plausible homography.
        matches: matches before that check.
        outline: (4, 2) corners of the reference image in the picture, normalised, from
            its own top left clockwise; None without a plausible homography.
        verified: the agreement identifies what is printed.
        refuted: both pictures are rich in detail and yet nothing agrees.
        query_points: (M, 2) inliers in the picture, normalised.
        reference_points: (M, 2) the same in the reference image.
    """

    inliers: int
    matches: int
    outline: Floats | None
    verified: bool
    refuted: bool
    query_points: Floats
    reference_points: Floats


def find_features(image_rgb: Rgb) -> Features:
    """Take RootSIFT features of a picture (H, W, 3) uint8, scaled down to ``SIDE``."""
    image = _scaled(image_rgb)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    keypoints, descriptors = cv2.SIFT.create(_MOST_FEATURES).detectAndCompute(grey, None)
    size = (image.shape[1], image.shape[0])
    if descriptors is None:
        empty = np.zeros((0, 2), np.float32)
        return Features(empty, np.zeros((0, 128), np.uint8), size)
    root = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-7))
    points = cv2.KeyPoint.convert(keypoints) / np.asarray(size, np.float32)
    return Features(points.astype(np.float32), np.rint(255 * root).astype(np.uint8), size)


def compare(picture: Features, reference: Features) -> Agreement:
    """Look for the reference image in a picture."""
    pairs = _match(picture.descriptors, reference.descriptors)
    homography, inliers = _homography(picture, reference, pairs)
    agreed = pairs[inliers]
    outline = None if homography is None else _outline(homography, picture, reference)
    enough = max(VERIFIED_INLIERS, _VERIFIED_SHARE * len(pairs))
    rich = min(len(picture.points), len(reference.points)) >= _FEATURES_TO_JUDGE
    return Agreement(
        inliers=len(agreed),
        matches=len(pairs),
        outline=outline,
        verified=outline is not None and len(agreed) >= enough,
        refuted=rich and len(agreed) < _REFUTED_INLIERS,
        query_points=np.asarray(picture.points[agreed[:, 0]], np.float64),
        reference_points=np.asarray(reference.points[agreed[:, 1]], np.float64),
    )


def _scaled(image_rgb: Rgb) -> Rgb:
    height, width = image_rgb.shape[:2]
    scale = SIDE / max(width, height)
    if scale >= 1:
        return image_rgb
    return fit(image_rgb, (max(1, round(width * scale)), max(1, round(height * scale))))


def _match(ours: npt.NDArray[np.uint8], theirs: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Pairs (M, 2) of indices: nearest both ways, and clearly nearer than the second."""
    if len(ours) < 2 or len(theirs) < 2:
        return np.zeros((0, 2), np.int64)
    alike = (ours.astype(np.float32) @ theirs.astype(np.float32).T) / 255**2  # (N, M) cosines
    nearest = alike.argmax(axis=1)
    best = np.take_along_axis(alike, nearest[:, None], axis=1)[:, 0]
    second = np.partition(alike, -2, axis=1)[:, -2]
    # Distances of unit vectors: d^2 = 2 - 2 cos.
    clear = (1 - best) < _RATIO**2 * (1 - second)
    mutual = alike.argmax(axis=0)[nearest] == np.arange(len(ours))
    chosen = np.flatnonzero(clear & mutual)
    return np.stack([chosen, nearest[chosen]], axis=1)


def _homography(
    picture: Features, reference: Features, pairs: npt.NDArray[np.int64]
) -> tuple[Floats | None, npt.NDArray[np.bool_]]:
    """Homography from reference to picture in pixels, and which pairs agree with it."""
    none = np.zeros(len(pairs), np.bool_)
    if len(pairs) < _FEWEST_MATCHES:
        return None, none
    source = reference.points[pairs[:, 1]] * np.asarray(reference.size_wh, np.float32)
    target = picture.points[pairs[:, 0]] * np.asarray(picture.size_wh, np.float32)
    found, mask = cv2.findHomography(
        source, target, cv2.USAC_MAGSAC, _TOLERANCE_PX, maxIters=2000, confidence=0.999
    )
    if found is None or not np.isfinite(found).all():
        return None, none
    matrix = np.asarray(found, np.float64)
    if not _plausible(matrix, picture, reference):
        return None, none
    return matrix, np.asarray(mask.ravel() > 0, np.bool_)


def _outline(homography: Floats, picture: Features, reference: Features) -> Floats:
    width, height = reference.size_wh
    corners = apply_homography(homography, box_corners((0, 0, width, height)))
    return corners / np.asarray(picture.size_wh, np.float64)


def _plausible(homography: Floats, picture: Features, reference: Features) -> bool:
    """A flat thing seen from its front: convex, not mirrored, of a sane size and shape."""
    width, height = reference.size_wh
    corners = box_corners((0, 0, width, height))
    depths = np.c_[corners, np.ones(4)] @ homography[2]
    if not (depths * np.sign(homography[2, 2]) > 1e-9).all():
        return False  # part of it would lie behind the camera
    quad = apply_homography(homography, corners)
    share = _signed_area(quad) / (picture.size_wh[0] * picture.size_wh[1])
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    return (
        is_convex(quad)
        and _SMALLEST_AREA < share < _LARGEST_AREA
        and sides.max() < _SQUEEZE * sides.min() * max(width / height, height / width)
    )


def _signed_area(quad: Floats) -> float:
    """Area of a quad, negative when it runs the other way round than the image's corners."""
    x, y = quad.T
    turn = float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    return float(np.copysign(polygon_area(quad), turn))
