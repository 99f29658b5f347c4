"""Batches what waits while the network runs: for a GPU, where a batch costs little more.

No call is ever held back to wait for others. The first runs alone and at once; what comes
meanwhile runs together as soon as it is done, in the order it came. On a CPU a batch of
eight takes as long as eight batches of one, so there ``EmbedderQueue`` stays in use.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np

from services.visual_search.embedding.embedder import Embedder, EmbedderQueue, Vectors
from shared.errors import Overloaded
from shared.image_pixels import Rgb

_LARGEST: Final = 32


@runtime_checkable
class MayUseGpu(Protocol):
    """An embedder that knows whether it runs on a GPU."""

    @property
    def on_gpu(self) -> bool:
        """Whether its network runs there."""


def queue_for(embedder: Embedder) -> EmbedderQueue:
    """A queue that batches for an embedder on a GPU, and a plain one for any other."""
    if isinstance(embedder, MayUseGpu) and embedder.on_gpu:
        return BatchingQueue(embedder)
    return EmbedderQueue(embedder)


@dataclass(frozen=True, slots=True)
class _Call:
    images_rgb: Sequence[Rgb]
    answer: asyncio.Future[Vectors]


class BatchingQueue(EmbedderQueue):
    """Runs an embedder off the event loop, one batch at a time, and bounds who waits.

    Args:
        embedder: what to run.
        max_waiting: calls that may wait; one more is refused.
        largest: pictures of several calls that are joined at most; a call of more runs
            by itself.
    """

    def __init__(self, embedder: Embedder, max_waiting: int = 64, largest: int = _LARGEST) -> None:
        super().__init__(embedder, max_waiting)
        self._most_calls, self._largest = max_waiting, largest
        self._calls: deque[_Call] = deque()
        self._answering: asyncio.Task[None] | None = None

    async def embed(self, images_rgb: Sequence[Rgb], *, patient: bool = False) -> Vectors:
        """Embed pictures, see ``EmbedderQueue.embed``."""
        if not images_rgb:
            return np.zeros((0, self.card.dims), np.float32)
        if len(self._calls) >= self._most_calls and not patient:
            raise Overloaded("the embedder's queue is full", retry_after_ms=250)
        call = _Call(images_rgb, asyncio.get_running_loop().create_future())
        self._calls.append(call)
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer_all())
        return await call.answer

    async def _answer_all(self) -> None:
        try:
            while self._calls:
                await self._answer(self._next_batch())
        finally:
            self._answering = None

    def _next_batch(self) -> list[_Call]:
        """The calls at the head that fit into one batch; at least one."""
        batch = [self._calls.popleft()]
        pictures = len(batch[0].images_rgb)
        while self._calls and pictures + len(self._calls[0].images_rgb) <= self._largest:
            batch.append(self._calls.popleft())
            pictures += len(batch[-1].images_rgb)
        return batch

    async def _answer(self, batch: Sequence[_Call]) -> None:
        """Embed a batch; if it fails, call by call, so that only what is wrong fails."""
        wanted = [call for call in batch if not call.answer.done()]  # else given up meanwhile
        pictures = [image for call in wanted for image in call.images_rgb]
        if not pictures:
            return
        try:
            vectors = await self._run(lambda: self.embedder.embed(pictures), patient=True)
        except Exception as error:  # noqa: BLE001 - whatever was raised is the caller's
            if len(wanted) > 1:
                for call in wanted:
                    await self._answer([call])
            elif not wanted[0].answer.done():
                wanted[0].answer.set_exception(error)
            return
        ends = np.cumsum([len(call.images_rgb) for call in wanted])
        for call, rows in zip(wanted, np.split(vectors, ends[:-1]), strict=True):
            if not call.answer.done():
                call.answer.set_result(rows)
