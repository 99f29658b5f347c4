"""The gRPC adapter of the catalogue: unpack, call, pack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from services.catalog import answer_messages, messages, offer_messages, paging
from services.catalog.catalogue import Catalogue
from services.catalog.importing.uploads import (
    DEFAULT_UPLOADS,
    InProcess,
    Uploads,
    UploadSettings,
)
from services.catalog.offer_book import OfferBook
from vitrine.v1 import catalog_pb2 as pb
from vitrine.v1 import catalog_pb2_grpc

NAME = "vitrine.v1.CatalogService"
MAX_CHANGES = 100


class CatalogService(catalog_pb2_grpc.CatalogServiceServicer):
    """``vitrine.v1.CatalogService``; the contract's comments say what each RPC does.

    Args:
        catalogue: products and their images.
        offer_book: stores, stock and prices.
        uploads: bounds of feeds that are sent.
    """

    def __init__(
        self, catalogue: Catalogue, offer_book: OfferBook, uploads: UploadSettings = DEFAULT_UPLOADS
    ) -> None:
        self._catalogue = catalogue
        self._offer_book = offer_book
        self._uploads = Uploads(InProcess(self), uploads)

    async def UpsertProducts(
        self, request_iterator: AsyncIterator[pb.UpsertProductsRequest], context: Any
    ) -> pb.UpsertProductsResponse:
        """Create or change products."""
        changes = messages.product_changes(request_iterator)
        outcome = await self._catalogue.upsert_products(changes)
        return pb.UpsertProductsResponse(
            upserted=outcome.stored,
            unchanged=outcome.unchanged,
            rejections=answer_messages.rejection_messages(outcome.rejections),
            revision=outcome.revision,
        )

    async def BatchGetProducts(
        self, request: pb.BatchGetProductsRequest, context: Any
    ) -> pb.BatchGetProductsResponse:
        """Read products by SKU."""
        found = await self._catalogue.batch_get(request.skus)
        return pb.BatchGetProductsResponse(products=map(messages.product_message, found))

    async def LookupCode(
        self, request: pb.LookupCodeRequest, context: Any
    ) -> pb.LookupCodeResponse:
        """Find what a code names."""
        return answer_messages.code_message(*await self._catalogue.look_up(request.code))

    async def ListProducts(
        self, request: pb.ListProductsRequest, context: Any
    ) -> pb.ListProductsResponse:
        """List products, a page at a time."""
        limit = paging.page_limit(request.page_size, 100, 1000)
        after = paging.read_page_token(request.page_token)
        found = await self._catalogue.list_products(after, limit + 1, messages.read_filter(request))
        page = found[:limit]
        return pb.ListProductsResponse(
            products=map(messages.product_message, page),
            next_page_token=paging.page_token(page[-1].product.sku) if found[limit:] else "",
        )

    async def DeleteProducts(
        self, request: pb.DeleteProductsRequest, context: Any
    ) -> pb.DeleteProductsResponse:
        """Delete products."""
        deleted, revision = await self._catalogue.delete_products(request.skus)
        return pb.DeleteProductsResponse(deleted=deleted, revision=revision)

    async def UpsertReferenceImages(
        self, request_iterator: AsyncIterator[pb.UpsertReferenceImagesRequest], context: Any
    ) -> pb.UpsertReferenceImagesResponse:
        """Add reference images."""
        outcome = await self._catalogue.upsert_images(messages.new_images(request_iterator))
        return pb.UpsertReferenceImagesResponse(
            stored=outcome.stored,
            unchanged=outcome.unchanged,
            rejections=answer_messages.rejection_messages(outcome.rejections),
            revision=outcome.revision,
        )

    async def DeleteReferenceImages(
        self, request: pb.DeleteReferenceImagesRequest, context: Any
    ) -> pb.DeleteReferenceImagesResponse:
        """Remove reference images from a product."""
        deleted, revision = await self._catalogue.delete_images(request.sku, request.ids)
        return pb.DeleteReferenceImagesResponse(deleted=deleted, revision=revision)

    async def GetReferenceImage(
        self, request: pb.GetReferenceImageRequest, context: Any
    ) -> pb.GetReferenceImageResponse:
        """Read the bytes of an image."""
        found = await self._catalogue.get_image(request.id)
        return pb.GetReferenceImageResponse(data=found.data, mime_type=found.mime_type)

    async def BatchGetReferenceImages(
        self, request: pb.BatchGetReferenceImagesRequest, context: Any
    ) -> AsyncIterator[pb.BatchGetReferenceImagesResponse]:
        """Read the bytes of several images."""
        async for images in self._catalogue.get_images(request.ids):
            yield answer_messages.images_message(images)

    async def WatchChanges(
        self, request: pb.WatchChangesRequest, context: Any
    ) -> AsyncIterator[pb.WatchChangesResponse]:
        """Replay the changes after a revision, then follow."""
        most = paging.page_limit(request.max_changes, 1, MAX_CHANGES, "max_changes")
        changes = self._catalogue.watch(request.since_revision, request.catalog_id)
        async for message in answer_messages.change_messages(changes, most):
            yield message

    async def UpsertStores(
        self, request: pb.UpsertStoresRequest, context: Any
    ) -> pb.UpsertStoresResponse:
        """Create or change stores."""
        stores = [offer_messages.read_store(store) for store in request.stores]
        return pb.UpsertStoresResponse(upserted=await self._offer_book.upsert_stores(stores))

    async def ListStores(
        self, request: pb.ListStoresRequest, context: Any
    ) -> pb.ListStoresResponse:
        """List all stores."""
        stores = await self._offer_book.list_stores()
        return pb.ListStoresResponse(stores=map(offer_messages.store_message, stores))

    async def SetStock(self, request: pb.SetStockRequest, context: Any) -> pb.SetStockResponse:
        """Set stock."""
        levels = [offer_messages.read_level(level) for level in request.levels]
        return pb.SetStockResponse(updated=await self._offer_book.set_stock(levels))

    async def ListStock(self, request: pb.ListStockRequest, context: Any) -> pb.ListStockResponse:
        """List a store's stock, a page at a time."""
        limit = paging.page_limit(request.page_size, 1000, 10_000)
        after = paging.read_page_token(request.page_token)
        found = await self._offer_book.list_stock(request.store_id, after, limit + 1)
        page = found[:limit]
        return pb.ListStockResponse(
            levels=map(offer_messages.level_message, page),
            next_page_token=paging.page_token(page[-1].sku) if found[limit:] else "",
        )

    async def SetPrices(self, request: pb.SetPricesRequest, context: Any) -> pb.SetPricesResponse:
        """Set prices."""
        prices = [offer_messages.read_channel_price(entry) for entry in request.prices]
        return pb.SetPricesResponse(updated=await self._offer_book.set_prices(prices))

    async def GetOffers(self, request: pb.GetOffersRequest, context: Any) -> pb.GetOffersResponse:
        """Say what products cost and whether they are here."""
        store_id, channel = request.store_id, request.channel
        found = await self._offer_book.get_offers(request.skus, store_id, channel)
        return pb.GetOffersResponse(
            offers=[offer_messages.offer_message(offer, store_id, channel) for offer in found]
        )

    async def ImportFeed(
        self, request_iterator: AsyncIterator[pb.ImportFeedRequest], context: Any
    ) -> AsyncIterator[pb.ImportFeedResponse]:
        """Import a feed that is sent."""
        async with aclosing(self._uploads.imported(request_iterator)) as messages_told:
            async for message in messages_told:
                yield message

    async def GetCatalogStatus(
        self, request: pb.GetCatalogStatusRequest, context: Any
    ) -> pb.GetCatalogStatusResponse:
        """Count what there is."""
        status = await self._catalogue.status()
        return pb.GetCatalogStatusResponse(
            revision=status.revision,
            products=status.products,
            reference_images=status.reference_images,
            stores=status.stores,
            catalog_id=status.catalog_id,
        )
