"""What local features found in the whole picture, as regions and as odds of other regions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from services.visual_search.local_features.deciding import Claim, Thing
from services.visual_search.ranking import Found
from services.visual_search.region_answers import Box, Recognized, RegionAnswer
from services.visual_search.verification import Agreement
from shared import geometry

_VERIFIED: Final = 2.0
"""Log-odds from which a claim identifies what is printed."""
_PRIOR: Final = 0.02
"""Probability, by its looks, of a product that the embedding does not mention: of products
that the embedder was not trained on it may mention any."""
_NONE: Final = 2.0
"""Weight of "none of the catalogue" beside the claims' odds: a variant that the shop does not
sell shares most of its print with one that it does. Set on drawn strangers, not fitted."""
_INSIDE: Final = 0.6
_FILLS: Final = 0.25


def found_region(thing: Thing) -> RegionAnswer:
    """The region of a thing, with the probability of each product that it may be."""
    weights = [math.exp(claim.log_odds) for claim in thing.claims]
    total = _NONE + sum(weights)
    candidates = [
        _recognized(claim, weight / total)
        for claim, weight in zip(thing.claims, weights, strict=True)
    ]
    return RegionAnswer(_box(thing.best), candidates, _NONE / total, found=True)


def with_things(answer: RegionAnswer, things: Sequence[Thing]) -> RegionAnswer:
    """Move the odds of a region by the things that fill much of it."""
    claims = [claim for thing in things if _shows(answer.box, thing) for claim in thing.claims]
    strongest: dict[str, Claim] = {}
    for claim in sorted(claims, key=lambda one: one.log_odds):
        strongest[claim.sku] = claim
    if not strongest:
        return answer
    known = {one.found.sku: one for one in answer.candidates}
    fresh = [_recognized(claim, _PRIOR) for sku, claim in strongest.items() if sku not in known]
    moved = [_moved(one, strongest.get(one.found.sku)) for one in [*answer.candidates, *fresh]]
    total = sum(one.probability for one in moved) + answer.unknown
    ordered = sorted(moved, key=lambda one: -one.probability)
    shared = [replace(one, probability=one.probability / total) for one in ordered]
    return replace(answer, candidates=shared, unknown=answer.unknown / total)


def _moved(one: Recognized, claim: Claim | None) -> Recognized:
    if claim is None:
        return one
    weight = max(one.probability, _PRIOR) * math.exp(claim.log_odds)
    return replace(_recognized(claim, weight), found=one.found)


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


def _shows(box: Box, thing: Thing) -> bool:
    """Whether a thing lies in a region and fills much of it."""
    own = [_box(thing.best)]
    inside = geometry.coverage(own, [box])[0, 0]
    fills = geometry.coverage([box], own)[0, 0]
    return bool(inside >= _INSIDE and fills >= _FILLS)


def _box(claim: Claim) -> Box:
    left, top = np.clip(claim.outline.min(axis=0), 0, 0.999).tolist()
    right, bottom = np.clip(claim.outline.max(axis=0), 0, 1).tolist()
    return left, top, max(right, left + 1e-3), max(bottom, top + 1e-3)
