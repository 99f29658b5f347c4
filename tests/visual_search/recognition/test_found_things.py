"""What print says of a region moves its odds, by how little looks know of it."""

from __future__ import annotations

import math

import pytest

from services.visual_search.index.ranking import Found
from services.visual_search.local_features.deciding import Claim, Thing
from services.visual_search.recognition.calibration import Calibration
from services.visual_search.recognition.found_things import with_things
from services.visual_search.recognition.region_answers import Recognized, RegionAnswer
from shared.geometry import WHOLE_IMAGE, box_corners

CALIBRATION = Calibration()


def by_looks(**probabilities: float) -> RegionAnswer:
    """What looks say of a region; the rest is unknown."""
    candidates = [
        Recognized(Found(sku, "", 0.5, 0.5, sku), share) for sku, share in probabilities.items()
    ]
    return RegionAnswer(WHOLE_IMAGE, candidates, 1 - sum(probabilities.values()))


def printed(log_odds: float, *skus: str) -> Thing:
    """A place that fills the region and shows one of these products, the first most likely."""
    outline = box_corners(WHOLE_IMAGE)
    claims = [
        Claim(sku, sku, log_odds - 2 * rank, 30, 60, outline) for rank, sku in enumerate(skus)
    ]
    return Thing(tuple(claims), log_odds)


def told(answer: RegionAnswer) -> dict[str, float]:
    """Probabilities by SKU."""
    return {one.found.sku: one.probability for one in answer.candidates}


def test_without_print_nothing_moves():
    """The very answer."""
    answer = by_looks(A=0.4)
    assert with_things(answer, [], CALIBRATION) is answer


@pytest.mark.parametrize("mentioned", [{}, {"A": 0.02, "B": 0.05}, {"B": 0.1}])
def test_print_alone_identifies_what_looks_do_not_know(mentioned):
    """Whether they mention the product or not, and all still sums to 1."""
    answer = with_things(by_looks(**mentioned), [printed(6.0, "A")], CALIBRATION)
    assert answer.candidates[0].found.sku == "A"
    assert answer.candidates[0].probability > 0.9
    assert sum(told(answer).values()) + answer.unknown == pytest.approx(1)


def test_print_that_may_be_chance_identifies_nothing():
    """Even odds of a place are no answer."""
    answer = with_things(by_looks(B=0.05), [printed(0.0, "A")], CALIBRATION)
    assert max(told(answer).values()) < 0.7


def test_sure_looks_are_not_turned_by_the_print_of_a_sibling():
    """They share most of it."""
    answer = with_things(by_looks(A=0.9), [printed(3.0, "B", "A")], CALIBRATION)
    assert answer.candidates[0].found.sku == "A"


@pytest.mark.parametrize(("share", "named"), [(0.8, "A"), (0.05, "C")])
def test_a_neighbours_print_outvotes_only_looks_that_know_little(share, named):
    """Photos hold the shelf behind a thing too."""
    answer = with_things(by_looks(A=share), [printed(4.0, "C")], CALIBRATION)
    assert answer.candidates[0].found.sku == named


def test_where_several_share_the_print_it_may_be_a_variant_that_the_shop_lacks():
    """More is left unknown than where one product alone has it, however clear the print."""
    lone = with_things(by_looks(), [printed(9.0, "A")], CALIBRATION)
    shared = with_things(by_looks(), [printed(9.0, "A", "B")], CALIBRATION)
    assert lone.unknown < shared.unknown < 0.3
    lacked = CALIBRATION.print_variants
    assert shared.unknown == pytest.approx(lacked / (1 + lacked), abs=0.01)


def test_looks_that_know_the_design_keep_their_doubt_whether_it_is_this_product():
    """A sibling that the shop lacks has the same print; where looks know nothing, print decides."""
    things = [printed(9.0, "A")]
    knowing = with_things(by_looks(A=0.1), things, CALIBRATION)
    ignorant = with_things(by_looks(B=0.05, C=0.05), things, CALIBRATION)
    assert ignorant.unknown < 0.05
    assert 0.1 < knowing.unknown < 0.3


@pytest.mark.parametrize("probability", [1e-14, 1e-6, 1e-3, 1e-2])
def test_looks_that_hardly_mention_the_product_do_not_speak_against_its_print(probability):
    """A mention as good as chance says nothing of a design that looks do not know."""
    answer = with_things(by_looks(A=probability), [printed(9.0, "A")], CALIBRATION)
    assert answer.candidates[0].probability > 0.9
    assert 0 <= answer.unknown < 0.1


def test_looks_speak_against_what_is_not_named_at_a_place_though_it_is_at_another():
    """A pack beside the thing has a place of its own."""
    things = [printed(2.0, "A"), printed(3.0, "B")]
    against = told(with_things(by_looks(A=0.6), things, CALIBRATION))
    neither = told(with_things(by_looks(A=0.1), things, CALIBRATION))
    assert against["A"] > 5 * against["B"]
    assert neither["B"] > neither["A"]


def test_of_two_places_of_a_product_the_clearer_one_counts():
    """Half hidden behind the first, the second adds nothing and takes nothing away."""
    clear, doubtful = printed(5.0, "A"), printed(-1.0, "A")
    expected = told(with_things(by_looks(), [clear], CALIBRATION))
    for things in ([clear, doubtful], [doubtful, clear]):
        assert told(with_things(by_looks(), things, CALIBRATION)) == pytest.approx(expected)


def test_a_doubtful_sighting_does_not_speak_against_what_looks_say():
    """It adds less than a clear one, and takes nothing away."""
    looks = by_looks(A=0.9)
    doubtful = with_things(looks, [printed(-1.9, "A")], CALIBRATION)
    assert told(doubtful)["A"] == pytest.approx(0.9, abs=0.02)


def test_without_weight_print_only_names():
    """A calibration may take all trust from print: then a place says no more than a draw."""
    none = Calibration(print_weight=0.0)
    answer = with_things(by_looks(), [printed(9.0, "A")], none)
    odds = none.print_prior
    expected = odds / (1 + odds + odds * none.print_alone)
    assert told(answer)["A"] == pytest.approx(expected)
    assert math.isclose(answer.unknown, 1 - expected)
