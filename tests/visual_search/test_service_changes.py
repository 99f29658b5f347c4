"""The service over gRPC beside a real catalogue that changes, stops or is not there."""

from __future__ import annotations

import asyncio
import shutil

from services.visual_search.embedding.embedder import open_embedder
from services.visual_search.service import NAME
from shared.models.calibrations import write_calibration
from shared.rpc import is_serving, open_channel
from tests.visual_search.conftest import Shop, open_shop, serving_search, settings_in, stock
from tests.visual_search.pictures import jpeg
from vitrine.v1 import catalog_pb2, visual_search_pb2_grpc
from vitrine.v1 import visual_search_pb2 as pb


async def test_empty_catalogue_finds_nothing(shop):
    """Nothing found is one empty group, not an error."""
    reply = await shop.search.Search(pb.SearchRequest(image=jpeg(0)))
    assert [len(group.results) for group in reply.groups] == [0]


async def test_stock_is_asked_at_once(stocked_shop):
    """In stock follows the store, without a change of the index."""
    wanted = {"text": "tea chair", "store_id": "berlin-1", "filter": {"in_stock": True}}
    before = (await stocked_shop.status()).applied_revision
    assert set(await stocked_shop.find(**wanted)) == {"TEA-3", "CHR-2"}
    level = catalog_pb2.StockLevel(sku="TEA-3", store_id="berlin-1", quantity=0)
    await stocked_shop.catalog.SetStock(catalog_pb2.SetStockRequest(levels=[level]))
    assert await stocked_shop.find(**wanted) == ["CHR-2"]
    assert (await stocked_shop.status()).applied_revision == before


async def test_a_new_price_shows_in_the_kept_answer(stocked_shop):
    """Offers are never kept: the second answer is cached and has the new quantity."""
    await stocked_shop.printed((await stocked_shop.status()).applied_revision)
    request = pb.SearchRequest(image=jpeg(2), store_id="berlin-1", top_k=1)
    first = await stocked_shop.search.Search(request)
    level = catalog_pb2.StockLevel(sku="TEA-3", store_id="berlin-1", quantity=2)
    await stocked_shop.catalog.SetStock(catalog_pb2.SetStockRequest(levels=[level]))
    second = await stocked_shop.search.Search(request)
    assert (first.provenance.cached, second.provenance.cached) == (False, True)
    assert [r.groups[0].results[0].offer.quantity for r in (first, second)] == [7, 2]


async def test_a_change_ends_kept_answers(stocked_shop):
    """Once the product is gone the picture no longer finds it."""
    assert (await stocked_shop.find(image=jpeg(2)))[0] == "TEA-3"
    reply = await stocked_shop.catalog.DeleteProducts(
        catalog_pb2.DeleteProductsRequest(skus=["TEA-3"])
    )
    await stocked_shop.caught_up(reply.revision)
    assert "TEA-3" not in await stocked_shop.find(image=jpeg(2))


async def test_print_that_is_indexed_ends_kept_answers(stocked_shop):
    """What was ranked before print was known is not given after it."""
    request = pb.SearchRequest(image=jpeg(2))
    await stocked_shop.printed((await stocked_shop.status()).applied_revision)
    for seed in range(5):  # print may have followed before we asked twice
        revision = await stocked_shop.picture("TEA-3", jpeg(100 + seed))
        await stocked_shop.caught_up(revision)
        replies = [await stocked_shop.search.Search(request) for _ in range(2)]
        if (await stocked_shop.status()).local_features_revision < revision:
            break
    await stocked_shop.printed(revision)
    replies.append(await stocked_shop.search.Search(request))
    assert [reply.provenance.cached for reply in replies] == [False, True, False]


async def test_a_new_calibration_ends_kept_answers(tmp_path, redis_url):
    """It weighs print against looks; a cache outlives the service that takes it at its start."""
    settings = settings_in(tmp_path, redis_url=redis_url)
    request = pb.SearchRequest(image=jpeg(2))

    async def asked(shop: Shop) -> bool:
        status = await shop.status()
        await shop.printed(status.catalog_revision)
        return (await shop.search.Search(request)).provenance.cached

    async with open_shop(settings) as shop:
        await stock(shop)
        before = [await asked(shop), await asked(shop)]
    async with open_shop(settings) as shop:
        again = await asked(shop)
    card = open_embedder("classical").card
    write_calibration(card, {"temperature": 0.2}, {}, tmp_path / "models")
    async with open_shop(settings) as shop:
        assert [*before, again, await asked(shop)] == [False, True, True, False]


async def test_archived_products_are_not_found(stocked_shop):
    """Archiving takes out, activating brings back."""
    mask = {"paths": ["status"]}
    for status, expected in (("ARCHIVED", False), ("ACTIVE", True)):
        product = catalog_pb2.Product(
            sku="CHR-1", status=getattr(catalog_pb2, f"PRODUCT_STATUS_{status}")
        )
        request = catalog_pb2.UpsertProductsRequest(product=product, update_mask=mask)
        reply = await stocked_shop.catalog.UpsertProducts(iter([request]))
        await stocked_shop.caught_up(reply.revision)
        assert ("CHR-1" in await stocked_shop.find(image=jpeg(3))) is expected
        assert ("CHR-1" in await stocked_shop.find(text="oak")) is expected


async def test_a_new_product_is_found_within_a_second(stocked_shop):
    """min_revision waits for it; the default wait is one second."""
    await stocked_shop.add(catalog_pb2.Product(sku="NEW", title="Lamp"))
    revision = await stocked_shop.picture("NEW", jpeg(77))
    assert (await stocked_shop.find(image=jpeg(77), min_revision=revision))[0] == "NEW"


async def test_it_is_ready_once_it_has_caught_up(tmp_path):
    """With no catalogue and nothing indexed it does not say SERVING; health says so."""
    nowhere = settings_in(tmp_path, catalog_address="127.0.0.1:9")
    async with serving_search(nowhere) as address, open_channel(address) as channel:
        await asyncio.sleep(0.5)
        assert not await is_serving(channel, NAME)
    async with open_shop(settings_in(tmp_path / "other")) as shop:
        async with asyncio.timeout(10):
            while (await shop.status()).state != pb.INDEX_STATE_READY:
                await asyncio.sleep(0.05)


async def test_it_answers_while_the_catalogue_is_away(stocked_shop):
    """After a restart without a catalogue the last revision still answers."""
    folder = stocked_shop.settings.state_dir
    before = await stocked_shop.status()
    alone = settings_in(folder / "copy", catalog_address="127.0.0.1:9")
    shutil.copytree(folder / "visual_search", alone.index_dir)
    async with serving_search(alone) as address, open_channel(address) as channel:
        stub = visual_search_pb2_grpc.VisualSearchServiceStub(channel)
        reply = await stub.Search(pb.SearchRequest(image=jpeg(2)))
        assert reply.groups[0].results[0].product.sku == "TEA-3"
        assert reply.provenance.catalog_revision == before.applied_revision
        async with asyncio.timeout(10):
            while not await is_serving(channel, NAME):
                await asyncio.sleep(0.05)
