"""From sightings of one place to the products that it may show, with the odds of each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from services.visual_search.local_features.appearance import Look, Views, likeness, preference
from services.visual_search.local_features.finding import Spot
from services.visual_search.local_features.matching import Sighting
from services.visual_search.local_features.references import Reference
from shared.geometry import Floats
from shared.image_pixels import Rgb

# Log-odds that a sighting is no chance: logistic regression on demo scenes of other seeds than
# are tested, on GroceryStore's training photos of packages against its catalogue images, and on
# photos of garments and fruit against the same.
_BIAS: Final = -3.5
_OF_LIKENESS: Final = 5.9
_OF_SUPPORT: Final = 1.67
_LEAST_SUPPORT: Final = 0.3
# Likeness beyond this says no more: one hat on plain ground is as alike to the next.
_MOST_LIKENESS: Final = 0.6
# How a preference between siblings counts beside their numbers of agreeing features. With 6
# and 4 in place of 9 and 3, of 93 training photos of packages 74 instead of 71 were right, of
# the demo's 91 things 89 instead of 87, of 100 validation photos 58 instead of 57.
_OF_PREFERENCE: Final = 6.0
_OF_SIBLING_INLIERS: Final = 4.0
# Log-odds up to which siblings differ by chance. What lies beyond counts: the peel of a grapefruit
# agrees with more features of a pack than its own picture does, but with hardly any support.
_BY_CHANCE: Final = 1.0
WORTH_TELLING: Final = 0.5
"""Log-odds from which a place is a thing of its own."""
WORTH_WEIGHING: Final = -2.0
"""Log-odds from which a place says something about a region that was asked for."""
MOST_SIBLINGS: Final = 4
"""Products that share a place, at most."""


class Named(Protocol):
    """Which product a reference image shows."""

    @property
    def sku(self) -> str:
        """The product."""

    @property
    def id(self) -> str:
        """The reference image."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A product that a place may show.

    Attributes:
        sku: the product.
        image_id: the reference image that was compared.
        log_odds: that the place shows this product, against its being none of the
            catalogue, before anything else is known; natural logarithm.
        inliers: features that agree.
        matches: features of the picture within the outline.
        outline: (4, 2) corners of the reference's product in the picture, normalised.
    """

    sku: str
    image_id: str
    log_odds: float
    inliers: int
    matches: int
    outline: Floats


@dataclass(frozen=True, slots=True)
class Thing:
    """A place of a picture and the products that it may show, most likely first.

    ``log_odds``: that it shows any of them.
    """

    claims: tuple[Claim, ...]
    log_odds: float

    @property
    def best(self) -> Claim:
        """The most likely."""
        return self.claims[0]


@dataclass(frozen=True, slots=True)
class _Witness:
    """A sighting with its reference image."""

    look: Look
    image: Named
    like: float

    @property
    def seen(self) -> Sighting:
        """Where, and what agrees."""
        return self.look.seen

    @property
    def log_odds(self) -> float:
        """That it is no chance agreement."""
        support = math.log(_LEAST_SUPPORT + self.seen.support)
        return _BIAS + _OF_LIKENESS * min(self.like, _MOST_LIKENESS) + _OF_SUPPORT * support


def decide(
    spots: Sequence[Spot],
    image_rgb: Rgb,
    size_wh: tuple[int, int],
    references: Callable[[int], Reference | None],
    images: Mapping[int, Named],
    least_log_odds: float = WORTH_TELLING,
) -> list[Thing]:
    """Judge each place by how alike it looks, and tell products of one design apart.

    Args:
        spots: places with their sightings.
        image_rgb: the picture (H, W, 3) uint8.
        size_wh: that sightings are measured in, in pixels.
        references: gives a reference image by its number; None = gone.
        images: which reference image a number stands for.
        least_log_odds: of a place that is told.
    """
    views = Views(image_rgb, size_wh)
    things = []
    for spot in spots:
        witnesses = _witnesses(spot, views, references, images)
        if witnesses and witnesses[0].log_odds > least_log_odds:
            things.append(_thing(witnesses, size_wh))
    return things


def _witnesses(
    spot: Spot,
    views: Views,
    references: Callable[[int], Reference | None],
    images: Mapping[int, Named],
) -> list[_Witness]:
    """The best sighting of each product, most likely first."""
    best: dict[str, _Witness] = {}
    for seen in spot.sightings:
        reference, image = references(seen.image), images.get(seen.image)
        if reference is None or image is None:
            continue
        look = views.of(seen, reference)
        witness = _Witness(look, image, likeness(look))
        if image.sku not in best or witness.log_odds > best[image.sku].log_odds:
            best[image.sku] = witness
    return sorted(best.values(), key=lambda one: -one.log_odds)[:MOST_SIBLINGS]


def _thing(witnesses: Sequence[_Witness], size_wh: tuple[int, int]) -> Thing:
    """Share the odds of the place among its products."""
    total = witnesses[0].log_odds
    merits = _merits(witnesses)
    norm = math.log(sum(math.exp(merit - max(merits)) for merit in merits)) + max(merits)
    claims = [
        Claim(
            one.image.sku,
            one.image.id,
            total + merit - norm,
            one.seen.inliers,
            max(one.seen.seen, one.seen.inliers),
            one.seen.outline_px / size_wh,
        )
        for one, merit in zip(witnesses, merits, strict=True)
    ]
    return Thing(tuple(sorted(claims, key=lambda claim: -claim.log_odds)), total)


def _merits(witnesses: Sequence[_Witness]) -> list[float]:
    """How much each product of a design leads the others, on average."""
    merits = [0.0] * len(witnesses)
    for one, two in itertools.combinations(range(len(witnesses)), 2):
        lead = _lead(witnesses[one], witnesses[two])
        merits[one] += lead
        merits[two] -= lead
    return [merit / max(1, len(witnesses) - 1) for merit in merits]


def _lead(one: _Witness, two: _Witness) -> float:
    """How much more likely one product of a design is than another."""
    preferred = (preference(one.look, two.look) - preference(two.look, one.look)) / 2
    inliers = math.log(one.seen.inliers / two.seen.inliers)
    supported = one.log_odds - two.log_odds
    beyond = supported - max(-_BY_CHANCE, min(_BY_CHANCE, supported))
    return _OF_PREFERENCE * preferred + _OF_SIBLING_INLIERS * inliers + beyond
