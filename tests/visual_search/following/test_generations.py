"""A change of embedder: the new index is built beside the old, then answers."""

from __future__ import annotations

import asyncio

import pytest

from services.visual_search.embedding.classical import open_classical
from services.visual_search.embedding.embedder import generation_name, open_by_generation
from services.visual_search.following.changes import Source
from services.visual_search.following.generations import Serving
from services.visual_search.index.edge import EdgeGenerations
from tests.visual_search.following.test_follower import caught_up, upsert
from tests.visual_search.pictures import jpeg

NAMES = {name: generation_name(open_classical(name).card) for name in ("hsv", "hog", "classical")}


class Gated:
    """A catalogue of one product whose images come only while the gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()

    async def identity(self):
        """Always the same one."""
        return "one"

    async def watch(self, since_revision, catalog_id):
        """One product, unless the caller has it."""
        if since_revision < 1:
            yield upsert(1, "A", "image")
        yield caught_up(1)
        await asyncio.Event().wait()

    async def reference_images(self, ids):
        """The pictures, once the gate is open."""
        await self.gate.wait()
        yield dict.fromkeys(ids, jpeg(1))

    @property
    def source(self):
        """What a follower takes."""
        return Source(self.identity, self.watch, self.reference_images)


async def start(folder, gated, name):
    """Serving with an embedder, over what the folder holds."""
    serving = Serving(EdgeGenerations(folder), gated.source)
    await serving.start(open_classical(name), open_by_generation)
    return serving


async def ready(serving):
    """Wait until the active index has caught up."""
    await asyncio.wait_for(serving.active.follower.ever_caught_up.wait(), 10)


async def until_active(serving, name):
    """Wait until a generation answers and the one before is closed."""
    async with asyncio.timeout(10):
        while serving.active.name != NAMES[name] or serving.building is not None:
            await asyncio.sleep(0.01)
        await serving.switched()


async def test_the_first_start_answers_with_the_configured_embedder(tmp_path):
    """Nothing to build beside."""
    serving = await start(tmp_path, Gated(), "hsv")
    await ready(serving)
    assert serving.active.name == NAMES["hsv"]
    assert serving.building is None
    assert serving.active.index.counts() == (1, 1)
    await serving.close()


async def test_the_old_index_answers_until_the_new_has_caught_up(tmp_path):
    """Then the switch; both stay on disk, so that going back is quick."""
    gated = Gated()
    serving = await start(tmp_path, gated, "hsv")
    await ready(serving)
    await serving.close()
    gated.gate.clear()
    serving = await start(tmp_path, gated, "hog")
    await asyncio.sleep(0.2)
    assert serving.active.name == NAMES["hsv"]
    assert serving.building.name == NAMES["hog"]
    assert await serving.is_ready()
    gated.gate.set()
    await until_active(serving, "hog")
    assert serving.active.index.counts() == (1, 1)
    await serving.close()
    store = EdgeGenerations(tmp_path)
    assert (store.current(), store.names()) == (NAMES["hog"], sorted([NAMES["hsv"], NAMES["hog"]]))
    store.close()


async def test_a_request_keeps_its_index_open_over_the_switch(tmp_path):
    """What began with the old one ends with the old one."""
    serving = await start(tmp_path, Gated(), "hsv")
    await ready(serving)
    async with serving.active.used() as held:
        await serving.switch_to(open_classical("hog"))
        async with asyncio.timeout(10):
            while serving.active.name != NAMES["hog"]:
                await asyncio.sleep(0.01)
        assert held.index.skus() == ["A"]
    await serving.close()


async def test_only_the_one_before_is_kept(tmp_path):
    """The index of the embedder before the last is deleted."""
    serving = await start(tmp_path, Gated(), "hsv")
    await ready(serving)
    for name in ("hog", "classical"):
        await serving.switch_to(open_classical(name))
        await until_active(serving, name)
    await serving.close()
    store = EdgeGenerations(tmp_path)
    assert store.names() == sorted([NAMES["hog"], NAMES["classical"]])
    store.close()


async def test_going_back_needs_no_embedding(tmp_path):
    """The old index is still there and only catches up."""
    gated = Gated()
    serving = await start(tmp_path, gated, "hsv")
    await ready(serving)
    await serving.switch_to(open_classical("hog"))
    await until_active(serving, "hog")
    gated.gate.clear()
    await serving.switch_to(open_classical("hsv"))
    await until_active(serving, "hsv")
    await serving.close()


async def test_closing_while_building_leaves_the_old_one_current(tmp_path):
    """A restart goes on building."""
    gated = Gated()
    serving = await start(tmp_path, gated, "hsv")
    await ready(serving)
    gated.gate.clear()
    await serving.switch_to(open_classical("hog"))
    await serving.close()
    gated.gate.set()
    serving = await start(tmp_path, gated, "hog")
    assert serving.active.name == NAMES["hsv"]
    await until_active(serving, "hog")
    await serving.close()


async def test_it_is_not_ready_before_it_caught_up(tmp_path):
    """An index that is still filling is no good answer."""
    gated = Gated()
    gated.gate.clear()
    serving = await start(tmp_path, gated, "hsv")
    assert not await serving.is_ready()
    gated.gate.set()
    await ready(serving)
    assert await serving.is_ready()
    await serving.close()


def test_using_it_before_the_start_is_a_mistake(tmp_path):
    """A clear error for whoever composes it wrongly."""
    store = EdgeGenerations(tmp_path)
    with pytest.raises(RuntimeError, match="start"):
        _ = Serving(store, Gated().source).active
    store.close()
