"""What local features found in the whole picture, as regions and as odds of other regions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from services.visual_search.index.ranking import Found
from services.visual_search.local_features.deciding import Claim, Thing
from services.visual_search.recognition.calibration import Calibration
from services.visual_search.recognition.print_weights import PrintWeights
from services.visual_search.recognition.region_answers import Box, Recognized, RegionAnswer
from services.visual_search.recognition.verification import Agreement
from shared import geometry

_VERIFIED: Final = 2.0
"""Log-odds from which a claim identifies what is printed."""
_NONE: Final = 2.0
"""Weight of "none of the catalogue" beside the claims' odds: a variant that the shop does not
sell shares most of its print with one that it does. Set on drawn strangers, not fitted."""
MOST_OF_PLACE: Final = 12.0
"""Log-odds of a place beyond which it is as good as certain."""
_INSIDE: Final = 0.6
FILLS: Final = 0.25
"""Share of a region that a thing must fill to say what the region shows; a smaller one is a
part of what is there."""


def found_region(thing: Thing) -> RegionAnswer:
    """The region of a thing, with the probability of each product that it may be."""
    weights = [math.exp(claim.log_odds) for claim in thing.claims]
    total = _NONE + sum(weights)
    candidates = [
        _recognized(claim, weight / total)
        for claim, weight in zip(thing.claims, weights, strict=True)
    ]
    return RegionAnswer(_box(thing.best), candidates, _NONE / total, found=True)


def with_things(
    answer: RegionAnswer,
    things: Sequence[Thing],
    calibration: Calibration,
    fills: float = FILLS,
) -> RegionAnswer:
    """Move the odds of a region by the things that fill much of it (see ``PrintWeights``).

    Args:
        answer: what the region looks like.
        things: what local features found in the whole picture.
        calibration: how much they count.
        fills: share of the region that a thing must fill.
    """
    told = claims_in(answer.box, things, fills)
    if not told:
        return answer
    against = sum(one.probability for one in answer.candidates if one.found.sku not in told)
    weights = PrintWeights.of(answer.unknown, against, calibration)
    odds = {sku: one.odds(weights) for sku, one in told.items()}
    mentioned = {one.found.sku for one in answer.candidates}
    fresh = [_recognized(one.claim, 0.0) for sku, one in told.items() if sku not in mentioned]
    moved = [
        _moved(one, told[one.found.sku], weights.prior, odds[one.found.sku])
        if one.found.sku in told
        else one
        for one in [*answer.candidates, *fresh]
    ]
    lacked = sum(one.lacked(weights, calibration) * odds[sku] for sku, one in told.items())
    return _shared_out(answer, moved, answer.unknown + lacked)


def _shared_out(answer: RegionAnswer, moved: Sequence[Recognized], unknown: float) -> RegionAnswer:
    total = sum(one.probability for one in moved) + unknown
    ordered = sorted(moved, key=lambda one: -one.probability)
    shared = [replace(one, probability=one.probability / total) for one in ordered]
    return replace(answer, candidates=shared, unknown=unknown / total)


@dataclass(frozen=True, slots=True)
class Told:
    """What print says of one product.

    Attributes:
        claim: of the place that says most.
        place: log-odds that the place shows any product of this design.
        merit: log-odds of the product against the place's, 0 or less.
        merits: the same of all products of this design, this one's among them.
    """

    claim: Claim
    place: float
    merit: float
    merits: tuple[float, ...]

    @property
    def alone(self) -> bool:
        """Whether it is the only product of this design."""
        return len(self.merits) == 1

    def share(self, trust: float) -> float:
        """Logarithm of the product's share among those of its design, 0 or less."""
        return trust * self.merit - math.log(sum(math.exp(trust * one) for one in self.merits))

    def odds(self, weights: PrintWeights[float]) -> float:
        """That the region shows this product, the place's log-odds weighted."""
        place = min(MOST_OF_PLACE, weights.place * self.place)
        return math.exp(place + self.share(weights.trust))

    def lacked(self, weights: PrintWeights[float], calibration: Calibration) -> float:
        """Odds before print that it is a variant of this product which the catalogue lacks."""
        lacked = calibration.print_alone if self.alone else calibration.print_variants
        return weights.prior * lacked + weights.sibling


def claims_in(box: Box, things: Sequence[Thing], fills: float = FILLS) -> dict[str, Told]:
    """What the things that fill much of a region say of each product."""
    told = [one for thing in things if _shows(box, thing, fills) for one in _told(thing)]
    return {one.claim.sku: one for one in sorted(told, key=lambda one: one.claim.log_odds)}


def _told(thing: Thing) -> list[Told]:
    merits = tuple(claim.log_odds - thing.log_odds for claim in thing.claims)
    return [
        Told(claim, thing.log_odds, merit, merits)
        for claim, merit in zip(thing.claims, merits, strict=True)
    ]


def _moved(one: Recognized, told: Told, prior: float, odds: float) -> Recognized:
    moved = (one.probability + prior) * odds
    return replace(_recognized(told.claim, moved), found=one.found)


def _recognized(claim: Claim, probability: float) -> Recognized:
    none = np.zeros((0, 2))
    verified = claim.log_odds >= _VERIFIED
    agreement = Agreement(
        claim.inliers,
        claim.matches,
        claim.outline,
        verified,
        refuted=False,
        query_points=none,
        reference_points=none,
    )
    found = Found(claim.sku, "", 0.0, 0.0, claim.image_id)
    return Recognized(found, probability, agreement, np.clip(claim.outline, 0.0, 1.0))


def _shows(box: Box, thing: Thing, fills: float) -> bool:
    """Whether a thing lies in a region and fills much of it."""
    own = [_box(thing.best)]
    inside = geometry.coverage(own, [box])[0, 0]
    filled = geometry.coverage([box], own)[0, 0]
    return bool(inside >= _INSIDE and filled >= fills)


def _box(claim: Claim) -> Box:
    left, top = np.clip(claim.outline.min(axis=0), 0, 0.999).tolist()
    right, bottom = np.clip(claim.outline.max(axis=0), 0, 1).tolist()
    return left, top, max(right, left + 1e-3), max(bottom, top + 1e-3)
