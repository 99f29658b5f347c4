"""Looks and their pooling over frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scanning.evidence import (
    Candidate,
    EvidenceKind,
    Look,
    account_of,
    pool,
    with_details,
)
from tests.scanning.making import look


def test_an_empty_look_has_no_best():
    """Nothing seen: no candidate, and no probability for any."""
    assert look(unknown=1.0).best is None
    assert look(unknown=1.0).probability_of("TEA") == 0.0


def test_what_is_not_listed_has_at_most_what_is_left():
    """A product behind the listed ones is no more probable than the last of them."""
    assert look(TEA=0.6, JAM=0.1, unknown=0.2).probability_of("OIL") == pytest.approx(0.1)
    assert look(TEA=0.7, JAM=0.25, unknown=0.04).probability_of("OIL") == pytest.approx(0.01)


def test_one_frame_is_itself():
    """Pooling one look changes nothing."""
    assert pool([look(TEA=0.7, unknown=0.3)], 0.6) == look(TEA=0.7, unknown=0.3)


def test_frames_that_agree_make_surer():
    """Three times 0.7 is more than 0.7, but less than independent frames would be."""
    once = look(TEA=0.7, unknown=0.3)
    pooled = pool([once] * 3, 0.6).best.probability
    assert 0.7 < pooled < pool([once] * 3, 0.0).best.probability


def test_frames_that_err_alike_count_once():
    """With full correlation a thousand frames are worth one."""
    pooled = pool([look(TEA=0.7, unknown=0.3)] * 1000, 1.0)
    assert pooled.best.probability == pytest.approx(0.7)


@given(st.integers(1, 50), st.floats(0.05, 1.0), st.floats(0.51, 0.99))
def test_pooling_saturates(count, correlation, probability):
    """However many frames, they are worth at most 1 / correlation independent ones."""
    pooled = pool([look(TEA=probability, unknown=1 - probability)] * count, correlation)
    odds = (probability / (1 - probability)) ** (1 / correlation)
    assert pooled.best.probability <= odds / (1 + odds) + 1e-9


def test_frames_that_disagree_stay_unsure():
    """One frame says tea, one says jam."""
    pooled = pool([look(TEA=0.9, JAM=0.1), look(TEA=0.1, JAM=0.9)], 0.6)
    assert pooled.probability_of("TEA") == pytest.approx(pooled.probability_of("JAM"))


def test_one_blurred_frame_does_not_veto():
    """A product that one frame does not mention keeps its lead."""
    frames = [look(TEA=0.95, unknown=0.05)] * 4 + [look(JAM=0.3, unknown=0.3)]
    assert pool(frames, 0.6).best.sku == "TEA"


def test_the_last_description_is_kept():
    """Inliers and outline are those of the last frame that saw the product."""
    early = Look((Candidate("TEA", 0.9, inliers=10),), 0.1)
    late = Look((Candidate("TEA", 0.8, inliers=55, verified=True),), 0.2)
    assert pool([early, late], 0.6).best.inliers == 55


@given(st.lists(st.tuples(st.floats(0.01, 0.6), st.floats(0.01, 0.39)), min_size=1, max_size=8))
def test_pooled_looks_are_distributions(frames):
    """Candidates, none and the rest sum to one."""
    pooled = pool([look(TEA=tea, unknown=none) for tea, none in frames], 0.6)
    total = sum(one.probability for one in pooled.candidates) + pooled.unknown + pooled.left_over
    assert total == pytest.approx(1.0)


def test_details_are_counted_once():
    """On the looks of its own frame a closer look says just what it said."""
    plain, closer = look(TEA=0.4, JAM=0.4, unknown=0.2), look(TEA=0.95, JAM=0.03, unknown=0.02)
    moved = with_details(plain, closer, plain)
    assert moved.probability_of("TEA") == pytest.approx(0.95)
    assert moved.probability_of("JAM") == pytest.approx(0.03)
    assert moved.unknown == pytest.approx(0.02)


def test_details_that_say_nothing_change_nothing():
    """The closer look said what the looks had said."""
    plain, pooled = look(TEA=0.5, unknown=0.5), look(TEA=0.7, unknown=0.3)
    assert with_details(pooled, plain, plain).probability_of("TEA") == pytest.approx(0.7)


def test_details_may_name_what_looks_did_not():
    """Print seen where looks knew nothing."""
    plain, closer = look(unknown=1.0), look(TEA=0.99, unknown=0.01)
    best = with_details(plain, closer, plain).best
    assert (best.sku, best.probability > 0.9) == ("TEA", True)


def test_where_a_product_was_is_not_where_it_is():
    """The outline belongs to the frame that was looked at."""
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    closer = Look((Candidate("TEA", 0.99, inliers=80, verified=True, outline=corners),), 0.01)
    best = with_details(look(TEA=0.5, unknown=0.5), closer, look(TEA=0.5, unknown=0.5)).best
    assert (best.inliers, best.verified, best.outline) == (80, True, None)


@pytest.mark.parametrize("probability", [0.3, 0.86, 0.9999])
def test_agreeing_details_do_not_make_the_looks_speak_against(probability):
    """They take their share of what speaks for the product, and no more."""
    seen = Look((Candidate("TEA", probability, inliers=80, verified=True),), 1 - probability)
    ratios = {one.kind: one.log_likelihood_ratio for one in account_of(seen, (), {"TEA"})}
    assert ratios[EvidenceKind.GEOMETRY] >= 0
    total = sum(ratios.values())
    assert min(total, 0) <= ratios[EvidenceKind.APPEARANCE]
