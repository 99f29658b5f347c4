"""What the catalogue tells its followers: changes in order, and where they come from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.visual_search.index.products import IndexedProduct
from shared.errors import VitrineError

BATCH: Final = 32
"""Changes with images that are applied together, at most."""

AHEAD: Final = 8 * BATCH
"""Changes that are read ahead, and applied together, at most."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the catalogue, or the news that there is none left for now.

    Attributes:
        revision: of the change; with ``caught_up`` the catalogue's own.
        sku: the product; empty with ``caught_up``.
        product: its present state without vectors; None = not to be found any more.
        image_ids: its reference images, in order.
        caught_up: everything up to ``revision`` has been sent.
    """

    revision: int
    sku: str = ""
    product: IndexedProduct | None = None
    image_ids: tuple[str, ...] = ()
    caught_up: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where changes and images come from.

    Attributes:
        identity: names the catalogue; another one's revisions mean nothing here.
        watch: yields the changes after a revision of that catalogue, then follows.
        reference_images: reads the bytes of images by id, some at a time and as few as
            fit into memory easily; those that are gone are left out.
    """

    identity: Callable[[], Awaitable[str]]
    watch: Callable[[int, str], AsyncIterator[Change]]
    reference_images: Callable[[Sequence[str]], AsyncIterator[Mapping[str, bytes]]]


async def read_ahead(
    source: Source, revision: int, catalog_id: str, changes: asyncio.Queue[Change | VitrineError]
) -> None:
    """Read changes into a queue for ``take_batch``; the last item says why they ended."""
    ended = VitrineError("the catalogue ended the stream of changes")
    try:
        async for change in source.watch(revision, catalog_id):
            await changes.put(change)
    except VitrineError as error:
        ended = error
    await changes.put(ended)


async def take_batch(changes: asyncio.Queue[Change | VitrineError]) -> Sequence[Change]:
    """Wait for a change, then take what else is there, up to a batch.

    Changes without images cost little. While a feed is imported, the same batch often
    holds the product again with its images, which is all that then has to be applied.

    Raises:
        VitrineError: why the stream of changes ended.
    """
    taken: list[Change] = []
    pictured = 0
    item = await changes.get()
    while not isinstance(item, VitrineError):
        taken.append(item)
        pictured += bool(item.image_ids)
        if pictured == BATCH or len(taken) == AHEAD or changes.empty():
            return taken
        item = changes.get_nowait()
    if taken:
        changes.put_nowait(item)  # there is room: nothing comes after it
        return taken
    raise item
