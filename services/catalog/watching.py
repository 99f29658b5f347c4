"""Following the change log: replay what happened, then wait for what happens.

A watcher holds one page of changes at a time and asks for the next when its reader has
taken it, so a slow reader costs no memory. Writers of this process wake watchers at once;
those of other processes are noticed by asking for the revision, 200 ms apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from services.catalog.store.changes import Change, ChangePage
from shared.errors import InvalidInput, Unavailable

POLL_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Everything up to this revision has been sent."""

    revision: int


class RevisionSignal:
    """The last revision that this process knows of, and a way to wait for a later one."""

    def __init__(self, read_revision: Callable[[], Awaitable[int]], poll_s: float = POLL_S) -> None:
        self._read_revision = read_revision
        self._poll_s = poll_s
        self._revision = 0
        self._advanced = asyncio.Event()
        self._waiting = 0

    def advance(self, revision: int) -> None:
        """Tell that a revision has been committed."""
        if revision > self._revision:
            self._revision = revision
            self._advanced.set()
            self._advanced = asyncio.Event()

    async def wait_beyond(self, revision: int) -> None:
        """Wait until the catalogue's revision is greater than this one."""
        self._waiting += 1
        try:
            while self._revision <= revision:
                await self._advanced.wait()
        finally:
            self._waiting -= 1

    async def poll(self) -> None:
        """Notice what other processes committed, for as long as somebody waits; endless."""
        while True:
            await asyncio.sleep(self._poll_s)
            if self._waiting:
                with suppress(Unavailable):  # readiness says so; the next poll may succeed
                    self.advance(await self._read_revision())


async def follow(
    read_page: Callable[[int], Awaitable[ChangePage]], signal: RevisionSignal, since: int
) -> AsyncIterator[Change | CaughtUp]:
    """Yield the changes after a revision in order, without end.

    Raises:
        InvalidInput: the revision is negative, or greater than the catalogue's own
            (``REVISION_FROM_FUTURE``).
    """
    page = await read_page(since)
    _check_since(since, page.revision)
    while True:
        for change in page.changes:
            yield change
            since = change.revision
        if page.is_last:
            since = page.revision
            yield CaughtUp(since)
            await signal.wait_beyond(since)
        page = await read_page(since)


def _check_since(since: int, revision: int) -> None:
    if since < 0:
        raise InvalidInput.of("since_revision", f"is {since}, must be 0 or more")
    if since > revision:
        raise InvalidInput.of(
            "since_revision",
            f"is {since}, but the catalogue is at {revision}; the caller followed another "
            "catalogue and must start again from 0",
            reason="REVISION_FROM_FUTURE",
        )
