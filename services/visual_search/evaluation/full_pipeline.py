"""The whole of recognition over a gallery of photos, for evaluation.

Scanning's own functions, for photos that each show one thing: print is looked for at the size
that one thing needs, and however small it is it may be what the photo is of. In a scene scanning
looks closer, and a thing speaks for a region of which it fills a quarter.

Products are labels, their reference images the gallery's photos. What they look like is
pooled and shared out as probabilities (``recognition.looks``); where that leaves a doubt and
the photo has detail, local features look for the gallery's photos in it and move the odds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from services.visual_search.embedding.embedder import Embedder, Vectors
from services.visual_search.index.ranking import Found
from services.visual_search.index.vector_store import Hit, Vector
from services.visual_search.local_features.deciding import WORTH_WEIGHING, Thing
from services.visual_search.local_features.features import PHOTO_SIDE
from services.visual_search.local_features.index import Glance, LocalIndex, ReferenceImage
from services.visual_search.local_features.references import of_image
from services.visual_search.recognition.calibration import Calibration
from services.visual_search.recognition.found_things import with_things
from services.visual_search.recognition.looks import answer_by_looks, products_like
from services.visual_search.recognition.region_answers import RegionAnswer
from shared.geometry import WHOLE_IMAGE
from shared.image_pixels import Rgb

QUERY_SIDE: Final = 672
"""Longer side in pixels at which a photo of one product is searched at most. Things an eighth as
wide as the photo and more are found as well as at 780 px, smaller ones less."""
ANYWHERE: Final = 0.0
"""Share of a photo that a thing must fill: however small, it may be what the photo is of."""
SURE: Final = 0.97
"""Probability by its looks from which print cannot change what a photo shows."""


@dataclass(frozen=True, slots=True)
class Without:
    """What is left out of the gallery for one query: a label, or one photo by position."""

    label: str = ""
    position: int = -1

    def keeps(self, label: str, position: int) -> bool:
        """Whether a photo of the gallery stays."""
        return label != self.label and position != self.position


NOTHING: Final = Without()
"""The whole gallery is asked."""


@dataclass(slots=True)
class Seen:
    """One query: its picture and its vector (D,)."""

    image_rgb: Rgb
    vector: Vector


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for which label: ranked by looks, and the print that was found.

    ``found`` has the label as SKU and the photo's position as image id.
    """

    found: Sequence[Found]
    things: Sequence[Thing]


class FullPipeline:
    """Recognises photos among labelled ones.

    Args:
        embedder: what made the vectors.
        labels: of the gallery's photos.
        vectors: (N, D) of the gallery's photos, in the same order.
        folder: where local features may be kept meanwhile; None = looks decide alone.
        calibration: instead of the embedder's own.
    """

    def __init__(
        self,
        embedder: Embedder,
        labels: Sequence[str],
        vectors: Vectors,
        folder: Path | None,
        calibration: Calibration | None = None,
    ) -> None:
        self._embedder, self._labels, self._vectors = embedder, labels, vectors
        self.calibration = calibration or Calibration.of(embedder.card)
        self._positions: dict[str, list[int]] = {}
        for position, label in enumerate(labels):
            self._positions.setdefault(label, []).append(position)
        self._local = LocalIndex(folder / "gallery.sqlite") if folder else None
        self._kept: dict[str, list[str]] = {}

    def keep(self, positions: Sequence[int], images: Sequence[Rgb]) -> None:
        """Take the local features of some of the gallery's photos, given by position."""
        if self._local is None:
            return
        fresh = {str(at): of_image(image) for at, image in zip(positions, images, strict=True)}
        for at in positions:
            self._kept.setdefault(self._labels[at], []).append(str(at))
        touched = dict.fromkeys(self._labels[at] for at in positions)  # numbers follow this order
        products = {label: self._kept[label] for label in touched}
        self._local.apply(products, fresh, self._local.revision + 1)

    def see(self, image_rgb: Rgb) -> Seen:
        """Embed a query (H, W, 3) uint8."""
        return Seen(image_rgb, self._embedder.embed([image_rgb])[0])

    def answer(self, seen: Seen, without: Without = NOTHING) -> RegionAnswer:
        """Say which labels a query may show, most probable first, and the chance of none.

        Print is looked for only where it can change the answer.
        """
        found = self._found(seen, without)
        looks = answer_by_looks(WHOLE_IMAGE, found, self.calibration)
        if looks.candidates and looks.candidates[0].probability >= SURE:
            return looks
        return with_things(looks, self._things(seen, without), self.calibration, ANYWHERE)

    def evidence(self, seen: Seen, without: Without = NOTHING) -> Evidence:
        """Gather all that an answer can rest on."""
        return Evidence(self._found(seen, without), self._things(seen, without))

    def close(self) -> None:
        """Let go of the folder."""
        if self._local is not None:
            self._local.close()

    def _found(self, seen: Seen, without: Without) -> list[Found]:
        similarities = self._vectors @ seen.vector
        order = np.argsort(-similarities, kind="stable").tolist()
        kept = [at for at in order if without.keeps(self._labels[at], at)]

        def nearest(depth: int) -> list[Hit]:
            return [
                Hit(self._labels[at], str(at), "", float(similarities[at])) for at in kept[:depth]
            ]

        return products_like(seen.vector, nearest, lambda labels: self._images(labels, without))

    def _images(self, labels: Sequence[str], without: Without) -> Mapping[str, Vector]:
        kept = {
            label: [at for at in self._positions[label] if without.keeps(label, at)]
            for label in labels
        }
        return {label: self._vectors[own] for label, own in kept.items() if len(own) > 1}

    @staticmethod
    def _look(local: LocalIndex, image_rgb: Rgb, without: Without) -> Glance:
        """Look for print, in a photo that has more to show with more pixels."""

        def left_out(image: ReferenceImage) -> bool:
            return not without.keeps(image.sku, int(image.id))

        some = None if without == NOTHING else left_out
        side = min(max(PHOTO_SIDE, *image_rgb.shape[:2]), QUERY_SIDE)
        return local.look(image_rgb, side, some)

    def _things(self, seen: Seen, without: Without) -> list[Thing]:
        if self._local is None:
            return []
        glance = self._look(self._local, seen.image_rgb, without)
        return self._local.judge(glance, seen.image_rgb, WORTH_WEIGHING)
