"""Queries whose truth is known, side by side, so that a calibration answers all at once.

What answers is what scanning computes: ``recognition.calibration``, ``recognition.print_weights``
and ``recognition.found_things`` do the same for one picture from the same parameters. (Evaluation
asks no print where looks are sure.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from services.visual_search.evaluation.full_pipeline import ANYWHERE, Evidence
from services.visual_search.local_features.deciding import MOST_SIBLINGS
from services.visual_search.recognition.calibration import COHORT, Calibration
from services.visual_search.recognition.found_things import Told, claims_in
from services.visual_search.recognition.print_weights import (
    PrintWeights,
    moved,
    of_merit,
    of_place,
)
from shared.geometry import WHOLE_IMAGE

Floats = npt.NDArray[np.float64]

_NO_SCORE: Final = -1.0
_CANDIDATES: Final = 100


@dataclass(frozen=True, slots=True)
class Case:
    """One query.

    Attributes:
        scores: (K,) of the candidates by their looks, best first; -1 = found by print alone.
        places: (K,) log-odds of the place where their print is seen; 0 where none is.
        merits: (K,) log-odds of each against its place's.
        rivals: (K, ``MOST_SIBLINGS``) positions of all candidates that share its place, itself
            among them; -1 where there are fewer, and where no print is seen.
        rival_merits: (K, ``MOST_SIBLINGS``) their merits there; -inf where there are fewer.
        truth: position of the true one; -1 = the query shows a stranger.
    """

    scores: Floats
    places: Floats
    merits: Floats
    rivals: npt.NDArray[np.int64]
    rival_merits: Floats
    truth: int


def case_of(evidence: Evidence, label: str) -> Case | None:
    """Take what a calibration needs of a query's evidence.

    Args:
        evidence: what the pipeline saw.
        label: what the query shows; empty = a stranger.

    Returns:
        None when the true label is not among the candidates, so that no calibration
        could make it right.
    """
    claims = claims_in(WHOLE_IMAGE, evidence.things, ANYWHERE)
    found = evidence.found[:_CANDIDATES]
    labels = [one.sku for one in found]
    later = {one.sku: one.score for one in evidence.found[_CANDIDATES:]}
    extra = [sku for sku in claims if sku not in labels]
    labels += extra
    if label and label not in labels:
        return None
    scores = [one.score for one in found] + [later.get(sku, _NO_SCORE) for sku in extra]
    told = [claims.get(sku) for sku in labels]
    return Case(
        np.array(scores, np.float64),
        np.array([one.place.log_odds if one else 0.0 for one in told], np.float64),
        np.array([one.merit if one else 0.0 for one in told], np.float64),
        *_rivals(told, {sku: at for at, sku in enumerate(labels)}),
        labels.index(label) if label else -1,
    )


def _rivals(
    told: Sequence[Told | None], positions: Mapping[str, int]
) -> tuple[npt.NDArray[np.int64], Floats]:
    rivals, merits = no_rivals(len(told))
    for row, one in enumerate(told):
        for place, (sku, merit) in enumerate(one.rivals if one else []):
            rivals[row, place], merits[row, place] = positions[sku], merit
    return rivals, merits


def no_rivals(count: int) -> tuple[npt.NDArray[np.int64], Floats]:
    """Of candidates whose print is not seen: positions and merits (``count``, MOST_SIBLINGS)."""
    shape = (count, MOST_SIBLINGS)
    return np.full(shape, -1), np.full(shape, -np.inf)


class CaseTable:
    """Cases side by side.

    Attributes:
        truths: (N,) position of the true candidate; -1 = a stranger.
        scores: (N, K) as of ``Case``, -1 where there are fewer candidates; so are the others.
        places: (N, K).
        merits: (N, K).
        rivals: (N, K, ``MOST_SIBLINGS``).
        rival_merits: (N, K, ``MOST_SIBLINGS``).
    """

    def __init__(self, cases: Sequence[Case]) -> None:
        width = max([1, *(len(one.scores) for one in cases)])
        self.truths = np.array([one.truth for one in cases])
        self.scores = np.full((len(cases), width), _NO_SCORE)
        self.places, self.merits = np.zeros((2, len(cases), width))
        rivals, merits = no_rivals(len(cases) * width)
        self.rivals = rivals.reshape(len(cases), width, -1)
        self.rival_merits = merits.reshape(len(cases), width, -1)
        for row, one in enumerate(cases):
            own = slice(len(one.scores))
            for name in ("scores", "places", "merits", "rivals", "rival_merits"):
                getattr(self, name)[row, own] = getattr(one, name)
        self._alone = (self.rivals >= 0).sum(axis=2) == 1
        self._features = _features(self.scores)
        self._rows, self._told = np.nonzero(self.rivals[..., 0] >= 0)

    def probabilities(self, calibration: Calibration) -> tuple[Floats, Floats]:
        """Of each candidate (N, K), and of none (N,)."""
        looks, unknown = self._by_looks(calibration)
        rows, told = self._rows, self._told
        against = looks.copy()
        against[rows, told] = 0.0
        weights = PrintWeights.of(unknown[:, 0], against.sum(axis=1), calibration)
        place, share = self._seen(looks, weights.trust[rows], calibration)
        raised = looks.copy()
        raised[rows, told] = moved(looks[rows, told], weights.prior[rows], place, share)
        alone = self._alone[rows, told]
        variants = np.where(alone, calibration.print_alone, calibration.print_variants)
        lacked = (weights.prior[rows] * variants + weights.sibling[rows]) * np.exp(place + share)
        unknown = unknown + np.bincount(rows, lacked, len(looks))[:, None]
        total = raised.sum(axis=1, keepdims=True) + unknown
        return raised / total, (unknown / total)[:, 0]

    def _by_looks(self, calibration: Calibration) -> tuple[Floats, Floats]:
        """Of each candidate (N, K), and of none (N, 1)."""
        there = self.scores > _NO_SCORE
        known = np.where(there[:, 0], calibration.known_by(self._features), 0.0)[:, None]
        leads = np.where(there, self.scores - self.scores[:, :1], -np.inf)
        weights = np.exp(leads / calibration.temperature)
        norms = np.maximum(weights.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        return known * weights / norms, 1 - known

    def _seen(
        self, looks: Floats, trust: Floats, calibration: Calibration
    ) -> tuple[Floats, Floats]:
        """Of each product whose print is seen (M,): as ``Told.seen``."""
        rows, told = self._rows, self._told
        rivals = self.rivals[rows, told]
        named = np.where(rivals >= 0, looks[rows[:, None], rivals], 0.0).sum(axis=1)
        against = looks[rows].sum(axis=1) - named
        merits = np.exp(of_merit(self.rival_merits[rows, told], trust[:, None]))
        norms = np.log(np.where(rivals >= 0, merits, 0.0).sum(axis=1))
        place = of_place(self.places[rows, told], against, calibration)
        return place, of_merit(self.merits[rows, told], trust) - norms


def _features(scores: Floats) -> Floats:
    """What says whether a picture is of the catalogue (N, 3), see ``Calibration.known_by``."""
    best, rest = scores[:, 0], scores[:, 1 : 1 + COHORT]
    there = rest > _NO_SCORE
    means = np.where(there, rest, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    second = np.where(there[:, :1], rest[:, :1], 0).sum(axis=1)
    return np.stack([best, best - second, best - means], axis=1)
