"""Redis absent, dead, hung, full or wrong: the same answers, and nobody waits for it.

The bounds on time are those of a loaded machine. What they exclude is a client that
waits and retries: redis-py's own defaults hold one call for a minute.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
import redis

from shared.cache import ResultCache
from shared.redis_cache import Breaker, RedisCache
from tests.servers import RedisServer, ServerMissing, free_port, redis_server

GENEROUS_S = 5.0


@contextmanager
def running(password: str | None = None, *options: str) -> Iterator[RedisServer]:
    try:
        with redis_server(password, *options) as server:
            yield server
    except ServerMissing as missing:
        pytest.skip(str(missing))


def answering(value: bytes) -> Callable[[], Awaitable[bytes]]:
    async def compute() -> bytes:
        return value

    return compute


def negative(value: bytes) -> bool:
    return not value


async def ask(results: ResultCache, key: str, value: bytes = b"answer") -> bool:
    """Ask once; the answer must be right whatever Redis does. Return whether it was cached."""
    async with asyncio.timeout(GENEROUS_S):
        answer, cached = await results.get_or_compute(key, answering(value), negative)
        await results.settle()
    assert answer == value
    return cached


async def eventually_cached(results: ResultCache, key: str) -> bool:
    deadline = time.monotonic() + 20.0
    while time.monotonic() < deadline:
        if await ask(results, key):
            return True
        await asyncio.sleep(0.05)
    return False


def quick(server_url: str) -> ResultCache:
    """A cache whose breaker tries again soon, so that a test sees the recovery."""
    return ResultCache(RedisCache(server_url, Breaker(cooldown_s=0.05, longest_s=0.1)))


async def test_absent() -> None:
    """Nothing listens: every answer is computed."""
    results = quick(f"redis://127.0.0.1:{free_port()}/0")
    assert [await ask(results, f"k{i % 3}") for i in range(30)].count(True) == 0
    await results.close()


async def test_unknown_host() -> None:
    """A name that does not resolve is an absent Redis."""
    results = quick("redis://redis.invalid:6379/0")
    assert not await ask(results, "k")
    await results.close()


async def test_killed_in_use_and_back() -> None:
    """Answers go on while Redis is dead; when it is back it caches again."""
    with running() as server:
        results = quick(server.url)
        assert await eventually_cached(results, "k")
        server.stop()
        assert [await ask(results, "k") for _ in range(20)].count(True) == 0
        server.start()
        assert await eventually_cached(results, "k")
        await results.close()


async def test_restarted_between_two_calls() -> None:
    """The pooled connection is dead after a restart; no answer is lost over it."""
    with running() as server:
        results = quick(server.url)
        assert await eventually_cached(results, "k")
        server.stop()
        server.start()
        await ask(results, "k")
        assert await eventually_cached(results, "k")
        await results.close()


async def test_hung_and_awake_again() -> None:
    """A frozen Redis costs a few short waits in all, then nothing, then it serves again."""
    with running() as server:
        results = ResultCache(RedisCache(server.url, Breaker(cooldown_s=60.0)))
        assert await eventually_cached(results, "k")
        server.freeze()
        async with asyncio.timeout(GENEROUS_S):
            cached = [await ask(results, f"k{i}") for i in range(300)]
        assert not any(cached)
        server.thaw()
        fresh = quick(server.url)
        assert await eventually_cached(fresh, "k")
        await asyncio.gather(results.close(), fresh.close())


async def test_hung_under_many_callers() -> None:
    """Five hundred callers at once wait for a frozen Redis together, not in turn."""
    with running() as server:
        results = ResultCache(RedisCache(server.url, Breaker(cooldown_s=60.0)))
        server.freeze()
        async with asyncio.timeout(GENEROUS_S):
            assert not any(await asyncio.gather(*(ask(results, f"k{i}") for i in range(500))))
        server.thaw()
        await results.close()


async def test_no_stale_reply_after_a_hang() -> None:
    """A reply that comes after its caller left is never taken for another key's."""
    with running() as server:
        results = quick(server.url)
        for name in ("a", "b"):
            await ask(results, name, name.encode())
        for _ in range(5):
            server.freeze()
            await ask(results, "a", b"a")
            server.thaw()
            for name in ("b", "a", "b"):
                await ask(results, name, name.encode())
        await results.close()


async def test_close_of_a_hung_redis_ends() -> None:
    """Shutting down does not wait for a Redis that hangs."""
    with running() as server:
        results = quick(server.url)
        await ask(results, "warm")
        server.freeze()
        await ask(results, "k", bytes(1_000_000))
        async with asyncio.timeout(GENEROUS_S):
            await results.close()
        server.thaw()


@pytest.mark.parametrize("password", ["wrong", ""])
async def test_wrong_password(password: str) -> None:
    """A wrong or a missing password is an absent Redis."""
    with running("right") as server:
        results = quick(server.url.replace("right", password))
        assert [await ask(results, "k") for _ in range(20)].count(True) == 0
        await results.close()


async def test_wrong_kind_of_server() -> None:
    """Something that is no Redis and talks HTTP is an absent Redis."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    results = quick(f"redis://127.0.0.1:{port}/0")
    assert [await ask(results, "k") for _ in range(20)].count(True) == 0
    await results.close()
    server.close()


async def test_full() -> None:
    """A Redis without memory still serves what it holds; what it refuses is computed."""
    with running(None, "--maxmemory-policy", "noeviction") as server:
        results = quick(server.url)
        assert await eventually_cached(results, "held")
        with redis.Redis.from_url(server.url) as client:
            client.config_set("maxmemory", 1)
        assert [await ask(results, "new", b"x" * 1000) for _ in range(20)].count(True) == 0
        assert await eventually_cached(results, "held")
        await results.close()


async def test_loses_everything() -> None:
    """A flushed Redis is an empty one."""
    with running() as server:
        results = quick(server.url)
        assert await eventually_cached(results, "k")
        with redis.Redis.from_url(server.url) as client:
            client.flushall()
        assert not await ask(results, "k")
        assert await eventually_cached(results, "k")
        await results.close()


async def test_corrupted() -> None:
    """A value that somebody damaged is computed again, never returned."""
    with running() as server:
        results = quick(server.url)
        assert await eventually_cached(results, "k")
        with redis.Redis.from_url(server.url) as client:
            client.setrange("k", 25, b"?")
        assert not await ask(results, "k")
        assert await eventually_cached(results, "k")
        await results.close()
