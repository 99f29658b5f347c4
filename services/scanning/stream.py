"""Frames as they come: the newest wins, at most two are in flight, nothing piles up.

A reader empties the client's stream into a mailbox with one slot; a frame that still
lies there when the next one comes is dropped and counted. Two stages work on what the
mailbox gives, each on one frame at a time: ``look`` (decode, codes) and ``recognise``
(visual search, tracks). So at most two frames are in flight, each answer knows all
answers before it, and the same frames give the same answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from services.scanning.options import Options
from shared.errors import InvalidInput
from shared.image import fit
from shared.image_pixels import Rgb
from shared.mailbox import Mailbox

Seen = TypeVar("Seen")
Answer = TypeVar("Answer")

THUMBNAIL_WH: Final = (16, 12)
UNCHANGED_BELOW: Final = 3.0
"""Largest change of any thumbnail cell, in grey levels, of a picture that counts as
unchanged: above a sensor's noise averaged over a cell, below a pack moved by a tenth of
a cell across a moderate edge."""

MAX_IN_FLIGHT: Final = 2
"""Frames that are worked on at once."""

# Answers that wait for the client to read them.
_OUTBOX: Final = 2


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, with the options that hold for it.

    Attributes:
        seq: the client's number, growing.
        capture_time_us: when the camera took it, microseconds, never less than before.
        image: encoded.
        options: how to scan.
    """

    seq: int
    capture_time_us: int
    image: bytes
    options: Options


@dataclass(frozen=True, slots=True)
class Refusal:
    """A frame that was not scanned, and why."""

    frame: Frame
    error: InvalidInput


_Looked: TypeAlias = tuple[Frame, Seen | InvalidInput, int]


def thumbnail(image_rgb: Rgb) -> npt.NDArray[np.int16]:
    """Mean grey of each cell of a coarse grid: (12, 16) int16, 0..255."""
    grey = fit(image_rgb, THUMBNAIL_WH) @ np.array([0.299, 0.587, 0.114])
    return np.asarray(np.rint(grey), np.int16)


def unchanged(a: npt.NDArray[np.int16] | None, b: npt.NDArray[np.int16]) -> bool:
    """Whether two thumbnails show the same picture; there is none before the first."""
    return a is not None and float(np.abs(a - b).max()) < UNCHANGED_BELOW


class FramePipeline(Generic[Seen, Answer]):
    """Two stages over a stream of frames; see the module.

    Args:
        look: the first stage; an ``InvalidInput`` that it raises refuses its frame, any
            other error ends the stream.
        recognise: the second stage, given the first one's result and the number of
            frames dropped since the answer before; what it raises ends the stream.
        refuse: makes the answer to a frame that was refused.
    """

    def __init__(
        self,
        look: Callable[[Frame], Awaitable[Seen]],
        recognise: Callable[[Frame, Seen, int], Awaitable[Answer]],
        refuse: Callable[[Refusal, int], Answer],
    ) -> None:
        self._look, self._recognise, self._refuse = look, recognise, refuse
        self._mailbox: Mailbox[Frame] = Mailbox()
        self._in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._seen: asyncio.Queue[_Looked[Seen] | None] = asyncio.Queue()
        self._outbox: asyncio.Queue[Answer | BaseException | None] = asyncio.Queue(_OUTBOX)

    async def run(self, frames: AsyncIterator[Frame | Refusal]) -> AsyncIterator[Answer]:
        """Answer the frames; may be run once.

        Args:
            frames: as the client sends them; one refused on arrival is told as such.
        """
        stages = (self._read(frames), self._first_stage(), self._second_stage())
        tasks = [asyncio.create_task(self._guarded(stage)) for stage in stages]
        try:
            while (answer := await self._outbox.get()) is not None:
                if isinstance(answer, BaseException):
                    raise answer
                yield answer
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _guarded(self, stage: Coroutine[Any, Any, None]) -> None:
        """Run one stage; what goes wrong in it ends the whole stream."""
        try:
            await stage
        except Exception as error:  # noqa: BLE001 - raised again by ``run``
            await self._outbox.put(error)

    async def _read(self, frames: AsyncIterator[Frame | Refusal]) -> None:
        async for frame in frames:
            if isinstance(frame, Refusal):
                await self._outbox.put(self._refuse(frame, 0))
            else:
                self._mailbox.put(frame)
        self._mailbox.close()

    async def _first_stage(self) -> None:
        while True:
            await self._in_flight.acquire()
            taken = await self._mailbox.take()
            if taken is None:
                return await self._seen.put(None)
            frame, dropped = taken
            try:
                seen: Seen | InvalidInput = await self._look(frame)
            except InvalidInput as error:
                seen = error
            await self._seen.put((frame, seen, dropped))

    async def _second_stage(self) -> None:
        while (looked := await self._seen.get()) is not None:
            frame, seen, dropped = looked
            if isinstance(seen, InvalidInput):
                answer = self._refuse(Refusal(frame, seen), dropped)
            else:
                answer = await self._recognise(frame, seen, dropped)
            await self._outbox.put(answer)
            self._in_flight.release()
        await self._outbox.put(None)
