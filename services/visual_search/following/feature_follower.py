"""Follows the catalogue with the local features, behind the vectors and on its own revision.

Taking the features of an image costs more than embedding it. So a product is found by its
looks first; its print follows when the vectors stand still. The index remembers its own
revision, so a process that is killed goes on with the first change that it may have missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog

from services.visual_search.following.changes import AHEAD, Change, Source, read_ahead, take_batch
from services.visual_search.local_features.index import LocalIndex
from services.visual_search.local_features.references import Reference, of_image
from shared.errors import ImageRefused, InvalidInput, VitrineError
from shared.image import DEFAULT_LIMITS, Limits, decode

_IMAGE_SIDE: Final = 448  # pixels of the longer side; print is legible and features are few
_QUIET_S: Final = 1.0  # longer than a batch of vectors takes
_MOST_WAITS: Final = 60  # a catalogue that never rests is followed all the same
_PAUSE_S: Final = 1.0
_FETCHES: Final = 8

_log = structlog.get_logger()


class FeatureFollower:
    """Keeps the local features in step with the catalogue. ``run`` it as a task.

    Args:
        index: of the local features.
        source: where changes and images come from.
        vectors_at: the revision of the vectors; while it moves, they go first.
        limits: of the image gate.
    """

    def __init__(
        self,
        index: LocalIndex,
        source: Source,
        vectors_at: Callable[[], int],
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._index, self._source = index, source
        self._vectors_at, self._limits = vectors_at, limits

    async def run(self) -> None:
        """Follow until cancelled; reconnect when the catalogue was away."""
        while True:
            try:
                await self._follow()
            except InvalidInput as error:
                if error.reason in {"REVISION_FROM_FUTURE", "CATALOG_CHANGED"}:
                    await asyncio.to_thread(self._index.clear, self._index.catalog_id)
            except VitrineError as error:
                _log.info("local features wait for the catalogue", reason=error.reason)
            except Exception:  # noqa: BLE001 - logged; following must never end
                _log.exception("following with local features failed, will try again")
            await asyncio.sleep(_PAUSE_S)

    async def _follow(self) -> None:
        catalog_id = await self._source.identity()
        if self._index.catalog_id != catalog_id:
            await asyncio.to_thread(self._index.clear, catalog_id)
        changes: asyncio.Queue[Change | VitrineError] = asyncio.Queue(AHEAD)
        reading = asyncio.create_task(self._read(changes))
        try:
            while True:
                await self._apply(await take_batch(changes))
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, changes: asyncio.Queue[Change | VitrineError]) -> None:
        await read_ahead(self._source, self._index.revision, self._index.catalog_id, changes)

    async def _apply(self, taken: Sequence[Change]) -> None:
        latest = {change.sku: change for change in taken if not change.caught_up}
        products = {sku: change.image_ids for sku, change in latest.items()}
        if products:
            await self._until_the_vectors_rest(taken[-1].revision)
        fresh = await self._take(products)
        if products or taken[-1].revision > self._index.revision:
            await asyncio.to_thread(self._index.apply, products, fresh, taken[-1].revision)

    async def _until_the_vectors_rest(self, revision: int) -> None:
        for _ in range(_MOST_WAITS):
            before = self._vectors_at()
            await asyncio.sleep(_QUIET_S)
            if before >= revision and self._vectors_at() == before:
                return

    async def _take(self, products: Mapping[str, Sequence[str]]) -> dict[str, Reference]:
        """Features of the images that the index does not have; what is broken is left out."""
        wanted = {id_ for ids in products.values() for id_ in ids}
        missing = wanted - await asyncio.to_thread(self._index.known, wanted)
        taken: dict[str, Reference] = {}
        ordered = sorted(missing)
        for start in range(0, len(ordered), _FETCHES):
            files = await self._fetch(ordered[start : start + _FETCHES])
            for image_id, data in files.items():
                try:
                    taken[image_id] = await asyncio.to_thread(self._features, data)
                except ImageRefused as error:
                    _log.info("image without local features", reason=error.reason)
        return taken

    async def _fetch(self, ids: Sequence[str]) -> dict[str, bytes]:
        """Read files whole before the first is looked at: the catalogue does not wait for us."""
        files: dict[str, bytes] = {}
        async for some in self._source.reference_images(ids):
            files |= some
        return files

    def _features(self, data: bytes) -> Reference:
        return of_image(decode(data, self._limits, max_side=_IMAGE_SIDE).image_rgb)
