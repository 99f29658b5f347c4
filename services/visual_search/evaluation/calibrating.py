"""From labelled queries to a calibration, and what it is worth on labels that it never saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.visual_search.embedding.embedder import Embedder
from services.visual_search.evaluation.cases import Case, case_of
from services.visual_search.evaluation.fitting import answers_to, fit
from services.visual_search.evaluation.full_pipeline import QUERY_SIDE, FullPipeline, Without
from services.visual_search.evaluation.lookups import Query
from services.visual_search.evaluation.open_set import auroc, calibration_error, false_accepts
from services.visual_search.evaluation.photos import read
from services.visual_search.recognition.calibration import Calibration
from shared.errors import InvalidInput

_FOLDS: Final = 2
_FEWEST: Final = 20


@dataclass(frozen=True, slots=True)
class Labelled:
    """A case with the label of its photo, which decides the fold."""

    case: Case
    label: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What probabilities are worth on labels that were not fitted to.

    Attributes:
        top1: share of known queries whose most probable product is right.
        auroc_unknown: see ``open_set.auroc``.
        far_at_95_recall: see ``open_set.false_accepts``.
        ece: see ``open_set.calibration_error``; known queries and strangers.
        n: cases, strangers included.
    """

    top1: float
    auroc_unknown: float | None
    far_at_95_recall: float | None
    ece: float | None
    n: int


def gather(
    embedder: Embedder,
    pipeline: FullPipeline,
    queries: Sequence[Query],
    progress: Callable[[], None],
) -> list[Labelled]:
    """See each query twice: as it is, and as a stranger, its label taken out of the gallery.

    Raises:
        InvalidInput: a photo cannot be decoded.
    """
    cases = []
    side = max(2 * max(embedder.card.input_size), QUERY_SIDE)
    for query in queries:
        label = query.photo.label
        seen = pipeline.see(read(query.photo, side))
        known = case_of(pipeline.evidence(seen, query.without), label)
        stranger = case_of(pipeline.evidence(seen, Without(label=label)), "")
        cases += [Labelled(case, label) for case in (known, stranger) if case is not None]
        progress()
    return cases


def fit_and_measure(
    cases: Sequence[Labelled], before: Calibration
) -> tuple[Calibration, Measured, Measured]:
    """Fit to all cases; measure the calibration before and fits that did not see the label.

    Raises:
        InvalidInput: there are too few known queries, or of too few labels, to fit to.
    """
    fold = _folds(cases)
    held_out: list[tuple[Calibration, list[Case]]] = []
    for number in range(_FOLDS):
        inside = [one.case for one in cases if fold[one.label] != number]
        outside = [one.case for one in cases if fold[one.label] == number]
        held_out.append((fit(inside, before), outside))
    everything = [one.case for one in cases]
    return fit(everything, before), measure([(before, everything)]), measure(held_out)


def _folds(cases: Sequence[Labelled]) -> dict[str, int]:
    """The fold of each label: as many labels that are known, and that are only strange, in each."""
    known = [one.label for one in cases if one.case.truth >= 0]
    labels = sorted(set(known))
    if len(known) < _FEWEST or len(labels) < 2 * _FOLDS:
        raise InvalidInput.of(
            "queries",
            f"only {len(known)}, of {len(labels)} labels, are found in the gallery; a fit needs "
            f"{_FEWEST} queries of {2 * _FOLDS} labels in it, better hundreds",
        )
    labels += sorted({one.label for one in cases} - set(labels))
    return {label: number % _FOLDS for number, label in enumerate(labels)}


def measure(parts: Sequence[tuple[Calibration, Sequence[Case]]]) -> Measured:
    """Measure calibrations, each on its own cases, and pool the answers."""
    told = [answers_to(cases, calibration) for calibration, cases in parts]
    best, right, known, strange = (
        np.concatenate([getattr(one, name) for one in told])
        for name in ("best", "right", "known", "strange")
    )
    return Measured(
        top1=float(right[~strange].mean()),
        auroc_unknown=auroc(known[~strange], known[strange]),
        far_at_95_recall=false_accepts(known[~strange], known[strange]),
        ece=calibration_error(best, right),
        n=len(best),
    )
