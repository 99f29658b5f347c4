"""Says which products a region may show, with probabilities that leave room for none.

The similarities of the nearest products become probabilities (``calibration``). Print that
was found in the picture moves the odds of its products (``found_things``). Where no print has
spoken and a doubt is left, local features of the few best candidates are compared with their
reference images (``verification``), and that moves the odds.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from services.visual_search.embedding.embedder import EmbedderQueue
from services.visual_search.index.products import ProductIndex
from services.visual_search.index.ranking import Found
from services.visual_search.index.vector_store import Hit, Vector, Where
from services.visual_search.local_features.deciding import WORTH_TELLING, WORTH_WEIGHING, Thing
from services.visual_search.local_features.features import PICTURE_SIDE
from services.visual_search.local_features.index import LocalIndex
from services.visual_search.recognition.calibration import Calibration
from services.visual_search.recognition.found_things import found_region, with_things
from services.visual_search.recognition.looks import DEPTH, answer_by_looks, products_like
from services.visual_search.recognition.reference_features import ReferenceFeatures
from services.visual_search.recognition.region_answers import Box, Recognized, Region, RegionAnswer
from services.visual_search.recognition.verification import Agreement, compare, find_features
from shared.errors import VitrineError
from shared.geometry import Floats
from shared.image import crop
from shared.image_pixels import Rgb
from shared.telemetry import Stages

_SURE: Final = 0.97
_COMPARED: Final = 3
_MARGIN: Final = 0.08
_MOST_VERIFIED: Final = 12
"""Regions of one picture whose local features are compared. A number, not a time: an answer
must not depend on how busy the machine is."""
_HANDS: Final = 2  # regions compared at the same time
_FEWEST_FEATURES: Final = 20


@dataclass(frozen=True, slots=True)
class How:
    """How to look.

    Attributes:
        verify: compare local features of the regions where that can change the decision.
        find: find further regions by the local features of the whole picture.
    """

    verify: bool = True
    find: bool = False


class Recognizer:
    """Recognises products in regions of a picture.

    Args:
        index: products.
        embedder: the embedder that made the index.
        references: local features of reference images.
        local: local features of all reference images, to find regions by.
    """

    def __init__(
        self,
        index: ProductIndex,
        embedder: EmbedderQueue,
        references: ReferenceFeatures,
        local: LocalIndex | None = None,
    ) -> None:
        self._index, self._embedder, self._references = index, embedder, references
        self._calibration = Calibration.of(embedder.card)
        self._local = local

    async def recognize(
        self,
        image_rgb: Rgb,
        regions: Sequence[Region],
        top_k: int,
        stages: Stages,
        how: How = How(),
    ) -> list[RegionAnswer]:
        """Answer for each region, in order; then for the regions found, the surest first.

        Raises:
            Overloaded: too many images wait to be embedded.
        """
        asked, things = await asyncio.gather(
            self._asked(image_rgb, regions, stages), self._find(image_rgb, stages, how)
        )
        answers = [with_things(answer, things, self._calibration) for answer in asked]
        if how.verify:
            with stages("verify"):
                answers = await self._verified(image_rgb, regions, answers)
        best = [
            _best(answer, top_k, region.suggested)
            for answer, region in zip(answers, regions, strict=True)
        ]
        own = [thing for thing in things if thing.log_odds > WORTH_TELLING]
        return [*best, *map(found_region, sorted(own, key=lambda one: -one.log_odds))]

    async def _asked(
        self, image_rgb: Rgb, regions: Sequence[Region], stages: Stages
    ) -> list[RegionAnswer]:
        crops = [crop(image_rgb, region.box) for region in regions]
        with stages("embed"):
            vectors = await self._embedder.embed(crops)
        with stages("search"):
            return await asyncio.to_thread(self._candidates, vectors, regions)

    async def _find(self, image_rgb: Rgb, stages: Stages, how: How) -> list[Thing]:
        if self._local is None or not how.find:
            return []
        with stages("find"):
            return await asyncio.to_thread(
                self._local.find, image_rgb, PICTURE_SIDE, WORTH_WEIGHING
            )

    def _candidates(self, vectors: Vector, regions: Sequence[Region]) -> list[RegionAnswer]:
        batches = self._index.nearest(vectors, DEPTH)
        return [
            answer_by_looks(
                region.box,
                self._with_suggested(self._like(vector, batch), vector, region.suggested),
                self._calibration,
            )
            for region, batch, vector in zip(regions, batches, vectors, strict=True)
        ]

    def _like(self, vector: Vector, first: Sequence[Hit]) -> list[Found]:
        """Products like a vector (D,), of which the first ``DEPTH`` hits are known."""

        def nearest(depth: int) -> Sequence[Hit]:
            return first if depth == DEPTH else self._index.nearest(vector[np.newaxis], depth)[0]

        return products_like(vector, nearest, self._index.images)

    def _with_suggested(
        self, found: list[Found], vector: Vector, suggested: Sequence[str]
    ) -> list[Found]:
        missing = set(suggested) - {one.sku for one in found}
        ids = self._index.ids_of(missing) if missing else frozenset()
        if not ids:
            return found
        hits = self._index.nearest(vector[np.newaxis], len(ids), Where(ids=ids))[0]
        more = products_like(vector, lambda _: hits, self._index.images)
        return sorted([*found, *more], key=lambda one: -one.score)

    async def _verified(
        self, image_rgb: Rgb, regions: Sequence[Region], answers: Sequence[RegionAnswer]
    ) -> list[RegionAnswer]:
        """Compare local features where that can change the decision, suggestions first."""
        doubtful = {
            place: candidates
            for place, (answer, region) in enumerate(zip(answers, regions, strict=True))
            if (candidates := worth_comparing(answer, region.suggested))
        }
        chosen = sorted(doubtful, key=lambda place: not regions[place].suggested)[:_MOST_VERIFIED]
        hands = asyncio.Semaphore(_HANDS)
        compared = await asyncio.gather(
            *(self._compare(image_rgb, answers[n], doubtful[n], hands) for n in chosen)
        )
        verified = dict(zip(chosen, compared, strict=True))
        return [verified.get(place, answer) for place, answer in enumerate(answers)]

    async def _compare(
        self,
        image_rgb: Rgb,
        answer: RegionAnswer,
        doubtful: Sequence[Recognized],
        hands: asyncio.Semaphore,
    ) -> RegionAnswer:
        async with hands:
            agreements = await self._agreements(image_rgb, answer, doubtful)
        return weighed(answer, agreements, self._calibration)

    async def _agreements(
        self, image_rgb: Rgb, answer: RegionAnswer, doubtful: Sequence[Recognized]
    ) -> dict[str, Agreement]:
        """What local features say of each candidate; those without a reference are left out."""
        picture = crop(image_rgb, answer.box, _MARGIN)
        features = await asyncio.to_thread(find_features, picture)
        agreements: dict[str, Agreement] = {}
        for candidate in doubtful if len(features.points) >= _FEWEST_FEATURES else ():
            try:
                reference = await self._references.of(candidate.found.image_id)
            except VitrineError:
                continue  # removed meanwhile, or the catalogue is away: no evidence
            sku = candidate.found.sku
            agreements[sku] = await asyncio.to_thread(compare, features, reference)
        return agreements


def worth_comparing(answer: RegionAnswer, suggested: Sequence[str] = ()) -> list[Recognized]:
    """Choose the candidates whose comparison can change the decision; none when it is clear.

    It is clear when the best is nearly certain, other evidence suggests just it, or print that
    was found has spoken: the same print does not count twice. A suggestion of another product,
    which print did not name, is always worth a look.
    """
    pictured = [one for one in answer.candidates if one.found.image_id]
    hinted = [one for one in pictured if one.found.sku in suggested]
    best = pictured[:_COMPARED]
    if not best or hinted == best[:1]:
        return []
    has_spoken = any(one.agreement for one in answer.candidates)
    if not hinted and (has_spoken or best[0].probability >= _SURE):
        return []
    others = [] if has_spoken else [one for one in best if one not in hinted]
    return [*(one for one in hinted if one.agreement is None), *others]


def weighed(
    answer: RegionAnswer, agreements: Mapping[str, Agreement], calibration: Calibration
) -> RegionAnswer:
    """Move the odds of the compared candidates, and let all sum to 1 again."""
    weights = [
        one.probability * math.exp(calibration.log_odds(agreements.get(one.found.sku)))
        for one in answer.candidates
    ]
    total = sum(weights) + answer.unknown
    candidates = [
        _told(replace(one, probability=weight / total), agreements.get(one.found.sku), answer.box)
        for one, weight in zip(answer.candidates, weights, strict=True)
    ]
    ordered = sorted(candidates, key=lambda one: -one.probability)
    return RegionAnswer(answer.box, ordered, answer.unknown / total)


def _told(one: Recognized, agreement: Agreement | None, box: Box) -> Recognized:
    if agreement is None:
        return one
    return replace(one, agreement=agreement, outline=_in_picture(agreement, box))


def _in_picture(agreement: Agreement, box: Box) -> Floats | None:
    if agreement.outline is None:
        return None
    # The features were taken from the box with a margin, cut at the picture's edges.
    left, top, right, bottom = _with_margin(box)
    return agreement.outline * (right - left, bottom - top) + (left, top)


def _with_margin(box: Box) -> Box:
    width, height = box[2] - box[0], box[3] - box[1]
    return (
        max(0.0, box[0] - _MARGIN * width),
        max(0.0, box[1] - _MARGIN * height),
        min(1.0, box[2] + _MARGIN * width),
        min(1.0, box[3] + _MARGIN * height),
    )


def _best(answer: RegionAnswer, top_k: int, suggested: Sequence[str]) -> RegionAnswer:
    kept = [
        one
        for rank, one in enumerate(answer.candidates)
        if rank < top_k or one.found.sku in suggested
    ]
    return replace(answer, candidates=kept)
