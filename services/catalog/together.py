"""Questions that are asked at the same time, answered by one look-up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice
from typing import Generic, TypeVar

Key = TypeVar("Key")
Answer = TypeVar("Answer")


class Together(Generic[Key, Answer]):
    """Gathers what is asked while earlier questions are being looked up.

    Args:
        look_up: answers several questions; what has no answer is absent.
        at_once: look-ups that may run side by side, so that a slow one holds up no other.
        most: questions of one look-up.
    """

    def __init__(
        self,
        look_up: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Answer]]],
        at_once: int,
        most: int,
    ) -> None:
        self._look_up, self._most = look_up, most
        self._free = at_once
        self._asked: dict[Key, asyncio.Future[Answer | None]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, key: Key) -> Answer | None:
        """Look something up; None where there is nothing.

        Raises:
            Exception: whatever the look-up raised.
        """
        if key not in self._asked:
            self._asked[key] = asyncio.get_running_loop().create_future()
            self._asked[key].add_done_callback(_seen)
        answer = self._asked[key]
        if self._free:
            self._free -= 1
            task = asyncio.create_task(self._answer())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await asyncio.shield(answer)

    async def _answer(self) -> None:
        try:
            while self._asked:
                taken = dict(islice(self._asked.items(), self._most))
                for key in taken:
                    del self._asked[key]
                await self._answer_these(taken)
        finally:
            self._free += 1

    async def _answer_these(self, taken: Mapping[Key, asyncio.Future[Answer | None]]) -> None:
        try:
            found = await self._look_up(list(taken))
        except Exception as error:  # noqa: BLE001 - told to all who asked
            for answer in taken.values():
                answer.set_exception(error)
        else:
            for key, answer in taken.items():
                answer.set_result(found.get(key))


def _seen(answer: asyncio.Future[Answer | None]) -> None:
    """Keep an error quiet whose asker has gone."""
    if not answer.cancelled():
        answer.exception()
