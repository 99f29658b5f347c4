"""Redis as a store of results: it may hang, die or hold rubbish, and nobody waits for it.

redis-py 8.1 retries ten times with back-off and can hold one call for a minute.
Here nothing is retried, a caller waits ``WAIT_S`` at most, and after three
failures in a row a breaker leaves Redis alone for a while.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from shared.errors import InvalidInput

WAIT_S: Final = 0.020  # what a caller waits for an answer
SOCKET_S: Final = 0.050  # what a connection may take, so that a slow one is there next time
MAX_VALUE_BYTES: Final = 1 << 20
MAX_CONNECTIONS: Final = 16  # opening one costs 0.3 ms of the event loop: a crowd must not

_MAGIC: Final = b"VTR1"
_DIGEST_BYTES: Final = 16

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Breaker:
    """Stops asking a part that does not answer (Nygard, Release It!, "Circuit Breaker").

    After ``failures`` in a row it opens: nobody asks for ``cooldown_s``, then one
    caller tries. If that fails too the pause doubles, up to ``longest_s``; one
    success closes it.

    Attributes:
        clock: monotonic seconds.
        failures: in a row, until it opens.
        cooldown_s: the first pause.
        longest_s: the longest pause.
    """

    clock: Callable[[], float] = time.monotonic
    failures: int = 3
    cooldown_s: float = 1.0
    longest_s: float = 30.0
    _in_a_row: int = 0
    _pause_s: float = 0.0
    _retry_at: float = 0.0
    _trying: bool = False

    def allows(self) -> bool:
        """Say whether to ask now; while open, one caller after each pause may."""
        if self._in_a_row < self.failures:
            return True
        if self.clock() < self._retry_at:
            return False
        self._trying = True
        self._retry_at = self.clock() + self._pause_s
        return True

    def succeeded(self) -> None:
        """Close: the part answers."""
        if self._in_a_row >= self.failures:
            _log.info("cache back")
        self._in_a_row = 0
        self._trying = False

    def failed(self, reason: str) -> None:
        """Count a failure: open at the last one allowed, pause longer after a failed try."""
        self._in_a_row += 1
        if self._in_a_row == self.failures:
            self._open(self.cooldown_s, reason)
        elif self._in_a_row > self.failures and self._trying:
            self._open(min(2 * self._pause_s, self.longest_s), reason)

    def _open(self, pause_s: float, reason: str) -> None:
        self._trying = False
        self._pause_s = pause_s
        self._retry_at = self.clock() + pause_s
        _log.warning("cache away", reason=reason, retry_in_s=pause_s)


def seal(key: str, value: bytes) -> bytes:
    """Wrap a value for a store that others can write to: magic, digest, value.

    The digest covers the key, so that a value under another's key is rubbish too.
    """
    return _MAGIC + _digest(key, value) + value


def unseal(key: str, sealed: bytes) -> bytes | None:
    """Return the value that ``seal`` wrapped, or None when it is anything else.

    >>> unseal("k", seal("k", b"v"))
    b'v'
    >>> unseal("other", seal("k", b"v")) is None
    True
    """
    head = len(_MAGIC) + _DIGEST_BYTES
    value = sealed[head:]
    if sealed[:head] != _MAGIC + _digest(key, value):
        return None
    return value


def _digest(key: str, value: bytes) -> bytes:
    return hashlib.blake2b(key.encode() + b"\0" + value, digest_size=_DIGEST_BYTES).digest()


class RedisCache:
    """The cache that processes share. No retries, short timeouts, a breaker.

    A request that Redis refuses (out of memory, read only, not permitted) is a
    miss; one that it does not answer, or not as Redis, counts against the breaker.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, with the password if any.
        breaker: decides when to stop asking.
        wait_s: how long a caller waits for an answer.
        socket_s: how long connecting, sending and reading may take each.

    Raises:
        InvalidInput: the URL is not one that redis-py reads.
    """

    def __init__(
        self,
        url: str,
        breaker: Breaker | None = None,
        wait_s: float = WAIT_S,
        socket_s: float = SOCKET_S,
    ) -> None:
        self._client = _client(url, socket_s)
        self._socket_s = socket_s
        self._breaker = breaker or Breaker()
        self._wait_s = wait_s
        self._running: set[asyncio.Task[Any]] = set()
        self._connections = asyncio.Semaphore(MAX_CONNECTIONS)
        self._refusals: set[str] = set()

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None when Redis has none that is whole."""
        sealed = await self._ask(lambda: self._client.get(key))
        return unseal(key, sealed) if isinstance(sealed, bytes) else None

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        """Store the value unless it is over ``MAX_VALUE_BYTES``."""
        if len(value) <= MAX_VALUE_BYTES:
            ttl_ms = max(1, round(ttl_s * 1000))
            await self._ask(lambda: self._client.set(key, seal(key, value), px=ttl_ms))

    async def close(self) -> None:
        """Wait for what is under way (``socket_s`` bounds it) and disconnect."""
        if self._running:
            await asyncio.wait(self._running, timeout=4 * self._socket_s)
        try:
            await self._client.aclose()
        except RedisError as error:  # a hung server need not hear the goodbye
            _log.info("cache closed hard", reason=type(error).__name__)

    async def _ask(self, command: Callable[[], Awaitable[Any]]) -> Any:
        """Run one command; what comes later than ``wait_s`` helps only the next caller."""
        if not self._breaker.allows():
            return None
        task = asyncio.create_task(self._in_turn(command))
        self._running.add(task)
        task.add_done_callback(self._finished)
        await asyncio.wait({task}, timeout=self._wait_s)
        if not task.done():
            self._breaker.failed(f"no answer within {self._wait_s * 1000:.0f} ms")
            return None
        return self._judge(task)

    async def _in_turn(self, command: Callable[[], Awaitable[Any]]) -> Any:
        """Run the command on a free connection, unless the caller has left by then."""
        leaves = asyncio.get_running_loop().time() + self._wait_s
        async with self._connections:
            if asyncio.get_running_loop().time() > leaves:
                raise TimeoutError("no connection became free")
            return await command()

    def _judge(self, task: asyncio.Task[Any]) -> Any:
        if task.cancelled():
            return None
        error = task.exception()
        if isinstance(error, ResponseError):
            self._refused(error)
        elif error is not None:
            self._breaker.failed(f"{type(error).__name__}: {error}")
            return None
        self._breaker.succeeded()
        return None if error else task.result()

    def _refused(self, error: ResponseError) -> None:
        """Say once of each kind what Redis answered: it may be full, or a cluster."""
        kind = type(error).__name__
        if kind not in self._refusals:
            self._refusals.add(kind)
            _log.warning("cache refused", reason=f"{kind}: {error}")

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen: asyncio need not warn of it


def _client(url: str, socket_s: float) -> Redis:
    """Open a client whose every default that can hang a call is off (redis-py 8.1)."""
    try:
        return Redis.from_url(
            url,
            protocol=2,  # RESP3 adds HELLO and CLIENT MAINT_NOTIFICATIONS to each connect
            driver_info=None,  # no CLIENT SETINFO either
            retry=Retry(NoBackoff(), 0),  # the default is 10 retries with back-off
            socket_timeout=socket_s,
            socket_connect_timeout=socket_s,
            max_connections=MAX_CONNECTIONS,
        )
    except ValueError as error:
        message = "not a Redis URL: redis://[:password@]host:port/database is wanted"
        raise InvalidInput.of("redis_url", message, reason="REDIS_URL_INVALID") from error
