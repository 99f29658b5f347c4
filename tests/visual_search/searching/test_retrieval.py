"""Going deeper until enough products remain."""

from __future__ import annotations

import numpy as np
import pytest

from services.visual_search.index.edge import EdgeGenerations
from services.visual_search.index.products import ProductIndex
from services.visual_search.searching import retrieval
from services.visual_search.searching.retrieval import Stock, Wanted
from shared.errors import NotFound
from tests.visual_search.pictures import DIMS, product, vector

COUNT = 4000


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Four thousand products, the even ones of one group."""
    generations = EdgeGenerations(tmp_path_factory.mktemp("index"))
    opened = ProductIndex(generations.open("a", DIMS))
    products = [
        product(f"P{n}", n, title="thing", group="" if n % 2 else "even") for n in range(COUNT)
    ]
    opened.apply(products, [], 1)
    yield opened
    opened.points.close()


def by_distance(query):
    """All SKUs by brute force, nearest first."""
    matrix = np.stack([vector(n) for n in range(COUNT)])
    return [f"P{n}" for n in np.argsort(-matrix @ query, kind="stable")]


def a_store_with(*skus: str):
    """A store that has these, and a note of how often it was asked for all."""
    asked = []

    async def in_stock(some):
        return frozenset(some) & set(skus)

    async def stocked():
        asked.append(1)
        return frozenset(skus)

    return Stock(in_stock, stocked), asked


async def test_the_same_order_as_brute_force(index):
    """All thousand of them."""
    query = vector(COUNT + 1)
    wanted = Wanted(top_k=1000, keep_variants=True)
    found = await retrieval.by_vectors(index, query[np.newaxis], wanted)
    assert [one.sku for one in found] == by_distance(query)[:1000]


async def test_folding_a_large_group_still_gives_enough(index):
    """Half of all are variants of one thing, and ten different things are found."""
    found = await retrieval.by_vectors(index, vector(0)[np.newaxis], Wanted(top_k=100))
    assert len(found) == 100
    assert sum(one.group == "even" for one in found) == 1


async def test_the_only_product_in_stock_is_found(index):
    """Even the farthest of 4,000, by asking for the whole stock once."""
    query = vector(5)
    farthest = by_distance(query)[-1]
    stock, asked = a_store_with(farthest, "NOT-INDEXED")
    wanted = Wanted(top_k=3, keep_variants=True, stock=stock)
    found = await retrieval.by_vectors(index, query[np.newaxis], wanted)
    assert [one.sku for one in found] == [farthest]
    assert len(asked) == 1


async def test_a_stock_of_half_is_exact(index):
    """The nearest in stock, in order, without asking for the whole stock."""
    query = vector(COUNT + 2)
    here = [f"P{n}" for n in range(0, COUNT, 3)]
    stock, asked = a_store_with(*here)
    wanted = Wanted(top_k=10, keep_variants=True, stock=stock)
    found = await retrieval.by_vectors(index, query[np.newaxis], wanted)
    assert [one.sku for one in found] == [s for s in by_distance(query) if s in set(here)][:10]
    assert asked == []


async def test_nothing_in_stock_ends(index):
    """An empty store gives an empty answer."""
    stock, _ = a_store_with()
    assert await retrieval.by_text(index, "thing", Wanted(stock=stock)) == []


async def test_a_product_is_not_like_itself(index):
    """More like this leaves this out."""
    found = await retrieval.by_sku(index, "P7", Wanted(top_k=5, keep_variants=True))
    assert [one.sku for one in found] == [s for s in by_distance(vector(7)) if s != "P7"][:5]


async def test_an_unknown_sku_is_not_found(index):
    """It is named."""
    with pytest.raises(NotFound, match="no product 'NONE'"):
        await retrieval.by_sku(index, "NONE", Wanted())
