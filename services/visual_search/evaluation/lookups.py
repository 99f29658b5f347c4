"""How often is the best answer right, and are strangers told from what is known?

A gallery of labelled photos plays the catalogue, queries are looked up in it one at a
time as a camera would. Strangers are photos of labels that the gallery lacks; where none
are given, the label of each query (at most 300 of them) is taken out of the gallery and
the query asked again. All runs in this process.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from services.visual_search.embedding.embedder import Embedder, Vectors
from services.visual_search.evaluation.full_pipeline import (
    NOTHING,
    QUERY_SIDE,
    FullPipeline,
    Seen,
    Without,
)
from services.visual_search.evaluation.open_set import (
    auroc,
    calibration_error,
    calibration_floor,
    false_accepts,
)
from services.visual_search.evaluation.photos import Photo, decoded, read
from services.visual_search.recognition.calibration import Calibration
from services.visual_search.recognition.region_answers import RegionAnswer

_TOP: Final = 5
MOST_HELD_OUT: Final = 300
PHOTOS: Final = "photos"
HELD_OUT: Final = "labels held out"

Progress = Callable[[], None]
"""Called once per photo done."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Embedded photos: ``vectors`` (N, D) float32 of length 1, in the order of ``photos``."""

    photos: Sequence[Photo]
    vectors: Vectors

    @property
    def labels(self) -> list[str]:
        """Of the photos, in order."""
        return [photo.label for photo in self.photos]


@dataclass(frozen=True, slots=True)
class Query:
    """A photo to look up, what is left out of the gallery for it, and whether it is known."""

    photo: Photo
    without: Without = NOTHING
    known: bool = True


@dataclass(frozen=True, slots=True)
class Figures:
    """What came out.

    Attributes:
        top1: share of known queries whose most probable product has their label.
        top5: share whose label is among the five most probable.
        group_top1: share whose most probable product has their group; None without groups.
        n_gallery: photos in the gallery.
        n_queries: known queries.
        ms_per_image: mean time to read, decode, look up and judge one known query.
        ms_per_query: the same of every query, strangers included, in the middle: wall
            milliseconds, median. One query at a time.
        ms_per_query_p95: 95th percentile of the same.
        auroc_unknown: probability that a known query is held for known rather than a
            stranger; None without strangers.
        far_at_95_recall: share of strangers accepted where 95 % of the known are.
        ece: expected calibration error of the best product's probability, over known
            queries and strangers, for which no product is right.
        ece_floor: what it would be, on average, if each were right as often as it says.
        strangers: ``photos`` of labels that the gallery lacks, or ``labels held out``.
        hardest: the two labels that are confused most, and how often; None = none are.
    """

    top1: float
    top5: float
    group_top1: float | None
    n_gallery: int
    n_queries: int
    ms_per_image: float
    ms_per_query: float
    ms_per_query_p95: float
    auroc_unknown: float | None = None
    far_at_95_recall: float | None = None
    ece: float | None = None
    ece_floor: float | None = None
    strangers: str | None = None
    hardest: tuple[str, str, int] | None = None


@dataclass(slots=True)
class _Tally:
    """What the queries gave, one entry a query."""

    first: list[bool] = field(default_factory=list)
    fifth: list[bool] = field(default_factory=list)
    grouped: list[bool] = field(default_factory=list)
    known: list[float] = field(default_factory=list)
    strangers: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    known_seconds: float = 0.0

    def add(
        self, query: Query, answer: RegionAnswer, groups: dict[str, str], seconds: float
    ) -> None:
        self.seconds.append(seconds)
        self.known_seconds += seconds if query.known else 0.0
        ranked = [one.found.sku for one in answer.candidates[:_TOP]]
        best = ranked[0] if ranked else ""
        right = query.known and best == query.photo.label
        self.told.append(answer.candidates[0].probability if ranked else 0.0)
        self.right.append(right)
        if not query.known:
            self.strangers.append(1 - answer.unknown)
            return
        self.known.append(1 - answer.unknown)
        self.first.append(right)
        self.fifth.append(query.photo.label in ranked)
        self.grouped.append(groups.get(best) == query.photo.group)
        if not right and best:
            low, high = sorted((best, query.photo.label))
            self.confused[low, high] += 1


def embed_gallery(embedder: Embedder, photos: Sequence[Photo], progress: Progress) -> Gallery:
    """Embed photos; the next are decoded meanwhile.

    Raises:
        InvalidInput: a photo cannot be decoded.
    """
    vectors = []
    for images in decoded(photos, _side(embedder)):
        vectors.append(embedder.embed(images))
        for _ in images:
            progress()
    return Gallery(photos, np.concatenate(vectors))


def open_pipeline(
    embedder: Embedder,
    gallery: Gallery,
    folder: Path | None,
    progress: Progress,
    calibration: Calibration | None = None,
) -> FullPipeline:
    """Open recognition over a gallery.

    Args:
        embedder: what made the gallery's vectors.
        gallery: photos that may be found.
        folder: where their local features are kept meanwhile; None = looks alone decide.
        progress: told after each photo whose local features were taken.
        calibration: instead of the embedder's own.

    Raises:
        InvalidInput: a photo cannot be decoded.
    """
    pipeline = FullPipeline(embedder, gallery.labels, gallery.vectors, folder, calibration)
    first = 0
    for images in decoded(gallery.photos, _side(embedder)) if folder else ():
        pipeline.keep(range(first, first + len(images)), images)
        first += len(images)
        for _ in images:
            progress()
    return pipeline


def known_queries(photos: Sequence[Photo]) -> list[Query]:
    """Photos to look up in a whole gallery."""
    return [Query(photo) for photo in photos]


def leave_one_out(gallery: Gallery) -> list[Query]:
    """Each photo of a gallery whose label has another one, looked up among the others."""
    counts = Counter(gallery.labels)
    return [
        Query(photo, Without(position=position))
        for position, photo in enumerate(gallery.photos)
        if counts[photo.label] > 1
    ]


def strangers_of(photos: Sequence[Photo]) -> list[Query]:
    """Photos of labels that the gallery lacks."""
    return [Query(photo, known=False) for photo in photos]


def labels_held_out(photos: Sequence[Photo]) -> list[Query]:
    """Some of the photos as strangers: the label of each is taken out of the gallery."""
    chosen = np.unique(np.linspace(0, len(photos) - 1, MOST_HELD_OUT).round().astype(np.int64))
    some = [photos[at] for at in chosen.tolist()] if photos else []
    return [Query(photo, Without(label=photo.label), known=False) for photo in some]


def evaluate(
    embedder: Embedder,
    gallery: Gallery,
    pipeline: FullPipeline,
    known: Sequence[Query],
    strangers: Sequence[Query],
    progress: Progress,
) -> Figures:
    """Look up each query.

    Args:
        embedder: what made the gallery's vectors.
        gallery: photos that may be found.
        pipeline: recognition over it.
        known: queries whose label is in the gallery; at least one.
        strangers: queries whose label is not.
        progress: told after each query.

    Raises:
        InvalidInput: a photo cannot be decoded.
    """
    groups = {photo.label: photo.group for photo in gallery.photos}
    tally = _Tally()
    for query, seen, seconds in _seen(embedder, pipeline, [*known, *strangers]):
        start = time.perf_counter()
        answer = pipeline.answer(seen, query.without)
        tally.add(query, answer, groups, seconds + time.perf_counter() - start)
        progress()
    has_groups = all(photo.group for photo in (*gallery.photos, *(one.photo for one in known)))
    return _figures(tally, len(gallery.photos), strangers, has_groups=has_groups)


def _seen(
    embedder: Embedder, pipeline: FullPipeline, queries: Sequence[Query]
) -> Iterator[tuple[Query, Seen, float]]:
    """Each query with what is seen on it and the seconds that took."""
    for query in queries:
        start = time.perf_counter()
        seen = pipeline.see(read(query.photo, max(_side(embedder), QUERY_SIDE)))
        yield query, seen, time.perf_counter() - start


def _figures(
    tally: _Tally, n_gallery: int, strangers: Sequence[Query], *, has_groups: bool
) -> Figures:
    pairs = tally.confused.most_common(1)
    held_out = any(query.without.label for query in strangers)
    return Figures(
        top1=float(np.mean(tally.first)),
        top5=float(np.mean(tally.fifth)),
        group_top1=float(np.mean(tally.grouped)) if has_groups else None,
        n_gallery=n_gallery,
        n_queries=len(tally.first),
        ms_per_image=1000 * tally.known_seconds / len(tally.first),
        ms_per_query=1000 * float(np.median(tally.seconds)),
        ms_per_query_p95=1000 * float(np.percentile(tally.seconds, 95)),
        auroc_unknown=auroc(tally.known, tally.strangers),
        far_at_95_recall=false_accepts(tally.known, tally.strangers),
        ece=calibration_error(tally.told, tally.right),
        ece_floor=calibration_floor(tally.told),
        strangers=(HELD_OUT if held_out else PHOTOS) if strangers else None,
        hardest=(*pairs[0][0], pairs[0][1]) if pairs else None,
    )


def _side(embedder: Embedder) -> int:
    return 2 * max(embedder.card.input_size)
