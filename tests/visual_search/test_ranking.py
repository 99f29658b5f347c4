"""Pooling, fusing and folding. Their plain cases stand in the docstrings."""

from __future__ import annotations

from services.visual_search.index import Hit
from services.visual_search.ranking import Found, fold_groups, fuse, pool_images, text_found


def test_nothing_ranks_as_nothing():
    """Empty in, empty out."""
    assert pool_images([], 5) == pool_images([[]], 5) == fuse([], []) == fold_groups([]) == []


def test_the_best_of_several_queries_counts():
    """A product is as near as the nearest of the query's vectors."""
    first = [Hit("A", "a1", "", 0.9), Hit("B", "b1", "", 0.2)]
    second = [Hit("B", "b2", "", 0.95), Hit("A", "a2", "", 0.1)]
    found = pool_images([first, second], 10)
    assert [(one.sku, one.image_id, one.score) for one in found] == [
        ("B", "b2", 0.95),
        ("A", "a1", 0.9),
    ]


def test_what_a_full_batch_may_hide_is_left_out():
    """Below the last score of a cut-off list the order would be a guess."""
    first = [Hit("A", "a", "", 0.9), Hit("B", "b", "", 0.8)]
    second = [Hit("C", "c", "", 0.7), Hit("D", "d", "", 0.1)]
    assert [one.sku for one in pool_images([first, second], 2)] == ["A", "B"]


def test_equal_scores_are_ordered_by_sku():
    """The same query gives the same order every time."""
    hits = [Hit("B", "", "", 1.0), Hit("A", "", "", 1.0)]
    assert [one.sku for one in text_found(hits)] == ["A", "B"]


def test_fusing_keeps_similarity_and_image():
    """What was seen keeps what it was seen by."""
    seen, said = Found("A", "", 0.9, 0.9, "image"), Found("A", "", 12.0)
    (fused,) = fuse([seen], [said])
    assert (fused.similarity, fused.image_id) == (0.9, "image")
    assert fused.score == 2 / 61
