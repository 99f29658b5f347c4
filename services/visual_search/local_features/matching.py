"""Is the reference image really there? Features near a pose, under one homography.

A feature of the reference image is compared only with those features of the picture that
lie where the pose puts it, with a fitting size and direction: that is quick, and keeps
true matches which a test over the whole picture loses when the same print is seen twice.
A homography (MAGSAC: Barath et al., CVPR 2020) then takes the pose's place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from services.visual_search.local_features.features import LocalFeatures, wrapped
from services.visual_search.local_features.voting import Pose
from shared.geometry import Floats, apply_homography, box_corners, is_convex

_MOST_TURN: Final = 0.7
_MOST_STRETCH: Final = 1.0
# Cosine of descriptors of length 255; their distance is then at most 0.65.
_LIKE: Final = 255**2 * (1 - 0.65**2 / 2)
_FEWEST: Final = 6
_SQUEEZE: Final = 3.0


class Picture:
    """Features of a picture, ready to be asked which lie near a place."""

    def __init__(self, features: LocalFeatures) -> None:
        self.features = features
        self.tree = cKDTree(features.points_px)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far apart two features of a pair may lie.

    Attributes:
        share: of the reference image's longer side.
        neighbours: features of the picture that one of the reference is compared with.
    """

    share: float
    neighbours: int


_ROUGH: Final = Tolerance(0.08, 24)
_TOLERANCE: Final = Tolerance(0.025, 6)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A reference image found in a picture.

    Attributes:
        image: number of the reference image.
        homography: (3, 3) from its pixels to the picture's, both at the sizes that
            their features were taken at.
        outline_px: (4, 2) corners of what it shows, in the picture, from the reference's
            own top left clockwise.
        features: (M,) features of the picture that agree.
        reference_features: (M,) those of the reference image.
        seen: features of the picture within the outline.
        votes: of the pose that it was found by.
    """

    image: int
    homography: Floats
    outline_px: Floats
    features: npt.NDArray[np.intp]
    reference_features: npt.NDArray[np.intp]
    seen: int
    votes: float

    @property
    def inliers(self) -> int:
        """Number of features that agree."""
        return len(self.features)


def look(
    picture: Picture,
    reference: LocalFeatures,
    content_xyxy_px: tuple[float, float, float, float],
    pose: Pose,
) -> Sighting | None:
    """Look for a reference image at a pose.

    Args:
        picture: features of the picture.
        reference: features of the reference image.
        content_xyxy_px: the part of the reference image that shows the product.
        pose: where it may be seen.

    Returns:
        None when no plausible homography holds.
    """
    start = pose.homography(reference.size_wh)
    pairs = _agreeing(picture, reference, start, pose, _ROUGH)
    rough = _fit(picture, reference, pairs, pose, cv2.USAC_FAST)
    if rough is None:
        return None
    pairs = _agreeing(picture, reference, rough, pose, _TOLERANCE)
    refined = _fit(picture, reference, pairs, pose, cv2.USAC_MAGSAC)
    if refined is None:
        return None
    pairs = _agreeing(picture, reference, refined, pose, _TOLERANCE)
    outline = outlined(refined, content_xyxy_px)
    if len(pairs) < _FEWEST or outline is None or not _plausible(outline, content_xyxy_px):
        return None
    inside = _inside(picture.features.points_px, outline)
    return Sighting(
        pose.image, refined, outline, pairs[:, 0], pairs[:, 1], int(inside.sum()), pose.votes
    )


def outlined(
    homography: Floats, content_xyxy_px: tuple[float, float, float, float]
) -> Floats | None:
    """Corners of a part of the reference image in the picture; None if behind the camera."""
    corners = box_corners(content_xyxy_px)
    depths = np.c_[corners, np.ones(4)] @ homography[2]
    if not (depths * np.sign(homography[2, 2]) > 1e-9).all():
        return None
    return apply_homography(homography, corners)


def _agreeing(
    picture: Picture,
    reference: LocalFeatures,
    homography: Floats,
    pose: Pose,
    tolerance: Tolerance,
) -> npt.NDArray[np.intp]:
    """Pairs (M, 2) that lie on each other under a homography and look alike, each used once.

    Args:
        picture: features of the picture.
        reference: features of the reference image.
        homography: from the reference's pixels to the picture's.
        pose: that size and direction of a pair must fit.
        tolerance: how far apart they may lie.
    """
    mapped = apply_homography(homography, reference.points_px).astype(np.float32)
    _, found = picture.tree.query(
        mapped, tolerance.neighbours, distance_upper_bound=tolerance.share * pose.scale
    )
    theirs, column = np.nonzero(found < len(picture.features))
    ours = found[theirs, column]
    fits = _fit_in_size_and_turn(picture, reference, ours, theirs, pose)
    ours, theirs = ours[fits], theirs[fits]
    likeness = np.einsum(
        "nd,nd->n",
        picture.features.descriptors[ours].astype(np.float32),
        reference.descriptors[theirs].astype(np.float32),
    )
    alike = likeness > _LIKE
    return _one_to_one(ours[alike], theirs[alike], likeness[alike])


def _one_to_one(
    ours: npt.NDArray[np.intp], theirs: npt.NDArray[np.intp], likeness: npt.NDArray[np.float32]
) -> npt.NDArray[np.intp]:
    """Of pairs (M,) those that are the best for both."""
    order = np.argsort(-likeness, kind="stable")
    ours, theirs = ours[order], theirs[order]
    best = np.zeros((2, len(ours)), np.bool_)
    best[0, np.unique(ours, return_index=True)[1]] = True
    best[1, np.unique(theirs, return_index=True)[1]] = True
    return np.stack([ours, theirs], axis=1)[best.all(axis=0)]


def _fit_in_size_and_turn(
    picture: Picture,
    reference: LocalFeatures,
    ours: npt.NDArray[np.intp],
    theirs: npt.NDArray[np.intp],
    pose: Pose,
) -> npt.NDArray[np.bool_]:
    """Whether size and direction of feature pairs (M,) fit a pose."""
    grown = picture.features.sizes_px[ours] * max(reference.size_wh) / pose.scale
    stretch = np.log2(grown / reference.sizes_px[theirs])
    turns = picture.features.angles_rad[ours] - reference.angles_rad[theirs]
    turned = np.abs(wrapped(turns - pose.angle_rad))
    return np.asarray((np.abs(stretch) < _MOST_STRETCH) & (turned < _MOST_TURN), np.bool_)


def _fit(
    picture: Picture, reference: LocalFeatures, pairs: npt.NDArray[np.intp], pose: Pose, method: int
) -> Floats | None:
    """Homography from the reference's pixels to the picture's."""
    if len(pairs) < _FEWEST:
        return None
    found, _ = cv2.findHomography(
        reference.points_px[pairs[:, 1]],
        picture.features.points_px[pairs[:, 0]],
        method,
        max(2.0, _TOLERANCE.share * pose.scale),
        maxIters=300,
        confidence=0.99,
    )
    if found is None or not np.isfinite(found).all():
        return None
    return np.asarray(found, np.float64)


def _plausible(outline_px: Floats, content_xyxy_px: tuple[float, float, float, float]) -> bool:
    """A flat thing seen from its front: convex, not mirrored, of a sane shape."""
    x, y = outline_px.T
    area = float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
    sides = np.linalg.norm(outline_px - np.roll(outline_px, -1, axis=0), axis=1)
    width = content_xyxy_px[2] - content_xyxy_px[0]
    height = content_xyxy_px[3] - content_xyxy_px[1]
    stretch = sides / np.array([width, height, width, height])
    return is_convex(outline_px) and area > 0 and stretch.max() < _SQUEEZE * stretch.min()


def _inside(points: npt.NDArray[np.float32], outline_px: Floats) -> npt.NDArray[np.bool_]:
    """Which points lie in a convex outline given clockwise (x right, y down)."""
    edges = np.roll(outline_px, -1, axis=0) - outline_px
    offsets = points[:, None] - outline_px[None]
    return np.asarray(
        (edges[:, 0] * offsets[..., 1] - edges[:, 1] * offsets[..., 0] >= 0).all(axis=1), np.bool_
    )
