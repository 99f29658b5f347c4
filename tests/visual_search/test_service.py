"""The service over gRPC beside a real catalogue that nobody changes meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
import numpy as np
import pytest
import pytest_asyncio
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2, status_pb2

from shared.image import encode_jpeg
from shared.status import DETAILS_KEY
from tests.visual_search.conftest import Shop, open_shop, settings_in, stock
from tests.visual_search.pictures import jpeg, on_shelf, pack
from vitrine.v1 import types_pb2
from vitrine.v1 import visual_search_pb2 as pb

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stocked_shop(tmp_path_factory) -> AsyncIterator[Shop]:
    """The shop of ``conftest.stock``, one for all tests here."""
    async with open_shop(settings_in(tmp_path_factory.mktemp("shop"))) as opened:
        await stock(opened)
        yield opened


async def refused(call) -> tuple[grpc.StatusCode, str, str]:
    """Code, reason and first wrong field of a call that must fail."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    status = dict(caught.value.trailing_metadata())[DETAILS_KEY]
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status_pb2.Status.FromString(status).details:
        detail.Unpack(info)
        detail.Unpack(bad)
    field = bad.field_violations[0].field if bad.field_violations else ""
    return caught.value.code(), info.reason, field


async def test_a_picture_finds_its_product(stocked_shop):
    """The very reference image comes back first, with itself as the match."""
    reply = await stocked_shop.search.Search(pb.SearchRequest(image=jpeg(2)))
    best = reply.groups[0].results[0]
    assert best.product.sku == "TEA-3"
    assert best.similarity == pytest.approx(1.0, abs=1e-3)
    assert best.reference_image_id
    assert reply.groups[0].box == types_pb2.Box(x_max=1, y_max=1)


async def test_regions_are_searched_one_by_one(stocked_shop):
    """Two packs side by side: each half finds its own."""
    image = encode_jpeg(np.hstack([pack(0), pack(3)]))
    halves = [types_pb2.Box(x_max=0.5, y_max=1), types_pb2.Box(x_min=0.5, x_max=1, y_max=1)]
    reply = await stocked_shop.search.Search(pb.SearchRequest(image=image, regions=halves))
    found = [group.results[0].product.sku for group in reply.groups]
    assert found == ["TEA-1", "CHR-1"]
    assert [group.box.x_min for group in reply.groups] == [0, 0.5]


async def test_variants_are_folded_into_the_best(stocked_shop):
    """One result an item group, naming the other; all of them when asked."""
    reply = await stocked_shop.search.Search(pb.SearchRequest(image=jpeg(1)))
    best = reply.groups[0].results[0]
    assert (best.product.sku, list(best.folded_skus)) == ("TEA-2", ["TEA-1"])
    everything = await stocked_shop.find(image=jpeg(1), keep_variants=True)
    assert sorted(everything) == ["CHR-1", "TEA-1", "TEA-2", "TEA-3"]


async def test_words_find_products_without_pictures(stocked_shop):
    """Text reaches what has no image; the plural and the case do not matter."""
    assert await stocked_shop.find(text="RED chairs", top_k=1) == ["CHR-2"]


async def test_words_without_letters_find_nothing(stocked_shop):
    """Punctuation is a query that matches nothing."""
    assert await stocked_shop.find(text="?!") == []


async def test_a_sku_finds_others_like_it(stocked_shop):
    """The product itself is not among them."""
    found = await stocked_shop.find(sku="TEA-1", keep_variants=True)
    assert sorted(found) == ["CHR-1", "TEA-2", "TEA-3"]


async def test_a_sku_without_pictures_goes_by_its_words(stocked_shop):
    """A chair without a picture still finds the other chairs."""
    assert set(await stocked_shop.find(sku="CHR-2")) == {"CHR-1", "CHR-3"}


async def test_image_and_words_are_fused(stocked_shop):
    """What both rankings know comes before what one does."""
    found = await stocked_shop.find(image=jpeg(3), text="oak chair")
    assert found[0] == "CHR-1"
    assert "CHR-2" in found


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"categories": ["Groceries"]}, {"TEA-1", "TEA-2", "TEA-3"}),
        ({"categories": ["furniture > chairs"]}, {"CHR-1", "CHR-2"}),
        ({"categories": ["Furniture > Cha"]}, set()),
        ({"brands": ["NORDWOOD", "morning"]}, {"CHR-1", "CHR-2", "TEA-3"}),
        (
            {"min_price": {"currency_code": "EUR", "amount_micros": 5_000_000}},
            {"TEA-2", "CHR-1", "CHR-2", "CHR-3"},
        ),
        (
            {
                "min_price": {"currency_code": "EUR", "amount_micros": 4_000_000},
                "max_price": {"currency_code": "EUR", "amount_micros": 60_000_000},
            },
            {"TEA-2", "TEA-3", "CHR-3"},
        ),
        ({"max_price": {"currency_code": "USD", "amount_micros": 60_000_000}}, set()),
        ({"max_price": {"amount_micros": 3_000_000}}, {"TEA-1"}),
        ({"attributes": [{"name": "color", "values": ["Green", "red"]}]},
         {"TEA-1", "TEA-2", "CHR-2", "CHR-3"}),
        (
            {
                "attributes": [{"name": "color", "values": ["green"]}],
                "categories": ["Furniture"],
            },
            {"CHR-3"},
        ),
    ],
)  # fmt: skip
async def test_filters_let_exactly_these_through(stocked_shop, wanted, found):
    """Kinds must all hold, values of a kind are alternatives."""
    request = {"text": "tea chair green", "keep_variants": True, "filter": wanted}
    assert set(await stocked_shop.find(**request)) == found


async def test_offers_are_added_for_a_store(stocked_shop):
    """Price and stock of the store stand beside each result."""
    request = pb.SearchRequest(text="red chair", top_k=1, store_id="berlin-1")
    reply = await stocked_shop.search.Search(request)
    offer = reply.groups[0].results[0].offer
    assert (offer.quantity, offer.price.amount_micros) == (1, 90_000_000)


async def test_an_answer_for_a_shopper_is_not_kept(stocked_shop):
    """What was ranked for one person is computed anew."""
    request = pb.SearchRequest(image=jpeg(2), shopper_id="ada")
    replies = [await stocked_shop.search.Search(request) for _ in range(2)]
    assert [reply.provenance.cached for reply in replies] == [False, False]


async def test_a_revision_from_the_future_is_told(stocked_shop):
    """It waits as long as asked, then names revision and field."""
    request = pb.SearchRequest(
        text="tea", min_revision=10**9, max_wait=duration_pb2.Duration(nanos=10**8)
    )
    code, reason, _ = await refused(stocked_shop.search.Search(request))
    assert (code.name, reason) == ("DEADLINE_EXCEEDED", "INDEX_BEHIND")


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.SearchRequest(), "image"),
        (pb.SearchRequest(text="  "), "image"),
        (pb.SearchRequest(text="a", top_k=-1), "top_k"),
        (pb.SearchRequest(text="a", top_k=10**9), "top_k"),
        (pb.SearchRequest(text="a" * 501), "text"),
        (pb.SearchRequest(sku="TEA-1", text="a"), "sku"),
        (pb.SearchRequest(text="a", regions=[types_pb2.Box(x_max=1, y_max=1)]), "regions"),
        (pb.SearchRequest(image=b"x", regions=[types_pb2.Box(x_max=1.5, y_max=1)]), "regions[0]"),
        (pb.SearchRequest(image=b"x", regions=[types_pb2.Box(x_max=1)]), "regions[0]"),
        (
            pb.SearchRequest(image=b"x", regions=[types_pb2.Box(x_min=float("nan"), y_max=1)]),
            "regions[0]",
        ),
        (pb.SearchRequest(text="a", min_revision=-1), "min_revision"),
        (pb.SearchRequest(text="a", max_wait={"seconds": 31}), "max_wait"),
        (pb.SearchRequest(text="a", max_wait={"seconds": -1}), "max_wait"),
        (pb.SearchRequest(text="a", filter={"in_stock": True}), "store_id"),
        (
            pb.SearchRequest(text="a", filter={"attributes": [{"name": "x"}]}),
            "filter.attributes[0]",
        ),
        (
            pb.SearchRequest(text="a", filter={"min_price": {"amount_micros": -1}}),
            "filter.min_price",
        ),
        (
            pb.SearchRequest(
                text="a",
                filter={"min_price": {"amount_micros": 2}, "max_price": {"amount_micros": 1}},
            ),
            "filter.max_price",
        ),
    ],
)
async def test_a_wrong_request_names_its_field(stocked_shop, request_, field):
    """INVALID_ARGUMENT with the one field at fault."""
    code, _, named = await refused(stocked_shop.search.Search(request_))
    assert (code.name, named) == ("INVALID_ARGUMENT", field)


async def test_an_unknown_attribute_is_told(stocked_shop):
    """The message names those that exist."""
    wanted = {"attributes": [{"name": "colour", "values": ["red"]}]}
    request = pb.SearchRequest(text="tea", filter=wanted)
    code, reason, _ = await refused(stocked_shop.search.Search(request))
    assert (code.name, reason) == ("INVALID_ARGUMENT", "ATTRIBUTE_UNKNOWN")


async def test_unknown_sku_and_store_are_not_found(stocked_shop):
    """Both are NOT_FOUND, with their own reason."""
    by_sku = await refused(stocked_shop.search.Search(pb.SearchRequest(sku="NONE")))
    at_store = await refused(
        stocked_shop.search.Search(pb.SearchRequest(text="tea", store_id="mars"))
    )
    assert [by_sku[0].name, by_sku[1]] == ["NOT_FOUND", "PRODUCT_NOT_FOUND"]
    assert [at_store[0].name, at_store[1]] == ["NOT_FOUND", "STORE_NOT_FOUND"]


async def test_a_broken_image_keeps_the_reason_of_the_gate(stocked_shop):
    """The gate's word reaches the caller."""
    code, reason, _ = await refused(
        stocked_shop.search.Search(pb.SearchRequest(image=jpeg(1)[:500]))
    )
    assert (code.name, reason) == ("INVALID_ARGUMENT", "IMAGE_TRUNCATED")


async def test_regions_are_recognized_with_probabilities(stocked_shop):
    """A pack at an angle is verified, outlined, and all probabilities sum to one at most."""
    photo, corners = on_shelf(pack(2))
    box = types_pb2.Box(x_min=0.25, y_min=0.1, x_max=0.7, y_max=0.9)
    # A suggestion of another product is what makes a comparison worth it.
    region = {"box": box, "suggested_skus": ["CHR-1"]}
    request = pb.RecognizeRegionsRequest(image=encode_jpeg(photo), regions=[region])
    await stocked_shop.search.RecognizeRegions(request)  # so that time cannot run out below
    reply = await stocked_shop.search.RecognizeRegions(request)
    region = reply.regions[0]
    best = region.candidates[0]
    assert best.sku == "TEA-3"
    assert best.probability > 0.9
    assert best.verification.verified
    outline = [(point.x, point.y) for point in best.verification.outline.corners]
    np.testing.assert_allclose(outline, corners, atol=0.02)
    total = sum(one.probability for one in region.candidates) + region.unknown_probability
    assert total <= 1 + 1e-5


async def test_raw_pixels_are_recognized_as_the_file_is(stocked_shop):
    """Sparing a decode changes nothing."""
    image = pack(2)
    raw = types_pb2.RawImage(width_px=240, height_px=320, rgb=image.tobytes())
    reply = await stocked_shop.search.RecognizeRegions(pb.RecognizeRegionsRequest(raw_image=raw))
    assert reply.regions[0].candidates[0].sku == "TEA-3"


async def test_a_suggested_product_is_among_the_candidates(stocked_shop):
    """Whatever its rank, so that a conflict shows."""
    request = pb.RecognizeRegionsRequest(
        image=jpeg(2),
        regions=[{"box": {"x_max": 1, "y_max": 1}, "suggested_skus": ["CHR-1", "NONE"]}],
        top_k=1,
    )
    reply = await stocked_shop.search.RecognizeRegions(request)
    assert [one.sku for one in reply.regions[0].candidates] == ["TEA-3", "CHR-1"]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.RecognizeRegionsRequest(), "image"),
        (pb.RecognizeRegionsRequest(raw_image={"width_px": 2, "height_px": 2}), "raw_image.rgb"),
        (
            pb.RecognizeRegionsRequest(raw_image={"width_px": 10**6, "height_px": 10**6}),
            "raw_image",
        ),
        (pb.RecognizeRegionsRequest(image=b"x", top_k=101), "top_k"),
        (pb.RecognizeRegionsRequest(image=b"x", regions=[{"box": {}}]), "regions[0].box"),
    ],
)
async def test_a_wrong_recognition_names_its_field(stocked_shop, request_, field):
    """INVALID_ARGUMENT with the one field at fault."""
    code, _, named = await refused(stocked_shop.search.RecognizeRegions(request_))
    assert (code.name, named) == ("INVALID_ARGUMENT", field)


async def test_status_tells_model_revision_and_counts(stocked_shop):
    """What the index holds, and by which model."""
    status = await stocked_shop.status()
    assert (status.products, status.reference_images) == (6, 4)
    assert status.state == pb.INDEX_STATE_READY
    assert status.applied_revision == status.catalog_revision > 0
    assert status.model.id == "classical"
    assert len(status.calibration_digest) == 16
    assert status.index_generation.startswith("classical-")
