"""Fresh, not complete: a one-slot mailbox, and the order of the frames that go into it.

The reader of a stream leaves each message in the mailbox; one that still lies there when
the next comes is dropped and counted. So whoever works on the messages always gets the
newest, and a slow worker or a client that stops reading costs no memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.errors import InvalidInput

Message = TypeVar("Message")
Answer = TypeVar("Answer")

# Answers that wait for the client to read them.
_OUTBOX = 2


class Mailbox(Generic[Message]):
    """One slot: the newest message, and how many were dropped for it."""

    def __init__(self) -> None:
        self._waiting: tuple[Message] | None = None
        self._dropped = 0
        self._closed = False
        self._changed = asyncio.Event()

    def put(self, message: Message) -> None:
        """Leave a message; one that still lies there is dropped."""
        self._dropped += self._waiting is not None
        self._waiting = (message,)
        self._changed.set()

    def close(self) -> None:
        """Say that no further message comes; one that lies there is still given."""
        self._closed = True
        self._changed.set()

    async def take(self) -> tuple[Message, int] | None:
        """Wait for a message; returns it and the number dropped before it, None at the end."""
        while self._waiting is None:
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        (message,), dropped = self._waiting, self._dropped
        self._waiting, self._dropped = None, 0
        return message, dropped


class FrameOrder:
    """Refuses frames that go back in number or in time.

    Args:
        time_may_stand: whether a frame may be as old as the one before; not where speeds
            are made of the times between.
    """

    def __init__(self, *, time_may_stand: bool = False) -> None:
        self._least_us = 0 if time_may_stand else 1
        self._seq = -1
        self._time_us: int | None = None

    def check(self, seq: int, capture_time_us: int) -> None:
        """Accept the next frame.

        Raises:
            InvalidInput: its number is not greater, or its time is not later, than that
                of the frame before (``FRAME_OUT_OF_ORDER``); nothing has changed then.
        """
        late = self._time_us is not None and capture_time_us < self._time_us + self._least_us
        if seq <= self._seq or late:
            raise InvalidInput.of(
                "frame.seq",
                f"{seq} at {capture_time_us} us comes after {self._seq} at {self._time_us} us; "
                f"numbers must grow and times {'must grow' if self._least_us else 'not go back'}",
                reason="FRAME_OUT_OF_ORDER",
            )
        self._seq, self._time_us = seq, capture_time_us


@dataclass(frozen=True, slots=True)
class Immediate(Generic[Answer]):
    """An answer that is known on arrival, such as a refusal: no work is needed."""

    answer: Answer


async def answer_newest(
    arriving: AsyncIterator[Message | Immediate[Answer]],
    work: Callable[[Message, int], Awaitable[Answer]],
) -> AsyncGenerator[Answer, None]:
    """Answer a stream of messages, the newest first, one at a time, in order.

    At most one message is worked on while one waits. When the reader of the answers
    stops, work stops after two answers, and arriving messages replace one another.

    Args:
        arriving: messages as they come; an error that it raises ends the answers.
        work: makes the answer to a message, given how many were dropped before it; an
            error that it raises ends the answers.
    """
    mailbox: Mailbox[Message] = Mailbox()
    outbox: asyncio.Queue[Immediate[Answer] | Exception | None] = asyncio.Queue(_OUTBOX)

    async def read() -> None:
        async for item in arriving:
            if isinstance(item, Immediate):
                await outbox.put(item)
            else:
                mailbox.put(item)
        mailbox.close()

    async def answer() -> None:
        while (taken := await mailbox.take()) is not None:
            await outbox.put(Immediate(await work(*taken)))
        await outbox.put(None)

    async def guarded(task: Coroutine[None, None, None]) -> None:
        try:
            await task
        except Exception as error:  # noqa: BLE001 - raised again below
            await outbox.put(error)

    tasks = [asyncio.create_task(guarded(task)) for task in (read(), answer())]
    try:
        while (item := await outbox.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item.answer
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
