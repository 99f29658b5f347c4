"""Open-set figures; their plain cases stand in the docstrings."""

from __future__ import annotations

import numpy as np
import pytest

from services.visual_search.evaluation.open_set import (
    auroc,
    calibration_error,
    calibration_floor,
    false_accepts,
)


def test_nothing_to_compare_has_no_figure():
    """None, not 0 or 1."""
    assert auroc([], [0.5]) is auroc([0.5], []) is None
    assert false_accepts([], [0.5]) is false_accepts([0.5], []) is None
    assert calibration_error([], []) is calibration_floor([]) is None


@pytest.mark.parametrize(
    ("known", "strangers", "area"),
    [([0.9, 0.8], [0.1, 0.2], 1.0), ([0.1], [0.9], 0.0), ([0.5] * 3, [0.5] * 2, 0.5)],
)
def test_the_area_counts_pairs_in_the_right_order(known, strangers, area):
    """Ties are half right."""
    assert auroc(known, strangers) == area


def test_overconfident_answers_have_an_error():
    """All told with 1.0, half of them right."""
    assert calibration_error([1.0] * 10, [True, False] * 5) == pytest.approx(0.5)


def test_true_probabilities_have_next_to_none():
    """Drawn as told."""
    rng = np.random.default_rng(0)
    told = rng.random(20_000)
    assert calibration_error(told, rng.random(20_000) < told) < 0.02


def test_the_floor_is_what_true_probabilities_have_and_falls_with_their_number():
    """On 200 answers as large as an error that matters, on 20,000 not."""
    rng = np.random.default_rng(1)
    few, many = rng.random(200), rng.random(20_000)
    errors = [calibration_error(few, rng.random(200) < few) for _ in range(300)]
    assert calibration_floor(few) == pytest.approx(np.mean(errors), rel=0.05)
    assert calibration_floor(many) < 0.02
    assert calibration_floor(few) > 0.06


def test_the_threshold_keeps_the_recall():
    """At most one in twenty of what is known lies below it."""
    known, strangers = np.linspace(0, 1, 1000), np.linspace(0, 1, 1000)
    assert false_accepts(known, strangers) == pytest.approx(0.95, abs=0.002)
    assert false_accepts(known, strangers, recall=0.5) == pytest.approx(0.5, abs=0.002)
