"""Following the catalogue, with a source that the test controls."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

import pytest

from services.visual_search.embedding.classical import open_classical
from services.visual_search.embedding.embedder import EmbedderQueue
from services.visual_search.following.changes import BATCH, Change, Source, take_batch
from services.visual_search.following.follower import Follower, FollowState
from services.visual_search.index.edge import EdgeGenerations
from services.visual_search.index.products import ProductIndex
from shared.errors import InvalidInput, TooSlow, Unavailable
from tests.visual_search.pictures import jpeg, product


@dataclass
class Script:
    """A catalogue as a script: what each connection sends, then what it ends with."""

    connections: list[list[Change | Exception]]
    since: list[int] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    images: dict[str, bytes | Exception | None] = field(default_factory=dict)
    name: str = "one"

    async def identity(self):
        return self.name

    async def watch(self, since_revision, catalog_id):
        self.since.append(since_revision)
        for item in self.connections.pop(0) if self.connections else []:
            if isinstance(item, Exception):
                raise item
            yield item
        await asyncio.Event().wait()

    async def reference_images(self, ids):
        """The pictures, one at a time; None = it is gone."""
        for image_id in ids:
            self.fetched.append(image_id)
            data = self.images.get(image_id, jpeg(1))
            if isinstance(data, Exception):
                raise data
            if data is not None:
                yield {image_id: data}


def upsert(revision, sku, *image_ids: str):
    """A product with these images."""
    return Change(revision, sku, product(sku), image_ids)


def caught_up(revision):
    """Nothing is left for now."""
    return Change(revision, caught_up=True)


@pytest.fixture
def index(tmp_path):
    """An empty index for the colour histogram."""
    opened = ProductIndex(EdgeGenerations(tmp_path).open("a", 512))
    yield opened
    opened.points.close()


@contextlib.asynccontextmanager
async def following(index, script):
    """A follower at work."""
    queue = EmbedderQueue(open_classical("hsv"))
    source = Source(script.identity, script.watch, script.reference_images)
    follower = Follower(index, queue, source)
    task = asyncio.create_task(follower.run())
    try:
        yield follower
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        queue.close()


async def test_an_empty_catalogue_is_followed_at_once(index):
    """Caught up at revision 0."""
    async with following(index, Script([[caught_up(0)]])) as follower:
        await asyncio.wait_for(follower.ever_caught_up.wait(), 10)
        assert (follower.state, index.revision) == (FollowState.READY, 0)


async def test_changes_are_applied_in_order(index):
    """The last state of each product counts, deletes included."""
    script = Script(
        [[upsert(1, "A", "i1"), upsert(2, "B"), Change(3, "A"), upsert(4, "B", "i2"), caught_up(4)]]
    )
    async with following(index, script) as follower:
        await follower.wait_for(4, 10)
    assert (index.skus(), index.counts(), index.revision) == (["B"], (1, 1), 4)


async def test_the_catalogues_own_revision_is_taken_when_caught_up(index):
    """Changes that came to nothing count as applied."""
    async with following(index, Script([[upsert(1, "A"), caught_up(9)]])) as follower:
        await follower.wait_for(9, 10)
    assert index.revision == 9


async def test_known_images_are_not_fetched_again(index):
    """A new price embeds nothing."""
    script = Script([[upsert(1, "A", "i1"), caught_up(1), upsert(2, "A", "i1", "i2")]])
    async with following(index, script) as follower:
        await follower.wait_for(2, 10)
    assert sorted(script.fetched) in (["i1", "i2"], ["i1", "i1", "i2"])
    again = Script([[upsert(3, "A", "i2", "i1"), caught_up(3)]])
    async with following(index, again) as follower:
        await follower.wait_for(3, 10)
    assert again.fetched == []
    assert again.since == [2]


async def test_another_catalogue_is_indexed_from_its_beginning(index):
    """Its revisions are past ours, but none of our products is its."""
    async with following(index, Script([[upsert(1, "A", "i1"), caught_up(1)]])) as follower:
        await follower.wait_for(1, 10)
    other = Script([[upsert(5, "B", "i2"), caught_up(9)]], name="two")
    async with following(index, other) as follower:
        await follower.wait_for(9, 10)
    assert (other.since, index.skus(), index.catalog_id) == ([0], ["B"], "two")


async def test_more_images_than_a_batch_are_all_indexed(index):
    """Batches and calls of the embedder split where they must."""
    changes = [upsert(n + 1, f"P{n}", f"i{n}", f"j{n}") for n in range(100)]
    async with following(index, Script([[*changes, caught_up(100)]])) as follower:
        await follower.wait_for(100, 30)
    assert index.counts() == (100, 200)


async def test_a_batch_holds_few_changes_with_images_and_many_without():
    """So a product that came without its images is often taken together with them."""
    changes: asyncio.Queue[Change] = asyncio.Queue()
    for n in range(64):
        changes.put_nowait(upsert(n + 1, f"P{n}"))
    for n in range(64):
        changes.put_nowait(upsert(n + 65, f"P{n}", f"i{n}"))
    first, second = await take_batch(changes), await take_batch(changes)
    assert [len(first), len(second)] == [64 + BATCH, BATCH]
    assert (first[-1].revision, changes.empty()) == (64 + BATCH, True)


async def test_an_image_that_cannot_be_read_is_a_problem_not_a_stop(index):
    """The product is there, by its words and its other images; the problem is told."""
    script = Script(
        [[upsert(1, "A", "bad", "gone", "good"), upsert(2, "B"), caught_up(2)]],
        images={"bad": b"rubbish", "gone": None},
    )
    async with following(index, script) as follower:
        await follower.wait_for(2, 10)
        told = {(one.sku, one.image_id) for one in follower.problems}
    assert (sorted(index.skus()), index.counts()) == (["A", "B"], (2, 1))
    assert told == {("A", "bad"), ("A", "gone")}


async def test_a_problem_ends_with_its_image(index):
    """Once the product has other images it is no problem any more."""
    script = Script(
        [[upsert(1, "A", "bad"), caught_up(1), upsert(2, "A", "good"), caught_up(2)]],
        images={"bad": b"rubbish"},
    )
    async with following(index, script) as follower:
        await follower.wait_for(2, 10)
        assert follower.problems == []


async def test_a_catalogue_that_goes_away_is_asked_again(index):
    """From the revision that was applied; meanwhile the state says so."""
    away = Unavailable("connection refused")
    script = Script([[upsert(1, "A"), away], [away], [away], [upsert(2, "B"), caught_up(2)]])
    async with following(index, script) as follower:
        await follower.wait_for(1, 10)
        await follower.wait_for(2, 10)
        await asyncio.wait_for(follower.ever_caught_up.wait(), 10)
        assert follower.state is FollowState.READY
    assert script.since == [0, 1, 1, 1]


async def test_an_image_that_cannot_be_fetched_now_is_fetched_later(index):
    """The catalogue was away in the middle: no problem noted, nothing skipped."""
    script = Script(
        [[upsert(1, "A", "i1"), caught_up(1)], [upsert(1, "A", "i1"), caught_up(1)]],
        images={"i1": Unavailable("gone for a moment")},
    )
    async with following(index, script) as follower:
        async with asyncio.timeout(10):
            while follower.state is not FollowState.UNREACHABLE:
                await asyncio.sleep(0.01)
        script.images.clear()
        await follower.wait_for(1, 10)
        assert follower.problems == []
    assert index.counts() == (1, 1)


async def test_another_catalogue_is_indexed_from_nothing(index):
    """A revision from the future: what was there belongs to the catalogue before."""
    index.clear("one")
    index.apply([product("OLD", title="old")], [], 50)
    future = InvalidInput("since_revision: 50, at 1", reason="REVISION_FROM_FUTURE")
    script = Script([[future], [upsert(1, "NEW"), caught_up(1)]])
    async with following(index, script) as follower:
        await asyncio.wait_for(follower.ever_caught_up.wait(), 10)
    assert (script.since, index.skus(), index.revision) == ([50, 0], ["NEW"], 1)


async def test_an_error_of_ours_does_not_end_following(index, monkeypatch):
    """A full disk, a bug: it is logged and tried again."""
    failing = [OSError("no space left on device")]
    apply = index.apply

    def sometimes(*arguments: object):
        if failing:
            raise failing.pop()
        apply(*arguments)

    monkeypatch.setattr(index, "apply", sometimes)
    both = [upsert(1, "A"), caught_up(1)]
    async with following(index, Script([both, both])) as follower:
        await follower.wait_for(1, 10)
    assert index.skus() == ["A"]


async def test_waiting_ends_with_the_reason(index):
    """The error names both revisions."""
    async with following(index, Script([[upsert(1, "A"), caught_up(1)]])) as follower:
        await follower.wait_for(1, 10)
        with pytest.raises(TooSlow, match=r"min_revision: is 7.*reflects 1 ") as caught:
            await follower.wait_for(7, 0.05)
    assert (caught.value.reason, caught.value.metadata) == (
        "INDEX_BEHIND",
        {"applied_revision": "1"},
    )
