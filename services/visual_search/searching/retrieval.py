"""Finds the best products by image, by SKU, by words, or by image and words.

Products are found by their nearest images and the first of them ranked by all their
images (``index.ranking``). What is found is exact under any filter: when filters, stock or
folding leave too few results, the search goes deeper until there are enough or there is
nothing more. Stock is asked of the catalogue while ranking, so that its changes never
touch the index.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.visual_search.index.products import ProductIndex
from services.visual_search.index.ranking import (
    RERANKED,
    Found,
    fold_groups,
    fuse,
    pool_images,
    rerank,
    text_found,
)
from services.visual_search.index.text import query_words
from services.visual_search.index.vector_store import EVERYTHING, Vector, Where
from shared.errors import NotFound

MAX_TOP_K: Final = 1000
_FIRST_DEPTH: Final = 50
_DEEPER: Final = 4
_ASK_WHOLE_STOCK_FROM: Final = 2000
_FUSE_DEPTH: Final = 200
_MOST_VECTORS: Final = 16


@dataclass(frozen=True, slots=True)
class Stock:
    """What one store has now.

    Attributes:
        in_stock: which of these SKUs it has.
        stocked: all that it has.
    """

    in_stock: Callable[[Sequence[str]], Awaitable[frozenset[str]]]
    stocked: Callable[[], Awaitable[frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a ranking is to hold.

    Attributes:
        top_k: how many products, 1 to ``MAX_TOP_K``.
        where: which may be found.
        keep_variants: do not fold item groups.
        stock: only what this store has; None = all.
    """

    top_k: int = 10
    where: Where = EVERYTHING
    keep_variants: bool = False
    stock: Stock | None = None


@dataclass(frozen=True, slots=True)
class _Depth:
    """The best of one ranking, or of two to be fused, and whether that is all there is."""

    rankings: tuple[list[Found], ...]
    everything: bool


_Rank = Callable[[int, Where], _Depth]

Reorder = Callable[[list[Found]], Awaitable[list[Found]]]
"""Orders what was found by looks anew, once filters and stock have been applied."""


async def by_vectors(
    index: ProductIndex, vectors: Vector, wanted: Wanted, reorder: Reorder | None = None
) -> list[Found]:
    """Rank by similarity to the best of some vectors (N, D)."""

    def rank(depth: int, where: Where) -> _Depth:
        return _rank(index, vectors, depth, where)

    return await _collect(index, rank, wanted, reorder)


async def by_text(index: ProductIndex, text: str, wanted: Wanted) -> list[Found]:
    """Rank by the words that a product shares with the text."""
    return await _collect(index, lambda depth, where: _words(index, text, depth, where), wanted)


async def by_both(
    index: ProductIndex,
    vectors: Vector,
    text: str,
    wanted: Wanted,
    reorder: Reorder | None = None,
) -> list[Found]:
    """Rank by image and by words, and fuse the two rankings."""

    def rank(depth: int, where: Where) -> _Depth:
        deep = max(depth, _FUSE_DEPTH)
        seen, said = _rank(index, vectors, deep, where), _words(index, text, deep, where)
        return _Depth(seen.rankings + said.rankings, seen.everything and said.everything)

    return await _collect(index, rank, wanted, reorder)


async def by_sku(index: ProductIndex, sku: str, wanted: Wanted) -> list[Found]:
    """Rank by similarity to a product, which is not among the results.

    A product without images is compared by its words.

    Raises:
        NotFound: the index does not know the SKU.
    """
    stored = (await asyncio.to_thread(index.stored, [sku])).get(sku)
    if stored is None:
        raise NotFound.of("product", sku)
    others = replace(
        wanted, where=replace(wanted.where, without=wanted.where.without | set(stored.ids))
    )
    if stored.vectors:
        return await by_vectors(index, stored.matrix(_MOST_VECTORS), others)
    words = stored.words

    def rank(depth: int, where: Where) -> _Depth:
        hits = index.by_words(words, depth, where) if words else []
        return _Depth((text_found(hits),), len(hits) < depth)

    return await _collect(index, rank, others)


def _rank(index: ProductIndex, vectors: Vector, depth: int, where: Where) -> _Depth:
    batches = index.nearest(vectors, depth, where)
    everything = all(len(batch) < depth for batch in batches)
    found = pool_images(batches, depth)
    images = index.images([one.sku for one in found[:RERANKED]])
    return _Depth((rerank(found, vectors, images),), everything)


def _words(index: ProductIndex, text: str, depth: int, where: Where) -> _Depth:
    hits = index.by_words(query_words(text), depth, where)
    return _Depth((text_found(hits),), len(hits) < depth)


async def _collect(
    index: ProductIndex, rank: _Rank, wanted: Wanted, reorder: Reorder | None = None
) -> list[Found]:
    """Go deeper until enough products remain after stock and folding."""
    depth, where = max(_FIRST_DEPTH, 2 * wanted.top_k), wanted.where
    while True:
        reached = await asyncio.to_thread(rank, depth, where)
        rankings = await _stocked_only(reached.rankings, wanted.stock)
        if reached.everything or len(_joined(rankings, wanted)) >= wanted.top_k:
            if reorder is not None:
                rankings = [await reorder(rankings[0]), *rankings[1:]]
            return _joined(rankings, wanted)[: wanted.top_k]
        depth *= _DEEPER
        if wanted.stock and depth > _ASK_WHOLE_STOCK_FROM and where.ids is None:
            skus = await wanted.stock.stocked()
            where = replace(where, ids=await asyncio.to_thread(index.ids_of, skus))


def _joined(rankings: Sequence[list[Found]], wanted: Wanted) -> list[Found]:
    """One ranking of all, variants folded; how many there are does not depend on the order."""
    ranked = fuse(*rankings) if len(rankings) > 1 else rankings[0]
    return ranked if wanted.keep_variants else fold_groups(ranked)


async def _stocked_only(rankings: Sequence[list[Found]], stock: Stock | None) -> list[list[Found]]:
    skus = list(dict.fromkeys(one.sku for ranking in rankings for one in ranking))
    if stock is None or not skus:
        return list(rankings)
    here = await stock.in_stock(skus)
    return [[one for one in ranking if one.sku in here] for ranking in rankings]
