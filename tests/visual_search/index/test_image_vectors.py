"""Vectors of products with several images: read once, read anew after a change."""

from __future__ import annotations

import numpy as np

from services.visual_search.index.image_vectors import MOST_IMAGES, ImageVectors


def one_hot(count: int):
    """As many vectors."""
    return np.eye(max(count, 2), dtype=np.float32)[:count]


def test_only_products_with_several_images_are_given():
    """One image needs no pooling; unknown products are absent."""
    kept = ImageVectors(lambda skus: {"ONE": one_hot(1), "TWO": one_hot(2)})
    assert list(kept.of(["ONE", "TWO", "NONE"])) == ["TWO"]
    assert kept.of([]) == {}


def test_vectors_are_read_once_until_the_product_changes():
    """A changed product is read anew, the others are not."""
    asked = []

    def read(skus):
        asked.append(list(skus))
        return {sku: one_hot(2) for sku in skus}

    kept = ImageVectors(read)
    kept.of(["A", "B"])
    kept.of(["A", "B"])
    kept.forget(["A"])
    kept.of(["A", "B"])
    kept.clear()
    kept.of(["B"])
    assert asked == [["A", "B"], ["A"], ["B"]]


def test_what_was_read_while_a_product_changed_is_not_kept():
    """It may be of before the change."""
    calls = []

    def read(skus):
        calls.append(skus)
        if len(calls) == 1:
            kept.forget(["A"])
        return {"A": one_hot(1 + len(calls))}

    kept = ImageVectors(read)
    assert len(kept.of(["A"])["A"]) == 2
    assert len(kept.of(["A"])["A"]) == 3


def test_memory_is_bounded():
    """The least recently used product goes; of one with very many images the first count."""
    asked = []

    def read(skus):
        asked.extend(skus)
        return {sku: np.zeros((MOST_IMAGES + 5, 2), np.float32) for sku in skus}

    kept = ImageVectors(read, capacity=1)
    assert len(kept.of(["A"])["A"]) == MOST_IMAGES
    kept.of(["B"])
    kept.of(["A"])
    assert asked == ["A", "B", "A"]
