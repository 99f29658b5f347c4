"""One computation for many callers, its results kept for a while."""

from __future__ import annotations

import asyncio

import pytest

from shared.cache import MemoryCache, ResultCache
from shared.errors import NotFound, Unavailable
from tests.shared.test_cache import computing, never_negative


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


async def turns(number: int = 10) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


@pytest.fixture
def results() -> ResultCache:
    """Results kept in this process."""
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
