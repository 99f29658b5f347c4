"""From points found to products ranked: pooling, fusing, folding. Pure functions.

Several reference images of one product are pooled (``pooled``): three tenths of its score
are the cosine of its nearest image, seven tenths that of the mean of its images, each
weighted by how near it is to the query. The nearest alone trusts one odd photo; the plain
mean lets the back of a pack speak against its front. Measured in
``services/visual_search/README.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from services.visual_search.index.vector_store import Hit, Vector

_RRF_K: Final = 60
"""Cormack, Clarke and Buettcher, SIGIR 2009."""
_NEAREST_SHARE: Final = 0.3
_TEMPERATURE: Final = 0.2  # of the weights of a product's images, in units of cosine

RERANKED: Final = 30
"""Products, by their nearest images, that are ranked anew by all their images."""


@dataclass(frozen=True, slots=True)
class Found:
    """A product found.

    Attributes:
        sku: the product.
        group: its item group; empty = a group of its own.
        score: higher is better, comparable within one ranking.
        similarity: cosine of its best reference image; 0 when found by text alone.
        image_id: that image; empty when found by text alone.
        folded: SKUs of its group that it stands for.
    """

    sku: str
    group: str
    score: float
    similarity: float = 0.0
    image_id: str = ""
    folded: tuple[str, ...] = ()


def pool_images(batches: Sequence[Sequence[Hit]], limit: int) -> list[Found]:
    """Rank products by their best image under the best of several query vectors.

    A batch that is as long as ``limit`` may hide more at or below its last score;
    products below that are left out, so that the order is exact.

    >>> [f.sku for f in pool_images([[Hit("A", "1", "", 0.9), Hit("A", "2", "", 0.8)]], 2)]
    ['A']
    """
    floor = max((b[-1].score for b in batches if len(b) >= limit), default=-2.0)
    best: dict[str, Hit] = {}
    for hit in (hit for batch in batches for hit in batch):
        if hit.score >= floor and (hit.sku not in best or hit.score > best[hit.sku].score):
            best[hit.sku] = hit
    ranked = sorted(best.values(), key=lambda hit: (-hit.score, hit.sku))
    return [Found(h.sku, h.group, h.score, h.score, h.image_id) for h in ranked]


def pooled(query: Vector, images: Vector) -> float:
    """Score a product by all its images: how near is it to a query?

    Args:
        query: (D,) of length 1.
        images: (N, D), each of length 1.

    Returns:
        -1..1; of a product with one image the cosine.

    >>> one, other = np.eye(2, dtype=np.float32)
    >>> pooled(one, one[None]), round(pooled(one, np.stack([one, other])), 3)
    (1.0, 1.0)
    """
    similarities = images @ query
    nearest = float(similarities.max())
    if len(images) == 1:
        return nearest
    weights = np.exp((similarities - nearest) / _TEMPERATURE)
    mean = weights @ images
    centre = float(mean @ query) / max(float(np.linalg.norm(mean)), 1e-9)
    return _NEAREST_SHARE * nearest + (1 - _NEAREST_SHARE) * centre


def rerank(
    found: Sequence[Found], queries: Vector, images: Mapping[str, Vector], most: int = RERANKED
) -> list[Found]:
    """Rank the first products anew by all their images; the rest follow.

    Args:
        found: by their nearest images, see ``pool_images``.
        queries: (Q, D); the best of them counts.
        images: (N, D) of each product by SKU; one that is absent keeps its score.
        most: products whose order may change.
    """
    again = [replace(one, score=_best(one, queries, images)) for one in found[:most]]
    again.sort(key=lambda one: (-one.score, one.sku))
    floor = again[-1].score if again else 0.0
    return again + [replace(one, score=min(one.score, floor)) for one in found[most:]]


def _best(one: Found, queries: Vector, images: Mapping[str, Vector]) -> float:
    if one.sku not in images:
        return one.score
    return max(pooled(query, images[one.sku]) for query in queries)


def text_found(hits: Iterable[Hit]) -> list[Found]:
    """Rank products found by words."""
    ranked = sorted(hits, key=lambda hit: (-hit.score, hit.sku))
    return [Found(hit.sku, hit.group, hit.score) for hit in ranked]


def fuse(by_image: Sequence[Found], by_text: Sequence[Found]) -> list[Found]:
    """Fuse two rankings by reciprocal ranks; similarity and image come from the first.

    >>> a, b, c = (Found(sku, "", 1.0) for sku in "ABC")
    >>> [found.sku for found in fuse([a, b], [b, c])]
    ['B', 'A', 'C']
    """
    scores: dict[str, float] = {}
    for ranking in (by_image, by_text):
        for rank, found in enumerate(ranking, start=1):
            scores[found.sku] = scores.get(found.sku, 0.0) + 1 / (_RRF_K + rank)
    known = {found.sku: found for found in (*by_text, *by_image)}
    ordered = sorted(scores, key=lambda sku: (-scores[sku], sku))
    return [replace(known[sku], score=scores[sku]) for sku in ordered]


def fold_groups(ranked: Iterable[Found]) -> list[Found]:
    """Keep the best of each item group; it names the others.

    >>> shirts = [Found("S", "shirt", 0.9), Found("M", "shirt", 0.8), Found("X", "", 0.7)]
    >>> [(found.sku, found.folded) for found in fold_groups(shirts)]
    [('S', ('M',)), ('X', ())]
    """
    groups: dict[str, list[Found]] = {}
    for found in ranked:
        groups.setdefault(f"group {found.group}" if found.group else found.sku, []).append(found)
    return [
        replace(members[0], folded=tuple(other.sku for other in members[1:]))
        for members in groups.values()
    ]
