"""Fits a calibration to queries whose truth is known, strangers among them.

The parameters maximise the probability that the answers give to what is true, the known
queries and the strangers weighing the same in all, with a pull towards the calibration
before, so that few queries change little. What is fitted is exactly what answers:
``recognition.looks`` and ``recognition.found_things`` compute the same from the same parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from services.visual_search.evaluation.full_pipeline import ANYWHERE, Evidence
from services.visual_search.recognition.calibration import COHORT, Calibration
from services.visual_search.recognition.found_things import MOST_OF_PLACE, claims_in
from shared.geometry import WHOLE_IMAGE

Floats = npt.NDArray[np.float64]

_LOOKS: Final = ("temperature", "similarity", "margin", "gap", "bias")
_PRINT: Final = ("print_weight", "print_prior", "print_alone", "print_variants")
FITTED: Final = _LOOKS + _PRINT
"""The parameters that are fitted, by their names in ``Calibration``."""
_NO_SCORE: Final = -1.0
_CANDIDATES: Final = 100
# Odds and the temperature are fitted as logarithms. How far a parameter may move before the
# pull towards where it was counts as one query.
_LOGARITHMS: Final = np.array([name in ("temperature", *_PRINT[1:]) for name in FITTED])
_SCALES: Final = np.array([1.0, 40.0, 40.0, 40.0, 40.0, 0.5, 0.5, 0.5, 0.5])
_BOUNDS: Final = (
    *((-6.0, 0.0), (0, 200), (0, 200), (0, 200), (-200, 200)),
    *((0.0, 4.0), (-4.0, 3.0), (-6.0, 2.0), (-6.0, 2.0)),
)
_LEAST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Case:
    """One query for the fit.

    Attributes:
        scores: (K,) of the candidates by their looks, best first; -1 = found by print alone.
        places: (K,) log-odds of the place where their print is seen; 0 = none is.
        shares: (K,) logarithm of their share of that place.
        alone: (K,) whether no other product shares that place.
        truth: position of the true one; -1 = the query shows a stranger.
    """

    scores: Floats
    places: Floats
    shares: Floats
    alone: npt.NDArray[np.bool_]
    truth: int


def case_of(evidence: Evidence, label: str) -> Case | None:
    """Take what the fit needs of a query's evidence.

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
        np.array([one.place if one else 0.0 for one in told], np.float64),
        np.array([one.share if one else 0.0 for one in told], np.float64),
        np.array([one is not None and one.alone for one in told], np.bool_),
        labels.index(label) if label else -1,
    )


def fit(cases: Sequence[Case], before: Calibration) -> Calibration:
    """Fit the parameters of ``FITTED``; the others stay.

    Args:
        cases: known ones and strangers, at least one of each.
        before: where to start, and what few cases hardly move.
    """
    table = _Table(cases)
    start = _packed(before)

    def loss(moves: Floats) -> float:
        pull = float((moves**2).sum()) / 2
        return table.loss(start + _SCALES * moves) + pull / len(cases)

    # In units of the scales, so that one step fits all parameters.
    bounds = [((low - at) / by, (high - at) / by) for (low, high), at, by in _ranges(start)]
    found: Any = minimize(loss, np.zeros(len(start)), method="L-BFGS-B", bounds=bounds)
    return _unpacked(start + _SCALES * np.asarray(found.x, np.float64), before)


def _ranges(start: Floats) -> list[tuple[tuple[float, float], float, float]]:
    return list(zip(_BOUNDS, start.tolist(), _SCALES.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Answers:
    """What a calibration answers to cases, one entry (N,) a case.

    Attributes:
        best: probability of the most probable candidate.
        right: whether it is the true one; never for a stranger.
        known: probability that it is any product of the catalogue.
        strange: whether it is a stranger.
    """

    best: Floats
    right: npt.NDArray[np.bool_]
    known: Floats
    strange: npt.NDArray[np.bool_]


def answers_to(cases: Sequence[Case], calibration: Calibration) -> Answers:
    """Answer cases by a calibration."""
    table = _Table(cases)
    shares, unknown = table.probabilities(_packed(calibration))
    return Answers(
        shares.max(axis=1), shares.argmax(axis=1) == table.truths, 1 - unknown, table.truths < 0
    )


class _Table:
    """Cases side by side, so that all are computed at once."""

    def __init__(self, cases: Sequence[Case]) -> None:
        width = max(len(one.scores) for one in cases)
        self.scores = np.full((len(cases), width), _NO_SCORE)
        self.places, self.shares = np.zeros((2, len(cases), width))
        self.alone = np.zeros((len(cases), width), np.bool_)
        self.truths = np.array([one.truth for one in cases])
        for row, one in enumerate(cases):
            self.scores[row, : len(one.scores)] = one.scores
            self.places[row, : len(one.places)] = one.places
            self.shares[row, : len(one.shares)] = one.shares
            self.alone[row, : len(one.alone)] = one.alone
        strangers = self.truths < 0
        share = np.where(strangers, strangers.sum(), (~strangers).sum())
        self.weights = 0.5 / share
        best = self.scores[:, 0]
        rest = self.scores[:, 1 : 1 + COHORT]
        there = rest > _NO_SCORE
        means = np.where(there, rest, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
        second = np.where(there[:, :1], rest[:, :1], 0)[:, 0] if width > 1 else np.zeros(len(cases))
        self.features = np.stack([best, best - second, best - means, np.ones(len(cases))], axis=1)

    def loss(self, values: Floats) -> float:
        """Mean negative logarithm of the probability of the truth, both kinds weighing half."""
        shares, unknown = self.probabilities(values)
        rows = np.arange(len(self.truths))
        true = np.where(self.truths < 0, unknown, shares[rows, self.truths])
        return float(-(self.weights * np.log(np.maximum(true, _LEAST))).sum())

    def probabilities(self, values: Floats) -> tuple[Floats, Floats]:
        """Of each candidate (N, K), and of none (N,)."""
        known = 1 / (1 + np.exp(-np.clip(self.features @ values[1:5], -50, 50)))
        there = self.scores > _NO_SCORE
        leads = np.where(there, self.scores - self.scores[:, :1], -np.inf)
        weights = np.exp(leads / np.exp(values[0]))
        shares = known[:, None] * weights / weights.sum(axis=1, keepdims=True)
        weight, prior, lacked_alone, lacked = values[5], *np.exp(values[6:9])
        unknown = 1 - known
        told = self.places != 0
        against = np.where(told, 0.0, shares).sum(axis=1)
        places = weight * ((1 - against) ** 2)[:, None] * self.places
        odds = np.where(told, np.exp(np.minimum(MOST_OF_PLACE, places) + self.shares), 0.0)
        base = (prior * unknown**2)[:, None]
        moved = np.where(odds > 0, (shares + base) * odds, shares)
        lacking = np.where(self.alone, lacked_alone, lacked)
        unknown = unknown + (base * lacking * odds).sum(axis=1)
        total = moved.sum(axis=1) + unknown
        return moved / total[:, None], unknown / total


def _packed(calibration: Calibration) -> Floats:
    values = [float(getattr(calibration, name)) for name in FITTED]
    return np.where(_LOGARITHMS, np.log(np.maximum(values, _LEAST)), values)


def _unpacked(values: Floats, before: Calibration) -> Calibration:
    plain = np.where(_LOGARITHMS, np.exp(np.where(_LOGARITHMS, values, 0.0)), values)
    rounded = [round(float(value), 5) for value in plain]
    return replace(before, **dict(zip(FITTED, rounded, strict=True)))
