"""Fitting: what is fitted is what answers, and it holds on labels that it did not see."""

from __future__ import annotations

import numpy as np
import pytest

from services.visual_search.evaluation.calibrating import Labelled, fit_and_measure
from services.visual_search.evaluation.cases import Case, case_of, no_rivals
from services.visual_search.evaluation.fitting import fit
from services.visual_search.evaluation.full_pipeline import Evidence
from services.visual_search.index.ranking import Found
from services.visual_search.local_features.deciding import Claim, Thing
from services.visual_search.recognition.calibration import Calibration
from shared.errors import InvalidInput
from shared.geometry import WHOLE_IMAGE, box_corners


def thing(place: float, **shares: float) -> Thing:
    """A place that fills the picture and shows products with these shares."""
    outline = box_corners(WHOLE_IMAGE)
    claims = [Claim(s, f"{s}-1", place + np.log(x), 20, 40, outline) for s, x in shares.items()]
    return Thing(tuple(claims), place)


def drawn(count: int, seed: int, lead: float = 0.2) -> list[Labelled]:
    """Known queries and strangers whose best scores differ by ``lead``, with some noise."""
    rng = np.random.default_rng(seed)
    cases = []
    for number in range(count):
        known = number % 2 == 0
        scores = np.sort(rng.normal(0.5, 0.05, 6))[::-1].copy()
        scores[0] = scores[1] + abs(rng.normal(lead if known else 0.02, 0.05))
        none = np.zeros(6)
        cases.append(
            Labelled(
                Case(scores, none, none, *no_rivals(6), 0 if known else -1), f"L{number // 2 % 10}"
            )
        )
    return cases


def test_a_label_that_nothing_mentions_is_no_case():
    """No calibration could make it right; a stranger always is one."""
    found = [Found("A", "", 0.8, 0.8, "1")]
    assert case_of(Evidence(found, []), "Z") is None
    assert case_of(Evidence(found, []), "").truth == -1


def test_a_fit_improves_on_labels_that_it_did_not_see():
    """Known and strangers that scores do tell apart get true probabilities."""
    fitted, before, after = fit_and_measure(drawn(600, 1), Calibration())
    assert after.ece < 0.06 < before.ece
    assert after.auroc_unknown > 0.95
    assert fitted != Calibration()
    assert (after.n, after.top1) == (600, 1.0)


def with_print(count: int, *, siblings: bool) -> list[Labelled]:
    """Photos of a pack that looks name, half of them of siblings that the shop lacks, or plain."""
    found = [Found(sku, "", score, score, sku) for sku, score in (("A", 0.6), ("B", 0.3))]
    evidence = Evidence(found, [thing(3.0, A=1.0)])
    strange = evidence if siblings else Evidence(found, [])
    return [
        Labelled(case_of(evidence if number % 2 else strange, "A" if number % 2 else ""), "L")
        for number in range(count)
    ]


def test_strangers_with_the_print_of_what_looks_name_are_learnt():
    """Siblings that the shop lacks: what looks leave unknown is theirs as soon as print is seen."""
    before = Calibration()
    fitted = [
        fit([one.case for one in with_print(2000, siblings=siblings)], before)
        for siblings in (False, True)
    ]
    assert fitted[0].print_siblings <= before.print_siblings < fitted[1].print_siblings / 3


def test_few_queries_move_little():
    """Forty cases do not undo what thousands gave."""
    before = fit([one.case for one in drawn(2000, 1)], Calibration())
    odd = [one.case for one in drawn(40, 2, lead=0.0)]
    after = fit(odd, before)
    assert abs(after.similarity - before.similarity) < 15


def of(cases: list[Labelled], *, known: bool, labels: int = 10) -> list[Labelled]:
    """Only the known ones, or only the strangers, of the first labels."""
    chosen = {f"L{number}" for number in range(labels)}
    return [one for one in cases if (one.case.truth >= 0) == known and one.label in chosen]


@pytest.mark.parametrize(
    ("known", "labels", "told"),
    [
        (0, 10, "only 0, of 0 labels, are"),
        (19, 10, "only 19, of 10 labels, are"),
        (60, 3, "only 18, of 3 labels, are"),
    ],
)
def test_too_few_known_queries_are_told(known, labels, told):
    """Strangers do not count: each query gives one, also where no label is in the gallery."""
    strangers, some = of(drawn(40, 1), known=False), of(drawn(120, 1), known=True, labels=labels)
    with pytest.raises(InvalidInput, match=f"{told} .* a fit needs 20 queries of 4 labels"):
        fit_and_measure([*strangers, *some[:known]], Calibration())


def test_each_fit_sees_known_queries_and_strangers():
    """However the labels that are only strange lie among the others in the alphabet."""
    cases = drawn(600, 1)
    odd = {f"L{number}" for number in range(1, 10, 2)}
    kept = [one for one in cases if one.case.truth < 0 or one.label not in odd]
    _, before, after = fit_and_measure(kept, Calibration())
    assert after.n == 450
    assert all(np.isfinite([one.top1, one.ece]).all() for one in (before, after))
