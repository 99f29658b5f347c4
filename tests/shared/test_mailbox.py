"""Fresh, not complete: the newest message wins and nothing piles up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.errors import InvalidInput
from shared.mailbox import FrameOrder, Immediate, Mailbox, answer_newest


async def test_the_newest_message_replaces_one_that_waits():
    """What was not taken is dropped and counted."""
    mailbox: Mailbox[int | None] = Mailbox()
    mailbox.put(1)
    mailbox.put(None)
    mailbox.put(3)
    assert await mailbox.take() == (3, 2)
    mailbox.put(None)
    assert await mailbox.take() == (None, 0)


async def test_a_closed_mailbox_gives_its_last_message_then_none():
    """Closing loses nothing that waits, and wakes who waits for more."""
    mailbox: Mailbox[str] = Mailbox()
    mailbox.put("last")
    mailbox.close()
    assert await mailbox.take() == ("last", 0)
    assert await mailbox.take() is None


async def test_closing_wakes_who_waits():
    """No reader hangs on a stream that has ended."""
    mailbox: Mailbox[str] = Mailbox()
    waiting = asyncio.create_task(mailbox.take())
    await asyncio.sleep(0)
    mailbox.close()
    assert await asyncio.wait_for(waiting, 5) is None


def test_numbers_and_times_must_grow():
    """A refused frame leaves the order as it was."""
    order = FrameOrder()
    order.check(3, -500)
    for seq, time_us in ((3, 0), (2, 0), (4, -500), (4, -501)):
        with pytest.raises(InvalidInput) as refused:
            order.check(seq, time_us)
        assert refused.value.reason == "FRAME_OUT_OF_ORDER"
    order.check(4, -499)


def test_times_may_stand_still_where_that_is_allowed():
    """But not go back, and numbers must grow all the same."""
    order = FrameOrder(time_may_stand=True)
    order.check(0, 500)
    order.check(7, 500)
    for seq, time_us in ((7, 600), (6, 600), (8, 499)):
        with pytest.raises(InvalidInput) as refused:
            order.check(seq, time_us)
        assert refused.value.reason == "FRAME_OUT_OF_ORDER"
    order.check(8, 600)


async def messages(*items: int | Immediate[str]) -> AsyncIterator[int | Immediate[str]]:
    for item in items:
        yield item


async def doubled(message: int, dropped: int) -> str:
    await asyncio.sleep(0)
    return f"{message}-{dropped}"


async def collected(answers: AsyncIterator[str]) -> list[str]:
    async with asyncio.timeout(10):
        return [answer async for answer in answers]


async def test_no_message_no_answer():
    """An empty stream ends at once."""
    assert await collected(answer_newest(messages(), doubled)) == []


async def test_the_last_message_is_answered_and_all_others_counted():
    """Every message is either answered or told as dropped."""
    answers = await collected(answer_newest(messages(*range(100)), doubled))
    assert answers[-1].startswith("99-")
    assert len(answers) + sum(int(answer.split("-")[1]) for answer in answers) == 100


async def test_immediate_answers_pass_by_the_work():
    """A refusal is told although no work is done for it, and drops nothing."""
    answers = await collected(answer_newest(messages(1, Immediate("no")), doubled))
    assert sorted(answers) == ["1-0", "no"]


async def test_an_error_of_the_work_ends_the_answers():
    """What is raised in a stage is raised to the reader."""

    async def fails(_message: int, _dropped: int) -> str:
        raise InvalidInput("this one")

    with pytest.raises(InvalidInput, match="this one"):
        await collected(answer_newest(messages(1), fails))


async def test_an_error_on_arrival_ends_the_answers():
    """So does what the arriving stream raises."""

    async def broken() -> AsyncIterator[int]:
        yield 1
        raise InvalidInput("config")

    with pytest.raises(InvalidInput, match="config"):
        await collected(answer_newest(broken(), doubled))


async def test_work_stops_while_nobody_reads_the_answers():
    """A client that stops reading costs two answers and one waiting message, however many come."""
    worked: list[int] = []
    arrived = 0

    async def endless() -> AsyncIterator[int]:
        nonlocal arrived
        while True:
            arrived += 1
            yield arrived
            await asyncio.sleep(0)

    async def work(message: int, _dropped: int) -> int:
        worked.append(message)
        return message

    answers = answer_newest(endless(), work)
    await anext(answers)
    for _ in range(2000):
        await asyncio.sleep(0)
    assert arrived > 500
    assert len(worked) <= 5
    fresh = [await anext(answers) for _ in range(6)]
    assert fresh[-1] > 500
    await answers.aclose()
    seen = arrived
    await asyncio.sleep(0.01)
    assert arrived == seen
