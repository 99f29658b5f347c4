"""The results cache: keys, and the store in this process."""

from __future__ import annotations

import string
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.cache import KEY_PREFIX, MemoryCache, cache_key, make_cache
from shared.errors import InvalidInput


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def never_negative(_: bytes) -> bool:
    return False


def computing(value: bytes) -> Callable[[], Awaitable[bytes]]:
    async def compute() -> bytes:
        return value

    return compute


# keys


PARTS = st.tuples(
    st.text(max_size=5),
    st.text(max_size=5),
    st.integers(0, 3),
    st.binary(max_size=3),
    st.binary(max_size=3),
)


@given(PARTS, PARTS)
def test_different_requests_have_different_keys(one, other) -> None:
    """No two requests share a key, however their parts could run together."""
    assert (cache_key(*one) == cache_key(*other)) == (one == other)


def test_a_key_is_a_prefix_and_a_digest() -> None:
    """Nothing of the request can be read from its key."""
    key = cache_key("vitrine.v1.Search", "ff", 1, b"text=anna@example.org", b"")
    assert key.startswith(KEY_PREFIX)
    digest = key.removeprefix(KEY_PREFIX)
    assert len(digest) == 64
    assert set(digest) <= set(string.hexdigits)


# the store in this process


async def test_memory_returns_what_was_stored() -> None:
    """An empty cache has nothing; a stored value comes back, an empty one too."""
    cache = MemoryCache(10_000)
    assert await cache.get("a") is None
    await cache.set("a", b"", 1.0)
    assert await cache.get("a") == b""


async def test_memory_forgets_after_the_time_to_live() -> None:
    """A value is there before its time is over and gone after."""
    clock = Clock()
    cache = MemoryCache(10_000, clock)
    await cache.set("a", b"1", 5.0)
    clock.now += 4.9
    assert await cache.get("a") == b"1"
    clock.now += 0.2
    assert await cache.get("a") is None


async def test_memory_drops_the_least_recently_used() -> None:
    """When the bytes run out, what was read last stays."""
    cache = MemoryCache(3_000)
    for name in "abc":
        await cache.set(name, b"x" * 700, 60.0)
    await cache.get("a")
    await cache.set("d", b"x" * 700, 60.0)
    assert [await cache.get(name) is not None for name in "abcd"] == [True, False, True, True]


async def test_memory_refuses_what_can_never_fit() -> None:
    """One value over the bound does not drive out the others."""
    cache = MemoryCache(2_000)
    await cache.set("small", b"1", 60.0)
    await cache.set("large", b"x" * 5_000, 60.0)
    assert await cache.get("small") == b"1"
    assert await cache.get("large") is None


async def test_memory_counts_an_overwritten_value_once() -> None:
    """Storing under the same key a thousand times does not use the bytes up."""
    cache = MemoryCache(2_000)
    await cache.set("other", b"1", 60.0)
    for _ in range(1000):
        await cache.set("a", b"x" * 500, 60.0)
    assert await cache.get("other") == b"1"


async def test_without_a_url_results_stay_in_the_process() -> None:
    """No Redis configured is a cache all the same."""
    for url in (None, ""):
        results = make_cache(url)
        await results.get_or_compute("k", computing(b"1"), never_negative)
        assert (await results.get_or_compute("k", computing(b"2"), never_negative))[1]
        await results.close()


@pytest.mark.parametrize("url", ["localhost:6379", "http://localhost", "redis://h:port/0"])
def test_a_wrong_url_is_refused_without_its_password(url: str) -> None:
    """The refusal says what is wanted and repeats nothing that may be secret."""
    with pytest.raises(InvalidInput, match="redis://") as refusal:
        make_cache(url.replace("//", "//:secret@"))
    assert "secret" not in refusal.value.message
