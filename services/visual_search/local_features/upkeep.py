"""Keeps the local features in step with the catalogue, beside the vectors."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from services.visual_search.local_features.index import LocalIndex
from services.visual_search.local_features.references import Reference, of_image
from shared.image_pixels import Rgb


class Upkeep:
    """What following the catalogue does to the local features; nothing where there are none.

    Args:
        index: of the local features; None = they are not kept.
    """

    def __init__(self, index: LocalIndex | None = None) -> None:
        self._index = index

    def since(self, revision: int) -> int:
        """From which revision on to follow, so that nothing of either index is missed."""
        return revision if self._index is None else min(revision, self._index.revision)

    async def meet(self, catalog_id: str) -> None:
        """Keep the features of this catalogue; forget those of another."""
        if self._index is not None and self._index.catalog_id != catalog_id:
            await asyncio.to_thread(self._index.clear, catalog_id)

    async def clear(self, catalog_id: str) -> None:
        """Forget everything."""
        if self._index is not None:
            await asyncio.to_thread(self._index.clear, catalog_id)

    async def missing(self, image_ids: Iterable[str]) -> set[str]:
        """Images whose features are not here."""
        if self._index is None:
            return set()
        wanted = set(image_ids)
        return wanted - await asyncio.to_thread(self._index.known, wanted)

    async def take(self, images: Mapping[str, Rgb]) -> dict[str, Reference]:
        """Take the features of images; OpenCV lets several threads do so at once."""
        if self._index is None:
            return {}
        taken = await asyncio.gather(*(asyncio.to_thread(of_image, one) for one in images.values()))
        return dict(zip(images, taken, strict=True))

    async def apply(
        self,
        products: Mapping[str, Sequence[str]],
        fresh: Mapping[str, Reference],
        revision: int,
    ) -> None:
        """Let products have these images; see ``LocalIndex.apply``."""
        if self._index is not None and (products or revision > self._index.revision):
            later = max(revision, self._index.revision)
            await asyncio.to_thread(self._index.apply, products, fresh, later)
