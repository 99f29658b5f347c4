"""A real catalogue, a real visual search and scanning on loopback, with demo products."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.catalog.__main__ import open_service as open_catalog
from services.scanning.__main__ import open_service as open_scanning
from services.visual_search.__main__ import open_service as open_search
from shared.config import Settings, read_settings
from shared.demo.catalogue import product
from shared.demo.views import views
from shared.image import encode_jpeg
from shared.rpc import RunningServer, open_channel, start_server
from vitrine.v1 import (
    catalog_pb2,
    catalog_pb2_grpc,
    scanning_pb2,
    scanning_pb2_grpc,
    visual_search_pb2,
    visual_search_pb2_grpc,
)

SKUS = ("TEA-001", "CER-010", "CHO-031", "CAN-060", "COF-041")
STORE = "berlin-1"
SECONDS_TO_CATCH_UP = 60.0


@dataclass
class Shop:
    """Stubs of the three services, and the servers behind two of them."""

    catalog: Any
    search: Any
    scanning: Any
    settings: Settings
    search_server: RunningServer

    async def scan(self, image_rgb: Any, **options: Any) -> scanning_pb2.ScanImageResponse:
        """Scan one picture, given as pixels."""
        return await self.scan_bytes(encode_jpeg(image_rgb, 92), **options)

    async def scan_bytes(self, image: bytes, **options: Any) -> scanning_pb2.ScanImageResponse:
        """Scan one picture."""
        request = scanning_pb2.ScanImageRequest(
            image=image, options=scanning_pb2.ScanOptions(**options)
        )
        return await self.scanning.ScanImage(request, timeout=60)

    async def change(self, *products: catalog_pb2.Product) -> None:
        """Upsert products and wait until visual search knows."""
        requests = [catalog_pb2.UpsertProductsRequest(product=one) for one in products]
        reply = await self.catalog.UpsertProducts(iter(requests))
        assert not reply.rejections, reply.rejections
        await self.caught_up(reply.revision)

    async def add_pictures(self, *skus: str) -> None:
        """Add the demo's reference images of products and wait until visual search knows."""
        pictures = [
            catalog_pb2.UpsertReferenceImagesRequest(
                sku=sku, view=str(number), data=encode_jpeg(view.image_rgb)
            )
            for sku in skus
            for number, view in enumerate(views(sku))
        ]
        reply = await self.catalog.UpsertReferenceImages(iter(pictures))
        await self.caught_up(reply.revision)

    async def caught_up(self, revision: int) -> None:
        """Wait until vectors and print of a revision are indexed."""
        async with asyncio.timeout(SECONDS_TO_CATCH_UP):
            while await self._indexed() < revision:
                await asyncio.sleep(0.02)

    async def _indexed(self) -> int:
        status = await self.search.GetIndexStatus(visual_search_pb2.GetIndexStatusRequest())
        return min(status.applied_revision, status.local_features_revision)


def demo_product(sku: str) -> catalog_pb2.Product:
    """A product of the demo catalogue, as the contract has it."""
    one = product(sku)
    price = {"currency_code": "EUR", "amount_micros": 2_490_000}
    return catalog_pb2.Product(sku=sku, title=one.title, gtins=[one.gtin], price=price)


async def fill(shop: Shop) -> None:
    """Put the demo products, their reference images, a store and its stock in."""
    await shop.change(*map(demo_product, SKUS))
    await shop.add_pictures(*SKUS)
    stores = [catalog_pb2.Store(id=STORE, name="Berlin", currency_code="EUR")]
    await shop.catalog.UpsertStores(catalog_pb2.UpsertStoresRequest(stores=stores))
    levels = [catalog_pb2.StockLevel(sku=sku, store_id=STORE, quantity=3) for sku in SKUS]
    await shop.catalog.SetStock(catalog_pb2.SetStockRequest(levels=levels))


Opener = Callable[[Settings], Any]


async def serve(stack: AsyncExitStack, opener: Opener, settings: Settings) -> RunningServer:
    """Open a service on a free port until the stack closes."""
    servicer = await stack.enter_async_context(opener(settings))
    server = await start_server("127.0.0.1:0", [servicer])
    stack.push_async_callback(server.stop, 0)
    return server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """Three services filled with demo products, for tests that change nothing."""
    async with open_shop(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def own_shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """The same for one test alone."""
    async with open_shop(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def open_shop(folder: Path) -> AsyncIterator[Shop]:
    """Three services over a fresh folder, filled with demo products."""
    async with AsyncExitStack() as stack:
        settings = read_settings(state_dir=folder, threads=2)
        catalog = await serve(stack, open_catalog, settings)
        settings = settings.model_copy(update={"catalog_address": catalog.address})
        search = await serve(stack, open_search, settings)
        settings = settings.model_copy(update={"search_address": search.address})
        scanning = await serve(stack, open_scanning, settings)
        channels = [
            await stack.enter_async_context(open_channel(server.address))
            for server in (catalog, search, scanning)
        ]
        shop = Shop(
            catalog_pb2_grpc.CatalogServiceStub(channels[0]),
            visual_search_pb2_grpc.VisualSearchServiceStub(channels[1]),
            scanning_pb2_grpc.ScanningServiceStub(channels[2]),
            settings,
            search,
        )
        await fill(shop)
        yield shop
