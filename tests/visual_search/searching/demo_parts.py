"""The demo catalogue, indexed, searched part by part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from services.visual_search.index.ranking import Found
from services.visual_search.searching.queries import Indexed, Query, search
from services.visual_search.searching.retrieval import Stock
from shared.telemetry import Stages

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Photo:
    """A photo of the demo as a file, and where each product of the catalogue is in it."""

    data: bytes
    things: list[tuple[str, Box]]

    def boxes_of(self, sku: str) -> list[Box]:
        """Every place where one product is."""
        return [box for known, box in self.things if known == sku]


@dataclass
class Demo:
    """The whole demo catalogue, indexed, and how often local features were worked on."""

    indexed: Indexed
    photos: dict[str, Photo]
    taken: int = 0
    compared: int = 0

    def by_looks(self) -> Demo:
        """The same without local features."""
        return Demo(replace(self.indexed, local=None), self.photos)

    async def groups(self, image: bytes, *boxes: Box, stock: Stock | None = None, **fields: Any):
        """What is found in parts of an image."""
        query = Query(image=image, regions=boxes, **fields)
        return await search(self.indexed, query, stock, Stages())

    async def found(self, image: bytes, box: Box, **fields: Any) -> list[Found]:
        """What is found in one part."""
        return (await self.groups(image, box, **fields))[0].found

    async def firsts(self) -> float:
        """Share of all things in all photos that their own part finds first."""
        right = []
        for photo in self.photos.values():
            for start in range(0, len(photo.things), 16):
                part = photo.things[start : start + 16]
                boxes = [box for _, box in part]
                groups = await self.groups(photo.data, *boxes, keep_variants=True)
                right += [
                    group.found[0].sku == sku for group, (sku, _) in zip(groups, part, strict=True)
                ]
        print(f"{len(right)} things, first {np.mean(right):.3f}")
        return float(np.mean(right))
