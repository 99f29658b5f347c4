"""Why pictures match: exact sums, areas, and points, from the shipped network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import pytest_asyncio

from services.visual_search.embedding.classical import open_classical
from services.visual_search.embedding.embedder import EmbedderQueue, open_embedder
from services.visual_search.embedding.onnx_embedder import OnnxEmbedder
from services.visual_search.explaining.explainer import (
    MOST_IN_ALL,
    Explainer,
    Picture,
    contributions,
    seen_area,
)
from services.visual_search.index.ranking import Found
from shared.errors import NotFound
from shared.geometry import WHOLE_IMAGE
from shared.image import encode_jpeg
from shared.image_pixels import Rgb
from shared.models.card import SHIPPED_MODELS
from tests.visual_search.conftest import open_shop, settings_in, stock
from tests.visual_search.pictures import jpeg, on_shelf, pack
from vitrine.v1 import types_pb2
from vitrine.v1 import visual_search_pb2 as pb

SHIPPED = "vitrine-embedder-1"


@pytest.fixture(scope="module")
def shipped() -> OnnxEmbedder:
    """The embedder in the repository."""
    embedder = open_embedder(SHIPPED)
    assert isinstance(embedder, OnnxEmbedder)
    return embedder


def places_of(embedder: OnnxEmbedder, *pictures: Rgb):
    """Places of pictures, which this embedder can tell."""
    places = embedder.embed_places(pictures)
    assert places is not None
    return places


@pytest.mark.parametrize("embedder_id", [SHIPPED, f"int8-{SHIPPED}"])
def test_places_sum_to_the_embedding(embedder_id):
    """To rounding, for several pictures at once."""
    embedder = open_embedder(embedder_id)
    pictures = [pack(seed) for seed in range(3)]
    summed = places_of(embedder, *pictures).sum(axis=(1, 2))
    np.testing.assert_allclose(summed, embedder.embed(pictures), atol=2e-6)


@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
@pytest.mark.parametrize("views", [1, 2])
def test_contributions_sum_to_the_similarity(shipped, fit, views):
    """Of the query and of the reference alike, whatever the card says of fit and views."""
    card = replace(shipped.card, fit=fit, views=views)
    embedder = OnnxEmbedder(card, SHIPPED_MODELS)
    ours, theirs = pack(1), pack(2, (320, 200))
    vectors, places = embedder.embed([ours, theirs]), places_of(embedder, ours, theirs)
    similarity = float(vectors[0] @ vectors[1])
    assert contributions(places[0], vectors[1]).sum() == pytest.approx(similarity, abs=5e-6)
    assert contributions(places[1], vectors[0]).sum() == pytest.approx(similarity, abs=5e-6)


def test_a_mirrored_view_is_told_the_right_way_round():
    """With two views the place of what is seen does not move to the other side."""
    card = replace(open_embedder(SHIPPED).card, views=2)
    embedder = OnnxEmbedder(card, SHIPPED_MODELS)
    picture = np.hstack([pack(1, (240, 480)), np.full((480, 240, 3), 255, np.uint8)])
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    told, other = places_of(embedder, picture, mirrored)
    np.testing.assert_allclose(told, other[:, ::-1], atol=1e-4)


def test_a_network_without_places_tells_nothing(tmp_path):
    """No second output of the right form, no map: not a wrong one."""
    from tests.visual_search.embedding.test_embedder import write_model

    assert OnnxEmbedder(write_model(tmp_path), tmp_path).embed_places([pack(1)]) is None


@pytest.mark.parametrize(
    ("fit", "size_wh", "area"),
    [
        ("stretch", (200, 100), (0, 0, 1, 1)),
        ("crop", (200, 100), (0.25, 0, 0.75, 1)),
        ("pad", (200, 100), (0, -0.5, 1, 1.5)),
        ("pad", (100, 100), (0, 0, 1, 1)),
    ],
)
def test_the_area_is_what_the_network_sees(shipped, fit, size_wh, area):
    """A crop leaves the sides out, padding reaches beyond the picture."""
    assert seen_area(size_wh, replace(shipped.card, fit=fit)) == pytest.approx(area)


async def explained(embedder, pictures, images):
    """Explain pictures, each against all the reference images by id."""

    async def fetch(image_id: str) -> bytes:
        if image_id not in images:
            raise NotFound.of("reference image", image_id)
        return images[image_id]

    queue = EmbedderQueue(embedder)
    found = [[Found(image_id, "", 1.0, 1.0, image_id) for image_id in images] for _ in pictures]
    found[0].append(Found("GONE", "", 0.5, 0.5, "gone"))
    found[0].append(Found("WORDS", "", 0.5))
    places = await queue.embed_places(pictures)
    asked = [
        Picture(picture, WHOLE_IMAGE, None if places is None else places[number])
        for number, picture in enumerate(pictures)
    ]
    try:
        return await Explainer(fetch).explain(queue, asked, found)
    finally:
        queue.close()


async def test_what_cannot_be_explained_is_left_out(shipped):
    """An image that is gone and a product found by words have no explanation."""
    told = await explained(shipped, [pack(1)], {"a": jpeg(1)})
    assert set(told[0]) == {"a"}


async def test_print_that_agrees_is_shown_by_points(shipped):
    """Points of the pack on a shelf lie inside its corners, its own all over it."""
    photo, corners = on_shelf(pack(1))
    told = await explained(shipped, [photo], {"same": encode_jpeg(pack(1)), "other": jpeg(2)})
    same, other = told[0]["same"], told[0]["other"]
    assert len(same.query_points) == len(same.reference_points) >= 12
    low, high = corners.min(axis=0) - 0.02, corners.max(axis=0) + 0.02
    assert ((same.query_points > low) & (same.query_points < high)).all()
    assert np.ptp(same.reference_points, axis=0).min() > 0.4
    assert len(other.query_points) == 0


async def test_an_embedder_without_places_still_shows_points():
    """The maps are empty."""
    told = await explained(open_classical("classical"), [pack(1)], {"a": encode_jpeg(pack(1))})
    assert told[0]["a"].query_map.size == 0
    assert len(told[0]["a"].query_points) >= 12


async def test_the_best_of_every_region_are_explained(shipped):
    """When there are many, each region keeps its share and the sum is bounded."""
    data = jpeg(1)
    told = await explained(shipped, [pack(1)] * 8, {f"i{n}": data for n in range(9)})
    assert [len(each) for each in told] == [MOST_IN_ALL // 8] * 8


loop = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shop(tmp_path_factory):
    """A stocked shop that runs the shipped embedder."""
    settings = settings_in(tmp_path_factory.mktemp("explained"), embedder=SHIPPED)
    async with open_shop(settings) as opened:
        await stock(opened)
        yield opened


@loop
async def test_maps_sum_to_the_similarity_that_ranked(shop):
    """What the index answered is what the maps add up to, for every result."""
    reply = await shop.search.Search(pb.SearchRequest(image=jpeg(1), explain=True))
    results = reply.groups[0].results
    assert len(results) == 3
    for result in results:
        why = result.explanation
        assert (why.width, why.height) == (7, 7)
        assert sum(why.query_map) == pytest.approx(result.similarity, abs=1e-5)
        assert sum(why.reference_map) == pytest.approx(result.similarity, abs=1e-5)
        assert why.query_area == types_pb2.Box(x_max=1, y_max=1)
    assert {timing.stage for timing in reply.provenance.timings} >= {"embed", "explain"}


@loop
async def test_a_region_is_explained_where_it_lies(shop):
    """Area and points are in the whole image's coordinates."""
    image = encode_jpeg(np.hstack([np.full((320, 240, 3), 200, np.uint8), pack(2)]))
    right = types_pb2.Box(x_min=0.5, x_max=1, y_max=1)
    request = pb.SearchRequest(image=image, regions=[right], explain=True)
    why = (await shop.search.Search(request)).groups[0].results[0].explanation
    assert why.query_area == right
    assert len(why.query_points) >= 12
    assert min(point.x for point in why.query_points) > 0.49
    assert min(point.x for point in why.reference_points) < 0.4


@loop
async def test_nothing_is_explained_unasked(shop):
    """Neither a plain search nor one by words."""
    plain = await shop.search.Search(pb.SearchRequest(image=jpeg(1)))
    words = await shop.search.Search(pb.SearchRequest(text="tea", explain=True))
    for reply in (plain, words):
        assert not any(r.HasField("explanation") for r in reply.groups[0].results)
        assert "explain" not in {timing.stage for timing in reply.provenance.timings}


@loop
async def test_an_explained_answer_ranks_as_a_plain_one(shop):
    """Same products, same scores, with image and words."""
    replies = [
        await shop.search.Search(
            pb.SearchRequest(image=encode_jpeg(pack(0)), text="tea", explain=e)
        )
        for e in (False, True)
    ]
    plain, told = ([(r.product.sku, r.score) for r in reply.groups[0].results] for reply in replies)
    assert plain == told
