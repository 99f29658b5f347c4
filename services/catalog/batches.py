"""Items of a stream gathered into batches, so that a commit serves many of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


async def batches(
    items: AsyncIterable[Item],
    weigh: Callable[[Item], int],
    capacity: int,
    linger_s: float = 0.05,
) -> AsyncGenerator[list[Item], None]:
    """Yield the items in order, in batches of at most about ``capacity`` in weight.

    A batch is given out when it is heavy enough, when the stream ends, or when the next
    item keeps it waiting for ``linger_s``: a slow stream is as fresh as a fast one. While
    a batch is used, the next is gathered.
    """
    gathered: _Gathered[Item] = _Gathered(weigh, capacity)
    reading = asyncio.ensure_future(gathered.read(items))
    try:
        while batch := await gathered.take(reading, linger_s):
            yield batch
    finally:
        forget(reading)


class _Gathered(Generic[Item]):
    """What was read and not yet taken; reading pauses while that is heavy enough."""

    def __init__(self, weigh: Callable[[Item], int], capacity: int) -> None:
        self._weigh, self._capacity = weigh, capacity
        self._items: list[Item] = []
        self._weight = 0
        self._latest_s = 0.0
        self._some, self._enough, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def read(self, items: AsyncIterable[Item]) -> None:
        """Read the stream to its end."""
        clock = asyncio.get_running_loop().time
        try:
            async for item in items:
                self._items.append(item)
                self._weight += self._weigh(item)
                self._latest_s = clock()
                self._some.set()
                if self._weight >= self._capacity:
                    self._room.clear()
                    self._enough.set()
                    await self._room.wait()
        finally:
            self._some.set()
            self._enough.set()

    async def take(self, reading: asyncio.Future[None], linger_s: float) -> list[Item]:
        """Wait for a batch; empty = the stream has ended. Its error is raised here."""
        await self._some.wait()
        await self._linger(linger_s)
        if reading.done() or (self._enough.is_set() and self._weight < self._capacity):
            await reading  # it has ended, perhaps by an error
        batch, self._items, self._weight = self._items, [], 0
        if not reading.done():
            self._some.clear()
            self._enough.clear()
            self._room.set()
        return batch

    async def _linger(self, linger_s: float) -> None:
        """Wait until there is enough, or no item has come for a while."""
        clock = asyncio.get_running_loop().time
        while not self._enough.is_set():
            left_s = self._latest_s + linger_s - clock()
            if left_s <= 0:
                return
            try:
                async with asyncio.timeout(left_s):
                    await self._enough.wait()
            except TimeoutError:
                continue


def forget(future: asyncio.Future[Item]) -> None:
    """Cancel a future that nobody waits for any more; an error that it holds is not logged."""
    if not future.cancel() and not future.cancelled():
        future.exception()
