"""A bound on how many of something there may be at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import Overloaded

RETRY_AFTER_MS = 1000


class Places:
    """Places that are taken and given back; nobody waits for one.

    >>> with Places(1, "streams").taken():
    ...     print("mine")
    mine
    """

    def __init__(self, count: int, what: str) -> None:
        self._free = count
        self._count = count
        self._what = what

    @property
    def taken_now(self) -> int:
        """How many are taken."""
        return self._count - self._free

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a place for the length of the block.

        Raises:
            Overloaded: all are taken.
        """
        if self._free <= 0:
            raise Overloaded(
                f"all {self._count} {self._what} are taken; try again shortly",
                retry_after_ms=RETRY_AFTER_MS,
            )
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1
