"""Closer looks at what a stream leaves open, beside its frames.

Frames are recognised by their looks alone, which keeps pace but does not tell siblings
apart. What stays open is looked at as closely as a single picture is, one frame at a time
while further frames are answered. What it says is joined with the first frame taken
``JOIN_AFTER_US`` later, by capture time: by then it is there, unless frames come faster than
from a camera or the machine is busy. Then that frame waits for it, so that the same frames
give the same answers; unless frames had to be dropped meanwhile, for then the stream is to
stay fresh, and it is joined as soon as it is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.scanning.asking import Product
from services.scanning.scanner import MAX_CLOSER, Examined, Scanner
from services.scanning.stream import Frame
from services.scanning.tracks import OpenTrack, Tracks
from shared import geometry

FEW_FRAMES: Final = 2
"""Frames after which a thing that is still open is looked at closely."""
LARGE: Final = 0.1
"""Share of the picture from which a thing is looked at when it first appears: as large as
this, one frame mostly shows its print."""
AGAIN_AFTER_FRAMES: Final = 12
"""Frames of a track between two closer looks at it."""
JOIN_AFTER_US: Final = 500_000
"""Capture time after which a closer look is joined: one takes about 330 ms."""
JOIN_AFTER_FRAMES: Final = 16
"""The same in frames, where capture times stand still."""


@dataclass(slots=True)
class _Look:
    """A closer look under way."""

    of: Sequence[OpenTrack]
    time_us: int
    work: asyncio.Task[Examined]
    frames: int = 0
    dropped: int = 0

    def is_due(self, time_us: int) -> bool:
        late = time_us - self.time_us >= JOIN_AFTER_US or self.frames >= JOIN_AFTER_FRAMES
        return late and (not self.dropped or self.work.done())


@dataclass(slots=True)
class CloserLooks:
    """The closer looks of one stream, one at a time.

    Args:
        scanner: looks.
        tracks: what is looked at, and learns what was seen.
    """

    scanner: Scanner
    tracks: Tracks
    _look: _Look | None = field(default=None, init=False)

    def begin(self, frame: Frame, skus_with_gtin: frozenset[str], *, still: bool) -> None:
        """Look closely at what the newest frame leaves open, when it is time to.

        Args:
            frame: the newest frame that was worked on.
            skus_with_gtin: see ``decide``.
            still: the picture has not changed since, so that no further frame will help.
        """
        if self._look:
            return
        ready = [one for one in self.tracks.open(skus_with_gtin) if _is_ready(one, still)]
        if not ready:
            return
        chosen = sorted(ready, key=_urgency)[:MAX_CLOSER]
        self.tracks.looked([one.track_id for one in chosen])
        work = self.scanner.examine(frame.image, [one.item for one in chosen])
        self._look = _Look(chosen, frame.capture_time_us, asyncio.create_task(work))

    async def join(self, time_us: int, dropped: int) -> Mapping[str, Product] | None:
        """Let the tracks learn what was seen, when the frame of this time is to know it.

        Args:
            time_us: when the frame was taken.
            dropped: frames dropped before it.

        Returns:
            The products that it speaks of; None when there is nothing to join as yet.

        Raises:
            Unavailable: the catalogue does not answer.
        """
        look = self._look
        if look is None:
            return None
        look.frames += 1
        look.dropped += dropped
        if not look.is_due(time_us):
            return None
        seen = await look.work
        self._look = None
        for one, closer in zip(look.of, seen.looks, strict=False):
            if one.item.look:
                self.tracks.learn(one.track_id, one.item.look, closer)
        return seen.products

    async def aclose(self) -> None:
        """End what is under way."""
        if self._look:
            self._look.work.cancel()
            await asyncio.gather(self._look.work, return_exceptions=True)


def _is_ready(one: OpenTrack, still: bool) -> bool:
    if one.since_looked is not None:
        return one.since_looked >= AGAIN_AFTER_FRAMES
    return still or one.frames >= FEW_FRAMES or _area(one) >= LARGE


def _urgency(one: OpenTrack) -> tuple[bool, float]:
    """Things with codes first, as their looks may disagree; then the largest."""
    return not one.item.codes, -_area(one)


def _area(one: OpenTrack) -> float:
    return float(geometry.box_area([one.item.box_xyxy])[0])
