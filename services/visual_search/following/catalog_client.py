"""The catalogue as visual search sees it: changes, images, stock and offers, over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Final

import grpc.aio

from services.visual_search.following.changes import Change
from services.visual_search.index.products import IndexedProduct
from shared.status import from_rpc_error
from vitrine.v1 import catalog_pb2, catalog_pb2_grpc

_TIMEOUT_S: Final = 5.0
_IMAGE_TIMEOUT_S: Final = 20.0
_IMAGES_TIMEOUT_S: Final = 60.0
_CHANGES_A_MESSAGE: Final = 100
_OFFERS_A_CALL: Final = 1000
_STOCK_A_PAGE: Final = 10_000


class CatalogClient:
    """Calls the catalogue; its failures become errors of our tree."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = catalog_pb2_grpc.CatalogServiceStub(channel)

    async def identity(self) -> str:
        """Name the catalogue.

        Raises:
            Unavailable: it does not answer.
        """
        request = catalog_pb2.GetCatalogStatusRequest()
        return str((await self._call(self._stub.GetCatalogStatus, request)).catalog_id)

    async def watch(self, since_revision: int, catalog_id: str) -> AsyncIterator[Change]:
        """Yield the changes after a revision of a catalogue, then new ones, until cancelled.

        Raises:
            InvalidInput: the catalogue is another one (``CATALOG_CHANGED``), or was set
                back (``REVISION_FROM_FUTURE``).
            Unavailable: it does not answer.
        """
        request = catalog_pb2.WatchChangesRequest(
            since_revision=since_revision, catalog_id=catalog_id, max_changes=_CHANGES_A_MESSAGE
        )
        call = self._stub.WatchChanges(request)
        try:
            async for message in call:
                yield to_change(message)
                for further in message.further:
                    yield to_change(further)
        except grpc.aio.AioRpcError as failure:
            raise from_rpc_error(failure) from failure
        finally:
            call.cancel()

    async def reference_image(self, image_id: str) -> bytes:
        """Read the bytes of a reference image.

        Raises:
            NotFound: it was removed.
        """
        request = catalog_pb2.GetReferenceImageRequest(id=image_id)
        reply = await self._call(self._stub.GetReferenceImage, request, _IMAGE_TIMEOUT_S)
        return bytes(reply.data)

    async def reference_images(self, ids: Sequence[str]) -> AsyncIterator[Mapping[str, bytes]]:
        """Read the bytes of reference images, about a MiB at a time; unknown ids are left out.

        Raises:
            Unavailable: the catalogue does not answer.
        """
        request = catalog_pb2.BatchGetReferenceImagesRequest(ids=ids)
        call = self._stub.BatchGetReferenceImages(request, timeout=_IMAGES_TIMEOUT_S)
        try:
            async for message in call:
                yield {image.id: image.data for image in message.images}
        except grpc.aio.AioRpcError as failure:
            raise from_rpc_error(failure) from failure
        finally:
            call.cancel()

    async def offers(
        self, skus: Sequence[str], store_id: str, channel: str
    ) -> dict[str, catalog_pb2.Offer]:
        """Read offers by SKU; unknown SKUs are absent.

        Raises:
            NotFound: no such store.
        """
        found: dict[str, catalog_pb2.Offer] = {}
        for start in range(0, len(skus), _OFFERS_A_CALL):
            request = catalog_pb2.GetOffersRequest(
                skus=skus[start : start + _OFFERS_A_CALL], store_id=store_id, channel=channel
            )
            reply = await self._call(self._stub.GetOffers, request)
            found |= {offer.sku: offer for offer in reply.offers}
        return found

    async def in_stock(self, skus: Iterable[str], store_id: str) -> frozenset[str]:
        """Say which of the SKUs a store has in stock now.

        Raises:
            NotFound: no such store.
        """
        offers = await self.offers(list(skus), store_id, "")
        return frozenset(sku for sku, offer in offers.items() if offer.quantity > 0)

    async def stocked(self, store_id: str) -> frozenset[str]:
        """List all that a store has in stock now.

        Raises:
            NotFound: no such store.
        """
        found: set[str] = set()
        request = catalog_pb2.ListStockRequest(store_id=store_id, page_size=_STOCK_A_PAGE)
        while True:
            reply = await self._call(self._stub.ListStock, request)
            found.update(level.sku for level in reply.levels if level.quantity > 0)
            if not reply.next_page_token:
                return frozenset(found)
            request.page_token = reply.next_page_token

    @staticmethod
    async def _call(method: Any, request: Any, timeout_s: float = _TIMEOUT_S) -> Any:
        try:
            return await method(request, timeout=timeout_s)
        except grpc.aio.AioRpcError as failure:
            raise from_rpc_error(failure) from failure


def to_change(message: catalog_pb2.WatchChangesResponse) -> Change:
    """Read one message of the stream of changes."""
    kind = message.WhichOneof("change")
    if kind == "product":
        return _product_change(message.revision, message.product)
    return Change(message.revision, sku=message.deleted_sku, caught_up=kind == "caught_up")


def _product_change(revision: int, product: catalog_pb2.Product) -> Change:
    if product.status == catalog_pb2.PRODUCT_STATUS_ARCHIVED:
        return Change(revision, sku=product.sku)
    image_ids = tuple(image.id for image in product.reference_images)
    return Change(revision, product.sku, to_indexed(product), image_ids)


def to_indexed(product: catalog_pb2.Product) -> IndexedProduct:
    """Take what the index keeps of a product; the whole of it is the document."""
    return IndexedProduct(
        sku=product.sku,
        title=product.title,
        brand=product.brand,
        category_path=tuple(product.category_path),
        attributes=dict(product.attributes),
        price_micros=product.price.amount_micros if product.HasField("price") else None,
        currency=product.price.currency_code,
        group=product.item_group_id,
        document=product.SerializeToString(deterministic=True),
    )
