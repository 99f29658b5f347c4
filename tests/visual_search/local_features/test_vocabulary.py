"""Visual words and signatures."""

from __future__ import annotations

import numpy as np

from services.visual_search.local_features.features import of_reference
from services.visual_search.local_features.vocabulary import WORDS, shipped, train
from tests.visual_search.pictures import pack


def test_words_and_signatures_have_the_form_they_promise():
    """None for none; words in range; the nearest word first and each once."""
    vocabulary = shipped()
    words, signatures = vocabulary.assign(np.zeros((0, 128), np.uint8), 4)
    assert words.shape == signatures.shape == (0, 4)
    words, signatures = vocabulary.assign(of_reference(pack(1)).descriptors, 4)
    assert words.shape == signatures.shape
    assert ((words >= 0) & (words < WORDS)).all()
    assert all(len(set(row)) == 4 for row in words.tolist())


def test_more_words_begin_with_the_fewer():
    """The first word is the same however many are asked for."""
    descriptors = of_reference(pack(2)).descriptors
    one, many = shipped().assign(descriptors, 1), shipped().assign(descriptors, 6)
    np.testing.assert_array_equal(one[0][:, 0], many[0][:, 0])
    np.testing.assert_array_equal(one[1][:, 0], many[1][:, 0])


def test_a_little_noise_keeps_the_signature_near():
    """Far nearer than the half of all bits that chance gives."""
    descriptors = of_reference(pack(3)).descriptors
    noise = np.random.default_rng(1).integers(-3, 4, descriptors.shape)
    moved = np.clip(descriptors.astype(np.int16) + noise, 0, 255).astype(np.uint8)
    words, before = shipped().assign(descriptors)
    others, after = shipped().assign(moved)
    same = words[:, 0] == others[:, 0]
    assert same.mean() > 0.6
    assert np.bitwise_count(before ^ after)[same].mean() < 12


def test_training_is_the_same_for_the_same_seed():
    """And gives vocabularies that can be used."""
    rng = np.random.default_rng(5)
    descriptors = rng.integers(0, 60, (3000, 128)).astype(np.uint8)
    first, second = train(descriptors), train(descriptors)
    np.testing.assert_array_equal(first.centroids, second.centroids)
    np.testing.assert_array_equal(first.directions, second.directions)
    assert first.assign(descriptors[:5], 2)[0].shape == (5, 2)
