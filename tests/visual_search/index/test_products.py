"""Products in a vector index: Qdrant Edge, and qdrant-client's local mode for a cluster."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from qdrant_client import QdrantClient

from services.visual_search.index.edge import EdgeGenerations
from services.visual_search.index.product_filter import ProductFilter
from services.visual_search.index.products import ProductIndex
from services.visual_search.index.remote import RemoteGenerations, open_remote
from services.visual_search.index.text import query_words
from services.visual_search.index.vector_store import EVERYTHING, Where
from shared.errors import InvalidInput, NotReady, Unavailable
from tests.visual_search.pictures import DIMS, product, vector


@pytest.fixture(params=["edge", "remote"])
def generations(request, tmp_path):
    """Both places where indexes can be."""
    if request.param == "edge":
        opened = EdgeGenerations(tmp_path / "index")
    else:
        opened = RemoteGenerations(QdrantClient(":memory:"))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Payload indexes have no effect in the local Qdrant")
        warnings.filterwarnings("ignore", "Local mode performs exact")
        yield opened
    opened.close()


@pytest.fixture
def index(generations):
    """An empty index."""
    opened = ProductIndex(generations.open("a", DIMS))
    yield opened
    opened.points.close()


def nearest(index, seed, where=EVERYTHING, limit=10):
    """SKUs nearest to the vector of a seed."""
    return [hit.sku for hit in index.nearest(vector(seed)[np.newaxis], limit, where)[0]]


def test_an_empty_index_finds_nothing(index):
    """No revision, no products, no hits."""
    assert (index.revision, index.counts(), index.skus()) == (0, (0, 0), [])
    assert nearest(index, 1) == []
    assert index.by_words(query_words("tea"), 5) == []
    assert index.nearest(np.zeros((0, DIMS), np.float32), 5) == []


def test_the_nearest_image_comes_first(index):
    """With its cosine, its image and its group."""
    index.apply([product("A", 1, group="g"), product("B", 2)], [], 5)
    hit = index.nearest(vector(1)[np.newaxis], 2)[0][0]
    assert (hit.sku, hit.image_id, hit.group) == ("A", "image-1", "g")
    assert hit.score == pytest.approx(1.0, abs=1e-5)


def test_several_queries_are_answered_in_their_order(index):
    """One list a row."""
    index.apply([product("A", 1), product("B", 2)], [], 5)
    batches = index.nearest(np.stack([vector(2), vector(1)]), 1)
    assert [batch[0].sku for batch in batches] == ["B", "A"]


def test_products_without_images_are_found_by_words(index):
    """Rare words weigh more than common ones."""
    index.apply([product(f"T{n}", title="green tea") for n in range(9)], [], 1)
    index.apply([product("J", title="jasmine tea")], [], 2)
    assert index.by_words(query_words("tea jasmine"), 1)[0].sku == "J"


def test_replacing_a_product_leaves_nothing_of_the_old(index):
    """Fewer images, other words, other attributes."""
    many = {"image-1": vector(1), "image-2": vector(2), "image-3": vector(3)}
    index.apply([product("A", vectors=many, title="tea", attributes={"color": "red"})], [], 1)
    assert index.counts() == (1, 3)
    index.apply([product("A", title="coffee")], [], 2)
    assert index.counts() == (1, 0)
    assert nearest(index, 1) == []
    assert index.by_words(query_words("tea"), 5) == []
    with pytest.raises(InvalidInput, match="there are: none"):
        index.where(ProductFilter(attributes={"color": ("red",)}))


def test_deleting_takes_out_every_image(index):
    """Unknown SKUs are ignored."""
    two = {"image-1": vector(1), "image-2": vector(2)}
    index.apply([product("A", vectors=two), product("B", 3)], [], 1)
    index.apply([], ["A", "NONE"], 2)
    assert (index.skus(), index.counts(), index.revision) == (["B"], (1, 1), 2)
    assert nearest(index, 1) == ["B"]


def test_applying_a_change_twice_changes_nothing(index):
    """A process that is killed before it noted the revision does just that."""
    for _ in range(2):
        index.apply([product("A", 1), product("B", 2)], ["C"], 3)
    assert (sorted(index.skus()), index.counts(), index.revision) == (["A", "B"], (2, 2), 3)


def test_clearing_starts_from_nothing(index):
    """Products and revision are gone."""
    index.apply([product("A", 1)], [], 9)
    index.clear()
    assert (index.skus(), index.revision, index.counts()) == ([], 0, (0, 0))


def test_what_is_stored_comes_back(index):
    """Vectors by image, words, and the document byte for byte."""
    index.apply([product("A", 1, title="tea", document=b"\x00\xff")], [], 1)
    stored = index.stored(["A", "NONE"])
    assert list(stored) == ["A"]
    np.testing.assert_allclose(stored["A"].vectors["image-1"], vector(1), atol=1e-6)
    assert stored["A"].words.indices == query_words("tea").indices
    assert index.documents(["A", "NONE"]) == {"A": b"\x00\xff"}


def test_only_and_without_ids(index):
    """A product can be singled out or left out."""
    index.apply([product("A", 1), product("B", 2), product("C", 3)], [], 1)
    assert nearest(index, 1, Where(ids=index.ids_of(["B"]))) == ["B"]
    assert set(nearest(index, 1, Where(without=index.ids_of(["A"])))) == {"B", "C"}


@pytest.mark.parametrize("keep", [1, 10, 100])
def test_filtered_search_is_exact_at_any_selectivity(index, keep):
    """The same ten as brute force, whether the filter keeps 1, 10 or 100 %."""
    rng = np.random.default_rng(0)
    kept = [n * keep % 100 < keep for n in range(300)]
    brands = ["Wanted" if one else "Other" for one in kept]
    index.apply([product(f"P{n}", n, brand=brands[n]) for n in range(300)], [], 1)
    matrix = np.stack([vector(n) for n in range(300)])
    query = rng.normal(size=DIMS).astype(np.float32)
    order = [n for n in np.argsort(-matrix @ query) if kept[n]][:10]
    where = index.where(ProductFilter(brands=("wanted",)))
    found = [hit.sku for hit in index.nearest(query[np.newaxis], 10, where)[0]]
    assert found == [f"P{n}" for n in order]


def test_generations_are_kept_apart_and_switched(generations):
    """Two indexes side by side; the current one is remembered; one can be dropped."""
    first = ProductIndex(generations.open("a", DIMS))
    second = ProductIndex(generations.open("b", 2 * DIMS))
    first.apply([product("A", 1)], [], 1)
    assert (second.skus(), generations.current()) == ([], "")
    for name in ("a", "b"):
        generations.make_current(name)
        assert generations.current() == name
    first.points.close()
    second.points.close()
    generations.drop("a")
    assert generations.names() == ["b"]


def test_an_edge_index_is_there_after_reopening(tmp_path):
    """Points, counts and revision come back from disk."""
    generations = EdgeGenerations(tmp_path)
    index = ProductIndex(generations.open("a", DIMS))
    index.apply([product("A", 1)], [], 7)
    index.points.close()
    again = ProductIndex(generations.open("a", DIMS))
    assert (again.skus(), again.revision, again.counts()) == (["A"], 7, (1, 1))


def test_a_second_owner_may_not_open_the_folder(tmp_path):
    """Two writers would ruin it; when the first lets go the second may."""
    first = EdgeGenerations(tmp_path)
    with pytest.raises(NotReady, match=f"is held by process {os.getpid()} "):
        EdgeGenerations(tmp_path)
    first.close()
    EdgeGenerations(tmp_path).close()


def test_an_unreadable_index_is_built_anew(tmp_path):
    """The catalogue is the source of truth, so a broken shard is no reason to stop."""
    generations = EdgeGenerations(tmp_path)
    index = ProductIndex(generations.open("a", DIMS))
    index.apply([product("A", 1)], [], 7)
    index.points.close()
    for file in (tmp_path / "a" / "segments").rglob("segment.json"):
        file.write_bytes(b"{")
    (tmp_path / "a" / "edge_config.json").write_bytes(b"no json")
    assert ProductIndex(generations.open("a", DIMS)).revision == 0


def test_writes_survive_a_kill(tmp_path):
    """What apply() returned for is there after kill -9 without a flush."""
    code = (
        "import os, sys; from pathlib import Path\n"
        "from services.visual_search.index.edge import EdgeGenerations\n"
        "from services.visual_search.index.products import ProductIndex\n"
        "from tests.visual_search.pictures import product\n"
        "index = ProductIndex(EdgeGenerations(Path(sys.argv[1])).open('a', 8))\n"
        "for n in range(200): index.apply([product(f'P{n}', n)], [f'P{n - 3}'], n + 1)\n"
        "os.kill(os.getpid(), 9)"
    )
    root = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": f"{root}:{root / 'protos'}"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=False)
    index = ProductIndex(EdgeGenerations(tmp_path).open("a", DIMS))
    assert index.revision == 200
    assert sorted(index.skus()) == ["P197", "P198", "P199"]


def test_a_cluster_that_is_not_there_is_unavailable():
    """The URL is wrong or the cluster is down: one clear error."""
    with pytest.raises(Unavailable) as caught:
        open_remote("http://127.0.0.1:9")
    assert caught.value.reason == "QDRANT_UNAVAILABLE"


def test_a_price_without_a_currency_is_of_the_only_one(index):
    """Nobody need name what there is no choice of."""
    index.apply([replace(product("A", 1), price_micros=5, currency="EUR")], [], 1)
    assert nearest(index, 1, index.where(ProductFilter(max_price_micros=9))) == ["A"]


def test_a_price_without_a_currency_is_refused_where_there_are_several(index):
    """The same number of another currency is another price; with a currency all is well."""
    euros = replace(product("A", 1), price_micros=5, currency="EUR")
    dollars = replace(product("B", 2), price_micros=5, currency="USD")
    index.apply([euros, dollars], [], 1)
    with pytest.raises(InvalidInput, match="prices in EUR, USD; name one") as refused:
        index.where(ProductFilter(min_price_micros=1))
    assert refused.value.violations[0].field == "filter.min_price.currency_code"
    wanted = ProductFilter(max_price_micros=9, currency="USD")
    assert nearest(index, 1, index.where(wanted)) == ["B"]
