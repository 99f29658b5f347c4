"""Kill -9 of visual_search at any moment: nothing is lost and nothing comes back.

Ten times: 2,000 upserts and deletes go into a real catalogue while visual_search, a
process of its own, follows; it is killed in the middle and started again. Then the index
must equal the catalogue: the same products in the same state with the same images.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import numpy as np
import pytest

from services.visual_search.index.edge import EdgeGenerations
from services.visual_search.index.products import ProductIndex
from shared.image import encode_jpeg
from shared.rpc import open_channel
from tests.servers import free_port
from tests.visual_search.conftest import Shop, serving_catalog, settings_in
from tests.visual_search.pictures import pack
from vitrine.v1 import catalog_pb2, catalog_pb2_grpc, visual_search_pb2_grpc
from vitrine.v1 import visual_search_pb2 as pb

ROUNDS = 10
CHANGES = 2000
SKUS = 400
A_CALL = 100
SECONDS = 120.0
PICTURES = [encode_jpeg(pack(seed, (64, 64)), 80) for seed in range(6)]


class Process:
    """visual_search as a process that can be killed and started again."""

    def __init__(self, catalog_address: str, folder: Path) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self._environment = os.environ | {
            "VITRINE_STATE_DIR": str(folder),
            "VITRINE_CATALOG_ADDRESS": catalog_address,
            "VITRINE_SEARCH_LISTEN": self.address,
            "VITRINE_EMBEDDER": "hsv",
            "VITRINE_LOG_LEVEL": "WARNING",
        }
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it may take a while until it answers."""
        command = [sys.executable, "-m", "services.visual_search"]
        self._running = subprocess.Popen(command, env=self._environment)

    def kill(self) -> None:
        """Kill -9, at once."""
        if self._running is not None:
            self._running.send_signal(signal.SIGKILL)
            self._running.wait()
            self._running = None


@asynccontextmanager
async def a_shop_with_a_process(folder: Path) -> AsyncIterator[tuple[Shop, Process]]:
    """A catalogue here and visual_search as a process, not yet started."""
    settings = settings_in(folder)
    async with serving_catalog(settings) as address, open_channel(address) as catalog:
        process = Process(address, folder)
        async with open_channel(process.address) as search:
            try:
                yield (
                    Shop(
                        catalog_pb2_grpc.CatalogServiceStub(catalog),
                        visual_search_pb2_grpc.VisualSearchServiceStub(search),
                        settings,
                    ),
                    process,
                )
            finally:
                process.kill()


async def applied(shop: Shop, revision: int) -> None:
    """Wait until the process answers and reflects a revision."""
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                if (await shop.status()).applied_revision >= revision:
                    return
            except grpc.aio.AioRpcError:
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.01)


async def change(shop: Shop, rng: np.random.Generator, count: int) -> int:
    """Make ``count`` changes: seven in ten upserts, the rest deletes; the revision."""
    while count > 0:
        skus = [f"P{n}" for n in rng.choice(SKUS, A_CALL, replace=False)]
        cut = int(A_CALL * 0.7)
        await shop.add(
            *(
                catalog_pb2.Product(sku=sku, title=f"thing {rng.integers(10**9)}")
                for sku in skus[:cut]
            )
        )
        for sku in skus[:3]:
            await shop.picture(sku, PICTURES[rng.integers(len(PICTURES))])
        reply = await shop.catalog.DeleteProducts(
            catalog_pb2.DeleteProductsRequest(skus=skus[cut:])
        )
        count -= A_CALL
    return reply.revision


async def catalogue(shop: Shop) -> dict[str, catalog_pb2.Product]:
    """All products of the catalogue."""
    found, token = {}, ""
    while True:
        request = catalog_pb2.ListProductsRequest(page_size=1000, page_token=token)
        reply = await shop.catalog.ListProducts(request)
        found |= {product.sku: product for product in reply.products}
        token = reply.next_page_token
        if not token:
            return found


async def indexed(shop: Shop) -> dict[str, catalog_pb2.Product]:
    """All products that a search for their common word finds."""
    request = pb.SearchRequest(text="thing", top_k=1000, keep_variants=True)
    reply = await shop.search.Search(request)
    return {result.product.sku: result.product for result in reply.groups[0].results}


@pytest.mark.slow
async def test_kill_9_in_the_middle_of_changes_loses_and_resurrects_nothing(tmp_path):
    """Ten times: killed while it applies 2,000 changes, then equal to the catalogue."""
    rng = np.random.default_rng(9)
    async with a_shop_with_a_process(tmp_path) as (shop, process):
        revision = in_the_middle = 0
        process.start()
        for _ in range(ROUNDS):
            await applied(shop, revision)
            changing = asyncio.create_task(change(shop, rng, CHANGES))
            # A call of 100 changes takes at least 70 revisions.
            await applied(shop, revision + int(rng.integers(1, CHANGES * 0.7)))
            process.kill()
            in_the_middle += not changing.done()
            revision = await changing
            process.start()
            await applied(shop, revision)
            wanted = await catalogue(shop)
            assert await indexed(shop) == wanted
            pictures = sum(len(product.reference_images) for product in wanted.values())
            assert (await shop.status()).reference_images == pictures
        process.kill()
    assert in_the_middle > 0
    index = ProductIndex(EdgeGenerations(tmp_path / "visual_search").open(_name(tmp_path), 512))
    assert index.revision == revision
    images = {sku: {i.id for i in product.reference_images} for sku, product in wanted.items()}
    assert {sku: set(one.vectors) for sku, one in index.stored(wanted).items()} == images


def _name(folder: Path) -> str:
    return (folder / "visual_search" / "current").read_text()
