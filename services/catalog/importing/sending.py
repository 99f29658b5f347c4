"""Groups of prepared rows into the catalogue: products, then images, then stock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from services.catalog import messages
from services.catalog.feeds.rows import FeedRow, RowRejected
from services.catalog.importing.preparing import TIMEOUT_S, Prepared
from services.catalog.importing.report import ImportReport
from services.catalog.importing.sources import ImageSources, LocatedImage, plan_images
from services.catalog.products import StoredProduct
from shared.errors import NotReady
from vitrine.v1 import catalog_pb2 as pb

Item = TypeVar("Item")

READ_AT_ONCE: Final = 16  # a small picture is read faster than a thread is asked to


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A picture on its way, and the name that its view will have."""

    row: FeedRow
    image: LocatedImage
    view: str


class Sender:
    """Brings the catalogue to what groups of rows say.

    Args:
        stub: a ``CatalogServiceStub``.
        sources: reads the pictures.
        report: gets what was imported and what was not.
        store_id: whose stock the rows set; empty = nobody's.
    """

    def __init__(
        self, stub: Any, sources: ImageSources, report: ImportReport, store_id: str
    ) -> None:
        self._stub = stub
        self._sources = sources
        self._report = report
        self._store_id = store_id

    async def send(self, group: Sequence[Prepared]) -> None:
        """Bring the catalogue's products, images and stock to what a group says."""
        if not group:
            return
        accepted = await self._send_products(group)
        self._report.products += len(accepted)
        plans = [
            plan_images(entry.present, entry.images, complete=not entry.missing)
            for entry in accepted
        ]
        to_send = [
            Outgoing(entry.row, image, view)
            for entry, plan in zip(accepted, plans, strict=True)
            for image, view in plan.sent
        ]
        refused = await self._send_images(to_send)
        wanted = sum(len({image.id for image in entry.images}) for entry in accepted)
        self._report.images += wanted - len(refused)
        skus = {outgoing.row.product.sku for outgoing in refused}
        for entry, plan in zip(accepted, plans, strict=True):
            if plan.removed and entry.row.product.sku not in skus:
                await self._remove_images(entry.row.product.sku, plan.removed)
        await self._send_stock(accepted)
        for entry in group:
            self._sources.discard(entry.images)

    async def _send_products(self, group: Sequence[Prepared]) -> list[Prepared]:
        requests = [
            pb.UpsertProductsRequest(product=messages.product_message(_unstored(entry.row)))
            for entry in group
        ]
        few = _each(messages.joined(requests))
        reply = await self._stub.UpsertProducts(few, timeout=TIMEOUT_S)
        _check_all_taken(reply.upserted, reply, len(group))
        for refused in reply.rejections:
            line = group[refused.index].row.line
            told = refused.message.removeprefix(f"{refused.field}: ")
            rejected = RowRejected(line, told, refused.sku, refused.reason)
            self._report.rejected.append(rejected)
        wrong = {refused.index for refused in reply.rejections}
        return [entry for i, entry in enumerate(group) if i not in wrong]

    async def _send_images(self, outgoing: Sequence[Outgoing]) -> list[Outgoing]:
        """Send pictures; return those that are not in the catalogue now."""
        if not outgoing:
            return []
        sent: list[Outgoing] = []
        refused: list[Outgoing] = []
        reply = await self._stub.UpsertReferenceImages(
            self._image_requests(outgoing, sent, refused), timeout=TIMEOUT_S
        )
        _check_all_taken(reply.stored, reply, len(sent))
        for rejection in reply.rejections:
            self._refuse(sent[rejection.index], rejection.message, rejection.reason, refused)
        return refused

    async def _image_requests(
        self, outgoing: Sequence[Outgoing], sent: list[Outgoing], refused: list[Outgoing]
    ) -> AsyncIterator[pb.UpsertReferenceImagesRequest]:
        async for taken in self._read(outgoing):
            requests = []
            for entry, data in taken:
                if isinstance(data, OSError):
                    why = f"cannot be read any more: {data.strerror}"
                    self._refuse(entry, why, "IMAGE_MISSING", refused)
                    continue
                sent.append(entry)
                sku = entry.row.product.sku
                requests.append(
                    pb.UpsertReferenceImagesRequest(sku=sku, view=entry.view, data=data)
                )
            for message in messages.joined(requests):
                yield message

    async def _read(
        self, outgoing: Sequence[Outgoing]
    ) -> AsyncIterator[list[tuple[Outgoing, bytes | OSError]]]:
        left = list(outgoing)
        while left:
            images = [entry.image for entry in left[:READ_AT_ONCE]]
            taken = await asyncio.to_thread(self._sources.take, images)
            yield list(zip(left, taken, strict=False))
            del left[: len(taken)]

    def _refuse(self, entry: Outgoing, why: str, word: str, refused: list[Outgoing]) -> None:
        refused.append(entry)
        ref = entry.image.ref
        reason = f"{ref.column} {ref.href[:200]}: {why}"
        rejected = RowRejected(entry.row.line, reason, entry.row.product.sku, word)
        self._report.rejected.append(rejected)

    async def _remove_images(self, sku: str, ids: Sequence[str]) -> None:
        request = pb.DeleteReferenceImagesRequest(sku=sku, ids=ids)
        await self._stub.DeleteReferenceImages(request, timeout=TIMEOUT_S)

    async def _send_stock(self, accepted: Sequence[Prepared]) -> None:
        rows = [entry.row for entry in accepted]
        levels = [
            pb.StockLevel(sku=row.product.sku, store_id=self._store_id, quantity=quantity)
            for row in rows
            if (quantity := _quantity(row)) is not None
        ]
        if self._store_id and levels:
            await self._stub.SetStock(pb.SetStockRequest(levels=levels), timeout=TIMEOUT_S)


def _quantity(row: FeedRow) -> int | None:
    """Pieces as the feed says; one where it says no more than that there are some."""
    if row.quantity is not None or row.in_stock is None:
        return row.quantity
    return int(row.in_stock)


def _unstored(row: FeedRow) -> StoredProduct:
    return StoredProduct(row.product, (), 0)


def _check_all_taken(stored: int, reply: Any, sent: int) -> None:
    """Notice a catalogue that does not know of several items a message.

    Raises:
        NotReady: it is of an earlier version (``CATALOG_TOO_OLD``).
    """
    if stored + reply.unchanged + len(reply.rejections) != sent:
        raise NotReady(
            "the catalogue that runs is of an earlier version and takes one item a message; "
            "update it, then import again",
            reason="CATALOG_TOO_OLD",
        )


async def _each(items: Iterable[Item]) -> AsyncIterator[Item]:
    for item in items:
        yield item
