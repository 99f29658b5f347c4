"""Pooling, fusing and folding. Their plain cases stand in the docstrings."""

from __future__ import annotations

import numpy as np

from services.visual_search.index.ranking import (
    Found,
    fold_groups,
    fuse,
    pool_images,
    pooled,
    rerank,
    text_found,
)
from services.visual_search.index.vector_store import Hit


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


def towards(*degrees: float):
    """Vectors (N, 2) of length 1 that point these ways."""
    turns = np.deg2rad(degrees)
    return np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)


def test_one_image_scores_its_cosine():
    """Nothing is pooled."""
    (query,) = towards(0)
    assert pooled(query, towards(60)) == np.float32(0.5)


def test_several_photos_of_one_thing_outweigh_one_odd_photo():
    """Photos around the query beat a single one that happens to be nearer."""
    (query,) = towards(0)
    assert pooled(query, towards(30, -30)) > pooled(query, towards(20))
    assert pooled(query, towards(25, 90)) < pooled(query, towards(25))


def test_the_back_of_a_pack_hardly_speaks_against_its_front():
    """An image that is far from the query costs little."""
    (query,) = towards(0)
    front = pooled(query, towards(20))
    assert front - pooled(query, towards(20, 180)) < 0.02


def test_reranking_may_change_the_first_only():
    """What follows keeps its order and never scores above them."""
    (query,) = towards(0)
    found = [
        Found(sku, "", score, score) for sku, score in zip("ABC", (0.9, 0.85, 0.8), strict=True)
    ]
    images = {"A": towards(26, 90), "B": towards(32, -32), "C": towards(0, 0)}
    again = rerank(found, query[None], images, most=2)
    assert [one.sku for one in again] == ["B", "A", "C"]
    assert again[2].score <= again[1].score < again[0].score
    assert [one.similarity for one in again] == [0.85, 0.9, 0.8]


def test_reranking_nothing_gives_nothing():
    """Empty in, empty out; without vectors the order stays."""
    query = towards(0)
    assert rerank([], query, {}) == []
    found = [Found("A", "", 0.9), Found("B", "", 0.8)]
    assert rerank(found, query, {}) == found
