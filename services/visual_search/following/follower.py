"""Follows the catalogue: each change is embedded, indexed and remembered, in order.

While one batch is embedded, the images of the next are fetched and decoded and the one
before is applied, so that the embedder is what sets the pace. A change is applied before
its revision is, so a process that is killed starts again with the first change that it
may have missed. An image that was embedded before, by the same embedder, is not embedded
again.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

import structlog

from services.visual_search.embedding.embedder import AT_ONCE, EmbedderQueue, Vectors
from services.visual_search.following.changes import AHEAD, Change, Source, read_ahead, take_batch
from services.visual_search.index.products import IndexedProduct, ProductIndex
from services.visual_search.index.vector_store import Vector
from shared.errors import ImageRefused, InvalidInput, NotFound, TooSlow, VitrineError
from shared.image import DEFAULT_LIMITS, Limits, decode
from shared.image_pixels import Rgb

_IMAGES_A_CALL: Final = 8  # a search waits for no more than these
_FETCHES: Final = 16
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 5.0
_QUIET_S: Final = 5.0
_MOST_PROBLEMS: Final = 1000

_log = structlog.get_logger()
_File = tuple[str, str, bytes]
"""Id of an image, its SKU, its bytes."""


class FollowState(enum.Enum):
    """How the index stands to the catalogue."""

    CATCHING_UP = "catching up"
    READY = "ready"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Problem:
    """A reference image that could not be indexed, and why."""

    sku: str
    image_id: str
    message: str


@dataclass(frozen=True, slots=True)
class _Batch:
    """Changes to apply: the last of each product, what is known, and images to embed."""

    changes: Mapping[str, Change]
    vectors: Mapping[str, Vector]
    images: Mapping[str, Rgb]
    revision: int
    caught_up: bool


class Follower:
    """Keeps one index in step with the catalogue. ``run`` it as a task."""

    def __init__(
        self,
        index: ProductIndex,
        embedder: EmbedderQueue,
        source: Source,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.state = FollowState.CATCHING_UP
        self.catalog_revision = index.revision
        self.ever_caught_up = asyncio.Event()
        self._problems: dict[tuple[str, str], Problem] = {}
        self._index, self._embedder, self._source = index, embedder, source
        self._limits = limits
        self._moved = asyncio.Condition()
        self._pause_s = _FIRST_PAUSE_S
        self._dirty = False

    @property
    def problems(self) -> list[Problem]:
        """Images that could not be indexed, the latest 1,000."""
        return list(self._problems.values())

    async def run(self) -> None:
        """Follow until cancelled; reconnect with growing pauses."""
        while True:
            try:
                await self._follow()
            except InvalidInput as error:
                await self._start_over(error)
            except VitrineError as error:
                self._lost(error.message)
            except Exception:  # noqa: BLE001 - logged; following must never end
                _log.exception("following failed, will try again")
                self._lost("internal error")
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)

    async def wait_for(self, revision: int, timeout_s: float) -> None:
        """Wait until the index reflects a revision.

        Raises:
            TooSlow: it does not within the time (``INDEX_BEHIND``).
        """
        try:
            async with asyncio.timeout(timeout_s), self._moved:
                await self._moved.wait_for(lambda: self._index.revision >= revision)
        except TimeoutError as error:
            raise TooSlow(
                f"min_revision: is {revision}, but after {timeout_s:g} s the index reflects "
                f"{self._index.revision} of the catalogue's {self.catalog_revision}",
                reason="INDEX_BEHIND",
                metadata={"applied_revision": str(self._index.revision)},
            ) from error

    async def _meet(self, catalog_id: str) -> None:
        """Keep the index for the catalogue that it follows; start over for another one."""
        if self._index.catalog_id != catalog_id:
            await self._begin(catalog_id)

    async def _follow(self) -> None:
        await self._meet(await self._source.identity())
        changes: asyncio.Queue[Change | VitrineError] = asyncio.Queue(AHEAD)
        tasks = [asyncio.create_task(self._read(changes)), asyncio.create_task(self._settle())]
        ahead = asyncio.create_task(self._prepare(changes))
        applying = asyncio.create_task(asyncio.sleep(0))
        try:
            while True:
                batch = await _unless_failed(ahead, applying)
                ahead = asyncio.create_task(self._prepare(changes))
                vectors = await self._embed(batch.images)
                await asyncio.wait({applying})
                applying.result()
                applying = asyncio.create_task(self._apply(batch, vectors))
        finally:
            for task in (*tasks, ahead):
                task.cancel()
            # What is being applied ends first: nobody may go on from a revision before it.
            await asyncio.gather(*tasks, ahead, applying, return_exceptions=True)

    async def _read(self, changes: asyncio.Queue[Change | VitrineError]) -> None:
        await read_ahead(self._source, self._index.revision, self._index.catalog_id, changes)

    async def _prepare(self, changes: asyncio.Queue[Change | VitrineError]) -> _Batch:
        taken = await take_batch(changes)
        latest = {change.sku: change for change in taken if not change.caught_up}
        wanted = [sku for sku, change in latest.items() if change.image_ids]
        stored = await asyncio.to_thread(self._index.stored, wanted)
        vectors = {id_: v for one in stored.values() for id_, v in one.vectors.items()}
        missing = {
            id_: sku for sku in wanted for id_ in latest[sku].image_ids if id_ not in vectors
        }
        images = await self._load_all(missing)
        caught_up = any(change.caught_up for change in taken)
        return _Batch(latest, vectors, images, taken[-1].revision, caught_up)

    async def _load_all(self, missing: Mapping[str, str]) -> dict[str, Rgb]:
        """Fetch and decode images, SKU by id; few files are in memory at a time."""
        wanted, images = list(missing.items()), dict[str, Rgb]()
        for start in range(0, len(wanted), _FETCHES):
            part = dict(wanted[start : start + _FETCHES])
            async for files in self._source.reference_images(list(part)):
                named = [(id_, part.pop(id_), data) for id_, data in files.items()]
                images |= await self._decode_all(named)
            for image_id, sku in part.items():
                self._note(Problem(sku, image_id, NotFound.of("image", image_id).message))
        return images

    async def _decode_all(self, files: Sequence[_File]) -> dict[str, Rgb]:
        halves = files[: len(files) // 2], files[len(files) // 2 :]
        decoded = (asyncio.to_thread(self._decode, half) for half in halves if half)
        return {id_: one for some in await asyncio.gather(*decoded) for id_, one in some.items()}

    def _decode(self, files: Sequence[_File]) -> dict[str, Rgb]:
        """Decode images; what is wrong with an image itself becomes a problem."""
        side = 2 * max(self._embedder.card.input_size)
        images: dict[str, Rgb] = {}
        for image_id, sku, data in files:
            try:
                images[image_id] = decode(data, self._limits, max_side=side).image_rgb
            except ImageRefused as error:
                self._note(Problem(sku, image_id, error.message))
        return images

    async def _apply(self, batch: _Batch, embedded: Mapping[str, Vector]) -> None:
        vectors = {**batch.vectors, **embedded}
        upserts = [_complete(change, vectors) for change in batch.changes.values()]
        present = [product for product in upserts if product is not None]
        gone = [sku for sku, change in batch.changes.items() if change.product is None]
        if batch.changes or batch.revision > self._index.revision:
            await asyncio.to_thread(self._index.apply, present, gone, batch.revision)
            self._dirty = True
        self._forget(batch.changes)
        await self._tell(batch)

    async def _embed(self, images: Mapping[str, Rgb]) -> dict[str, Vector]:
        ids, pictures = list(images), list(images.values())
        slots = asyncio.Semaphore(AT_ONCE)

        async def embed(part: Sequence[Rgb]) -> Vectors:
            async with slots:  # a search waits for one call, not for the whole batch
                return await self._embedder.embed(part, patient=True)

        starts = range(0, len(ids), _IMAGES_A_CALL)
        calls = (embed(pictures[start : start + _IMAGES_A_CALL]) for start in starts)
        embedded = await asyncio.gather(*calls)
        return dict(zip(ids, chain.from_iterable(embedded), strict=True))

    async def _tell(self, batch: _Batch) -> None:
        self.catalog_revision = max(self.catalog_revision, batch.revision)
        self._pause_s = _FIRST_PAUSE_S
        if batch.caught_up:
            self.state = FollowState.READY
            self.ever_caught_up.set()
        elif self.state is FollowState.UNREACHABLE:
            self.state = FollowState.CATCHING_UP
        async with self._moved:
            self._moved.notify_all()

    async def _settle(self) -> None:
        """Flush when a few seconds passed without a change: it holds everything up."""
        while True:
            before = self._index.revision
            await asyncio.sleep(_QUIET_S)
            if self._dirty and self._index.revision == before:
                self._dirty = False
                await asyncio.to_thread(self._index.points.flush)

    async def _start_over(self, error: InvalidInput) -> None:
        if error.reason in {"REVISION_FROM_FUTURE", "CATALOG_CHANGED"}:
            await self._begin(self._index.catalog_id)
        else:
            self._lost(error.message)

    async def _begin(self, catalog_id: str) -> None:
        if self._index.revision:
            _log.warning("the catalogue is another one than before: the index is built anew")
        await asyncio.to_thread(self._index.clear, catalog_id)
        self.state, self.catalog_revision = FollowState.CATCHING_UP, 0

    def _lost(self, message: str) -> None:
        if self.state is not FollowState.UNREACHABLE:
            _log.warning("catalogue away", reason=message)
        self.state = FollowState.UNREACHABLE

    def _note(self, problem: Problem) -> None:
        self._problems[problem.sku, problem.image_id] = problem
        while len(self._problems) > _MOST_PROBLEMS:
            del self._problems[next(iter(self._problems))]

    def _forget(self, changes: Mapping[str, Change]) -> None:
        """Drop the problems of images that are gone."""
        for sku, image_id in list(self._problems):
            if sku in changes and image_id not in changes[sku].image_ids:
                del self._problems[sku, image_id]


async def _unless_failed(awaited: asyncio.Task[_Batch], beside: asyncio.Task[None]) -> _Batch:
    """Wait for one task; what goes wrong in the other meanwhile is raised at once."""
    while not awaited.done():
        if beside.done():
            beside.result()
        await asyncio.wait(
            {awaited} if beside.done() else {awaited, beside}, return_when=asyncio.FIRST_COMPLETED
        )
    return await awaited


def _complete(change: Change, vectors: Mapping[str, Vector]) -> IndexedProduct | None:
    if change.product is None:
        return None
    found = {id_: vectors[id_] for id_ in change.image_ids if id_ in vectors}
    return replace(change.product, vectors=found)
