"""Recognition: when local features are compared, and what that does to the odds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from services.visual_search.embedding.classical import open_classical
from services.visual_search.embedding.embedder import EmbedderQueue
from services.visual_search.index.edge import EdgeGenerations
from services.visual_search.index.products import ProductIndex
from services.visual_search.index.ranking import Found
from services.visual_search.recognition.calibration import Calibration
from services.visual_search.recognition.recognizer import (
    Recognized,
    Recognizer,
    Region,
    RegionAnswer,
    weighed,
    worth_comparing,
)
from services.visual_search.recognition.reference_features import ReferenceFeatures
from services.visual_search.recognition.verification import Agreement
from shared.errors import Unavailable
from shared.telemetry import Stages
from tests.visual_search.pictures import jpeg, on_shelf, pack, product

CALIBRATION = Calibration()
WHOLE = (0.0, 0.0, 1.0, 1.0)


def answer(*probabilities: float, unknown=0.1):
    """A region with candidates A, B, C..."""
    candidates = [
        Recognized(Found(sku, "", p, p, f"image-{sku}"), p)
        for sku, p in zip("ABCDE", probabilities, strict=False)
    ]
    return RegionAnswer(WHOLE, candidates, unknown)


def agreement(inliers=0, *, verified=False, refuted=False):
    """What a comparison found."""
    outline = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64) if verified else None
    none = np.zeros((0, 2))
    return Agreement(inliers, inliers, outline, verified, refuted, none, none)


def spoken(told, *heard: str):
    """The same answer, where print that was found has spoken of some candidates."""
    candidates = [
        replace(one, agreement=agreement(20)) if one.found.sku in heard else one
        for one in told.candidates
    ]
    return replace(told, candidates=candidates)


def skus(candidates):
    """SKUs in order."""
    return [one.found.sku for one in candidates]


def test_nothing_to_compare_without_candidates():
    """An empty catalogue costs nothing."""
    assert worth_comparing(answer(unknown=1.0)) == []


def test_a_clear_answer_is_not_compared():
    """Nothing could change it."""
    assert worth_comparing(answer(0.98, 0.01, unknown=0.01)) == []


def test_a_doubtful_answer_compares_the_best_three():
    """No more, so that the cost stays small."""
    assert skus(worth_comparing(answer(0.3, 0.2, 0.2, 0.1))) == ["A", "B", "C"]


def test_a_suggestion_of_the_best_needs_no_comparison():
    """The code and the look agree already."""
    assert worth_comparing(answer(0.3, 0.2), ["A"]) == []


def test_a_suggestion_of_another_is_compared_first():
    """However sure the look is: it may be a swapped label."""
    clear = answer(0.98, 0.004, 0.003, 0.002, unknown=0.01)
    assert skus(worth_comparing(clear, ["D"])) == ["D", "A", "B", "C"]


def test_print_that_has_spoken_is_not_compared_again():
    """The same features would count twice, for the one that was named and against the others."""
    assert worth_comparing(spoken(answer(0.3, 0.2, 0.2), "B")) == []


def test_where_print_has_spoken_a_suggestion_that_it_did_not_name_is_compared_alone():
    """A code may name what print did not look for."""
    heard = spoken(answer(0.3, 0.2, 0.1, 0.1), "A", "B")
    assert skus(worth_comparing(heard, ["D", "B"])) == ["D"]


def test_weighing_keeps_what_print_said_before():
    """A comparison of one candidate takes nothing from another."""
    heard = spoken(answer(0.5, 0.2, unknown=0.3), "A")
    moved = weighed(heard, {"B": agreement(20, verified=True)}, CALIBRATION)
    inliers = {one.found.sku: one.agreement.inliers for one in moved.candidates if one.agreement}
    assert inliers == {"A": 20, "B": 20}


def test_a_verified_candidate_overtakes():
    """Print that agrees outweighs a small lead in similarity."""
    moved = weighed(answer(0.4, 0.3, unknown=0.3), {"B": agreement(40, verified=True)}, CALIBRATION)
    assert skus(moved.candidates) == ["B", "A"]
    assert moved.candidates[0].probability > 0.9


def test_a_refuted_candidate_falls():
    """Its share goes to the others and to none."""
    moved = weighed(answer(0.5, 0.2, unknown=0.3), {"A": agreement(refuted=True)}, CALIBRATION)
    assert moved.candidates[0].probability < 0.5
    assert moved.unknown > 0.3


def test_weighing_keeps_the_sum():
    """All shares still sum to one."""
    moved = weighed(
        answer(0.5, 0.2, unknown=0.3),
        {"A": agreement(refuted=True), "B": agreement(20, verified=True)},
        CALIBRATION,
    )
    total = sum(one.probability for one in moved.candidates) + moved.unknown
    assert total == pytest.approx(1.0)


def test_more_agreement_moves_more():
    """From refuted over silent to verified by few and by many."""
    odds = [
        CALIBRATION.log_odds(agreement(refuted=True)),
        CALIBRATION.log_odds(None),
        CALIBRATION.log_odds(agreement(12, verified=True)),
        CALIBRATION.log_odds(agreement(30, verified=True)),
    ]
    assert odds == sorted(set(odds))
    assert CALIBRATION.log_odds(agreement(3)) == 0


@pytest.fixture
def recognizer_of(tmp_path):
    """Makes a recognizer of four packs with a given way to fetch them."""
    queue = EmbedderQueue(open_classical("classical"))
    index = ProductIndex(EdgeGenerations(tmp_path).open("a", queue.card.dims))
    vectors = queue.embedder.embed([pack(seed) for seed in range(4)])
    products = [product(f"P{n}", vectors={f"{n}": vectors[n]}) for n in range(4)]
    index.apply(products, [], 1)
    yield lambda fetch: Recognizer(index, queue, ReferenceFeatures(fetch))
    queue.close()
    index.points.close()


async def fetch_pack(image_id):
    """The pack whose number the image id is."""
    return jpeg(int(image_id))


async def fetch_nothing(image_id):
    """The catalogue is away."""
    raise Unavailable("away")


async def test_the_outline_lies_in_the_whole_picture(recognizer_of):
    """Taken from a region, told for the picture."""
    photo, corners = on_shelf(pack(1))
    region = Region((0.25, 0.1, 0.7, 0.9), suggested=("P2",))
    (found,) = await recognizer_of(fetch_pack).recognize(photo, [region], 5, Stages())
    best = found.candidates[0]
    assert best.found.sku == "P1"
    np.testing.assert_allclose(best.outline, corners, atol=0.02)


async def test_without_references_the_embedding_decides_alone(recognizer_of):
    """A catalogue that is away is no evidence either way."""
    photo, _ = on_shelf(pack(1))
    region = Region((0.25, 0.1, 0.7, 0.9), suggested=("P2",))
    (found,) = await recognizer_of(fetch_nothing).recognize(photo, [region], 5, Stages())
    assert all(one.agreement is None for one in found.candidates)


async def test_the_number_of_regions_compared_is_bounded(recognizer_of):
    """Not the time: the same picture gets the same answer on a busy machine."""
    photo, _ = on_shelf(pack(1))
    regions = [Region((0.25, 0.1, 0.7, 0.9), suggested=("P2",))] * 15
    found = await recognizer_of(fetch_pack).recognize(photo, regions, 5, Stages())
    compared = [any(one.agreement for one in answer.candidates) for answer in found]
    assert compared == [True] * 12 + [False] * 3


async def test_features_of_a_reference_are_taken_once():
    """The second time they come from memory; the least recently used goes."""
    fetched = []

    async def fetch(image_id):
        fetched.append(image_id)
        return jpeg(int(image_id))

    references = ReferenceFeatures(fetch, capacity=2)
    for image_id in ("1", "1", "2", "3", "1"):
        assert len((await references.of(image_id)).points)
    assert fetched == ["1", "2", "3", "1"]
