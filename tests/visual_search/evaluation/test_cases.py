"""Many queries at once are answered as each alone is."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from services.visual_search.evaluation.cases import CaseTable, case_of
from services.visual_search.evaluation.full_pipeline import ANYWHERE, Evidence
from services.visual_search.index.ranking import Found
from services.visual_search.local_features.deciding import Claim, Thing
from services.visual_search.recognition.calibration import Calibration
from services.visual_search.recognition.found_things import claims_in, with_things
from services.visual_search.recognition.looks import answer_by_looks
from shared.geometry import WHOLE_IMAGE, box_corners


def drawn_thing(rng: random.Random, skus: list[str]) -> Thing:
    """A place that fills the picture, some of these products its design."""
    named, place = rng.sample(skus, rng.randint(1, min(4, len(skus)))), rng.uniform(-2, 15)
    merits = [rng.gauss(0, 4) for _ in named]
    norm = math.log(sum(math.exp(merit) for merit in merits))
    claims = [
        Claim(sku, sku, place + merit - norm, 20, 40, box_corners(WHOLE_IMAGE))
        for sku, merit in zip(named, merits, strict=True)
    ]
    return Thing(tuple(sorted(claims, key=lambda one: -one.log_odds)), place)


def drawn_evidence(rng: random.Random) -> Evidence:
    """Up to 120 products by looks, none at times, and up to three places with print."""
    scores = sorted(rng.uniform(-0.5, 1) for _ in range(rng.choice([0, 1, 2, 30, 120])))[::-1]
    found = [Found(f"L{at}", "", score, score, str(at)) for at, score in enumerate(scores)]
    skus = [one.sku for one in found[:5]] + ["NEW-1", "NEW-2"]
    return Evidence(found, [drawn_thing(rng, skus) for _ in range(rng.randint(0, 3))])


def drawn_calibration(rng: random.Random) -> Calibration:
    """Anything that a fit may give."""
    odds = {
        name: math.exp(rng.uniform(-4, 2))
        for name in ("print_prior", "print_alone", "print_variants", "print_siblings")
    }
    return Calibration(
        temperature=math.exp(rng.uniform(-5, -1)),
        similarity=rng.uniform(0, 40),
        gap=rng.uniform(0, 20),
        bias=rng.uniform(-50, 10),
        print_weight=rng.uniform(0, 4),
        **odds,
    )


def alone(evidence: Evidence, calibration: Calibration) -> dict[str, float]:
    """Probability by SKU of one picture, "" of none."""
    found = evidence.found[:100]
    answer = with_things(
        answer_by_looks(WHOLE_IMAGE, found, calibration), evidence.things, calibration, ANYWHERE
    )
    told = {one.found.sku: one.probability for one in answer.candidates}
    return told | {"": answer.unknown}


@pytest.mark.parametrize("seed", range(30))
def test_a_table_answers_as_recognition_does(seed):
    """Every candidate and "none", with print at several places, of unlisted products, or none."""
    rng = random.Random(seed)
    evidence = [drawn_evidence(rng) for _ in range(8)]
    calibration = drawn_calibration(rng)
    shares, unknown = CaseTable([case_of(one, "") for one in evidence]).probabilities(calibration)
    for row, one in enumerate(evidence):
        expected = alone(one, calibration)
        labels = [found.sku for found in one.found[:100]]
        labels += [sku for sku in claims_in(WHOLE_IMAGE, one.things, ANYWHERE) if sku not in labels]
        told = dict(zip(labels, shares[row].tolist(), strict=False)) | {"": float(unknown[row])}
        assert told == pytest.approx(expected, abs=1e-9)
        assert sum(told.values()) == pytest.approx(1)
        assert min(told.values()) >= 0


def test_queries_without_a_candidate_are_of_no_product():
    """A stranger to a catalogue of one product, which is left out."""
    table = CaseTable([case_of(Evidence([], []), "")])
    shares, unknown = table.probabilities(Calibration())
    assert unknown.tolist() == [1.0]
    assert np.isfinite(shares).all()
