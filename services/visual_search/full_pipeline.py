"""The whole of recognition over a gallery of photos, as scanning runs it, for evaluation.

What the embedder finds is shared out as probabilities; where that leaves a doubt and the
photo has detail, local features look for the gallery's photos in it and move the odds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from services.visual_search.calibration import Calibration
from services.visual_search.embedder import Embedder, Vectors
from services.visual_search.found_things import with_things
from services.visual_search.local_features.deciding import WORTH_WEIGHING
from services.visual_search.local_features.index import LocalIndex
from services.visual_search.local_features.references import of_image
from services.visual_search.ranking import Found
from services.visual_search.region_answers import Recognized, RegionAnswer
from shared.geometry import WHOLE_IMAGE
from shared.image_pixels import Rgb

QUERY_SIDE: Final = 640
"""Longer side at which a photo of one product is searched, in pixels."""
_DEPTH: Final = 100
_SURE: Final = 0.97


class FullPipeline:
    """Recognises photos among labelled ones.

    Args:
        embedder: what made the vectors.
        labels: of the gallery's photos.
        vectors: (N, D) of the gallery's photos, in the same order.
        folder: where local features may be kept meanwhile.
    """

    def __init__(
        self, embedder: Embedder, labels: Sequence[str], vectors: Vectors, folder: Path
    ) -> None:
        self._embedder, self._labels, self._vectors = embedder, labels, vectors
        self._calibration = Calibration.of(embedder.card)
        self._local = LocalIndex(folder / "gallery.sqlite")

    def keep(self, numbers: Sequence[int], images: Sequence[Rgb]) -> None:
        """Take the local features of some of the gallery's photos, given by position."""
        products = {f"{number}": [f"{number}"] for number in numbers}
        fresh = {
            f"{number}": of_image(image) for number, image in zip(numbers, images, strict=True)
        }
        self._local.apply(products, fresh, self._local.revision + 1)

    def ranked(self, image_rgb: Rgb) -> tuple[list[int], float]:
        """Positions of the best photo of each label, most probable first, and of none."""
        answer = self._by_looks(self._embedder.embed([image_rgb])[0])
        if not answer.candidates or answer.candidates[0].probability < _SURE:
            answer = with_things(answer, self._local.find(image_rgb, QUERY_SIDE, WORTH_WEIGHING))
        best: dict[str, int] = {}
        for one in answer.candidates:
            number = int(one.found.sku)
            best.setdefault(self._labels[number], number)
        return list(best.values()), answer.unknown

    def close(self) -> None:
        """Let go of the folder."""
        self._local.close()

    def _by_looks(self, vector: Vectors) -> RegionAnswer:
        similarities = self._vectors @ vector
        best: dict[str, int] = {}
        for number in np.argsort(-similarities, kind="stable"):
            best.setdefault(self._labels[number], int(number))
            if len(best) == _DEPTH:
                break
        values = [float(similarities[number]) for number in best.values()]
        shares, unknown = self._calibration.probabilities(values)
        candidates = [
            Recognized(Found(str(number), "", value, value, str(number)), share)
            for number, value, share in zip(best.values(), values, shares, strict=True)
        ]
        return RegionAnswer(WHOLE_IMAGE, candidates, unknown)
