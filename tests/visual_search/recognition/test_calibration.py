"""Similarities to probabilities."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.visual_search.embedding.classical import open_classical
from services.visual_search.recognition.calibration import Calibration

similarities = st.lists(st.floats(-1, 1), max_size=30).map(lambda s: sorted(s, reverse=True))


def test_no_candidates_are_unknown_for_certain():
    """An empty catalogue knows nothing."""
    assert Calibration().probabilities([]) == ([], 1.0)


@given(similarities)
def test_probabilities_sum_to_one(values):
    """With the share for none of them, and each within 0..1."""
    shares, unknown = Calibration().probabilities(values)
    assert sum(shares) + unknown == pytest.approx(1.0)
    assert all(0 <= share <= 1 for share in [*shares, unknown])


@given(similarities)
def test_the_order_stays(values):
    """The more similar is never the less probable."""
    shares, _ = Calibration().probabilities(values)
    assert shares == sorted(shares, reverse=True)


def test_a_better_match_is_more_surely_known():
    """Similarity and lead both speak for the catalogue."""
    calibration = Calibration()
    assert calibration.known([0.9, 0.5]) > calibration.known([0.6, 0.5])
    assert calibration.known([0.6, 0.5]) > calibration.known([0.6, 0.6])
    gap = Calibration(gap=5.0)
    assert gap.known([0.6, 0.5, 0.1]) > gap.known([0.6, 0.5, 0.5])


def test_the_card_decides():
    """The parameters that a card names replace the defaults."""
    assert Calibration.of(open_classical("classical").card).similarity == 8.6
    assert Calibration.of(open_classical("hog").card) == Calibration()
