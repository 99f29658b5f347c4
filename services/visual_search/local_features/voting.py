"""Where in a picture may which reference image be seen? Matched features vote for it.

Each match of a feature says where, how large and how turned the reference image would be
(the generalised Hough transform of Lowe, IJCV 2004, section 7.6), so that votes of true
matches meet while chance matches scatter, and each instance gathers its own votes.
A feature that looks like many reference images counts less for each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from services.visual_search.local_features.features import LocalFeatures, wrapped
from services.visual_search.local_features.postings import PLACE, Matches
from shared.geometry import Floats

_TURNS: Final = 12
_SIZE_STEPS: Final = 24.0
_SIGMA_BITS: Final = 12.0
_FEWEST_VOTES: Final = 4
_GRIDS: Final = (0.0, 0.5)
_SMALLEST_PX: Final = 24.0


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a reference image may be seen.

    Attributes:
        image: its number.
        centre_px: (2,) x, y of its centre in the picture.
        scale: pixels of its longer side in the picture.
        angle_rad: how far it is turned, x towards y.
        votes: weighted number of features that say so.
    """

    image: int
    centre_px: Floats
    scale: float
    angle_rad: float
    votes: float

    def homography(self, size_wh: tuple[int, int]) -> Floats:
        """The pose as a map (3, 3) from pixels of the reference image to the picture's."""
        zoom = self.scale / max(size_wh)
        cos, sin = zoom * np.cos(self.angle_rad), zoom * np.sin(self.angle_rad)
        turn = np.array([[cos, -sin], [sin, cos]])
        shift = self.centre_px - turn @ (np.asarray(size_wh) / 2)
        return np.vstack([np.column_stack([turn, shift]), (0.0, 0.0, 1.0)])


def places_of(features: LocalFeatures) -> npt.NDArray[np.void]:
    """Places (N,) of ``PLACE`` of a reference image's features, a byte each.

    ``x`` and ``y`` are offsets from the image's centre in 255ths of its longer side,
    ``angle`` is in 256ths of a turn, ``size`` is 24 times the binary logarithm of the
    longer side over the feature's size.
    """
    width, height = features.size_wh
    side = max(width, height)
    offsets = (features.points_px - (width / 2, height / 2)) / side
    places = np.zeros(len(features), PLACE)
    places["x"], places["y"] = np.clip(np.rint(offsets.T * 255 + 127.5), 0, 255).astype(np.uint8)
    turns = np.rint(features.angles_rad / (2 * np.pi) * 256).astype(np.int64)
    places["angle"] = (turns % 256).astype(np.uint8)
    steps = _SIZE_STEPS * np.log2(side / np.maximum(features.sizes_px, 0.1))
    places["size"] = np.clip(np.rint(steps), 0, 255).astype(np.uint8)
    return places


def vote(
    features: LocalFeatures,
    matches: Matches,
    products: npt.NDArray[np.int32],
    images: int,
    most: int,
) -> list[Pose]:
    """Gather the votes of matches: poses, most votes first.

    Args:
        features: of the picture.
        matches: of its features with those of reference images.
        products: number of the product that each reference image shows.
        images: reference images there are, for the weight of a match.
        most: poses wanted.
    """
    if len(matches.images) < _FEWEST_VOTES:
        return []
    predicted = _predicted(features, matches)
    weights = _weights(matches, images)
    poses: list[Pose] = []
    for grid in _GRIDS:
        poses += _peaks(matches, predicted, weights, grid, 3 * most)
    return _distinct(sorted(poses, key=lambda pose: -pose.votes), products, most)


def _predicted(features: LocalFeatures, matches: Matches) -> Floats:
    """Per match centre x, y, scale and angle of the reference image (M, 4)."""
    places, own = matches.places, matches.features
    scale = features.sizes_px[own] * np.exp2(places["size"] / _SIZE_STEPS)
    angle = features.angles_rad[own] - places["angle"] * (2 * np.pi / 256)
    x, y = ((places[axis] - 127.5) / 255 * scale for axis in ("x", "y"))
    cos, sin = np.cos(angle), np.sin(angle)
    centres = features.points_px[own] - np.stack([x * cos - y * sin, x * sin + y * cos], axis=1)
    return np.column_stack([centres, scale, wrapped(angle)])


def _weights(matches: Matches, images: int) -> Floats:
    """Near signatures count more, features that look like many images less."""
    pairs = np.unique(np.stack([matches.features, matches.images]), axis=1)
    seen_in = np.bincount(pairs[0])[matches.features]
    rarity = np.log(1 + max(images, 2) / seen_in)
    return np.asarray(rarity * np.exp(-((matches.distances / _SIGMA_BITS) ** 2)), np.float64)


def _peaks(
    matches: Matches, predicted: Floats, weights: Floats, grid: float, most: int
) -> list[Pose]:
    """The bins of one grid with the most votes; a feature has one vote a bin."""
    steps = np.floor(np.log2(np.maximum(predicted[:, 2], 1)) + grid)
    cell = 0.25 * np.exp2(steps - grid + 0.5)
    turns = np.floor(predicted[:, 3] / (2 * np.pi) * _TURNS + grid) % _TURNS
    columns = np.floor(predicted[:, 0] / cell + grid)
    rows = np.floor(predicted[:, 1] / cell + grid)
    bins = np.stack([matches.images, steps, turns, columns, rows]).astype(np.int64)
    hashed = _hashed(bins)
    order = np.lexsort((-weights, matches.features, hashed))
    kept = order[_first_of_each(hashed[order], matches.features[order])]
    return _heaviest(hashed[kept], kept, matches, predicted, weights, most)


def _heaviest(
    hashed: npt.NDArray[np.int64],
    kept: npt.NDArray[np.intp],
    matches: Matches,
    predicted: Floats,
    weights: Floats,
    most: int,
) -> list[Pose]:
    _, starts, counts = np.unique(hashed, return_index=True, return_counts=True)
    votes = np.add.reduceat(weights[kept], starts)
    votes = np.where(counts >= _FEWEST_VOTES, votes, 0.0)
    poses = []
    for peak in np.argsort(-votes, kind="stable")[:most]:
        members = kept[starts[peak] : starts[peak] + counts[peak]]
        if not votes[peak]:
            break
        pose = _pose(int(matches.images[members[0]]), predicted[members], weights[members])
        if pose.scale >= _SMALLEST_PX:
            poses.append(pose)
    return poses


def _pose(image: int, predicted: Floats, weights: Floats) -> Pose:
    """The weighted mean of votes that share a bin."""
    total = float(weights.sum())
    x, y = (weights @ predicted[:, :2] / total).tolist()
    scale = math.exp(float(weights @ np.log(predicted[:, 2])) / total)
    sine, cosine = (
        float(weights @ np.sin(predicted[:, 3])),
        float(weights @ np.cos(predicted[:, 3])),
    )
    return Pose(image, np.array([x, y]), scale, math.atan2(sine, cosine), total)


def _distinct(poses: list[Pose], products: npt.NDArray[np.int32], most: int) -> list[Pose]:
    """Without those that repeat a stronger one of the same product."""
    kept: dict[int, list[Pose]] = {}
    for pose in poses:
        same = kept.setdefault(int(products[pose.image]), [])
        if not any(_repeats(pose, other) for other in same):
            same.append(pose)
    distinct = [pose for same in kept.values() for pose in same]
    return sorted(distinct, key=lambda pose: -pose.votes)[:most]


def _repeats(pose: Pose, other: Pose) -> bool:
    across, down = (pose.centre_px - other.centre_px).tolist()
    gap = math.hypot(across, down)
    turn = abs(math.remainder(pose.angle_rad - other.angle_rad, 2 * math.pi))
    return gap < 0.2 * other.scale and 0.6 < pose.scale / other.scale < 1.7 and turn < 0.6


def _hashed(bins: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """One number a column (5, M); two bins share one by chance only."""
    hashed = bins[0].astype(np.uint64)
    for row in bins[1:]:
        hashed = hashed * np.uint64(0x9E3779B97F4A7C15) + row.astype(np.uint64)
        hashed ^= hashed >> np.uint64(29)
    return np.asarray(hashed, np.uint64).view(np.int64)


def _first_of_each(*sorted_keys: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which rows of sorted keys differ from the row before (N,)."""
    changed = np.ones(len(sorted_keys[0]), np.bool_)
    changed[1:] = np.any([key[1:] != key[:-1] for key in sorted_keys], axis=0)
    return changed
