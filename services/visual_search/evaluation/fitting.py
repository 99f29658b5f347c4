"""Fits a calibration to queries whose truth is known, strangers among them.

The parameters maximise the probability that the answers give to what is true, the known
queries and the strangers weighing the same in all, with a pull towards the calibration
before, so that few queries change little. What is fitted is exactly what answers (``cases``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from services.visual_search.evaluation.cases import Case, CaseTable
from services.visual_search.recognition.calibration import Calibration

Floats = npt.NDArray[np.float64]

LOOKS: Final = ("temperature", "similarity", "margin", "gap", "bias")
"""The parameters that looks alone depend on, by their names in ``Calibration``."""
_PRINT: Final = (
    "print_weight",
    "print_prior",
    "print_alone",
    "print_variants",
    "print_siblings",
)
FITTED: Final = LOOKS + _PRINT
"""The parameters that are fitted, by their names in ``Calibration``."""
# Odds and the temperature are fitted as logarithms. How far a parameter may move before the
# pull towards where it was counts as one query.
_LOGARITHMS: Final = np.array([name in ("temperature", *_PRINT[1:]) for name in FITTED])
_SCALES: Final = np.array([1.0, 40.0, 40.0, 40.0, 40.0, 0.5, 0.5, 0.5, 0.5, 0.5])
_BOUNDS: Final = (
    *((-6.0, 0.0), (0, 200), (0, 200), (0, 200), (-200, 200)),
    *((0.0, 4.0), (-4.0, 3.0), (-6.0, 2.0), (-6.0, 2.0), (-6.0, 2.0)),
)
_LEAST: Final = 1e-9


def fit(cases: Sequence[Case], before: Calibration) -> Calibration:
    """Fit the parameters of ``FITTED``; the others stay.

    Args:
        cases: known ones and strangers, at least one of each.
        before: where to start, and what few cases hardly move.
    """
    table = CaseTable(cases)
    start = _packed(before)

    def loss(moves: Floats) -> float:
        pull = float((moves**2).sum()) / 2
        return _loss(table, _unpacked(start + _SCALES * moves, before)) + pull / len(cases)

    # In units of the scales, so that one step fits all parameters.
    bounds = [((low - at) / by, (high - at) / by) for (low, high), at, by in _ranges(start)]
    found: Any = minimize(loss, np.zeros(len(start)), method="L-BFGS-B", bounds=bounds)
    return _unpacked(start + _SCALES * np.asarray(found.x, np.float64), before, digits=5)


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
    table = CaseTable(cases)
    shares, unknown = table.probabilities(calibration)
    return Answers(
        shares.max(axis=1), shares.argmax(axis=1) == table.truths, 1 - unknown, table.truths < 0
    )


def _loss(table: CaseTable, calibration: Calibration) -> float:
    """Mean negative logarithm of the probability of the truth, both kinds weighing half."""
    shares, unknown = table.probabilities(calibration)
    strangers = table.truths < 0
    true = np.where(strangers, unknown, shares[np.arange(len(shares)), table.truths])
    weights = 0.5 / np.where(strangers, strangers.sum(), (~strangers).sum())
    return float(-(weights * np.log(np.maximum(true, _LEAST))).sum())


def _packed(calibration: Calibration) -> Floats:
    values = [float(getattr(calibration, name)) for name in FITTED]
    return np.where(_LOGARITHMS, np.log(np.maximum(values, _LEAST)), values)


def _unpacked(values: Floats, before: Calibration, digits: int | None = None) -> Calibration:
    plain = np.where(_LOGARITHMS, np.exp(np.where(_LOGARITHMS, values, 0.0)), values).tolist()
    told = plain if digits is None else [round(value, digits) for value in plain]
    return replace(before, **dict(zip(FITTED, told, strict=True)))
