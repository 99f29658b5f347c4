"""Streams gathered into batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.catalog.batches import batches
from tests.catalog.making import stream


async def gathered(items: list[int], capacity: int) -> list[list[int]]:
    """The batches of a stream that never waits; each item weighs its own value."""
    return [batch async for batch in batches(stream(items), lambda item: item, capacity)]


@pytest.mark.parametrize(
    ("items", "capacity", "expected"),
    [
        ([], 3, []),
        ([1], 3, [[1]]),
        ([1, 1, 1, 1], 2, [[1, 1], [1, 1]]),
        ([1, 1, 1], 2, [[1, 1], [1]]),
        ([9, 1, 9], 2, [[9], [1, 9]]),
    ],
)
async def test_a_batch_is_full_by_weight(
    items: list[int], capacity: int, expected: list[list[int]]
) -> None:
    """In order, nothing lost, the rest at the end."""
    assert await gathered(items, capacity) == expected


async def test_a_slow_stream_is_given_out_while_it_waits() -> None:
    """An item does not wait for the batch to fill."""
    more = asyncio.Event()

    async def slow() -> AsyncIterator[int]:
        yield 1
        await more.wait()
        yield 2

    found = batches(slow(), lambda _: 1, 100, linger_s=0.01)
    async with asyncio.timeout(30):
        assert await anext(found) == [1]
        more.set()
        assert await anext(found) == [2]


async def test_an_error_of_the_stream_is_passed_on() -> None:
    """After the batches that were full."""

    async def broken() -> AsyncIterator[int]:
        yield 1
        yield 2
        raise ConnectionError

    found = batches(broken(), lambda _: 1, 1)
    assert [await anext(found), await anext(found)] == [[1], [2]]
    with pytest.raises(ConnectionError):
        await anext(found)
