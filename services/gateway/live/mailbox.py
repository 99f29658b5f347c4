"""Where frames wait between a browser and a service: the newest wins, two are in flight.

``shared.mailbox`` holds one message for whoever works on it; this one holds a configuration
and a frame for a service that works elsewhere, so that it also counts what is on the way.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

MOST_IN_FLIGHT = 2


class Mailbox:
    """A slot for one configuration and one frame, and a count of frames not yet answered."""

    def __init__(self, most_in_flight: int = MOST_IN_FLIGHT) -> None:
        self._most_in_flight = most_in_flight
        self._config: Any = None
        self._frame: tuple[int, Any] | None = None
        self._in_flight: deque[int] = deque()
        self._dropped = 0
        self._changed = asyncio.Event()

    def put_config(self, message: Any) -> None:
        """Leave a configuration; one that waits is replaced."""
        self._config = message
        self._changed.set()

    def put_frame(self, seq: int, message: Any) -> None:
        """Leave a frame; one that waits is replaced and counted as dropped."""
        self._dropped += self._frame is not None
        self._frame = (seq, message)
        self._changed.set()

    async def take(self) -> Any:
        """The next message for the service; waits until there is one that may be sent."""
        while (message := self._sendable()) is None:
            self._changed.clear()
            await self._changed.wait()
        return message

    def answered(self, seq: int) -> int:
        """Note that a frame was answered, and with it all before; frames dropped since the last."""
        if seq in self._in_flight:
            while self._in_flight.popleft() != seq:
                pass
        self._changed.set()
        dropped, self._dropped = self._dropped, 0
        return dropped

    def _sendable(self) -> Any:
        if self._config is not None:
            message, self._config = self._config, None
            return message
        if self._frame is None or len(self._in_flight) >= self._most_in_flight:
            return None
        (seq, message), self._frame = self._frame, None
        self._in_flight.append(seq)
        return message
