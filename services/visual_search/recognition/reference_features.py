"""Local features of reference images: taken when first needed, the latest kept in memory."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from services.visual_search.recognition.verification import SIDE, Features, find_features
from shared.image import DEFAULT_LIMITS, Limits, decode

_CAPACITY: Final = 512  # of at most 55 kB each


class ReferenceFeatures:
    """Features by image id.

    Args:
        fetch: reads the bytes of a reference image.
        limits: of the image gate.
        capacity: images kept; the least recently used goes first.
    """

    def __init__(
        self,
        fetch: Callable[[str], Awaitable[bytes]],
        limits: Limits = DEFAULT_LIMITS,
        capacity: int = _CAPACITY,
    ) -> None:
        self._fetch, self._limits, self._capacity = fetch, limits, capacity
        self._kept: OrderedDict[str, Features] = OrderedDict()

    async def of(self, image_id: str) -> Features:
        """Give the features of a reference image.

        Raises:
            NotFound: there is no such image any more.
            Unavailable: the catalogue does not answer.
        """
        if image_id not in self._kept:
            data = await self._fetch(image_id)
            self._kept[image_id] = await asyncio.to_thread(self._find, data)
        self._kept.move_to_end(image_id)
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)
        return self._kept[image_id]

    def _find(self, data: bytes) -> Features:
        return find_features(decode(data, self._limits, max_side=SIDE).image_rgb)
