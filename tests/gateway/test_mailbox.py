"""The mailbox between a browser and a service keeps frames fresh."""

from __future__ import annotations

import asyncio

import pytest

from services.gateway.live.mailbox import Mailbox


async def _take_now(mailbox: Mailbox) -> object:
    async with asyncio.timeout(1):
        return await mailbox.take()


async def _waits(mailbox: Mailbox) -> bool:
    task = asyncio.create_task(mailbox.take())
    done, _ = await asyncio.wait({task}, timeout=0.02)
    task.cancel()
    return not done


async def test_an_empty_mailbox_waits() -> None:
    """Nothing is taken before something was put."""
    assert await _waits(Mailbox())


async def test_a_newer_frame_replaces_one_that_waits() -> None:
    """Only the newest is sent; the answer tells how many were not."""
    mailbox = Mailbox()
    for seq in (1, 2, 3):
        mailbox.put_frame(seq, f"frame {seq}")
    assert await _take_now(mailbox) == "frame 3"
    assert mailbox.answered(3) == 2
    assert mailbox.answered(3) == 0


async def test_a_configuration_goes_before_a_frame() -> None:
    """A frame is seen with the newest configuration."""
    mailbox = Mailbox()
    mailbox.put_frame(1, "frame")
    mailbox.put_config("old")
    mailbox.put_config("new")
    assert [await _take_now(mailbox), await _take_now(mailbox)] == ["new", "frame"]


async def test_two_frames_are_in_flight_at_most() -> None:
    """The third waits until one of them is answered."""
    mailbox = Mailbox()
    for seq in (1, 2):
        mailbox.put_frame(seq, seq)
        await _take_now(mailbox)
    mailbox.put_frame(3, 3)
    assert await _waits(mailbox)
    mailbox.answered(1)
    assert await _take_now(mailbox) == 3


async def test_a_configuration_passes_while_two_frames_are_in_flight() -> None:
    """The bound is on frames only."""
    mailbox = Mailbox()
    for seq in (1, 2):
        mailbox.put_frame(seq, seq)
        await _take_now(mailbox)
    mailbox.put_config("config")
    assert await _take_now(mailbox) == "config"


async def test_an_answer_stands_for_all_frames_before_it() -> None:
    """A frame that the service dropped itself blocks nothing."""
    mailbox = Mailbox()
    for seq in (1, 2):
        mailbox.put_frame(seq, seq)
        await _take_now(mailbox)
    mailbox.answered(2)
    for seq in (3, 4):
        mailbox.put_frame(seq, seq)
        assert await _take_now(mailbox) == seq


@pytest.mark.parametrize("seq", [0, 99])
async def test_an_answer_to_a_frame_never_sent_frees_nothing(seq: int) -> None:
    """A service that errs cannot widen the bound."""
    mailbox = Mailbox()
    for sent in (1, 2):
        mailbox.put_frame(sent, sent)
        await _take_now(mailbox)
    mailbox.answered(seq)
    mailbox.put_frame(3, 3)
    assert await _waits(mailbox)


async def test_what_waits_is_bounded() -> None:
    """However many frames come, one is kept."""
    mailbox = Mailbox()
    for seq in range(1000):
        mailbox.put_frame(seq, bytes(10))
    await _take_now(mailbox)
    assert await _waits(mailbox)
