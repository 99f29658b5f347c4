"""Local features: time of a query and memory as the catalogue grows from 100 to 100,000.

The demo's packages are real; the rest of the catalogue is made up: features with the words
and places of real ones, in the same proportions, and random signatures.
"""

from __future__ import annotations

import time

import cv2
import numpy as np
from rich.console import Console

from services.visual_search.local_features.deciding import decide
from services.visual_search.local_features.features import LocalFeatures, of_picture
from services.visual_search.local_features.finding import Spot, find
from services.visual_search.local_features.index import ReferenceImage
from services.visual_search.local_features.postings import Entries, Postings
from services.visual_search.local_features.references import Reference, of_image
from services.visual_search.local_features.references import pack as packed
from services.visual_search.local_features.vocabulary import shipped
from services.visual_search.local_features.voting import places_of
from shared.demo.catalogue import products
from shared.demo.scenes import scene
from shared.demo.views import views
from shared.geometry import box_of_points, iou
from tests.benchmarks.tables import Bar, print_bars

SIZES = (100, 1_000, 10_000, 100_000)
ROUNDS = 3
CHUNK = 5_000
MILLION = 1e6


def entries_of(number: int, reference: Reference) -> Entries:
    """A reference image's features for the inverted file."""
    words, signatures = shipped().assign(reference.features.descriptors)
    count = len(words)
    return Entries(
        words[:, 0].astype(np.uint16),
        np.full(count, number, np.int32),
        signatures[:, 0],
        places_of(reference.features),
    )


def made_up(first: int, images: int, real: Entries, per_image: int) -> Entries:
    """Features of many images that look like nothing."""
    rng = np.random.default_rng(first)
    chosen = rng.integers(len(real.words), size=images * per_image)
    return Entries(
        real.words[chosen],
        np.repeat(np.arange(first, first + images, dtype=np.int32), per_image),
        rng.integers(0, 1 << 64, size=len(chosen), dtype=np.uint64),
        real.places[chosen],
    )


def joined(parts: list[Entries]) -> Entries:
    """All of them as one."""
    return Entries(
        np.concatenate([one.words for one in parts]),
        np.concatenate([one.images for one in parts]),
        np.concatenate([one.signatures for one in parts]),
        np.concatenate([one.places for one in parts]),
    )


class Catalogue:
    """Packages that are real and as many others as wanted, one image each."""

    def __init__(self) -> None:
        packages = [item for item in products() if item.packaged]
        self.skus = [item.sku for item in packages]
        self.references = [of_image(views(sku)[0].image_rgb) for sku in self.skus]
        parts = [entries_of(number, one) for number, one in enumerate(self.references)]
        self.real = joined(parts)
        self.postings = Postings()
        self.postings.add(self.real)
        self.size = len(self.skus)

    def grow(self, size: int) -> None:
        """Add images that look like nothing until there are ``size``."""
        per_image = len(self.real.words) // len(self.skus)
        while self.size < size:
            images = min(CHUNK, size - self.size)
            self.postings.add(made_up(self.size, images, self.real, per_image))
            self.size += images

    def reference(self, number: int) -> Reference:
        """A made-up image has another's features to verify, so that this costs what it would."""
        return self.references[number % len(self.references)]

    def find(self, features: LocalFeatures) -> list[Spot]:
        """Find what a picture shows."""
        numbers = np.arange(self.size, dtype=np.int32)
        return find(features, self.postings, shipped(), self.reference, numbers, self.size)


def found_right(catalogue: Catalogue, spots: list[Spot], photo, features) -> int:
    """Of the items of a photo, those that are told by the right product at their place."""
    images = {n: ReferenceImage(sku, sku) for n, sku in enumerate(catalogue.skus)}
    things = decide(spots, photo.image_rgb, features.size_wh, catalogue.reference, images)
    told = [(thing.best.sku, box_of_points(thing.best.outline)) for thing in things]
    return sum(
        any(sku == item.sku and iou([box], [item.box_xyxy])[0, 0] > 0.3 for sku, box in told)
        for item in photo.items
    )


def measure(catalogue: Catalogue, photo, features: LocalFeatures, size: int) -> list[Bar]:
    """Time of a search among ``size`` products, and what it found."""
    catalogue.grow(size)
    spots = catalogue.find(features)
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        spots = catalogue.find(features)
        times.append(1000 * (time.process_time() - start))
    right = found_right(catalogue, spots, photo, features)
    memory = len(catalogue.postings) * 17 / MILLION
    detail = f"{right} of {len(photo.items)} items; {memory:.0f} MB"
    return [Bar(f"shelf among {size:,} products, CPU ms", min(times), detail=detail)]


def main() -> int:
    """Print the table; the cost must grow far slower than the catalogue."""
    cv2.setNumThreads(1)
    catalogue, photo = Catalogue(), scene(13, "shelf")
    start = time.process_time()
    features = of_picture(photo.image_rgb)
    taking = 1000 * (time.process_time() - start)
    stored = np.mean([len(packed(one)) for one in catalogue.references])
    per_product = 17 * len(catalogue.real.words) / len(catalogue.skus)
    bars = [
        Bar("features of a 1280 x 960 picture, CPU ms", taking, detail=f"{len(features)}"),
        Bar("memory per reference image, kB", per_product / 1000, "<=", 6.0),
        Bar("disk per reference image, kB", float(stored) / 1000, "<=", 60.0),
    ]
    for size in SIZES:
        bars += measure(catalogue, photo, features, size)
    growth = bars[-1].value / bars[3].value
    bars.append(Bar("cost of 1,000 times the products", growth, "<=", 10.0, "times"))
    missed = print_bars("Local features", bars)
    Console().print("made-up products have real words and places and random signatures")
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
