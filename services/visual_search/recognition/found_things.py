"""What local features found in the whole picture, as regions and as odds of other regions."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from services.visual_search.index.ranking import Found
from services.visual_search.local_features.deciding import Claim, Thing
from services.visual_search.recognition.calibration import Calibration
from services.visual_search.recognition.print_weights import (
    PrintWeights,
    moved,
    of_merit,
    of_place,
)
from services.visual_search.recognition.region_answers import Box, Recognized, RegionAnswer
from services.visual_search.recognition.verification import Agreement
from shared import geometry

_VERIFIED: Final = 2.0
"""Log-odds from which a claim identifies what is printed."""
_NONE: Final = 2.0
"""Weight of "none of the catalogue" beside the claims' odds: a variant that the shop does not
sell shares most of its print with one that it does. Set on drawn strangers, not fitted."""
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
    looks = {one.found.sku: one.probability for one in answer.candidates}
    found = {one.found.sku: one.found for one in answer.candidates}
    weights = PrintWeights.of(answer.unknown, _all_but(looks, told), calibration)
    seen = {sku: one.seen(looks, weights.trust, calibration) for sku, one in told.items()}
    kept = [one for one in answer.candidates if one.found.sku not in told]
    raised = [
        _raised(one, found.get(sku), moved(looks.get(sku, 0.0), weights.prior, *seen[sku]))
        for sku, one in told.items()
    ]
    lacked = sum(
        one.lacked(weights, calibration) * math.exp(sum(seen[sku])) for sku, one in told.items()
    )
    return _shared_out(answer, [*kept, *raised], answer.unknown + lacked)


def _shared_out(
    answer: RegionAnswer, weighed: Sequence[Recognized], unknown: float
) -> RegionAnswer:
    total = sum(one.probability for one in weighed) + unknown
    ordered = sorted(weighed, key=lambda one: -one.probability)
    shared = [replace(one, probability=float(one.probability / total)) for one in ordered]
    return replace(answer, candidates=shared, unknown=float(unknown / total))


def _all_but(looks: Mapping[str, float], named: Collection[str]) -> float:
    return sum(probability for sku, probability in looks.items() if sku not in named)


@dataclass(frozen=True, slots=True)
class Told:
    """What print says of one product: a claim, and the place that it is of."""

    claim: Claim
    place: Thing

    @property
    def merit(self) -> float:
        """Log-odds of the product against its place's, 0 or less."""
        return self.claim.log_odds - self.place.log_odds

    @property
    def rivals(self) -> list[tuple[str, float]]:
        """All products of this design, this one among them, with their merits."""
        return [(one.sku, one.log_odds - self.place.log_odds) for one in self.place.claims]

    @property
    def alone(self) -> bool:
        """Whether it is the only product of this design."""
        return len(self.place.claims) == 1

    def seen(
        self, looks: Mapping[str, float], trust: float, calibration: Calibration
    ) -> tuple[float, float]:
        """Log-odds of its place, and the logarithm of its share of it, as far as they count.

        Args:
            looks: probability by SKU before print.
            trust: as of ``PrintWeights``.
            calibration: how much print counts.
        """
        against = _all_but(looks, [sku for sku, _ in self.rivals])
        norm = math.log(sum(math.exp(of_merit(merit, trust)) for _, merit in self.rivals))
        place = of_place(self.place.log_odds, against, calibration)
        return place, of_merit(self.merit, trust) - norm

    def lacked(self, weights: PrintWeights[float], calibration: Calibration) -> float:
        """Odds before print that it is a variant of this product which the catalogue lacks."""
        lacked = calibration.print_alone if self.alone else calibration.print_variants
        return weights.prior * lacked + weights.sibling


def claims_in(box: Box, things: Sequence[Thing], fills: float = FILLS) -> dict[str, Told]:
    """What the things that fill much of a region say of each product."""
    shown = [thing for thing in things if _shows(box, thing, fills)]
    told = [Told(claim, thing) for thing in shown for claim in thing.claims]
    return {one.claim.sku: one for one in sorted(told, key=lambda one: one.claim.log_odds)}


def _raised(told: Told, found: Found | None, probability: float) -> Recognized:
    """The product as print shows it, with the scores that looks gave it if they did."""
    seen = _recognized(told.claim, probability)
    return replace(seen, found=found or seen.found)


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
