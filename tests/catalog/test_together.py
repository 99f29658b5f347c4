"""Questions answered by one look-up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from services.catalog.together import Together


class Slow:
    """Answers a number by its double when it is let; has nothing for numbers below 0."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.let = asyncio.Event()

    async def look_up(self, numbers: Sequence[int]) -> dict[int, int]:
        self.asked.append(list(numbers))
        await self.let.wait()
        return {number: 2 * number for number in numbers if number >= 0}


async def test_what_is_asked_meanwhile_is_looked_up_once_and_together() -> None:
    """One look-up for the first, one for all others, whoever asks twice included."""
    slow = Slow()
    questions = Together(slow.look_up, at_once=1, most=10)
    first = asyncio.ensure_future(questions.ask(0))
    await asyncio.sleep(0.01)
    rest = [asyncio.ensure_future(questions.ask(number)) for number in (1, 2, -1, 2)]
    await asyncio.sleep(0.01)
    slow.let.set()
    assert await asyncio.gather(first, *rest) == [0, 2, 4, None, 4]
    assert slow.asked == [[0], [1, 2, -1]]


async def test_a_look_up_takes_no_more_than_it_may() -> None:
    """The rest waits for the next."""
    slow = Slow()
    slow.let.set()
    questions = Together(slow.look_up, at_once=1, most=2)
    assert await asyncio.gather(*map(questions.ask, range(5))) == [0, 2, 4, 6, 8]
    assert [len(numbers) for numbers in slow.asked] == [2, 2, 1]


async def test_a_slow_look_up_does_not_hold_up_the_next() -> None:
    """Two may run side by side."""
    slow = Slow()
    questions = Together(slow.look_up, at_once=2, most=1)
    stuck = asyncio.ensure_future(questions.ask(1))
    await asyncio.sleep(0.01)
    slow.let.set()
    assert await questions.ask(2) == 4
    assert await stuck == 2


async def test_an_error_is_told_to_all_who_asked_and_to_nobody_later() -> None:
    """The next question is looked up anew."""
    fails = [True]

    async def look_up(numbers: Sequence[int]) -> dict[int, int]:
        if fails.pop() if fails else False:
            raise ConnectionError
        return dict.fromkeys(numbers, 7)

    questions = Together(look_up, at_once=1, most=10)
    told = await asyncio.gather(questions.ask(1), questions.ask(2), return_exceptions=True)
    assert [type(error) for error in told] == [ConnectionError, ConnectionError]
    assert await questions.ask(1) == 7


async def test_who_gives_up_takes_nobody_along() -> None:
    """The same question of another is answered."""
    slow = Slow()
    questions = Together(slow.look_up, at_once=1, most=10)
    leaving, staying = (asyncio.ensure_future(questions.ask(3)) for _ in range(2))
    await asyncio.sleep(0.01)
    leaving.cancel()
    slow.let.set()
    assert await staying == 6
    with pytest.raises(asyncio.CancelledError):
        await leaving
