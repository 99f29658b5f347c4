"""Items of a stream gathered into batches, so that a commit serves many of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable
from typing import TypeVar

Item = TypeVar("Item")


async def batches(
    items: AsyncIterable[Item],
    weigh: Callable[[Item], int],
    capacity: int,
    linger_s: float = 0.05,
) -> AsyncGenerator[list[Item], None]:
    """Yield the items in order, in batches of at most about ``capacity`` in weight.

    A batch is given out when it is heavy enough, when the stream ends, or when the next
    item keeps it waiting for ``linger_s``: a slow stream is as fresh as a fast one.
    """
    stream = aiter(items)
    upcoming = _next(stream)
    batch: list[Item] = []
    weight = 0
    try:
        while True:
            done, _ = await asyncio.wait([upcoming], timeout=linger_s if batch else None)
            if done:
                try:
                    item = upcoming.result()
                except StopAsyncIteration:
                    break
                batch.append(item)
                weight += weigh(item)
                upcoming = _next(stream)
            if not done or weight >= capacity:
                yield batch
                batch, weight = [], 0
        if batch:
            yield batch
    finally:
        forget(upcoming)


def forget(future: asyncio.Future[Item]) -> None:
    """Cancel a future that nobody waits for any more; an error that it holds is not logged."""
    if not future.cancel() and not future.cancelled():
        future.exception()


def _next(stream: AsyncIterator[Item]) -> asyncio.Future[Item]:
    return asyncio.ensure_future(anext(stream))
