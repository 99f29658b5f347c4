"""Redis as a store of results: what is written, what is believed, when it is asked."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from shared.redis_cache import MAX_CONNECTIONS, MAX_VALUE_BYTES, Breaker, RedisCache, seal, unseal


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def key() -> str:
    return f"vitrine:test:{uuid.uuid4().hex}"


@pytest.fixture
async def cache(redis_url: str) -> AsyncIterator[RedisCache]:
    # A loaded machine may be late; lateness is the business of tests/faults.
    cache = RedisCache(redis_url, wait_s=5.0, socket_s=5.0)
    yield cache
    await cache.close()


@pytest.fixture
async def server(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


# the envelope


@given(st.text(max_size=20), st.binary(max_size=50))
def test_a_sealed_value_comes_back(key: str, value: bytes) -> None:
    """Unsealing undoes sealing, for the empty value too."""
    assert unseal(key, seal(key, value)) == value


@given(st.binary(max_size=60))
def test_other_bytes_are_not_a_value(rubbish: bytes) -> None:
    """Bytes that nobody sealed are nothing."""
    assert unseal("k", rubbish) is None


@given(st.binary(min_size=1, max_size=40), st.data())
def test_one_flipped_bit_is_noticed(value: bytes, data: st.DataObject) -> None:
    """A sealed value with any one bit wrong is nothing."""
    sealed = bytearray(seal("k", value))
    position = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[position // 8] ^= 1 << (position % 8)
    assert unseal("k", bytes(sealed)) is None


def test_a_value_under_another_key_is_not_believed() -> None:
    """A whole value that was copied to another key is nothing there."""
    assert unseal("b", seal("a", b"1")) is None


# the breaker


def test_a_breaker_opens_after_failures_in_a_row() -> None:
    """Two failures are forgiven by a success; three in a row open it."""
    breaker = Breaker(Clock())
    for _ in range(5):
        breaker.failed("x")
        breaker.failed("x")
        breaker.succeeded()
    assert breaker.allows()
    for _ in range(3):
        breaker.failed("x")
    assert not breaker.allows()


def test_an_open_breaker_lets_one_caller_try_after_the_pause() -> None:
    """When the pause is over one caller asks, the others still do not."""
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(3):
        breaker.failed("x")
    clock.now += 1.01
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert [breaker.allows() for _ in range(3)] == [True, True, True]


def test_the_pause_doubles_up_to_its_bound() -> None:
    """Each failed try waits twice as long, thirty seconds at most."""
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(3):
        breaker.failed("x")
    pauses = []
    for _ in range(7):
        start = clock.now
        while not breaker.allows():
            clock.now += 0.25
        pauses.append(clock.now - start)
        breaker.failed("x")
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_a_crowd_that_fails_together_does_not_lengthen_the_pause() -> None:
    """A hundred callers caught by the same hiccup cost the first pause only."""
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(100):
        breaker.failed("x")
    clock.now += 1.01
    assert breaker.allows()


# the store


async def test_a_stored_value_comes_back(cache: RedisCache, key: str) -> None:
    """What one process stores another one gets."""
    assert await cache.get(key) is None
    await cache.set(key, b"\x00\xff", 60.0)
    assert await cache.get(key) == b"\x00\xff"


async def test_a_password_in_the_url_is_used(redis_url_with_password: str, key: str) -> None:
    """A Redis that wants a password serves who has it."""
    cache = RedisCache(redis_url_with_password, wait_s=5.0, socket_s=5.0)
    await cache.set(key, b"1", 60.0)
    assert await cache.get(key) == b"1"
    await cache.close()


async def test_the_time_to_live_is_set(cache: RedisCache, server: Redis, key: str) -> None:
    """Redis itself forgets the value: nothing is kept for ever."""
    await cache.set(key, b"1", 60.0)
    assert 55_000 < await server.pttl(key) <= 60_000
    await cache.set(key, b"1", 0.0001)
    assert await server.pttl(key) <= 1


@pytest.mark.parametrize("rubbish", [b"", b"VTR1", b"VTR0" + bytes(30), b"{}"])
async def test_rubbish_in_redis_is_a_miss_and_replaced(
    cache: RedisCache, server: Redis, key: str, rubbish: bytes
) -> None:
    """Bytes that we did not write are not believed, and the next value stands."""
    await server.set(key, rubbish)
    assert await cache.get(key) is None
    await cache.set(key, b"1", 60.0)
    assert await cache.get(key) == b"1"


async def test_a_key_of_another_type_is_a_miss(cache: RedisCache, server: Redis, key: str) -> None:
    """A list where a value should be is refused by Redis and replaced by us."""
    await server.rpush(key, b"1")
    assert await cache.get(key) is None
    await cache.set(key, b"1", 60.0)
    assert await cache.get(key) == b"1"


async def test_a_large_value_is_not_stored(cache: RedisCache, server: Redis, key: str) -> None:
    """One answer over the bound does not fill a shared Redis."""
    await cache.set(key, bytes(MAX_VALUE_BYTES), 60.0)
    assert await server.exists(key) == 1
    await cache.set(key + "x", bytes(MAX_VALUE_BYTES + 1), 60.0)
    assert await server.exists(key + "x") == 0


async def test_a_connection_costs_no_handshake(cache: RedisCache, server: Redis, key: str) -> None:
    """A new connection sends the command and nothing before it."""
    before = await server.info("commandstats")
    await cache.get(key)
    after = await server.info("commandstats")
    for command in ("hello", "client|setinfo", "client|maint_notifications", "ping"):
        name = f"cmdstat_{command}"
        ours = after.get(name, {"calls": 0})["calls"] - before.get(name, {"calls": 0})["calls"]
        assert ours == 0, command


async def test_a_crowd_shares_few_connections(cache: RedisCache, server: Redis, key: str) -> None:
    """Hundreds of callers at once are all answered, over a bounded number of connections."""
    await cache.set(key, b"1", 60.0)
    before = len(await server.client_list())
    assert await asyncio.gather(*(cache.get(key) for _ in range(300))) == [b"1"] * 300
    assert len(await server.client_list()) - before < MAX_CONNECTIONS
