"""The local features of a catalogue: on disk, in an inverted file, and asked about pictures."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from services.visual_search.local_features import references as packing
from services.visual_search.local_features.deciding import WORTH_TELLING, Thing, decide
from services.visual_search.local_features.features import LocalFeatures, is_detailed, of_picture
from services.visual_search.local_features.finding import Spot, find
from services.visual_search.local_features.postings import PLACE, Entries, Postings
from services.visual_search.local_features.references import Reference
from services.visual_search.local_features.store import FeatureStore, StoredImage, changes
from services.visual_search.local_features.vocabulary import SHIPPED, shipped
from services.visual_search.local_features.voting import places_of
from shared.image_pixels import Rgb

_CACHED: Final = 2000  # of about 60 kB each
_FEWEST_FEATURES: Final = 12
_WORD: Final = np.dtype([("word", "<u2"), ("place", PLACE), ("signature", "<u8")])


@dataclass(frozen=True, slots=True)
class ReferenceImage:
    """Which reference image a number stands for."""

    sku: str
    id: str


@dataclass(frozen=True, slots=True)
class Glance:
    """Places of a picture where print is seen; ``size_wh``: pixels that they are measured in."""

    spots: tuple[Spot, ...]
    size_wh: tuple[int, int]


class LocalIndex:
    """Finds printed products by local features. All calls block; safe from several threads.

    Args:
        path: where the features are kept.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._vocabulary = shipped()
        self._store = FeatureStore(path, hashlib.sha256(SHIPPED.read_bytes()).hexdigest()[:12])
        self._revision = self._store.revision
        self._cache: OrderedDict[int, Reference] = OrderedDict()
        self._cache_lock = threading.Lock()
        self._products: npt.NDArray[np.int32] = np.zeros(0, np.int32)
        self._reset()
        for number, sku, id_, words in self._store.all_words():
            self._remember(number, ReferenceImage(sku, id_), words)

    @property
    def revision(self) -> int:
        """The last catalogue revision applied; 0 = none."""
        return self._revision

    @property
    def images(self) -> int:
        """Reference images with enough features to be found by."""
        return len(self._images)

    @property
    def catalog_id(self) -> str:
        """The catalogue that the revision is of; empty = none yet."""
        return self._store.catalog_id

    def known(self, image_ids: Iterable[str]) -> set[str]:
        """Which images' features are here already."""
        return set(self._store.by_ids(image_ids))

    def apply(
        self,
        products: Mapping[str, Sequence[str]],
        fresh: Mapping[str, Reference],
        revision: int,
    ) -> None:
        """Let products have these reference images and no others.

        Args:
            products: image ids by SKU; none for a deleted product.
            fresh: features by image id, of those that were not known; an image that is
                neither known nor here could not be read and is left out.
            revision: what the index then reflects.
        """
        before = self._store.of_products(products)
        added, gone = changes(before, products)
        kept = self._store.by_ids({id_ for _, id_ in added if id_ not in fresh})
        rows = [
            StoredImage(sku, id_, *(kept.get(id_) or self._packed(fresh[id_])))
            for sku, id_ in added
            if id_ in kept or id_ in fresh
        ]
        numbers = self._store.apply(rows, gone, revision)
        self._forget([before[sku][id_] for sku, id_ in gone])
        for number, row in zip(numbers, rows, strict=True):
            self._remember(number, ReferenceImage(row.sku, row.id), row.words)
        self._revision = revision

    def clear(self, catalog_id: str) -> None:
        """Forget everything: the catalogue is another one than before."""
        self._store.clear(catalog_id)
        self._reset()
        self._revision = 0

    def find(self, image_rgb: Rgb, side: int, least_log_odds: float = WORTH_TELLING) -> list[Thing]:
        """Find the products whose print a picture (H, W, 3) uint8 shows.

        Nothing is computed when no reference image has print, or the picture is plain.

        Args:
            image_rgb: the picture.
            side: longer side that it is looked at, in pixels.
            least_log_odds: that what is told is in the catalogue.
        """
        return self.judge(self.look(image_rgb, side), image_rgb, least_log_odds)

    def look(
        self,
        image_rgb: Rgb,
        side: int,
        without: Callable[[ReferenceImage], bool] | None = None,
    ) -> Glance:
        """Find the places of a picture where print is seen, without judging them as yet.

        Args:
            image_rgb: the picture (H, W, 3) uint8.
            side: longer side that it is looked at, in pixels.
            without: reference images that are to be left out.
        """
        if not self._images or not is_detailed(image_rgb):
            return Glance((), (image_rgb.shape[1], image_rgb.shape[0]))
        images = self._images if without is not None else {}
        left_out = [number for number, one in images.items() if without and without(one)]
        return self._glance(of_picture(image_rgb, side), left_out)

    def judge(
        self,
        glance: Glance,
        image_rgb: Rgb,
        least_log_odds: float = WORTH_TELLING,
    ) -> list[Thing]:
        """Say which products the places of a picture may show.

        Args:
            glance: what ``look`` found in the picture.
            image_rgb: the picture (H, W, 3) uint8.
            least_log_odds: that what is told is in the catalogue.
        """
        return decide(
            glance.spots, image_rgb, glance.size_wh, self.reference, self._images, least_log_odds
        )

    def find_features(
        self,
        image_rgb: Rgb,
        features: LocalFeatures,
        least_log_odds: float = WORTH_TELLING,
    ) -> list[Thing]:
        """Find products by the features of a picture that were taken before."""
        return self.judge(self._glance(features), image_rgb, least_log_odds)

    def _glance(self, features: LocalFeatures, without: Sequence[int] = ()) -> Glance:
        if len(features) < _FEWEST_FEATURES or not self._images:
            return Glance((), features.size_wh)
        spots = find(
            features,
            self._postings,
            self._vocabulary,
            self.reference,
            self._products,
            self.images,
            without,
        )
        return Glance(tuple(spots), features.size_wh)

    def of_products(self, skus: Iterable[str]) -> dict[str, dict[str, int]]:
        """Numbers of reference images to be found by, by their id, by product."""
        known = self._images
        found = self._store.of_products(skus)
        return {
            sku: {id_: number for id_, number in images.items() if number in known}
            for sku, images in found.items()
        }

    def reference(self, number: int) -> Reference | None:
        """What is kept of a reference image; None = gone."""
        with self._cache_lock:
            if number in self._cache:
                self._cache.move_to_end(number)
                return self._cache[number]
        packed = self._store.packed(number)
        if packed is None:
            return None
        reference = packing.unpack(packed)
        with self._cache_lock:
            self._cache[number] = reference
            while len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        return reference

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def _packed(self, reference: Reference) -> tuple[bytes, bytes]:
        features = reference.features
        words, signatures = self._vocabulary.assign(features.descriptors)
        rows = np.zeros(len(features), _WORD)
        rows["word"], rows["place"] = words[:, 0], places_of(features)
        rows["signature"] = signatures[:, 0]
        return rows.tobytes(), packing.pack(reference)

    def _remember(self, number: int, image: ReferenceImage, words: bytes) -> None:
        rows = np.frombuffer(words, _WORD)
        if len(rows) < _FEWEST_FEATURES:
            return
        if number >= len(self._products):
            grown = np.zeros(max(number + 1, 2 * len(self._products)), np.int32)
            grown[: len(self._products)] = self._products
            self._products = grown
        self._products[number] = self._numbers.setdefault(image.sku, len(self._numbers))
        self._images[number] = image
        self._postings.add(
            Entries(
                rows["word"],
                np.full(len(rows), number, np.int32),
                rows["signature"],
                rows["place"],
            )
        )

    def _forget(self, numbers: Sequence[int]) -> None:
        self._postings.remove(numbers)
        for number in numbers:
            self._images.pop(number, None)
            with self._cache_lock:
                self._cache.pop(number, None)

    def _reset(self) -> None:
        self._postings = Postings()
        self._images: dict[int, ReferenceImage] = {}
        self._numbers: dict[str, int] = {}
        self._products = np.zeros(0, np.int32)
        self._cache.clear()
