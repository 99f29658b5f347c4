"""From evidence about one thing to a decision about what it is.

The hypotheses are the candidate products and "none of the catalogue". Appearance comes as
calibrated probabilities; each code multiplies them by how likely that code is to be seen
on each hypothesis (Bayes, the codes being independent of the look). The decision is
IDENTIFIED when one product is probable enough and nothing contradicts it, UNKNOWN when
"none" is more probable than all products together, AMBIGUOUS otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from services.scanning.evidence import (
    FLOOR,
    OWN_CODE,
    STRAY_CODE,
    STRAY_ON_STRANGER,
    UNLIKE,
    Candidate,
    Conflict,
    ConflictKind,
    Evidence,
    Look,
    NamedCode,
    account_of,
)

IDENTIFIED_FROM: Final = 0.85
"""Probability from which a product is called identified: below it a person should choose."""
UNKNOWN_FROM: Final = 0.5
"""Probability of "none" from which a thing is called unknown."""
CONFIDENT_LOOK: Final = 0.8
"""Probability from appearance that may contradict a code."""
CONFIDENT_WHEN_VERIFIED: Final = 0.4
"""The same where local features agree: siblings with one design share the probability."""

# Once in fifty times a product is seen from a side, or in a state, that none of its
# reference images shows, so that its look says nothing: a code that names it is then all
# there is. An assumption, not a measurement.
_UNSEEN_SIDE: Final = 0.02
# But no side of it shows another product's print, so that it then comes behind that
# product: the label is swapped. An assumption, not a measurement.
_ANOTHERS_PRINT: Final = 1e-4
# One pack in fifty of a product whose GTINs are known bears one that the catalogue lacks:
# a new variant, an inner pack. An assumption, not a measurement.
_FOREIGN_CODE: Final = 0.02
# With codes alone, before they are weighed: even odds.
_NO_LOOK_PRIOR: Final = 0.5
_MAX_CANDIDATES: Final = 5
_NEAREST_WHEN_UNKNOWN: Final = 3


class Decision(Enum):
    """How sure the scan is about one thing."""

    IDENTIFIED = "identified"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a thing is.

    Attributes:
        decision: how sure.
        sku: the product when IDENTIFIED, else empty.
        probability: of the product when IDENTIFIED, of the best candidate when
            AMBIGUOUS, of none when UNKNOWN.
        candidates: ``(sku, probability)``, most probable first.
        evidence: strongest first.
        conflicts: what disagrees.
    """

    decision: Decision
    sku: str
    probability: float
    candidates: tuple[tuple[str, float], ...]
    evidence: tuple[Evidence, ...]
    conflicts: tuple[Conflict, ...]


def decide(
    look: Look | None, codes: Sequence[NamedCode], skus_with_gtin: Collection[str] = ()
) -> Verdict:
    """Decide what one thing is.

    Args:
        look: what appearance says; None = nobody looked.
        codes: the codes on it.
        skus_with_gtin: the candidates whose GTINs the catalogue knows; on the others a
            code that is not in the catalogue says nothing.

    >>> decide(Look((Candidate("TEA", 0.95),), 0.05), []).decision.name
    'IDENTIFIED'
    """
    distinct = list({one.code.lookup: one for one in codes}.values())
    ranked, unknown = _posterior(look, distinct, skus_with_gtin)
    conflicts = _conflicts(look, distinct, skus_with_gtin)
    sku, best = ranked[0] if ranked else ("", 0.0)
    if best >= IDENTIFIED_FROM and not conflicts:
        decision, probability = Decision.IDENTIFIED, best
    elif conflicts or unknown < UNKNOWN_FROM:
        decision, probability = Decision.AMBIGUOUS, best
    else:
        decision, probability = Decision.UNKNOWN, unknown
    shown = ranked[: _NEAREST_WHEN_UNKNOWN if decision is Decision.UNKNOWN else _MAX_CANDIDATES]
    told = {one for one, _ in ranked[:1]} | {one for c in conflicts for one in c.skus}
    return Verdict(
        decision,
        sku if decision is Decision.IDENTIFIED else "",
        probability,
        tuple(shown),
        account_of(look, distinct, told),
        conflicts,
    )


def _posterior(
    look: Look | None, codes: Sequence[NamedCode], skus_with_gtin: Collection[str]
) -> tuple[list[tuple[str, float]], float]:
    """Probability of each product, most probable first, and of none."""
    named = {one.sku: None for one in codes if one.sku}
    if look is None:
        prior = dict.fromkeys(named, _NO_LOOK_PRIOR / max(len(named), 1))
        none, left_over = 1.0 - sum(prior.values()), 0.0
    else:
        skus = {one.sku: None for one in look.candidates} | named
        floors = {sku: _floor(sku, look, named) for sku in skus}
        prior = {sku: max(look.probability_of(sku), floors[sku]) for sku in skus}
        none, left_over = max(look.unknown, FLOOR), look.left_over
    weights = {sku: p * _likelihood(sku, codes, skus_with_gtin) for sku, p in prior.items()}
    strays = sum(1 for one in codes if one.sku)
    none *= STRAY_ON_STRANGER**strays
    total = sum(weights.values()) + none + left_over * STRAY_CODE**strays
    ranked = sorted(weights.items(), key=lambda item: -item[1])
    return [(sku, weight / total) for sku, weight in ranked], none / total


def _floor(sku: str, look: Look, named: Collection[str]) -> float:
    """Least probability that a product has from its look."""
    best = look.best
    if sku not in named:
        return FLOOR
    if best and best.verified and best.sku != sku and _is_confident(best):
        return _ANOTHERS_PRINT
    return _UNSEEN_SIDE


def _likelihood(sku: str, codes: Sequence[NamedCode], skus_with_gtin: Collection[str]) -> float:
    """How likely these codes are on this product."""
    factors = []
    for one in codes:
        if one.sku:
            factors.append(OWN_CODE if one.sku == sku else STRAY_CODE)
        elif _is_foreign(one) and sku in skus_with_gtin:
            factors.append(_FOREIGN_CODE)
    return math.prod(factors)


def _is_foreign(one: NamedCode) -> bool:
    """Whether a code is a trade item number that the catalogue does not have."""
    return bool(one.gtin) and not one.sku and one.code.is_trade_item


def _conflicts(
    look: Look | None, codes: Sequence[NamedCode], skus_with_gtin: Collection[str]
) -> tuple[Conflict, ...]:
    named = {one.sku: one for one in codes if one.sku}
    found: list[Conflict] = []
    if len(named) > 1:
        texts = " and ".join(one.code.text for one in named.values())
        found.append(
            Conflict(
                ConflictKind.CODES_DISAGREE,
                tuple(named),
                f"the codes {texts} name different products",
            )
        )
    best = look.best if look else None
    if look is None or best is None or not _is_confident(best):
        return tuple(found)
    found += [
        _mismatch(one, best)
        for sku, one in named.items()
        if sku != best.sku and look.probability_of(sku) <= UNLIKE
    ]
    if not named and best.sku in skus_with_gtin:
        found += [_not_in_catalog(one, best) for one in codes if _is_foreign(one)]
    return tuple(found)


def _is_confident(best: Candidate) -> bool:
    needed = CONFIDENT_WHEN_VERIFIED if best.verified else CONFIDENT_LOOK
    return best.probability >= needed


def _mismatch(one: NamedCode, best: Candidate) -> Conflict:
    return Conflict(
        ConflictKind.CODE_LOOK_MISMATCH,
        (one.sku, best.sku),
        f"the code {one.code.text} names {one.sku}, but it looks like {best.sku}: "
        "is the label swapped?",
    )


def _not_in_catalog(one: NamedCode, best: Candidate) -> Conflict:
    return Conflict(
        ConflictKind.CODE_NOT_IN_CATALOG,
        (best.sku,),
        f"it looks like {best.sku}, but its code {one.code.text} is not in the catalogue",
    )
