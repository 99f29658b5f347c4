"""Evidence about one thing: what was seen, how strongly it speaks, and in what words.

Appearance comes as calibrated probabilities (``Look``), codes as what the catalogue says
they name (``NamedCode``). Several frames of the same thing pool their looks.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from services.scanning.codes import Code, Quad

FLOOR: Final = 1e-3
"""Appearance is never so sure that a code or another frame cannot change it."""
OWN_CODE: Final = 0.97
"""How likely a thing's own code is to be what was read on it. An assumption."""
STRAY_CODE: Final = 0.001
"""How likely the code on a product of the catalogue names another one: the label is
swapped or a neighbour's. An assumption, not a measurement."""
STRAY_ON_STRANGER: Final = 1e-5
"""How likely the code on a thing that is not in the catalogue names a product that is:
trade item numbers are unique, so it takes a false label or a misreading that happens to
be a known number. An assumption, not a measurement."""

UNLIKE: Final = 0.05
"""Probability from appearance below which a thing does not look like a product."""

# Log-odds that agreeing local features are worth in the account of the evidence, of those
# that there are: what they and the looks have made probable does not look unlike itself.
_GEOMETRY_SHARE: Final = 5.0


class EvidenceKind(Enum):
    """What kind of evidence speaks."""

    CODE = "code"
    APPEARANCE = "appearance"
    GEOMETRY = "geometry"


class ConflictKind(Enum):
    """What kind of evidence disagrees."""

    CODE_LOOK_MISMATCH = "code_look_mismatch"
    CODES_DISAGREE = "codes_disagree"
    CODE_NOT_IN_CATALOG = "code_not_in_catalog"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that something looks like.

    Attributes:
        sku: the product.
        probability: calibrated, from appearance and local features alone.
        similarity: cosine of the best reference image, -1..1.
        inliers: local features that agree with it; None = not compared.
        verified: they identify it.
        outline: where the reference image lies in the picture, normalised.
    """

    sku: str
    probability: float
    similarity: float = 0.0
    inliers: int | None = None
    verified: bool = False
    outline: Quad | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What appearance says: candidates, most probable first, and the chance of none."""

    candidates: tuple[Candidate, ...]
    unknown: float

    @property
    def best(self) -> Candidate | None:
        """The most probable candidate."""
        return max(self.candidates, key=lambda one: one.probability, default=None)

    def probability_of(self, sku: str) -> float:
        """Probability of a product; one that is not listed has at most what is left over."""
        listed = {one.sku: one.probability for one in self.candidates}
        return listed.get(sku, min([self.left_over, *listed.values()]))

    @property
    def left_over(self) -> float:
        """Probability of all products that are not listed."""
        listed = sum(one.probability for one in self.candidates)
        return max(0.0, 1.0 - self.unknown - listed)


@dataclass(frozen=True, slots=True)
class NamedCode:
    """A code and what the catalogue says of it.

    Attributes:
        code: what was read.
        gtin: its trade item number in 14 digits; empty = carries none.
        sku: the product that it names; empty = none of the catalogue.
    """

    code: Code
    gtin: str = ""
    sku: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence: for which product, how strong (natural log), in words."""

    kind: EvidenceKind
    sku: str
    log_likelihood_ratio: float
    description: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Evidence that disagrees, the products concerned, in words."""

    kind: ConflictKind
    skus: tuple[str, ...]
    description: str


def account_of(
    look: Look | None, codes: Sequence[NamedCode], told: Collection[str]
) -> tuple[Evidence, ...]:
    """The account of the evidence about some products, strongest first."""
    found = [_code_evidence(one) for one in codes if one.sku in told]
    for candidate in look.candidates if look else ():
        if candidate.sku in told:
            found += _look_evidence(candidate)
    return tuple(sorted(found, key=lambda one: -one.log_likelihood_ratio))


def _code_evidence(one: NamedCode) -> Evidence:
    ratio = math.log(OWN_CODE / STRAY_CODE)
    words = f"{one.code.symbology} {one.code.text}"
    return Evidence(EvidenceKind.CODE, one.sku, ratio, words)


def _look_evidence(candidate: Candidate) -> list[Evidence]:
    """Appearance against all alternatives; agreeing local features take their share."""
    probability = min(max(candidate.probability, FLOOR), 1 - FLOOR)
    log_odds = math.log(probability / (1 - probability))
    geometry = min(_GEOMETRY_SHARE, max(log_odds, 0.0)) if candidate.verified else 0.0
    found = [
        Evidence(EvidenceKind.APPEARANCE, candidate.sku, log_odds - geometry, _in_words(candidate))
    ]
    if candidate.verified:
        details = f"{candidate.inliers} matching details"
        found.append(Evidence(EvidenceKind.GEOMETRY, candidate.sku, geometry, details))
    return found


def _in_words(candidate: Candidate) -> str:
    """Say how a product's look compares, without a similarity that nobody measured.

    >>> _in_words(Candidate("TEA", 0.93, similarity=0.9))
    'looks like it: probability 0.93, similarity 0.90'
    """
    says = "looks like it" if candidate.probability > UNLIKE else "does not look like it"
    measured = f", similarity {candidate.similarity:.2f}" if candidate.similarity else ""
    return f"{says}: probability {candidate.probability:.2f}{measured}"


def pool(looks: Sequence[Look], correlation: float) -> Look:
    """One look from those of several frames of the same thing.

    Frames of one thing err alike, so that n of them are worth fewer. With an equal
    correlation r between any two, the mean of n is as good as n / (1 + (n - 1) r)
    independent ones (Kish, Survey Sampling, 1965: the design effect); log probabilities
    are averaged and raised to that power. The candidate is described as the last frame
    that saw it did.

    Args:
        looks: at least one, oldest first.
        correlation: of two frames, 0..1.

    >>> one = Look((Candidate("TEA", 0.7),), 0.3)
    >>> pool([one, one, one], 1.0).best.probability == pool([one], 0.0).best.probability
    True
    >>> round(pool([one, one], 0.0).best.probability, 2)  # 0.49 against 0.09
    0.84
    """
    if len(looks) == 1:
        return looks[0]
    power = len(looks) / (1 + (len(looks) - 1) * correlation)
    last = {one.sku: one for look in looks for one in look.candidates}
    weights = {sku: _pooled([x.probability_of(sku) for x in looks], power) for sku in last}
    unknown = _pooled([look.unknown for look in looks], power)
    left_over = _pooled([look.left_over for look in looks], power)
    total = sum(weights.values()) + unknown + left_over
    candidates = [replace(last[sku], probability=weights[sku] / total) for sku in weights]
    ranked = sorted(candidates, key=lambda one: -one.probability)
    return Look(tuple(ranked), unknown / total)


def with_details(look: Look, closer: Look, plain: Look) -> Look:
    """Move the odds of a look by what a closer look at one of its frames added.

    ``closer`` holds what ``plain`` says and what local features say besides, so that their
    ratio is the evidence of the local features alone: the appearance counts once. Where a
    product was is not known any more, so that outlines are left out.

    Args:
        look: pooled, by looks alone.
        closer: what the closer look said of a frame.
        plain: what the same frame said by its looks alone.

    >>> plain = Look((Candidate("TEA", 0.4), Candidate("JAM", 0.4)), 0.2)
    >>> closer = Look((Candidate("TEA", 0.9), Candidate("JAM", 0.05)), 0.05)
    >>> round(with_details(plain, closer, plain).best.probability, 3)
    0.9
    """
    told = {one.sku: one for one in (*look.candidates, *closer.candidates)}
    weights = {
        sku: _moved(*(one.probability_of(sku) for one in (look, closer, plain))) for sku in told
    }
    unknown = _moved(look.unknown, closer.unknown, plain.unknown)
    left_over = look.left_over and _moved(look.left_over, closer.left_over, plain.left_over)
    total = sum(weights.values()) + unknown + left_over
    candidates = [
        replace(told[sku], probability=weight / total, outline=None)
        for sku, weight in weights.items()
    ]
    ranked = sorted(candidates, key=lambda one: -one.probability)
    return Look(tuple(ranked), unknown / total)


def _moved(probability: float, closer: float, plain: float) -> float:
    return max(probability, FLOOR) * max(closer, FLOOR) / max(plain, FLOOR)


def _pooled(probabilities: Sequence[float], power: float) -> float:
    """Geometric mean of probabilities, raised to a power; all zero stays zero."""
    if not any(probabilities):
        return 0.0
    logs = [math.log(max(one, FLOOR)) for one in probabilities]
    return math.exp(power * sum(logs) / len(logs))
