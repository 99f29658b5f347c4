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
from shared.geometry import Floats, apply_homography, box_corners, is_convex, polygon_area

_MOST_TURN: Final = 0.7
_MOST_STRETCH: Final = 1.0
# Cosine of descriptors of length 255; their distance is then at most 0.65.
_LIKE: Final = 255**2 * (1 - 0.65**2 / 2)
_FEWEST: Final = 6
_SQUEEZE: Final = 3.0
# Squared distance of descriptors of length 1, and distance from the homography as a share of
# the thing's side, at which a pair counts 1/e. Chance pairs fill the whole tolerance, true ones
# lie near its middle. Steeper (0.008) parts flat packs from chance no better and costs cans.
_FAR: Final = 0.06
_OFF: Final = 0.016


class Picture:
    """Features of a picture, ready to be asked which lie near a place."""

    def __init__(self, features: LocalFeatures) -> None:
        self.features = features
        self.tree = cKDTree(features.points_px)
        self.octaves = np.log2(features.sizes_px)
        self.descriptors = features.descriptors.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Reach:
    """Which features of the picture one of the reference image is compared with.

    Attributes:
        share: how far apart they may lie, as a share of the reference image's longer side.
        neighbours: how many, the nearest.
    """

    share: float
    neighbours: int


_ROUGH: Final = Reach(0.08, 24)
# Wider than the tolerance, so that a homography which moves a little finds its pairs in it.
_FINE: Final = Reach(0.04, 8)
_TOLERANCE: Final = 0.025


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Features of the picture and of the reference image that look alike, one row each.

    Attributes:
        ours: (M,) of the picture.
        theirs: (M,) of the reference image.
        likeness: (M,) of their descriptors.
    """

    ours: npt.NDArray[np.intp]
    theirs: npt.NDArray[np.intp]
    likeness: npt.NDArray[np.float32]

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> _Pairs:
        """Take some of them."""
        return _Pairs(self.ours[chosen], self.theirs[chosen], self.likeness[chosen])


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
        support: sum over the agreeing features of how well each agrees, 0..1.
    """

    image: int
    homography: Floats
    outline_px: Floats
    features: npt.NDArray[np.intp]
    reference_features: npt.NDArray[np.intp]
    seen: int
    votes: float
    support: float

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
    mapped = apply_homography(pose.homography(reference.size_wh), reference.points_px)
    pairs = _alike(picture, reference, mapped, pose, _ROUGH)
    rough = _fit(picture, reference, _one_to_one(pairs), pose, cv2.USAC_FAST)
    if rough is None:
        return None
    mapped = apply_homography(rough, reference.points_px)
    pairs = _alike(picture, reference, mapped, pose, _FINE)
    agreeing = _agreeing(picture, pairs, mapped, pose)
    refined = _fit(picture, reference, agreeing, pose, cv2.USAC_MAGSAC)
    if refined is None:
        return None
    agreeing = _agreeing(picture, pairs, apply_homography(refined, reference.points_px), pose)
    outline = outlined(refined, content_xyxy_px)
    if len(agreeing.ours) < _FEWEST or outline is None or not _plausible(outline, content_xyxy_px):
        return None
    seen = int(inside(picture.features.points_px, outline).sum())
    support = _support(picture, reference, agreeing, refined, outline)
    found = (agreeing.ours, agreeing.theirs)
    return Sighting(pose.image, refined, outline, *found, seen, pose.votes, support)


def outlined(
    homography: Floats, content_xyxy_px: tuple[float, float, float, float]
) -> Floats | None:
    """Corners of a part of the reference image in the picture; None if behind the camera."""
    corners = box_corners(content_xyxy_px)
    depths = np.c_[corners, np.ones(4)] @ homography[2]
    if not (depths * np.sign(homography[2, 2]) > 1e-9).all():
        return None
    return apply_homography(homography, corners)


def _alike(
    picture: Picture, reference: LocalFeatures, mapped_px: Floats, pose: Pose, reach: Reach
) -> _Pairs:
    """Pairs that lie near each other under a homography and look alike.

    Args:
        picture: features of the picture.
        reference: features of the reference image.
        mapped_px: (N, 2) where the homography puts these in the picture.
        pose: that size and direction of a pair must fit.
        reach: which features of the picture are near.
    """
    _, found = picture.tree.query(
        mapped_px.astype(np.float32),
        reach.neighbours,
        distance_upper_bound=reach.share * pose.scale,
    )
    flat = found.ravel()
    near = np.flatnonzero(flat < len(picture.features))  # a row of neighbours a feature
    pairs = _that_fit(picture, reference, flat.take(near), near // reach.neighbours, pose)
    likeness = np.einsum(
        "nd,nd->n",
        picture.descriptors.take(pairs[0], axis=0),
        reference.descriptors.take(pairs[1], axis=0).astype(np.float32),
    )
    return _Pairs(*pairs, likeness).where(likeness > _LIKE)


def _that_fit(
    picture: Picture,
    reference: LocalFeatures,
    ours: npt.NDArray[np.intp],
    theirs: npt.NDArray[np.intp],
    pose: Pose,
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Those feature pairs (M,) whose size and direction fit a pose."""
    expected = np.log2(reference.sizes_px * (pose.scale / max(reference.size_wh)))
    stretch = picture.octaves.take(ours) - expected.take(theirs)
    fits = np.flatnonzero(np.abs(stretch) < _MOST_STRETCH)
    ours, theirs = ours.take(fits), theirs.take(fits)
    turns = picture.features.angles_rad.take(ours) - reference.angles_rad.take(theirs)
    fits = np.flatnonzero(np.abs(wrapped(turns - pose.angle_rad)) < _MOST_TURN)
    return ours.take(fits), theirs.take(fits)


def _agreeing(picture: Picture, pairs: _Pairs, mapped_px: Floats, pose: Pose) -> _Pairs:
    """Of pairs those that lie on each other, each feature used once.

    Args:
        picture: features of the picture.
        pairs: that look alike.
        mapped_px: (N, 2) where a homography puts the reference's features in the picture.
        pose: that says how large the reference image is there.
    """
    gaps = mapped_px[pairs.theirs] - picture.features.points_px[pairs.ours]
    near = np.einsum("nd,nd->n", gaps, gaps) <= (_TOLERANCE * pose.scale) ** 2
    return _one_to_one(pairs.where(near))


def _support(
    picture: Picture,
    reference: LocalFeatures,
    pairs: _Pairs,
    homography: Floats,
    outline_px: Floats,
) -> float:
    """How well pairs agree in all: each counts by how alike and how near its two features are."""
    mapped = apply_homography(homography, reference.points_px[pairs.theirs])
    gaps = mapped - picture.features.points_px[pairs.ours]
    off = np.einsum("nd,nd->n", gaps, gaps) / max(polygon_area(outline_px), 1.0)
    far = 2 - 2 * pairs.likeness / 255**2
    return float(np.exp(-np.maximum(far, 0) / _FAR - off / _OFF**2).sum())


def _one_to_one(pairs: _Pairs) -> _Pairs:
    """Of pairs those that are the best for both."""
    ordered = pairs.where(np.argsort(-pairs.likeness, kind="stable"))
    return ordered.where(_first(ordered.ours) & _first(ordered.theirs))


def _first(values: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Which of values (N,) were not there before."""
    places = np.arange(len(values))[::-1]
    earliest = np.zeros(values.max(initial=-1) + 1, np.intp)
    earliest[values[::-1]] = places  # the last to be written is the first that there is
    return np.asarray(earliest[values] == places[::-1], np.bool_)


def _fit(
    picture: Picture, reference: LocalFeatures, pairs: _Pairs, pose: Pose, method: int
) -> Floats | None:
    """Homography from the reference's pixels to the picture's."""
    if len(pairs.ours) < _FEWEST:
        return None
    found, _ = cv2.findHomography(
        reference.points_px[pairs.theirs],
        picture.features.points_px[pairs.ours],
        method,
        max(2.0, _TOLERANCE * pose.scale),
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


def inside(points_px: npt.NDArray[np.float32], outline_px: Floats) -> npt.NDArray[np.bool_]:
    """Which points (N, 2) lie in a convex outline given clockwise (x right, y down)."""
    box = (points_px >= outline_px.min(axis=0)) & (points_px <= outline_px.max(axis=0))
    within = np.asarray(box[:, 0] & box[:, 1], np.bool_)
    near = points_px[within]
    edges = np.roll(outline_px, -1, axis=0) - outline_px
    offsets = near[:, None] - outline_px[None]
    turns = edges[:, 0] * offsets[..., 1] - edges[:, 1] * offsets[..., 0]
    within[within] = (turns >= 0).all(axis=1)
    return within
