"""Results kept for a while: the same bytes asked twice are computed once.

What is cached is an answer to an image or a query, under a key that holds
everything the answer depends on (``cache_key``). A caller never passes what
belongs to a shopper, neither in a key nor in a value: no shopper id, no taste, no
landmark, no session. An answer that was personalised is not cached at all.

``ResultCache`` joins callers who ask for the same key at the same time. Behind it
stands a ``Cache``: Redis (``shared.redis_cache``) shares results between processes,
``MemoryCache`` serves where no Redis is configured. A cache is a saving, not a
dependency: with Redis absent, dead, hung, full or holding rubbish the answers are
the same and at most 30 ms later.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from shared.errors import Unavailable

KEY_PREFIX: Final = "vitrine:1:"

_ENTRY_OVERHEAD: Final = 256  # of CPython 3.11 for a str key, a bytes value and a dict slot


def cache_key(contract: str, model_hash: str, revision: int, options: bytes, image: bytes) -> str:
    """Name an answer by everything that it depends on.

    Args:
        contract: version of the RPC's contract, ``vitrine.v1.Search``.
        model_hash: SHA-256 of the model that computes the answer.
        revision: catalogue revision or index generation that the answer reflects.
        options: the request without its image, serialised the same way every time.
        image: the encoded image as it was sent; may be empty.

    Each part goes in with its length, so that no two requests share a text.

    >>> cache_key("vitrine.v1.Search", "ab", 7, b"top_k=5", b"")[:14]
    'vitrine:1:2d06'
    """
    digest = hashlib.sha256()
    for part in (contract.encode(), model_hash.encode(), b"%d" % revision, options, image):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return KEY_PREFIX + digest.hexdigest()


class Cache(Protocol):
    """Bytes by key for a time. It may forget anything at any moment, and never raises."""

    async def get(self, key: str) -> bytes | None:
        """Return what was stored under ``key``, or None."""

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        """Store ``value`` for at most ``ttl_s`` seconds."""

    async def close(self) -> None:
        """Let go of connections."""


class MemoryCache:
    """The cache of one process: least recently used goes first, bounded by bytes.

    Args:
        max_bytes: keys, values and an estimate of what Python needs to hold them.
        clock: monotonic seconds.
    """

    def __init__(self, max_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._bytes = 0
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()

    async def get(self, key: str) -> bytes | None:
        """Return the value while it is fresh."""
        value, expires = self._entries.get(key, (None, 0.0))
        if value is None:
            return None
        if expires <= self._clock():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return value

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        """Store the value and drop the least recently used until all fit."""
        self._drop(key)
        if _size(key, value) > self._max_bytes:
            return
        self._entries[key] = (value, self._clock() + ttl_s)
        self._bytes += _size(key, value)
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))

    async def close(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._bytes = 0

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _size(key, entry[0])


def _size(key: str, value: bytes) -> int:
    return len(key) + len(value) + _ENTRY_OVERHEAD


@dataclass(slots=True)
class Counts:
    """What a ``ResultCache`` did since it was made."""

    hits: int = 0
    misses: int = 0
    joined: int = 0


@dataclass(slots=True, eq=False)
class _Flight:
    """One answer under way, and how many wait for it."""

    task: asyncio.Task[tuple[bytes, bool]]
    waiting: int = 0


class ResultCache:
    """Computes each answer once, however many ask at the same time.

    Args:
        store: where answers are kept.
        ttl_s: how long an answer is kept, at most.
        negative_ttl_s: how long an answer is kept that found nothing.
        jitter: share of the time to live that is taken off at random, so that what
            was stored together does not expire together.
        uniform: random numbers in [0, 1).
    """

    def __init__(
        self,
        store: Cache,
        *,
        ttl_s: float = 600.0,
        negative_ttl_s: float = 10.0,
        jitter: float = 0.2,
        uniform: Callable[[], float] = random.random,
    ) -> None:
        self.counts = Counts()
        self._store = store
        self._ttl_s, self._negative_ttl_s = ttl_s, negative_ttl_s
        self._jitter, self._uniform = jitter, uniform
        self._flights: dict[str, _Flight] = {}
        self._fresh: dict[str, tuple[bytes, asyncio.Task[None]]] = {}  # being stored

    async def get_or_compute(
        self,
        key: bytes | str,
        compute: Callable[[], Awaitable[bytes]],
        negative: Callable[[bytes], bool],
    ) -> tuple[bytes, bool]:
        """Return the answer, and whether it was there before this call.

        ``compute`` serves everyone who asks meanwhile: it must not carry the
        deadline or the identity of one caller. It goes on when the first caller is
        cancelled, and stops when nobody waits any more. What it raises reaches all
        who wait and is not kept. Nobody waits for the storing.

        Args:
            key: from ``cache_key``.
            compute: computes the answer.
            negative: says that an answer found nothing, and so is kept only briefly.

        Raises:
            Unavailable: ``compute`` was cancelled from within (``CANCELLED``).
        """
        name = key if isinstance(key, str) else key.decode()
        if name in self._fresh:
            self.counts.hits += 1
            return self._fresh[name][0], True
        if name in self._flights:
            self.counts.joined += 1
        else:
            task = asyncio.create_task(self._answer(name, compute, negative))
            self._flights[name] = _Flight(task)
        return await self._wait(name, self._flights[name])

    async def settle(self) -> None:
        """Wait until what was computed so far is stored."""
        await asyncio.gather(*(task for _, task in self._fresh.values()))

    async def close(self) -> None:
        """End what is under way, finish what is being stored, let go of the store."""
        flying = [flight.task for flight in self._flights.values()]
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)
        await self.settle()
        await self._store.close()

    async def _answer(
        self, key: str, compute: Callable[[], Awaitable[bytes]], negative: Callable[[bytes], bool]
    ) -> tuple[bytes, bool]:
        stored = await self._store.get(key)
        if stored is not None:
            self.counts.hits += 1
            return stored, True
        self.counts.misses += 1
        value = await compute()
        ttl_s = self._negative_ttl_s if negative(value) else self._ttl_s
        self._store_soon(key, value, ttl_s * (1.0 - self._jitter * self._uniform()))
        return value, False

    def _store_soon(self, key: str, value: bytes, ttl_s: float) -> None:
        task = asyncio.create_task(self._store.set(key, value, ttl_s))
        self._fresh[key] = (value, task)
        task.add_done_callback(lambda _: self._fresh.pop(key, None))

    async def _wait(self, key: str, flight: _Flight) -> tuple[bytes, bool]:
        flight.waiting += 1
        try:
            await asyncio.wait({flight.task})
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                self._land(key, flight)
        if flight.task.cancelled():
            raise Unavailable("the computation was cancelled; ask again", reason="CANCELLED")
        return flight.task.result()

    def _land(self, key: str, flight: _Flight) -> None:
        """Nobody waits any more: forget the flight, and end it if it still flies."""
        flight.task.cancel()
        if self._flights.get(key) is flight:
            del self._flights[key]


def make_cache(
    url: str | None,
    *,
    max_bytes: int = 64 << 20,
    ttl_s: float = 600.0,
    negative_ttl_s: float = 10.0,
) -> ResultCache:
    """Make the cache that the configuration asks for.

    Args:
        url: of a Redis; None or empty keeps results in this process.
        max_bytes: bound of the cache in this process.
        ttl_s: how long an answer is kept, at most.
        negative_ttl_s: how long an answer is kept that found nothing.

    Raises:
        InvalidInput: ``url`` is not a Redis URL (``REDIS_URL_INVALID``).
    """
    return ResultCache(_store(url, max_bytes), ttl_s=ttl_s, negative_ttl_s=negative_ttl_s)


def _store(url: str | None, max_bytes: int) -> Cache:
    if not url:
        return MemoryCache(max_bytes)
    from shared.redis_cache import RedisCache  # only who has a Redis needs redis-py

    return RedisCache(url)
