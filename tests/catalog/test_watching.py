"""The change log: replay, follow, and the order in which things are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.catalog.catalogue import Catalogue
from services.catalog.images import FolderBlobs
from services.catalog.products import StoredProduct, Tombstone
from services.catalog.store.changes import PAGE
from services.catalog.store.database import Database
from services.catalog.watching import CaughtUp
from shared.errors import InvalidInput
from tests.catalog.making import jpeg, product, put, put_images

Told = tuple[str, int]
DEADLINE_S = 30.0


async def replay(catalogue: Catalogue, since: int = 0) -> list[Told]:
    """What a watcher is told until it has caught up, as (what, revision)."""
    watch = catalogue.watch(since)
    told: list[Told] = []
    async with asyncio.timeout(DEADLINE_S):
        async for change in watch:
            told.append(_short(change))
            if isinstance(change, CaughtUp):
                return told
    raise AssertionError


def _short(change: StoredProduct | Tombstone | CaughtUp) -> Told:
    if isinstance(change, StoredProduct):
        return change.product.sku, change.revision
    if isinstance(change, Tombstone):
        return f"-{change.sku}", change.revision
    return "=", change.revision


async def test_an_empty_catalogue_is_caught_up_at_once(catalogue: Catalogue) -> None:
    """There is nothing to replay at revision 0."""
    assert await replay(catalogue) == [("=", 0)]


async def test_changes_are_told_once_and_in_order(catalogue: Catalogue) -> None:
    """In their present state under their last revision; deletions too."""
    await put(catalogue, product("A"), product("B"), product("C"))
    await catalogue.delete_products(["B"])
    await put(catalogue, product("A", title="new"))
    assert await replay(catalogue) == [("C", 3), ("-B", 4), ("A", 5), ("=", 5)]
    assert await replay(catalogue, 3) == [("-B", 4), ("A", 5), ("=", 5)]
    assert await replay(catalogue, 5) == [("=", 5)]


async def test_an_image_is_a_change_of_its_product(catalogue: Catalogue) -> None:
    """The product is told again, with its images."""
    await put(catalogue, product("A"), product("B"))
    await put_images(catalogue, ("A", "front", jpeg()))
    watch = catalogue.watch(2)
    change = await anext(watch)
    assert isinstance(change, StoredProduct)
    assert (change.revision, [image.view for image in change.images]) == (3, ["front"])


async def test_a_product_that_comes_back_is_no_deletion(catalogue: Catalogue) -> None:
    """Only the last state is told, wherever the watcher had stopped."""
    await put(catalogue, product("A"))
    await catalogue.delete_products(["A"])
    await put(catalogue, product("A", title="again"))
    for since in range(3):
        assert await replay(catalogue, since) == [("A", 3), ("=", 3)]


async def test_a_product_may_go_twice(catalogue: Catalogue) -> None:
    """The second deletion is told under its own revision."""
    for _ in range(2):
        await put(catalogue, product("A"))
        await catalogue.delete_products(["A"])
    assert await replay(catalogue, 1) == [("-A", 4), ("=", 4)]


@pytest.mark.parametrize(("since", "reason"), [(-1, "INVALID_INPUT"), (1, "REVISION_FROM_FUTURE")])
async def test_an_impossible_revision_is_refused(
    catalogue: Catalogue, since: int, reason: str
) -> None:
    """A revision from the future says that the caller followed another catalogue."""
    with pytest.raises(InvalidInput) as refused:
        await replay(catalogue, since)
    assert refused.value.reason == reason


async def test_a_revision_of_another_catalogue_is_refused(catalogue: Catalogue) -> None:
    """However small it is; the catalogue's own name is accepted."""
    own = (await catalogue.status()).catalog_id
    assert len(own) == 32
    assert isinstance(await anext(catalogue.watch(0, own)), CaughtUp)
    with pytest.raises(InvalidInput) as refused:
        await anext(catalogue.watch(0, "f" * 32))
    assert refused.value.reason == "CATALOG_CHANGED"


async def test_more_than_a_page_is_replayed(catalogue: Catalogue) -> None:
    """Pages join without a gap and without repetition, and one caught-up comes at the end."""
    count = 2 * PAGE + 7
    await put(catalogue, *(product(f"S{i}") for i in range(count)))
    await catalogue.delete_products([f"S{i}" for i in range(0, count, 2)])
    told = await replay(catalogue)
    revisions = [revision for _, revision in told[:-1]]
    assert revisions == sorted(set(revisions))
    assert len(told) == count + 1
    assert told[-1] == ("=", count + len(range(0, count, 2)))


async def test_exactly_one_page_ends_in_caught_up(catalogue: Catalogue) -> None:
    """A full last page is followed by the news that it was the last."""
    await put(catalogue, *(product(f"S{i}") for i in range(PAGE)))
    assert (await replay(catalogue))[-1] == ("=", PAGE)


async def test_a_follower_is_told_what_happens(catalogue: Catalogue) -> None:
    """After each burst it has caught up again."""
    watch = catalogue.watch(0)
    assert _short(await anext(watch)) == ("=", 0)
    upcoming = asyncio.ensure_future(anext(watch))
    await asyncio.sleep(0)
    assert not upcoming.done()
    await put(catalogue, product("A"))
    async with asyncio.timeout(DEADLINE_S):
        assert _short(await upcoming) == ("A", 1)
        assert _short(await anext(watch)) == ("=", 1)
        await catalogue.delete_products(["A"])
        assert _short(await anext(watch)) == ("-A", 2)


@pytest.fixture
async def other(database_url: str, database: Database, tmp_path: Path) -> AsyncIterator[Catalogue]:
    """A second replica on the same database and images, with connections of its own."""
    replica = Database(database_url)
    opened = Catalogue(replica, FolderBlobs(tmp_path / "images"))
    yield opened
    opened.close()
    await replica.close()


async def test_another_process_is_noticed(catalogue: Catalogue, other: Catalogue) -> None:
    """What another replica commits is told without its help, by polling."""
    poll = asyncio.create_task(catalogue.signal.poll())
    watch = catalogue.watch(0)
    await anext(watch)
    upcoming = asyncio.ensure_future(anext(watch))
    await put(other, product("A"))
    async with asyncio.timeout(DEADLINE_S):
        assert _short(await upcoming) == ("A", 1)
    poll.cancel()


async def test_watchers_see_every_state_in_order_while_replicas_write(
    catalogue: Catalogue, other: Catalogue
) -> None:
    """Revisions only grow, none is missed: each watcher ends with the catalogue's own state."""
    polls = [asyncio.create_task(each.signal.poll()) for each in (catalogue, other)]
    rounds, skus = 30, 12

    async def write(target: Catalogue, offset: int) -> None:
        for i in range(rounds):
            await put(
                target,
                *(
                    product(f"S{(i + offset + k) % skus}", title=f"{offset}-{i}-{k}")
                    for k in range(3)
                ),
            )
            await target.delete_products([f"S{(i * 5 + offset) % skus}"])

    async def mirror(target: Catalogue) -> dict[str, StoredProduct]:
        state: dict[str, StoredProduct] = {}
        last = 0
        async for change in target.watch(0):
            if isinstance(change, CaughtUp):
                assert change.revision >= last
                if "last" in state:
                    return state
                continue
            assert change.revision > last
            last = change.revision
            if isinstance(change, Tombstone):
                state.pop(change.sku, None)
            else:
                state[change.product.sku] = change
        raise AssertionError

    async with asyncio.timeout(120):
        mirrors = [asyncio.create_task(mirror(each)) for each in (catalogue, other)]
        await asyncio.gather(write(catalogue, 0), write(other, 7))
        await put(catalogue, product("last"))
        states = await asyncio.gather(*mirrors)
    listed = await catalogue.list_products("", 100)
    truth = {entry.product.sku: entry for entry in listed}
    assert states == [truth, truth]
    for poll in polls:
        poll.cancel()
