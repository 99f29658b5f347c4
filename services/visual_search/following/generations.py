"""Which index answers: one per embedder, built beside the one that answers, then switched.

The generation's name holds the embedder's id and hash, so vectors of two embedders never
meet. When the configured embedder has no index yet and another one's exists, that one
goes on answering, and following, until the new one has caught up. The one before stays
on disk, so that going back is quick.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from services.visual_search.embedding.batching import queue_for
from services.visual_search.embedding.embedder import Embedder, EmbedderQueue, generation_name
from services.visual_search.following.changes import Source
from services.visual_search.following.feature_follower import FeatureFollower
from services.visual_search.following.follower import Follower, FollowState
from services.visual_search.index.products import ProductIndex
from services.visual_search.index.vector_store import Generations
from services.visual_search.local_features.index import LocalIndex
from services.visual_search.local_features.store import remove
from shared.image import DEFAULT_LIMITS, Limits

_log = structlog.get_logger()

OpenByGeneration = Callable[[str], Embedder | None]
"""Opens the embedder that a generation was built with; None when it is gone."""


@dataclass(slots=True)
class Generation:
    """An index with its embedder, its follower and its local features, if any are kept."""

    name: str
    embedder: EmbedderQueue
    index: ProductIndex
    follower: Follower
    following: list[asyncio.Task[None]]
    local: LocalIndex | None = None
    _users: int = 0
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def used(self) -> AsyncIterator[Generation]:
        """Keep it open while a request uses it."""
        self._users += 1
        self._idle.clear()
        try:
            yield self
        finally:
            self._users -= 1
            if not self._users:
                self._idle.set()

    async def close(self) -> None:
        """Stop following, wait for requests that use it, and close the index."""
        for task in self.following:
            task.cancel()
        await asyncio.gather(*self.following, return_exceptions=True)
        if self._users:
            await self._idle.wait()
        self.embedder.close()
        await asyncio.to_thread(self.index.points.close)
        if self.local is not None:
            await asyncio.to_thread(self.local.close)


class Serving:
    """Holds the generation that answers and, at times, the one that is being built.

    Args:
        store: the place of the vector indexes.
        source: where changes and images come from.
        limits: of the image gate.
        local_folder: where local features are kept; None = they are not.
    """

    def __init__(
        self,
        store: Generations,
        source: Source,
        limits: Limits = DEFAULT_LIMITS,
        local_folder: Path | None = None,
    ) -> None:
        self.building: Generation | None = None
        self._active: Generation | None = None
        self._store, self._source, self._limits = store, source, limits
        self._local_folder = local_folder
        self._switching: asyncio.Task[None] | None = None

    @property
    def active(self) -> Generation:
        """The generation that answers."""
        if self._active is None:
            raise RuntimeError("start() was not called")
        return self._active

    async def start(self, embedder: Embedder, open_by_generation: OpenByGeneration) -> None:
        """Answer with the embedder's index, or with the one before until it is built."""
        wanted, current = generation_name(embedder.card), self._store.current()
        before = open_by_generation(current) if current and current != wanted else None
        if before is None:
            self._active = await self._open(embedder)
            self._store.make_current(wanted)
            return
        self._active = await self._open(before)
        await self.switch_to(embedder)

    async def switch_to(self, embedder: Embedder) -> None:
        """Build the index of another embedder; it answers once it has caught up.

        What was being built for a third one is given up, also when this one answers already.
        """
        await self._give_up_building()
        if generation_name(embedder.card) == self.active.name:
            return
        self.building = await self._open(embedder)
        self._switching = asyncio.create_task(self._switch(self.building))

    async def switched(self) -> None:
        """Wait until a switch that is under way is done and the index before it closed."""
        if self._switching is not None:
            await asyncio.wait({self._switching})

    async def is_ready(self) -> bool:
        """Whether the index has caught up once, or holds what it had before a restart."""
        follower = self.active.follower
        kept = follower.state is FollowState.UNREACHABLE and self.active.index.revision > 0
        return follower.ever_caught_up.is_set() or kept

    async def close(self) -> None:
        """Close all that is open."""
        await self._give_up_building()
        if self._active is not None:
            await self._active.close()
        self._store.close()

    async def _open(self, embedder: Embedder) -> Generation:
        name = generation_name(embedder.card)
        points = await asyncio.to_thread(self._store.open, name, embedder.card.dims)
        index, queue = ProductIndex(points), queue_for(embedder)
        path = self._local_path(name)
        local = await asyncio.to_thread(LocalIndex, path) if path else None
        follower = Follower(index, queue, self._source, self._limits)
        tasks = [asyncio.create_task(follower.run(), name=f"follow {name}")]
        if local is not None:
            behind = FeatureFollower(local, self._source, lambda: index.revision, self._limits)
            tasks.append(asyncio.create_task(behind.run(), name=f"features {name}"))
        return Generation(name, queue, index, follower, tasks, local)

    def _local_path(self, name: str) -> Path | None:
        return self._local_folder / f"{name}.sqlite" if self._local_folder else None

    def _drop(self, name: str) -> None:
        self._store.drop(name)
        path = self._local_path(name)
        if path is not None:
            remove(path)

    async def _switch(self, fresh: Generation) -> None:
        await fresh.follower.ever_caught_up.wait()
        before = self.active
        self._store.make_current(fresh.name)
        self._active, self.building = fresh, None
        _log.info("index switched", before=before.name, now=fresh.name)
        await before.close()
        for name in self._store.names():
            if name not in {fresh.name, before.name}:
                self._drop(name)

    async def _give_up_building(self) -> None:
        if self._switching is not None:
            if self.building is not None:
                self._switching.cancel()
            # Else it has switched and only closes the index before, which must be whole.
            await asyncio.wait({self._switching})
        if self.building is not None:
            await self.building.close()
            self.building = None
