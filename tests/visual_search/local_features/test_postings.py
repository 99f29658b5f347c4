"""The inverted file: words, signatures, removal and merging."""

from __future__ import annotations

import numpy as np

from services.visual_search.local_features.postings import (
    MAX_DISTANCE,
    PLACE,
    Entries,
    Postings,
)


def entries(image, words, signatures):
    """Features of one image."""
    count = len(words)
    return Entries(
        np.array(words, np.uint16),
        np.full(count, image, np.int32),
        np.array(signatures, np.uint64),
        np.zeros(count, PLACE),
    )


def images_for(postings, word, signature):
    """Images that match one feature."""
    asked = np.array([[word]], np.int64), np.array([[signature]], np.uint64)
    return sorted(postings.match(*asked).images.tolist())


def test_nothing_matches_in_an_empty_file():
    """Whatever is asked."""
    assert images_for(Postings(), 5, 0) == []


def test_only_the_same_word_matches():
    """With the same signature."""
    postings = Postings()
    postings.add(entries(0, [5, 6], [0, 0]))
    assert images_for(postings, 5, 0) == [0]
    assert images_for(postings, 7, 0) == []


def test_signatures_may_differ_by_some_bits():
    """Up to the limit, and not beyond."""
    postings = Postings()
    postings.add(entries(0, [5], [0]))
    assert images_for(postings, 5, (1 << MAX_DISTANCE) - 1) == [0]
    assert images_for(postings, 5, (1 << (MAX_DISTANCE + 1)) - 1) == []


def test_a_removed_image_does_not_match():
    """Neither before nor after others are added."""
    postings = Postings()
    postings.add(entries(0, [5], [0]))
    postings.add(entries(1, [5], [0]))
    postings.remove([0])
    assert images_for(postings, 5, 0) == [1]
    postings.add(entries(2, [5], [0]))
    assert images_for(postings, 5, 0) == [1, 2]


def test_segments_answer_as_one():
    """Images added one by one between searches match like images added at once."""
    rng = np.random.default_rng(3)
    rows = [(image, rng.integers(0, 9, 40), rng.integers(0, 9, 40)) for image in range(30)]
    one_by_one, at_once = Postings(), Postings()
    for image, words, signatures in rows:
        one_by_one.add(entries(image, words, signatures))
        images_for(one_by_one, 0, 0)
        at_once.add(entries(image, words, signatures))
    assert images_for(one_by_one, 3, 1) == images_for(at_once, 3, 1)
    assert len(one_by_one) == len(at_once) == 1200


def test_long_lists_match_like_short_ones(monkeypatch):
    """The two ways to read the lists give the same matches."""
    rng = np.random.default_rng(4)
    words, signatures = rng.integers(0, 4, 2000), rng.integers(0, 1 << 63, 2000)
    asked = words[:50, None].astype(np.int64), signatures[:50, None].astype(np.uint64)
    postings = Postings()
    postings.add(entries(0, words, signatures))
    one_by_one = postings.match(*asked)
    monkeypatch.setattr("services.visual_search.local_features.postings._LONG", 1e9)
    at_once = postings.match(*asked)
    np.testing.assert_array_equal(one_by_one.features, at_once.features)
    np.testing.assert_array_equal(one_by_one.distances, at_once.distances)
    assert len(at_once.features) >= 50
