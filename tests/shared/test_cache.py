"""The results cache: keys, the store in this process, and one computation for all who ask."""

from __future__ import annotations

import asyncio
import string
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.cache import KEY_PREFIX, MemoryCache, ResultCache, cache_key, make_cache
from shared.errors import InvalidInput, NotFound, Unavailable


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Recorder:
    """A store that remembers how long it was asked to keep what."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[bytes, float]] = {}

    async def get(self, key: str) -> bytes | None:
        value, _ = self.kept.get(key, (None, 0.0))
        return value

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        self.kept[key] = (value, ttl_s)

    async def close(self) -> None:
        self.kept.clear()


class Work:
    """A computation that waits for its release and counts its starts."""

    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer
        self.started = 0
        self.cancelled = 0
        self.release = asyncio.Event()

    async def __call__(self) -> bytes:
        self.started += 1
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def never_negative(_: bytes) -> bool:
    return False


def computing(value: bytes) -> Callable[[], Awaitable[bytes]]:
    async def compute() -> bytes:
        return value

    return compute


async def turns(number: int = 10) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


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


# one computation for all


@pytest.fixture
def results() -> ResultCache:
    return ResultCache(MemoryCache(1 << 20))


async def test_the_second_call_is_a_hit(results: ResultCache) -> None:
    """The first call computes, the second gets the stored bytes and is told so."""
    assert await results.get_or_compute("k", computing(b"1"), never_negative) == (b"1", False)
    assert await results.get_or_compute("k", computing(b"2"), never_negative) == (b"1", True)
    assert (results.counts.hits, results.counts.misses) == (1, 1)


async def test_a_key_may_be_bytes(results: ResultCache) -> None:
    """Bytes and text of the same key name the same answer."""
    await results.get_or_compute(b"k", computing(b"1"), never_negative)
    assert await results.get_or_compute("k", computing(b"2"), never_negative) == (b"1", True)


async def test_many_callers_compute_once(results: ResultCache) -> None:
    """Fifty calls for one key at the same time run one computation."""
    work = Work(b"1")
    calls = [
        asyncio.create_task(results.get_or_compute("k", work, never_negative)) for _ in range(50)
    ]
    await turns()
    work.release.set()
    assert await asyncio.gather(*calls) == [(b"1", False)] * 50
    assert work.started == 1
    assert results.counts.joined == 49


async def test_different_keys_do_not_wait_for_each_other(results: ResultCache) -> None:
    """A slow computation does not hold up another key."""
    slow = Work(b"slow")
    waiting = asyncio.create_task(results.get_or_compute("slow", slow, never_negative))
    await turns()
    assert await results.get_or_compute("fast", computing(b"1"), never_negative) == (b"1", False)
    slow.release.set()
    await waiting


async def test_a_cancelled_leader_does_not_take_the_followers_down(results: ResultCache) -> None:
    """When the first caller goes away the others get their answer from the same work."""
    work = Work(b"1")
    leader = asyncio.create_task(results.get_or_compute("k", work, never_negative))
    await turns()
    followers = [
        asyncio.create_task(results.get_or_compute("k", work, never_negative)) for _ in range(3)
    ]
    await turns()
    leader.cancel()
    await turns()
    work.release.set()
    assert await asyncio.gather(*followers) == [(b"1", False)] * 3
    assert leader.cancelled()
    assert work.started == 1


async def test_work_stops_when_nobody_waits(results: ResultCache) -> None:
    """When all callers go away the computation is cancelled; the next caller starts anew."""
    work = Work(b"1")
    calls = [
        asyncio.create_task(results.get_or_compute("k", work, never_negative)) for _ in range(2)
    ]
    await turns()
    for call in calls:
        call.cancel()
    await turns()
    assert work.cancelled == 1
    assert await results.get_or_compute("k", computing(b"2"), never_negative) == (b"2", False)


async def test_an_exception_reaches_all_and_is_not_kept(results: ResultCache) -> None:
    """Everyone who waits gets the error; the next call computes again."""
    work = Work(NotFound.of("sku", "A"))
    calls = [
        asyncio.create_task(results.get_or_compute("k", work, never_negative)) for _ in range(3)
    ]
    await turns()
    work.release.set()
    errors = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(error) for error in errors] == [NotFound] * 3
    assert await results.get_or_compute("k", computing(b"1"), never_negative) == (b"1", False)


async def test_a_computation_cancelled_from_within_is_an_error(results: ResultCache) -> None:
    """A caller who was not cancelled himself never sees CancelledError."""

    async def cancels_itself() -> bytes:
        raise asyncio.CancelledError

    with pytest.raises(Unavailable, match="cancelled"):
        await results.get_or_compute("k", cancels_itself, never_negative)


async def test_nobody_waits_for_the_storing() -> None:
    """A store that never finishes holds up neither the caller nor the next one."""

    class NeverStores(Recorder):
        async def set(self, key: str, value: bytes, ttl_s: float) -> None:
            await asyncio.Event().wait()

    results = ResultCache(NeverStores())
    assert await results.get_or_compute("k", computing(b"1"), never_negative) == (b"1", False)
    assert await results.get_or_compute("k", computing(b"2"), never_negative) == (b"1", True)


async def test_close_finishes_the_storing() -> None:
    """What was computed just before the end is stored."""
    seen: list[str] = []

    class Slow(Recorder):
        async def set(self, key: str, value: bytes, ttl_s: float) -> None:
            await turns(5)
            seen.append(key)

    results = ResultCache(Slow())
    await results.get_or_compute("k", computing(b"1"), never_negative)
    assert seen == []
    await results.close()
    assert seen == ["k"]


async def test_close_ends_what_is_under_way(results: ResultCache) -> None:
    """A computation that hangs does not hang the shutdown; its caller is told."""
    work = Work(b"1")
    call = asyncio.create_task(results.get_or_compute("k", work, never_negative))
    await turns()
    await results.close()
    with pytest.raises(Unavailable):
        await call


@pytest.mark.parametrize(
    ("uniform", "expected"), [(0.0, (100.0, 4.0)), (0.5, (90.0, 3.6)), (0.999999, (80.0, 3.2))]
)
async def test_time_to_live_is_shortened_at_random(
    uniform: float, expected: tuple[float, float]
) -> None:
    """Jitter takes off up to a fifth, of found and of not-found answers alike."""
    store = Recorder()
    results = ResultCache(store, ttl_s=100.0, negative_ttl_s=4.0, uniform=lambda: uniform)
    await results.get_or_compute("found", computing(b"1"), lambda value: not value)
    await results.get_or_compute("empty", computing(b""), lambda value: not value)
    await turns()
    found, empty = store.kept["found"][1], store.kept["empty"][1]
    assert (found, empty) == pytest.approx(expected, rel=1e-4)


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
