"""A real catalogue and a real visual search beside it, on loopback, in a temporary folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.catalog.__main__ import open_service as open_catalog
from services.visual_search.__main__ import open_service as open_search
from shared.config import Settings, read_settings
from shared.rpc import open_channel, start_server
from tests.visual_search.pictures import jpeg
from vitrine.v1 import catalog_pb2, catalog_pb2_grpc, visual_search_pb2, visual_search_pb2_grpc

SECONDS_TO_CATCH_UP = 30.0


@dataclass
class Shop:
    """Stubs of the two services, and short ways to fill the catalogue."""

    catalog: Any
    search: Any
    settings: Settings

    async def add(self, *products: catalog_pb2.Product) -> int:
        """Upsert products; the revision."""
        requests = [catalog_pb2.UpsertProductsRequest(product=product) for product in products]
        reply = await self.catalog.UpsertProducts(iter(requests))
        assert not reply.rejections, reply.rejections
        return reply.revision

    async def picture(self, sku: str, *images: bytes) -> int:
        """Add reference images to a product; the revision."""
        requests = [catalog_pb2.UpsertReferenceImagesRequest(sku=sku, data=data) for data in images]
        reply = await self.catalog.UpsertReferenceImages(iter(requests))
        assert not reply.rejections, reply.rejections
        return reply.revision

    async def caught_up(self, revision: int) -> None:
        """Wait until the index reflects a revision."""
        async with asyncio.timeout(SECONDS_TO_CATCH_UP):
            while (await self.status()).applied_revision < revision:
                await asyncio.sleep(0.02)

    async def printed(self, revision: int) -> None:
        """Wait until the local features reflect a revision; they follow the vectors."""
        async with asyncio.timeout(SECONDS_TO_CATCH_UP):
            while (await self.status()).local_features_revision < revision:
                await asyncio.sleep(0.02)

    async def status(self) -> visual_search_pb2.GetIndexStatusResponse:
        """The index's state."""
        return await self.search.GetIndexStatus(visual_search_pb2.GetIndexStatusRequest())

    async def find(self, **fields: Any) -> list[str]:
        """SKUs that a search finds, best first."""
        reply = await self.search.Search(visual_search_pb2.SearchRequest(**fields))
        return [result.product.sku for result in reply.groups[0].results]


@asynccontextmanager
async def serving_catalog(settings: Settings) -> AsyncIterator[str]:
    """The catalogue on a free port; its address."""
    async with open_catalog(settings) as servicer:
        server = await start_server("127.0.0.1:0", [servicer])
        try:
            yield server.address
        finally:
            await server.stop(0)


@asynccontextmanager
async def serving_search(settings: Settings) -> AsyncIterator[str]:
    """Visual search on a free port; its address."""
    async with open_search(settings) as servicer:
        server = await start_server("127.0.0.1:0", [servicer])
        try:
            yield server.address
        finally:
            await server.stop(0)


def settings_in(folder: Path, **overrides: Any) -> Settings:
    """Settings that keep everything in a folder and need no weights."""
    chosen = {"embedder": "classical", "threads": 1} | overrides
    return read_settings(state_dir=folder, **chosen)


@asynccontextmanager
async def open_shop(settings: Settings) -> AsyncIterator[Shop]:
    """Both services and stubs of them."""
    async with AsyncExitStack() as stack:
        catalog_address = await stack.enter_async_context(serving_catalog(settings))
        settings = settings.model_copy(update={"catalog_address": catalog_address})
        search_address = await stack.enter_async_context(serving_search(settings))
        catalog = await stack.enter_async_context(open_channel(catalog_address))
        search = await stack.enter_async_context(open_channel(search_address))
        yield Shop(
            catalog_pb2_grpc.CatalogServiceStub(catalog),
            visual_search_pb2_grpc.VisualSearchServiceStub(search),
            settings,
        )


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """An empty shop."""
    async with open_shop(settings_in(tmp_path)) as opened:
        yield opened


@pytest.fixture
async def stocked_shop(shop: Shop) -> Shop:
    """A shop with the products of ``stock``."""
    await stock(shop)
    return shop


async def stock(shop: Shop) -> None:
    """Add six teas and chairs, four with a picture, and a store that has three of them."""
    euros = {"currency_code": "EUR"}
    for number, (sku, title, brand, path, colour, price, group) in enumerate(
        [
            ("TEA-1", "Green tea", "Fairleaf", ["Groceries", "Tea"], "green", 3, "tea"),
            ("TEA-2", "Green tea, large", "Fairleaf", ["Groceries", "Tea"], "green", 5, "tea"),
            ("TEA-3", "Black tea", "Morning", ["Groceries", "Tea"], "black", 4, ""),
            ("CHR-1", "Oak chair", "Nordwood", ["Furniture", "Chairs"], "brown", 120, ""),
            ("CHR-2", "Red chair", "Nordwood", ["Furniture", "Chairs"], "red", 90, ""),
            ("CHR-3", "Garden chair", "Outside", ["Furniture", "Garden"], "green", 60, ""),
        ]
    ):
        price_money = euros | {"amount_micros": price * 1_000_000}
        revision = await shop.add(
            catalog_pb2.Product(
                sku=sku,
                title=title,
                brand=brand,
                category_path=path,
                attributes={"color": colour},
                price=price_money,
                item_group_id=group,
            )
        )
        if number < 4:
            revision = await shop.picture(sku, jpeg(number))
    await shop.catalog.UpsertStores(
        catalog_pb2.UpsertStoresRequest(
            stores=[catalog_pb2.Store(id="berlin-1", name="Berlin", currency_code="EUR")]
        )
    )
    levels = [
        catalog_pb2.StockLevel(sku="TEA-3", store_id="berlin-1", quantity=7),
        catalog_pb2.StockLevel(sku="CHR-2", store_id="berlin-1", quantity=1),
        catalog_pb2.StockLevel(sku="CHR-1", store_id="berlin-1", quantity=0),
    ]
    await shop.catalog.SetStock(catalog_pb2.SetStockRequest(levels=levels))
    await shop.caught_up(revision)
