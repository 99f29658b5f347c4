"""Where to look: boxes that may each hold one thing, best first.

Two finders that need to know no product: things that stand out from what surrounds them
(``patches``), and packs side by side by their upright edges (``packs``). Where there are
many packs the picture is a shelf, and they come first; else both take turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

import numpy as np

from services.scanning.packs import find_packs
from services.scanning.patches import find_patches
from shared import geometry
from shared.geometry import Floats
from shared.image_pixels import Rgb

Box = tuple[float, float, float, float]

MAX_REGIONS: Final = 16
"""More than this is never proposed: each region costs one pass of the embedder."""

_SHELF_FROM: Final = 6
_MAX_OVERLAP: Final = 0.5


def propose_regions(image_rgb: Rgb, limit: int = 8) -> list[Box]:
    """Propose boxes in a picture (H, W, 3) uint8, normalised, best first.

    Args:
        image_rgb: the picture.
        limit: boxes wanted, at most ``MAX_REGIONS``.
    """
    if limit <= 0:
        return []
    patches, packs = find_patches(image_rgb), find_packs(image_rgb)
    ordered = [*packs, *patches] if len(packs) >= _SHELF_FROM else list(_turns(patches, packs))
    kept = geometry.suppress(ordered, -np.arange(len(ordered)), _MAX_OVERLAP)
    return [_box(ordered[index]) for index in kept[: min(limit, MAX_REGIONS)]]


def _turns(first: Floats, second: Floats) -> Iterator[Floats]:
    for pair in zip_longest(first, second):
        yield from (box for box in pair if box is not None)


def _box(values: Floats) -> Box:
    left, top, right, bottom = np.clip(values, 0, 1).tolist()
    return left, top, right, bottom
