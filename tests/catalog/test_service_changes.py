"""WatchChanges over a real channel."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.errors import InvalidInput
from tests.catalog.making import jpeg, send_images, send_products
from tests.catalog.test_service import PRODUCT, refused
from vitrine.v1 import catalog_pb2 as pb


async def test_a_watcher_replays_and_follows(stub: Any) -> None:
    """Products, deletions and the news of having caught up."""
    await send_products(stub, PRODUCT, pb.Product(sku="B", title="B"))
    await stub.DeleteProducts(pb.DeleteProductsRequest(skus=["B"]))
    call = stub.WatchChanges(pb.WatchChangesRequest())
    async with asyncio.timeout(60):
        first = await call.read()
        assert (first.revision, first.product.sku) == (1, "GLS-104")
        assert (await call.read()) == pb.WatchChangesResponse(revision=3, deleted_sku="B")
        assert (await call.read()) == pb.WatchChangesResponse(revision=3, caught_up=True)
        await send_images(stub, ("GLS-104", "front", jpeg()))
        changed = await call.read()
        assert (changed.revision, len(changed.product.reference_images)) == (4, 1)
        assert (await call.read()).caught_up
    call.cancel()


async def test_a_watcher_may_take_several_changes_a_message(stub: Any) -> None:
    """No more than it allows, in order, and none waits for what is yet to happen."""
    await send_products(stub, *(pb.Product(sku=f"S{n}", title="x") for n in range(5)))
    call = stub.WatchChanges(pb.WatchChangesRequest(max_changes=4))
    async with asyncio.timeout(60):
        first, second = await call.read(), await call.read()
        assert [first.revision, *(one.revision for one in first.further)] == [1, 2, 3, 4]
        assert [second.product.sku, *(one.caught_up for one in second.further)] == ["S4", True]
        await send_products(stub, pb.Product(sku="S5", title="x"))
        third = await call.read()
        assert (third.product.sku, third.further[0].caught_up) == ("S5", True)
    call.cancel()


async def test_large_changes_share_no_message(stub: Any) -> None:
    """A message stays near a mebibyte however many changes it may carry."""
    facets = {f"facet-{n}": "x" * 1000 for n in range(100)}
    await send_products(
        stub, *(pb.Product(sku=f"S{n:02}", title="x", attributes=facets) for n in range(30))
    )
    call = stub.WatchChanges(pb.WatchChangesRequest(max_changes=100))
    async with asyncio.timeout(60):
        replies = [await call.read() for _ in range(2)]
    assert [1 << 20 <= reply.ByteSize() < 1.2 * (1 << 20) for reply in replies] == [True, True]
    assert replies[1].revision == len(replies[0].further) + 2
    call.cancel()


@pytest.mark.parametrize("most", [-1, 101])
async def test_a_watcher_may_not_take_any_number_of_changes(stub: Any, most: int) -> None:
    """The error names the field and the range."""
    error = await refused(stub.WatchChanges(pb.WatchChangesRequest(max_changes=most)).read())
    assert isinstance(error, InvalidInput)
    assert error.reason == "MAX_CHANGES_OUT_OF_RANGE"


async def test_a_watcher_from_the_future_is_refused(stub: Any) -> None:
    """With the reason that tells a follower to start again."""
    call = stub.WatchChanges(pb.WatchChangesRequest(since_revision=1))
    error = await refused(call.read())
    assert isinstance(error, InvalidInput)
    assert error.reason == "REVISION_FROM_FUTURE"
    assert error.violations[0].field == "since_revision"


async def test_a_slow_watcher_costs_no_memory(stub: Any) -> None:
    """A reader that stands still does not make the service read on without end."""
    description = "x" * 10_000
    products = [pb.Product(sku=f"S{i:04}", title="x", description=description) for i in range(2500)]
    await send_products(stub, *products)
    call = stub.WatchChanges(pb.WatchChangesRequest())
    async with asyncio.timeout(60):
        assert (await call.read()).revision == 1
        await asyncio.sleep(0.3)  # the server goes on until flow control stops it
        await send_products(stub, pb.Product(sku="S2499", title="changed meanwhile"))
        told = {}
        while not (message := await call.read()).caught_up:
            told[message.product.sku] = message
    assert len(told) == 2499
    # Had the whole log been read at once, S2499 would come in its old state first.
    assert told["S2499"].product.title == "changed meanwhile"
    assert told["S2499"].revision == 2501
    call.cancel()
