"""Lets print decide where looks leave it open: variants that differ only in what is on them.

The embedding sees shapes and colours; two flavours of one brand are almost the same to it.
So the first products whose scores are close to the best are compared with the picture by
local features of their reference images, as recognition does (``recognition.verification``),
and print that agrees moves them by its calibrated odds. All else keeps its place, and
nothing is computed where one product leads, where the picture is plain, or where the
candidates have no print.

The work is bounded by number, never by time, so that an answer does not depend on how
busy the machine is: 32 ms of processor time on average for one part of a photo where it is done,
50 at most. With earlier weights, of 195 things in drawn photos of other seeds 0.785 came first by
looks and 0.923 so, and none that was first before lost its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final

from services.visual_search.explaining.detail import Detail, normalised
from services.visual_search.index.products import ProductIndex
from services.visual_search.index.ranking import Found
from services.visual_search.index.vector_store import Vector
from services.visual_search.local_features.index import LocalIndex
from services.visual_search.recognition.calibration import Calibration
from services.visual_search.recognition.verification import Features, compare

MOST_COMPARED: Final = 5
"""Looks that are compared: products that share their pictures count as one. Of 101 things in
the demo's photos, 5 put 97 first, 3 put 94, looks alone 74 (earlier weights; now 96 and 84)."""
MOST_IMAGES: Final = 4
"""Reference images of a product that are compared, the nearest. One alone is unfair where a
variant is pictured at another angle than its sibling: 89 of the 101 first instead of 97 then."""
_CLOSE: Final = 1.0
"""How far behind the best a product may be, in temperatures of the calibrated softmax, so that
it means the same for every embedder: at 1 its odds are 1 : e. Half of it puts 92 of the 101
first, one and a half 97 as well (earlier weights)."""
_NEAREST: Final = 50
"""Products that are looked through for those that are close."""
_FEWEST_FEATURES: Final = 20


class PrintRanking:
    """Puts products that look alike in the order of their print.

    Args:
        index: vectors of the reference images.
        local: their local features.
        calibration: what print and looks weigh.
    """

    def __init__(self, index: ProductIndex, local: LocalIndex, calibration: Calibration) -> None:
        self._index, self._local, self._calibration = index, local, calibration

    async def order(self, found: Sequence[Found], detail: Detail, vector: Vector) -> list[Found]:
        """Order a ranking by looks anew where that can change it.

        Args:
            found: best first.
            detail: of the picture that they were found for.
            vector: (D,) its embedding.

        Returns:
            The same products. Those that changed places have exchanged their scores.
        """
        close = close_to_best(found, _CLOSE * self._calibration.temperature)
        if len({one.image_id for one in close}) < 2:
            return list(found)
        odds = await asyncio.to_thread(self._odds, close, detail, vector)
        return self._moved(found, close, odds)

    def _odds(self, close: Sequence[Found], detail: Detail, vector: Vector) -> dict[str, float]:
        """Log-odds that print gives to each look, by the id of its image; 0 where none agrees."""
        looks = {one.image_id: one.sku for one in reversed(close)}
        printed = self._printed(list(looks.values()), vector)
        if not any(printed.values()) or not detail.is_rich():
            return {}
        picture = detail.features()
        if len(picture.points) < _FEWEST_FEATURES:
            return {}
        return {
            image_id: max((self._agreement(picture, n) for n in printed.get(sku, [])), default=0.0)
            for image_id, sku in looks.items()
        }

    def _printed(self, skus: Sequence[str], vector: Vector) -> Mapping[str, list[int]]:
        """Numbers of the images with print of each product, the nearest to the picture first."""
        images = self._local.of_products(skus)
        many = [sku for sku, own in images.items() if len(own) > MOST_IMAGES]
        stored = self._index.stored(many) if many else {}
        for sku in stored:
            near = {id_: float(row @ vector) for id_, row in stored[sku].vectors.items()}
            ranked = sorted(images[sku].items(), key=lambda image: -near.get(image[0], -1.0))
            images[sku] = dict(ranked)
        return {sku: list(own.values())[:MOST_IMAGES] for sku, own in images.items()}

    def _agreement(self, picture: Features, number: int) -> float:
        reference = self._local.reference(number)
        if reference is None:
            return 0.0  # replaced meanwhile
        agreement = compare(picture, normalised(reference.features))
        return self._calibration.log_odds(agreement) if agreement.verified else 0.0

    def _moved(
        self, found: Sequence[Found], close: Sequence[Found], odds: Mapping[str, float]
    ) -> list[Found]:
        def merit(one: Found) -> float:
            return one.score / self._calibration.temperature + odds.get(one.image_id, 0.0)

        if not any(odds.values()):
            return list(found)
        best_first = sorted(close, key=merit, reverse=True)
        moved = {
            old.sku: replace(new, score=old.score)
            for old, new in zip(close, best_first, strict=True)
        }
        return [moved.get(one.sku, one) for one in found]


def close_to_best(found: Sequence[Found], margin: float) -> list[Found]:
    """The products that looks can hardly tell from the best, it included, best first.

    >>> cans = [Found(sku, "", score, score, sku) for sku, score in [("A", 0.9), ("B", 0.8)]]
    >>> [one.sku for one in close_to_best(cans, 0.2)], len(close_to_best(cans, 0.05))
    (['A', 'B'], 1)
    """
    near = list(takewhile(lambda one: found[0].score - one.score <= margin, found[:_NEAREST]))
    looks = list(dict.fromkeys(one.image_id for one in near))[:MOST_COMPARED]
    return [one for one in near if one.image_id in looks]
