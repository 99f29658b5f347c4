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
from services.visual_search.local_features.postings import MAX_DISTANCE, PLACE, Matches
from shared.geometry import Floats

_TURNS: Final = 12
_SIZE_STEPS: Final = 24.0
_SIGMA_BITS: Final = 12.0
_FEWEST_VOTES: Final = 4
_GRIDS: Final = (0.0, 0.5)
_SMALLEST_PX: Final = 24.0
_SLOTS: Final = (1 << 18) - 1
_DISTANCE_BITS: Final = MAX_DISTANCE.bit_length()


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


@dataclass(frozen=True, slots=True)
class Votes:
    """Matches with where they say that their reference image is, one row each.

    Attributes:
        features: (M,) index of the picture's feature.
        images: (M,) number of the reference image.
        distances: (M,) bits by which the signatures differ.
        poses: (M, 4) of the reference image: centre x, y in pixels, binary logarithm of its
            longer side in pixels, angle.
        weights: (M,).
    """

    features: npt.NDArray[np.int64]
    images: npt.NDArray[np.int32]
    distances: npt.NDArray[np.uint8]
    poses: Floats
    weights: Floats

    @classmethod
    def of(cls, features: LocalFeatures, matches: Matches, images: int) -> Votes:
        """Let the matches of a picture's features vote.

        Args:
            features: of the picture.
            matches: of its features with those of reference images.
            images: reference images there are, for the weight of a match.
        """
        return cls(
            matches.features,
            matches.images,
            matches.distances,
            _predicted(features, matches),
            _weights(matches, images),
        )

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Votes:
        """Take some of them."""
        return Votes(
            self.features[chosen],
            self.images[chosen],
            self.distances[chosen],
            self.poses[chosen],
            self.weights[chosen],
        )


def vote(votes: Votes, products: npt.NDArray[np.int32], most: int) -> list[Pose]:
    """Gather votes: poses, most votes first.

    Args:
        votes: of a picture's features.
        products: number of the product that each reference image shows.
        most: poses wanted.
    """
    if len(votes.images) < _FEWEST_VOTES:
        return []
    poses = [pose for grid in _GRIDS for pose in _peaks(votes, grid, 3 * most)]
    return _distinct(sorted(poses, key=lambda pose: -pose.votes), products, most)


def _predicted(features: LocalFeatures, matches: Matches) -> Floats:
    """Per match the pose of the reference image (M, 4), see ``Votes``."""
    places, own = matches.places, matches.features
    size = np.log2(np.maximum(features.sizes_px, 0.1))[own] + places["size"] / _SIZE_STEPS
    scale = np.exp2(size)
    angle = features.angles_rad[own] - places["angle"] * (2 * np.pi / 256)
    x, y = ((places[axis] - 127.5) / 255 * scale for axis in ("x", "y"))
    cos, sin = np.cos(angle), np.sin(angle)
    centres = features.points_px[own] - np.stack([x * cos - y * sin, x * sin + y * cos], axis=1)
    return np.column_stack([centres, size, wrapped(angle)])


def _weights(matches: Matches, images: int) -> Floats:
    """Near signatures count more, features that look like many images less."""
    pairs = np.sort(matches.features << 32 | matches.images)
    distinct = pairs[_first_of_each(pairs)]
    seen_in = np.bincount(distinct >> 32)[matches.features]
    rarity = np.log(1 + max(images, 2) / seen_in)
    return np.asarray(rarity * np.exp(-((matches.distances / _SIGMA_BITS) ** 2)), np.float64)


def _peaks(votes: Votes, grid: float, most: int) -> list[Pose]:
    """The bins of one grid with the most votes; a feature has one vote a bin, its nearest."""
    bins = _bins(votes, grid)
    # Most bins hold a chance match or two: they are put aside before anything is sorted.
    slots = (bins >> 32) & _SLOTS
    shared = np.flatnonzero(np.bincount(slots, minlength=_SLOTS + 1)[slots] >= _FEWEST_VOTES)
    if not len(shared):
        return []
    # One number to sort by: the bin, then the feature, then how far its match is.
    tail = int(votes.features.max()).bit_length() + _DISTANCE_BITS
    keys = bins[shared] >> tail << tail
    keys |= votes.features[shared] << _DISTANCE_BITS | votes.distances[shared]
    order = np.argsort(keys)
    keys = keys[order]
    kept = _first_of_each(keys >> _DISTANCE_BITS)
    return _heaviest(keys[kept] >> tail, votes.where(shared[order[kept]]), most)


def _bins(votes: Votes, grid: float) -> npt.NDArray[np.int64]:
    """The bin of one grid that each vote falls into, as one number (M,)."""
    x, y, size, angle = votes.poses.T
    steps = np.floor(np.maximum(size, 0.0) + grid)
    cells = np.exp2(grid - 0.5 - steps) / 0.25
    turns = np.floor(angle / (2 * np.pi) * _TURNS + grid) % _TURNS
    columns, rows = np.floor(x * cells + grid), np.floor(y * cells + grid)
    return _hashed(np.stack([votes.images, steps, turns, columns, rows]).astype(np.int64))


def _heaviest(bins: npt.NDArray[np.int64], votes: Votes, most: int) -> list[Pose]:
    """Poses of the bins with the most votes, heaviest first; a bin's votes lie together."""
    starts = np.flatnonzero(_first_of_each(bins))
    counts = np.diff(starts, append=len(bins))
    sums = np.add.reduceat(votes.weights, starts)
    heavy = np.flatnonzero(counts >= _FEWEST_VOTES)
    heavy = heavy[np.argsort(-sums[heavy], kind="stable")[:most]]
    if not len(heavy):
        return []
    means = _means(votes, starts[heavy], counts[heavy])
    images = votes.images[starts[heavy]].tolist()
    poses = (
        Pose(image, mean[:2], float(2.0 ** mean[2]), math.atan2(mean[3], mean[4]), weight)
        for image, mean, weight in zip(images, means, sums[heavy].tolist(), strict=True)
    )
    return [pose for pose in poses if pose.scale >= _SMALLEST_PX]


def _means(votes: Votes, starts: npt.NDArray[np.intp], counts: npt.NDArray[np.intp]) -> Floats:
    """Weighted means over runs of votes: x, y, size, sine and cosine of the angle (B, 5)."""
    ends = np.cumsum(counts)
    members = np.arange(ends[-1]) + np.repeat(starts - ends + counts, counts)
    poses, weights = votes.poses[members], votes.weights[members, None]
    angle = poses[:, 3:]
    terms = weights * np.hstack([poses[:, :3], np.sin(angle), np.cos(angle), np.ones_like(angle)])
    sums = np.add.reduceat(terms, ends - counts, axis=0)
    return np.asarray(sums[:, :5] / sums[:, 5:], np.float64)


def _distinct(poses: list[Pose], products: npt.NDArray[np.int32], most: int) -> list[Pose]:
    """The first of those, most votes first, that repeat no stronger one of the same product."""
    kept: dict[int, list[Pose]] = {}
    distinct: list[Pose] = []
    for pose in poses:
        same = kept.setdefault(int(products[pose.image]), [])
        if not any(_repeats(pose, other) for other in same):
            same.append(pose)
            distinct.append(pose)
        if len(distinct) == most:
            break
    return distinct


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


def _first_of_each(keys: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which of sorted keys (N,) differ from the one before."""
    changed = np.ones(len(keys), np.bool_)
    changed[1:] = keys[1:] != keys[:-1]
    return changed
