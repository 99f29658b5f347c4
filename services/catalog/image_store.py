"""Reference images: their bytes and their rows, which appear and go together.

The steps of a batch run in few threads, each of which takes a part of it: handing over
costs more than a small image does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final, TypeVar

from services.catalog import product_writes
from services.catalog.images import Blobs, ImageFile, check_image
from services.catalog.product_rules import check_text, rejection
from services.catalog.product_writes import BlobsVanished, PassedImage
from services.catalog.products import NewImage, Outcome, Rejection
from services.catalog.store import reference_images
from services.catalog.store.database import Database, Transaction, answered_in_time
from services.catalog.store.revisions import Revisions
from shared.errors import Conflict, ImageRefused, InvalidInput, NotFound
from shared.image import DEFAULT_LIMITS, Limits

MAX_VIEW: Final = 100
_THREADS: Final = 8
_CHECKED_AT_ONCE: Final = 2  # decoding keeps a core busy
READ_AT_ONCE_BYTES: Final = 1 << 20
_UNUSED_FOR_US: Final = 3600 * 1_000_000
_REMOVED_AT_ONCE: Final = 100
_ATTEMPTS: Final = 3

Item = TypeVar("Item")
Result = TypeVar("Result")


class ImageStore:
    """Stores, reads and tidies reference images.

    Args:
        database: where their rows are.
        blobs: where their bytes are.
        limits: what the image gate lets through.
        clock_us: Unix time in microseconds.
    """

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        clock_us: Callable[[], int],
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._database, self._blobs = database, blobs
        self._clock_us, self._limits = clock_us, limits
        self._threads = ThreadPoolExecutor(_THREADS, "catalog-image")

    async def add(self, batch: Sequence[NewImage]) -> Outcome:
        """Add images in the order sent; what the gate refuses is rejected by itself.

        Raises:
            Conflict: their bytes were removed while they were being added.
        """
        checked = [
            entry
            for part in await self._in_parts(self._check, batch, _CHECKED_AT_ONCE)
            for entry in part
        ]
        passed = [entry for entry in checked if isinstance(entry, PassedImage)]
        refused = tuple(entry for entry in checked if isinstance(entry, Rejection))
        for _ in range(_ATTEMPTS):
            try:
                outcome = await self._store(passed)
            except BlobsVanished:
                continue
            return replace(outcome, rejections=outcome.rejections + refused)
        raise Conflict("reference images were removed while they were being added; send them again")

    async def read(self, image_id: str) -> ImageFile:
        """Read an image.

        Raises:
            NotFound: no product has it.
        """
        found, _ = await self._read_in_thread([image_id])
        if not found:
            raise NotFound.of("image", image_id[:100])
        return found[0]

    async def read_several(self, ids: Iterable[str]) -> AsyncIterator[list[ImageFile]]:
        """Read images in the order asked, about a MiB at a time; unknown ids are left out."""
        left = list(dict.fromkeys(ids))
        while left:
            found, left = await self._read_in_thread(left)
            if found:
                yield found

    async def remove_unused(self) -> int:
        """Remove images that no product has had for an hour; return how many."""
        before, removed = self._clock_us() - _UNUSED_FOR_US, 0
        while names := await self._database.write(lambda tx: self._remove_some(tx, before)):
            removed += len(names)
        return removed

    def close(self) -> None:
        """Wait for the threads."""
        self._threads.shutdown()

    async def _store(self, passed: Sequence[PassedImage]) -> Outcome:
        data = {entry.checked.id: entry.item.data for entry in passed}
        now = self._clock_us()
        await self._database.write(lambda tx: product_writes.expect_blobs(tx, list(data), now))
        await self._in_parts(lambda part: self._blobs.put(dict(part)), [*data.items()], _THREADS)
        return await self._database.write(lambda tx: product_writes.upsert_images(tx, passed, now))

    def _check(self, part: Sequence[NewImage]) -> list[PassedImage | Rejection]:
        return [self._pass(item) for item in part]

    def _pass(self, item: NewImage) -> PassedImage | Rejection:
        try:
            check_text("view", item.view, MAX_VIEW)
            return PassedImage(item, check_image(item.data, self._limits))
        except InvalidInput as error:
            refused = rejection(item.index, item.sku, error)
            return replace(refused, field="data") if isinstance(error, ImageRefused) else refused

    async def _read_in_thread(self, ids: Sequence[str]) -> tuple[list[ImageFile], list[str]]:
        loop = asyncio.get_running_loop()
        async with answered_in_time():
            return await loop.run_in_executor(self._threads, self._read_first, ids)

    def _read_first(self, ids: Sequence[str]) -> tuple[list[ImageFile], list[str]]:
        """Read the first images, about a MiB; return them and the ids that are left."""
        mimes = self._database.read_here(lambda tx: reference_images.read_mime_types(tx, ids))
        left = [name for name in ids if name in mimes]
        found: list[ImageFile] = []
        size = 0
        while left and size < READ_AT_ONCE_BYTES:
            name = left.pop(0)
            for data in self._blobs.get([name]).values():
                found.append(ImageFile(name, data, mimes[name]))
                size += len(data)
        return found, left

    def _remove_some(self, transaction: Transaction, before_us: int) -> list[str]:
        Revisions(transaction)  # the lock: no row can appear for a blob that goes
        names = reference_images.take_unused(transaction, before_us, _REMOVED_AT_ONCE)
        self._blobs.remove(names)
        return names

    async def _in_parts(
        self, work: Callable[[Sequence[Item]], Result], items: Sequence[Item], most: int
    ) -> list[Result]:
        """Run ``work`` on at most ``most`` parts of the items, in threads, in order."""
        size = -(-len(items) // most) or 1
        parts = [items[start : start + size] for start in range(0, len(items), size)]
        loop = asyncio.get_running_loop()
        calls = (loop.run_in_executor(self._threads, work, part) for part in parts)
        return list(await asyncio.gather(*calls))
