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
from services.visual_search.recognition.region_answers import Box, Recognized, RegionAnswer
from services.visual_search.recognition.verification import Agreement
from shared import geometry

_VERIFIED: Final = 2.0
"""Log-odds from which a claim identifies what is printed."""
SIBLINGS: Final = 0.9
"""How far print is trusted to tell products of one design apart, as a power of its odds:
they share most of it, and where light and angle differ from the reference image the rest
decides by chance."""
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
    """Move the odds of a region by the things that fill much of it.

    Of a product that the embedder was not trained on looks may mention any other; so what
    they leave unknown is the prior of products whose print is seen. Photos hold the shelf behind
    a thing too: the surer looks are of a product that print does not name, the less print counts.
    Part of what it says goes to variants that the catalogue lacks.

    Args:
        answer: what the region looks like.
        things: what local features found in the whole picture.
        calibration: how much they count.
        fills: share of the region that a thing must fill.
    """
    told = claims_in(answer.box, things, fills)
    if not told:
        return answer
    prior = prior_of_print(answer.unknown, calibration)
    against = sum(one.probability for one in answer.candidates if one.found.sku not in told)
    odds = {sku: one.odds(against, calibration) for sku, one in told.items()}
    known = {one.found.sku for one in answer.candidates}
    fresh = [_recognized(one.claim, 0.0) for sku, one in told.items() if sku not in known]
    moved = [
        _moved(one, told[one.found.sku], prior, odds[one.found.sku])
        if one.found.sku in told
        else one
        for one in [*answer.candidates, *fresh]
    ]
    variants = sum(one.lacked(calibration) * odds[sku] for sku, one in told.items())
    unknown = answer.unknown + prior * variants
    total = sum(one.probability for one in moved) + unknown
    ordered = sorted(moved, key=lambda one: -one.probability)
    shared = [replace(one, probability=one.probability / total) for one in ordered]
    return replace(answer, candidates=shared, unknown=unknown / total)


def prior_of_print(unknown: float, calibration: Calibration) -> float:
    """Weight of a product whose print is seen, by how little looks know of the picture."""
    return calibration.print_prior * unknown**2


@dataclass(frozen=True, slots=True)
class Told:
    """What print says of one product.

    Attributes:
        claim: of the place that says most.
        place: log-odds that the place shows any product of this design.
        share: logarithm of the product's share among them, 0 or less.
        alone: whether it is the only product of this design.
    """

    claim: Claim
    place: float
    share: float
    alone: bool

    def odds(self, against: float, calibration: Calibration) -> float:
        """That the region shows this product, the place's log-odds weighted.

        Args:
            against: what looks give to products that print does not name.
            calibration: how much print counts.
        """
        weight = calibration.print_weight * (1 - against) ** 2
        return math.exp(min(MOST_OF_PLACE, weight * self.place) + self.share)

    def lacked(self, calibration: Calibration) -> float:
        """Odds that it is a variant of this product which the catalogue lacks."""
        return calibration.print_alone if self.alone else calibration.print_variants


def claims_in(box: Box, things: Sequence[Thing], fills: float = FILLS) -> dict[str, Told]:
    """What the things that fill much of a region say of each product."""
    told = [one for thing in things if _shows(box, thing, fills) for one in _told(thing)]
    return {one.claim.sku: one for one in sorted(told, key=lambda one: one.place + one.share)}


def _told(thing: Thing) -> list[Told]:
    merits = [SIBLINGS * (claim.log_odds - thing.log_odds) for claim in thing.claims]
    norm = math.log(sum(math.exp(merit) for merit in merits))
    return [
        Told(claim, thing.log_odds, merit - norm, alone=len(thing.claims) == 1)
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
