"""Finds every printed thing of the catalogue in a picture, with its outline.

The picture's features vote for poses of reference images, the best poses are verified,
and of sightings that overlap the best one stays. What it explains is then taken away and
the rest votes again, so that many things in one picture, and many of one product, are
found, the strongest first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from services.visual_search.local_features.features import LocalFeatures
from services.visual_search.local_features.matching import Picture, Sighting, inside, look
from services.visual_search.local_features.postings import Postings
from services.visual_search.local_features.references import Reference
from services.visual_search.local_features.vocabulary import Vocabulary
from services.visual_search.local_features.voting import Pose, Votes, vote
from shared.geometry import Floats

# Poses that are verified in each round.
_POSES: Final = (60, 30, 15)
_CROWD: Final = 4
# Poses in a row that do not hold, after which the weaker ones are not tried.
_PATIENCE: Final = 12
_FEWEST_INLIERS: Final = 8
_FEWEST_SHARE: Final = 0.06
_OVERLAP: Final = 0.35

_Tried = dict[tuple[int, float, float, float, float, float], Sighting | None]
"""What was seen at poses of one picture, by all that a pose says."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of a picture where at least one reference image is seen.

    Attributes:
        sightings: of one place, the one that features support most first.
    """

    sightings: tuple[Sighting, ...]

    @property
    def best(self) -> Sighting:
        """The strongest."""
        return self.sightings[0]


def find(
    picture: LocalFeatures,
    postings: Postings,
    vocabulary: Vocabulary,
    references: Callable[[int], Reference | None],
    products: npt.NDArray[np.int32],
    images: int,
    without: Sequence[int] = (),
) -> list[Spot]:
    """Find what a picture shows.

    Args:
        picture: its features.
        postings: of the reference images.
        vocabulary: that the postings were made with.
        references: gives a reference image by its number; None = gone.
        products: number of the product that each reference image shows.
        images: reference images there are.
        without: numbers of those that are to be left out. They have no vote either: one
            with more would stand for the other images of its product.
    """
    words, signatures = vocabulary.assign(picture.descriptors, postings.words_wanted())
    matches = postings.match(words, signatures)
    if without:
        matches = matches.where(~np.isin(matches.images, without))
    votes = Votes.of(picture, matches, images - len(without))
    ready = Picture(picture)
    tried: _Tried = {}
    spots: list[Spot] = []
    for poses in _POSES:
        candidates = vote(votes, products, poses)
        seen = _sightings(ready, candidates, references, tried)
        fresh = _spots(seen, spots, picture.size_wh)
        if not fresh:
            break
        spots += fresh
        votes = _unexplained(picture, votes, fresh)
    return spots


def _sightings(
    picture: Picture,
    poses: Sequence[Pose],
    references: Callable[[int], Reference | None],
    tried: _Tried,
) -> list[Sighting]:
    """Verify poses, most votes first; of a place only the first few that hold.

    Once several in a row do not hold, those with fewer votes will not either.
    """
    found: list[Sighting] = []
    failed = 0
    for pose in poses:
        if failed == _PATIENCE:
            break
        reference = references(pose.image)
        if reference is None or _is_crowded(pose, found):
            continue
        seen = _look(picture, reference, pose, tried)
        if seen is not None and _is_enough(seen):
            found.append(seen)
            failed = 0
        else:
            failed += 1
    return sorted(found, key=lambda one: -one.support)


def _look(picture: Picture, reference: Reference, pose: Pose, tried: _Tried) -> Sighting | None:
    """Look once: a pose that did not hold may get the same votes again in the next round."""
    x, y = pose.centre_px.tolist()
    key = (pose.image, x, y, pose.scale, pose.angle_rad, pose.votes)
    if key not in tried:
        tried[key] = look(picture, reference.features, reference.content_xyxy_px, pose)
    return tried[key]


def _is_crowded(pose: Pose, found: Sequence[Sighting]) -> bool:
    centre = (float(pose.centre_px[0]), float(pose.centre_px[1]))
    outlines = (one.outline_px.astype(np.float32) for one in found)
    here = sum(cv2.pointPolygonTest(one, centre, measureDist=False) >= 0 for one in outlines)
    return here >= _CROWD


def _is_enough(seen: Sighting) -> bool:
    return seen.inliers >= max(_FEWEST_INLIERS, _FEWEST_SHARE * seen.seen)


def _spots(
    sightings: Sequence[Sighting], before: Sequence[Spot], size_wh: tuple[int, int]
) -> list[Spot]:
    """Gather sightings of one place; what lies on a place found before repeats it."""
    groups: list[list[Sighting]] = []
    for one in sightings:
        if any(_overlap(one.outline_px, spot.best.outline_px) > _OVERLAP for spot in before):
            continue
        home = next(
            (g for g in groups if _overlap(one.outline_px, g[0].outline_px) > _OVERLAP), None
        )
        if home is None:
            groups.append([one])
        else:
            home.append(one)
    return [Spot(tuple(group)) for group in groups]


def _overlap(a_px: Floats, b_px: Floats) -> float:
    """Area common to two convex quads, as a share of the smaller."""
    a, b = a_px.astype(np.float32), b_px.astype(np.float32)
    smaller = min(cv2.contourArea(a), cv2.contourArea(b))
    common, _ = cv2.intersectConvexConvex(a, b)
    return common / max(smaller, 1e-9)


def _unexplained(picture: LocalFeatures, votes: Votes, spots: Sequence[Spot]) -> Votes:
    """Votes of features that lie in none of the outlines."""
    free = np.ones(len(picture), np.bool_)
    for spot in spots:
        free &= ~inside(picture.points_px, spot.best.outline_px)
    return votes.where(free[votes.features])
