"""The operations on products, images and the change log.

What a caller is told was stored is committed; an item of a stream is stored whole or not.
"""

from __future__ import annotations

import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Sequence,
)
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from services.catalog import product_writes
from services.catalog.batches import batches
from services.catalog.codes import Code, read_code
from services.catalog.image_store import ImageStore
from services.catalog.images import Blobs, ImageFile
from services.catalog.product_rules import check_count
from services.catalog.products import (
    EVERYTHING,
    NewImage,
    Outcome,
    ProductChange,
    ProductFilter,
    Rejection,
    StoredProduct,
)
from services.catalog.store import offers, products, reference_images
from services.catalog.store.changes import Change, ChangePage, read_changes
from services.catalog.store.database import Database, Transaction
from services.catalog.store.revisions import read_catalog_id, read_revision
from services.catalog.watching import CaughtUp, RevisionSignal, follow
from shared.errors import InvalidInput
from shared.image import DEFAULT_LIMITS, Limits

MAX_SKUS: Final = 1000
MAX_IMAGES: Final = 1000
PRODUCTS_PER_COMMIT: Final = 200
IMAGE_BYTES_PER_COMMIT: Final = 8 << 20
_IMAGE_OVERHEAD: Final = 64 << 10  # a batch of tiny images is bounded by their number

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Status:
    """Counts, and the revision of the last change."""

    revision: int
    products: int
    reference_images: int
    stores: int
    catalog_id: str


def now_us() -> int:
    """Unix time in microseconds."""
    return time.time_ns() // 1000


class Catalogue:
    """Products, their reference images, their codes and their changes.

    Args:
        database: where they are kept.
        blobs: where the bytes of the images are kept.
        limits: what the image gate lets through.
        clock_us: Unix time in microseconds.
    """

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        limits: Limits = DEFAULT_LIMITS,
        clock_us: Callable[[], int] = now_us,
    ) -> None:
        self._database = database
        self._clock_us = clock_us
        self._images = ImageStore(database, blobs, clock_us, limits)
        self.signal = RevisionSignal(lambda: database.read(read_revision))

    async def upsert_products(self, items: AsyncIterable[ProductChange | Rejection]) -> Outcome:
        """Create or change products in the order sent; rejections pass through."""
        grouped = batches(items, lambda _: 1, PRODUCTS_PER_COMMIT)
        return await self._commit_each(grouped, self._upsert_product_batch)

    async def upsert_images(self, items: AsyncIterable[NewImage]) -> Outcome:
        """Add reference images; what the gate refuses is rejected by itself."""
        grouped = batches(
            items, lambda item: len(item.data) + _IMAGE_OVERHEAD, IMAGE_BYTES_PER_COMMIT
        )
        return await self._commit_each(grouped, self._images.add)

    async def batch_get(self, skus: Sequence[str]) -> list[StoredProduct]:
        """Read products in the order asked; unknown SKUs are left out.

        Raises:
            InvalidInput: more than 1000 SKUs.
        """
        check_count("skus", skus, MAX_SKUS)
        found = await self._database.read(lambda tx: products.read_products(tx, skus))
        return [found[sku] for sku in skus if sku in found]

    async def look_up(self, text: str) -> tuple[Code, str, StoredProduct | None]:
        """Read a code and find its product.

        Returns:
            The code, the GTIN that it carries ("" = none) and the product.

        Raises:
            InvalidInput: the code is empty or too long.
        """
        code = read_code(text)
        gtin, product = await self._database.read(lambda tx: _find(tx, code))
        return code, gtin, product

    async def list_products(
        self, after: str, limit: int, wanted: ProductFilter = EVERYTHING
    ) -> list[StoredProduct]:
        """Read the next products by SKU; see ``store.products.list_products``."""
        read = products.list_products
        return await self._database.read(lambda tx: read(tx, after, limit, wanted))

    async def delete_products(self, skus: Sequence[str]) -> tuple[int, int]:
        """Delete products; return how many existed and the revision afterwards.

        Raises:
            InvalidInput: more than 1000 SKUs.
        """
        check_count("skus", skus, MAX_SKUS)
        now = self._clock_us()
        deleted, revision = await self._database.write(
            lambda tx: product_writes.delete_products(tx, skus, now)
        )
        self.signal.advance(revision)
        return deleted, revision

    async def delete_images(self, sku: str, ids: Sequence[str]) -> tuple[int, int]:
        """Remove images of one product; return how many it had and the revision.

        Raises:
            NotFound: the product does not exist.
        """
        now = self._clock_us()
        deleted, revision = await self._database.write(
            lambda tx: product_writes.delete_images(tx, sku, ids, now)
        )
        self.signal.advance(revision)
        return deleted, revision

    async def get_image(self, image_id: str) -> ImageFile:
        """Read an image.

        Raises:
            NotFound: no product has it.
        """
        return await self._images.read(image_id)

    def get_images(self, ids: Sequence[str]) -> AsyncIterator[list[ImageFile]]:
        """Read images in the order asked, about a MiB at a time; unknown ids are left out.

        Raises:
            InvalidInput: more than 1000 ids.
        """
        check_count("ids", ids, MAX_IMAGES)
        return self._images.read_several(ids)

    async def watch(self, since: int, catalog_id: str = "") -> AsyncIterator[Change | CaughtUp]:
        """Replay the changes after a revision, then follow; see ``watching.follow``.

        Raises:
            InvalidInput: ``catalog_id`` is given and names another catalogue
                (``CATALOG_CHANGED``), or the revision cannot be of this one.
        """
        own = await self._database.read(read_catalog_id)
        if catalog_id not in {"", own}:
            raise InvalidInput.of(
                "catalog_id",
                f"is {catalog_id[:40]!r}, but this catalogue is {own!r}; start again from 0",
                reason="CATALOG_CHANGED",
            )
        async for change in follow(self._read_page, self.signal, since):
            yield change

    async def _read_page(self, since: int) -> ChangePage:
        return await self._database.read(lambda tx: read_changes(tx, since))

    async def status(self) -> Status:
        """Count what there is."""
        return await self._database.read(
            lambda tx: Status(
                read_revision(tx),
                products.count_products(tx),
                reference_images.count_images(tx),
                offers.count_stores(tx),
                read_catalog_id(tx),
            )
        )

    async def is_ready(self) -> bool:
        """Whether the database answers.

        Raises:
            Unavailable: it does not.
        """
        return await self._database.read(read_revision) >= 0

    async def remove_unused_blobs(self) -> int:
        """Remove images that no product has had for an hour; return how many."""
        return await self._images.remove_unused()

    def close(self) -> None:
        """Wait for the threads that handle images."""
        self._images.close()

    async def _commit_each(
        self,
        grouped: AsyncGenerator[list[Item], None],
        commit: Callable[[Sequence[Item]], Awaitable[Outcome]],
    ) -> Outcome:
        total = Outcome(revision=await self._database.read(read_revision))
        async with aclosing(grouped):
            async for batch in grouped:
                total = total.plus(await commit(batch))
                self.signal.advance(total.revision)
        in_order = sorted(total.rejections, key=lambda entry: entry.index)
        return replace(total, rejections=tuple(in_order))

    async def _upsert_product_batch(self, batch: Sequence[ProductChange | Rejection]) -> Outcome:
        changes = [item for item in batch if isinstance(item, ProductChange)]
        refused = tuple(item for item in batch if isinstance(item, Rejection))
        outcome = await self._database.write(lambda tx: product_writes.upsert_products(tx, changes))
        return replace(outcome, rejections=outcome.rejections + refused)


def _find(transaction: Transaction, code: Code) -> tuple[str, StoredProduct | None]:
    """Find a code's product: by its GTINs in their order, else by the text as a SKU."""
    owners = products.read_gtin_owners(transaction, code.gtins)
    gtin = next((gtin for gtin in code.gtins if gtin in owners), "")
    sku = owners.get(gtin, code.text)
    product = products.read_products(transaction, [sku]).get(sku)
    return gtin or next(iter(code.gtins), ""), product
