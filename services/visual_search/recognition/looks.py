"""What a region looks like: products by their images, with calibrated probabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from services.visual_search.index.ranking import RERANKED, Found, pool_images, rerank
from services.visual_search.index.vector_store import Hit, Vector
from services.visual_search.recognition.calibration import Calibration
from services.visual_search.recognition.region_answers import Box, Recognized, RegionAnswer

DEPTH: Final = 100
"""Reference images that are looked up at first."""
_FEWEST_PRODUCTS: Final = 10
_DEEPER: Final = 4

Nearest = Callable[[int], Sequence[Hit]]
"""Gives so many of the reference images nearest to a picture, best first."""
Images = Callable[[Sequence[str]], Mapping[str, Vector]]
"""Gives the vectors (N, D) of those products that have several images."""


def products_like(vector: Vector, nearest: Nearest, images: Images) -> list[Found]:
    """Rank the products that a picture's vector (D,) is like.

    Where few products have many images the nearest images are of still fewer products,
    so that it goes deeper until there are enough to choose from.
    """
    depth = DEPTH
    hits = nearest(depth)
    while len(hits) >= depth and len({hit.sku for hit in hits}) < _FEWEST_PRODUCTS:
        depth *= _DEEPER
        hits = nearest(depth)
    found = pool_images([hits], len(hits) + 1)
    return rerank(found, vector[np.newaxis], images([one.sku for one in found[:RERANKED]]))


def answer_by_looks(box: Box, found: Sequence[Found], calibration: Calibration) -> RegionAnswer:
    """Share out the probability of a region among ranked products and none of them."""
    shares, unknown = calibration.probabilities([one.score for one in found])
    candidates = [Recognized(one, share) for one, share in zip(found, shares, strict=True)]
    return RegionAnswer(box, candidates, unknown)
