"""Vectors of products with several images, kept in memory until their products change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from services.visual_search.index.vector_store import Vector

MOST_IMAGES: Final = 128
"""Images of one product that are pooled, the first of them."""
_CAPACITY: Final = 4096  # products, of 1 kB an image at 256 dimensions

Read = Callable[[Sequence[str]], Mapping[str, Vector]]
"""Reads the vectors (N, D) of products; unknown SKUs are absent."""


class ImageVectors:
    """Vectors of products by SKU. Safe to use from several threads.

    Args:
        read: where they are read when they are not in memory.
        capacity: products kept; the least recently used goes first.
    """

    def __init__(self, read: Read, capacity: int = _CAPACITY) -> None:
        self._read, self._capacity = read, capacity
        # None: the product has one image or none.
        self._kept: OrderedDict[str, Vector | None] = OrderedDict()
        self._changes = 0
        self._lock = threading.Lock()

    def of(self, skus: Sequence[str]) -> dict[str, Vector]:
        """Give the vectors (N, D) of those of the products that have several images."""
        with self._lock:
            changes = self._changes
            known = {sku: self._kept[sku] for sku in skus if sku in self._kept}
        missing = [sku for sku in skus if sku not in known]
        if missing:
            read = self._read(missing)
            known |= {sku: _several(read.get(sku)) for sku in missing}
        with self._lock:
            # What was read while a product changed may be of before: it is not kept.
            if changes == self._changes:
                self._keep(known)
        return {sku: vectors for sku, vectors in known.items() if vectors is not None}

    def forget(self, skus: Iterable[str]) -> None:
        """Read these products anew when they are asked for next."""
        with self._lock:
            self._changes += 1
            for sku in skus:
                self._kept.pop(sku, None)

    def clear(self) -> None:
        """Forget all products."""
        with self._lock:
            self._changes += 1
            self._kept.clear()

    def _keep(self, known: Mapping[str, Vector | None]) -> None:
        for sku, vectors in known.items():
            self._kept[sku] = vectors
            self._kept.move_to_end(sku)
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)


def _several(vectors: Vector | None) -> Vector | None:
    return vectors[:MOST_IMAGES] if vectors is not None and len(vectors) > 1 else None
