"""Scanning over a real channel, with a real catalogue and a real visual search."""

import asyncio
import time

import grpc
import numpy as np
import pytest

from shared.demo.catalogue import product
from shared.demo.scenes import scene
from shared.image import encode_jpeg
from shared.status import from_rpc_error
from tests.scanning.conftest import STORE, demo_product
from tests.scanning.pictures import code_picture, noise, turned
from vitrine.v1 import catalog_pb2
from vitrine.v1 import scanning_pb2 as pb

pytestmark = pytest.mark.asyncio(loop_scope="module")

STRANGE = "9783161484100"


def error_of(failure):
    return from_rpc_error(failure.value)


def skus_of(reply):
    return [item.product.sku for item in reply.items]


async def test_no_image_is_refused(shop):
    """An empty request names the gate's reason."""
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await shop.scan_bytes(b"")
    assert failure.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error_of(failure).reason == "IMAGE_EMPTY"


@pytest.mark.parametrize("max_items", [-1, 33])
async def test_wrong_options_are_named(shop, max_items):
    """The field at fault stands in the error."""
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await shop.scan(noise(), max_items=max_items)
    assert error_of(failure).violations[0].field == "options.max_items"


async def test_an_unknown_store_is_not_found(shop):
    """Also when nothing in the picture has a price."""
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await shop.scan(noise(), store_id="atlantis")
    assert failure.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_photo_of_a_pack_gives_product_price_and_stock(shop):
    """The main job: code and look agree, and it is here."""
    photo = scene(3, "barcode", ["TEA-001"])
    reply = await shop.scan(photo.image_rgb, store_id=STORE)
    (item,) = [one for one in reply.items if one.product.sku == "TEA-001"]
    assert item.decision == pb.DECISION_IDENTIFIED
    assert item.probability > 0.9
    assert item.gtin == product("TEA-001").gtin.zfill(14)
    assert item.offer.price.amount_micros == 2_490_000
    assert (item.offer.quantity, item.offer.availability) == (3, catalog_pb2.AVAILABILITY_IN_STOCK)
    assert (reply.width_px, reply.height_px) == (1280, 960)


async def test_a_code_that_is_no_product_is_reported(shop):
    """Unknown, with its GTIN and where it stands."""
    reply = await shop.scan(turned(code_picture(STRANGE), 4))
    (code,) = [code for item in reply.items for code in item.codes]
    assert (code.text, code.symbology, code.gtin) == (STRANGE, "EAN-13", STRANGE.zfill(14))
    assert len(code.outline.corners) == 4
    assert not any(skus_of(reply))


async def test_a_swapped_label_is_a_conflict(shop):
    """One pack with the barcode of another product is never identified."""
    photo = next(
        found
        for seed in range(200)
        if (found := scene(seed, "conflict", ["CER-010"])).items[0].codes
        and found.items[0].codes[0] in {product(s).gtin for s in ("TEA-001", "CHO-031", "COF-041")}
    )
    reply = await shop.scan(photo.image_rgb)
    conflicts = [conflict for item in reply.items for conflict in item.conflicts]
    assert [one.kind for one in conflicts] == [pb.CONFLICT_KIND_CODE_LOOK_MISMATCH]
    assert "CER-010" in conflicts[0].skus
    assert not any(skus_of(reply))


async def test_nothing_known_is_told_as_such(shop):
    """Noise is no product: one thing, not identified."""
    reply = await shop.scan(noise())
    assert not any(skus_of(reply))
    assert all(len(item.candidates) <= 5 for item in reply.items)


async def test_codes_only_names_no_model(shop):
    """Nothing is looked at, so nothing but the catalogue stands behind the answer."""
    reply = await shop.scan(scene(3, "barcode", ["TEA-001"]).image_rgb, codes_only=True)
    assert skus_of(reply) == ["TEA-001"]
    assert not reply.provenance.models
    assert not reply.degraded


async def test_the_answer_says_where_it_comes_from(shop):
    """Model, index, revision and the stages' durations."""
    reply = await shop.scan(scene(5, "barcode", ["TEA-001"]).image_rgb)
    assert reply.provenance.models[0].sha256
    assert reply.provenance.index_generation
    assert reply.provenance.catalog_revision > 0
    stages = [timing.stage for timing in reply.provenance.timings]
    assert {"decode", "codes", "embed", "search", "offers", "total"} <= set(stages)
    assert len(stages) == len(set(stages))


async def test_the_same_picture_is_answered_from_the_cache(shop):
    """The second answer equals the first, and says that it was kept."""
    image = encode_jpeg(scene(3, "barcode", ["TEA-001"]).image_rgb)
    first, second = await shop.scan_bytes(image), await shop.scan_bytes(image)
    assert (first.provenance.cached, second.provenance.cached) == (False, True)
    assert list(first.items) == list(second.items)


async def test_a_kept_answer_has_todays_stock(own_shop):
    """Price and stock are read anew each time."""
    image = encode_jpeg(scene(3, "barcode", ["TEA-001"]).image_rgb)
    await own_shop.scan_bytes(image, store_id=STORE)
    level = catalog_pb2.StockLevel(sku="TEA-001", store_id=STORE, quantity=0)
    await own_shop.catalog.SetStock(catalog_pb2.SetStockRequest(levels=[level]))
    reply = await own_shop.scan_bytes(image, store_id=STORE)
    offers = [item.offer for item in reply.items if item.product.sku == "TEA-001"]
    assert reply.provenance.cached
    assert [one.availability for one in offers] == [catalog_pb2.AVAILABILITY_OUT_OF_STOCK]


async def test_a_change_of_the_catalogue_is_seen_at_once(own_shop):
    """A kept answer belongs to its revision: a deleted product does not come back."""
    image = encode_jpeg(scene(3, "barcode", ["TEA-001"]).image_rgb)
    assert "TEA-001" in skus_of(await own_shop.scan_bytes(image))
    request = catalog_pb2.DeleteProductsRequest(skus=["TEA-001"])
    await own_shop.caught_up((await own_shop.catalog.DeleteProducts(request)).revision)
    reply = await own_shop.scan_bytes(image)
    told = {one.product.sku for item in reply.items for one in item.candidates}
    assert "TEA-001" not in told | set(skus_of(reply))


async def test_without_visual_search_codes_still_decide(own_shop):
    """The answer is given, and names the part that is missing."""
    await own_shop.search_server.stop(0)
    reply = await own_shop.scan(scene(3, "barcode", ["TEA-001"]).image_rgb, store_id=STORE)
    assert list(reply.degraded) == ["visual_search"]
    assert skus_of(reply) == ["TEA-001"]
    assert reply.items[0].offer.quantity == 3


def camera(*images: bytes, pause_s=0.0, options=None, first_seq=1):
    """A client's stream: the options, then one frame each 100 ms of capture time."""

    async def send():
        yield pb.ScanStreamRequest(options=options or pb.ScanOptions(store_id=STORE))
        for number, image in enumerate(images):
            frame = pb.ScanFrame(
                seq=first_seq + number, capture_time_us=number * 100_000, image=image
            )
            yield pb.ScanStreamRequest(frame=frame)
            await asyncio.sleep(pause_s)

    return send()


async def replies(shop, requests):
    return [reply async for reply in shop.scanning.ScanStream(requests, timeout=120)]


async def send_one_by_one(shop, images, options=None):
    """Send each frame when the one before is answered, so that none is dropped."""
    call = shop.scanning.ScanStream(timeout=120)
    await call.write(pb.ScanStreamRequest(options=options or pb.ScanOptions(store_id=STORE)))
    found = []
    for number, image in enumerate(images):
        frame = pb.ScanFrame(seq=number, capture_time_us=number * 100_000, image=image)
        await call.write(pb.ScanStreamRequest(frame=frame))
        found.append(await call.read())
    await call.done_writing()
    return found


async def test_a_stream_without_configuration_is_refused(shop):
    """The first message must be the options."""

    async def send():
        yield pb.ScanStreamRequest(frame=pb.ScanFrame(seq=1))

    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await replies(shop, send())
    assert error_of(failure).reason == "STREAM_CONFIG_MISSING"


async def test_a_stream_of_no_frames_ends(shop):
    """Options alone give no answers and no error."""
    assert await replies(shop, camera()) == []


async def test_frames_carry_their_number_and_time_back(shop):
    """The client draws each answer on its own frame."""
    photo = encode_jpeg(scene(3, "barcode", ["TEA-001"]).image_rgb)
    (reply,) = await replies(shop, camera(photo, first_seq=41))
    assert (reply.seq, reply.capture_time_us) == (41, 0)
    (item,) = [one for one in reply.items if one.product.sku == "TEA-001"]
    assert (item.track_id > 0, item.frames_used, item.frames_to_decide) == (True, 1, 1)
    assert item.offer.quantity == 3


async def test_the_newest_frame_wins(shop):
    """Frames sent in a burst are dropped but for the newest, and counted."""
    images = [encode_jpeg(noise((640, 480), seed)) for seed in range(12)]
    found = await replies(shop, camera(*images))
    assert found[-1].seq == 12
    assert len(found) < 12
    assert len(found) + sum(reply.frames_dropped for reply in found) == 12


async def test_an_unchanged_frame_is_said_to_be(shop):
    """And tells the same things without having worked."""
    photo = encode_jpeg(scene(3, "barcode", ["TEA-001"]).image_rgb)
    first, second = await send_one_by_one(shop, [photo, photo])
    assert (first.unchanged, second.unchanged) == (False, True)
    assert skus_of(first) == skus_of(second)
    assert not second.provenance.timings


async def test_a_broken_frame_does_not_end_the_stream(shop):
    """It is answered with its refusal; the next one is scanned."""
    photo = encode_jpeg(scene(3, "barcode", ["TEA-001"]).image_rgb)
    first, second = await send_one_by_one(shop, [photo[:2000], photo])
    assert first.refusal.reason == "IMAGE_TRUNCATED"
    assert "TEA-001" in skus_of(second)


async def test_a_frame_out_of_order_is_refused(shop):
    """Numbers must grow."""
    call = shop.scanning.ScanStream(timeout=60)
    image = encode_jpeg(np.full((64, 64, 3), 128, np.uint8))
    await call.write(pb.ScanStreamRequest(options=pb.ScanOptions()))
    for seq in (5, 4):
        await call.write(pb.ScanStreamRequest(frame=pb.ScanFrame(seq=seq, image=image)))
    await call.done_writing()
    reasons = {reply.seq: reply.refusal.reason async for reply in call}
    assert reasons == {5: "", 4: "FRAME_OUT_OF_ORDER"}


async def test_the_same_frames_give_the_same_answers(shop):
    """Replay is exact: items are equal to the byte."""
    images = [encode_jpeg(scene(seed, "table").image_rgb) for seed in (1, 1, 2)]
    runs = []
    for _ in range(2):
        found = await send_one_by_one(shop, images)
        runs.append([[item.SerializeToString() for item in reply.items] for reply in found])
    assert runs[0] == runs[1]


async def test_an_unknown_store_ends_the_stream(shop):
    """The client asked for prices that cannot be given."""
    photo = encode_jpeg(scene(3, "barcode", ["TEA-001"]).image_rgb)
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await replies(shop, camera(photo, options=pb.ScanOptions(store_id="atlantis")))
    assert failure.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_new_product_is_recognised_by_its_code_at_once(own_shop):
    """Within a second of its upsert."""
    image = turned(code_picture(STRANGE), 4)
    await own_shop.scan(image)
    added = demo_product("TEA-001")
    added.sku, added.gtins[:] = "NEW-1", [STRANGE]
    await own_shop.change(added)
    start = time.monotonic()
    reply = await own_shop.scan(image)
    assert "NEW-1" in skus_of(reply), reply
    assert time.monotonic() - start < 30  # generous: the machine may be busy
