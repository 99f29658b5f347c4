"""How often does the nearest gallery photo show the same thing? Retrieval figures.

A gallery and queries are CSV files with the columns ``image``, ``label`` and, if any,
``group`` (a coarser label); paths are relative to the CSV. All runs in this process.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from services.visual_search.embedder import Embedder, Vectors
from services.visual_search.full_pipeline import QUERY_SIDE, FullPipeline
from shared.errors import ImageRefused, InvalidInput
from shared.image import Limits, decode
from shared.image_pixels import Rgb

_BATCH: Final = 16
_TOP: Final = 5
_NO_LIMITS: Final = Limits(max_bytes=1 << 30, max_pixels=200_000_000)

Progress = Callable[[], None]
"""Called once per photo done."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A labelled photo: its file, what it shows, and the coarser label or empty."""

    path: Path
    label: str
    group: str


@dataclass(frozen=True, slots=True)
class Gallery:
    """Embedded photos: ``vectors`` (N, D) float32 of length 1, in the order of ``photos``."""

    photos: Sequence[Photo]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Figures:
    """What came out.

    Attributes:
        top1: share of queries whose nearest gallery photo has their label.
        top5: share whose label is among the five nearest labels.
        group_top1: share whose nearest photo has their group; None without groups.
        n_gallery: photos in the gallery.
        n_queries: queries.
        ms_per_image: mean time to read, decode, embed and rank one query.
    """

    top1: float
    top5: float
    group_top1: float | None
    n_gallery: int
    n_queries: int
    ms_per_image: float


def read_photos(path: Path, field: str) -> list[Photo]:
    """Read a CSV of photos.

    Args:
        path: the CSV.
        field: what it is called in errors, for example ``gallery``.

    Raises:
        InvalidInput: it cannot be read, lacks a column, is empty, or names files that
            do not exist.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(_rows(csv.DictReader(file), path, field))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput.of(field, f"cannot read {path}: {error}") from error
    if not rows:
        raise InvalidInput.of(field, f"{path} has no photos, only its header")
    missing = [photo.path for photo in rows if not photo.path.is_file()]
    if missing:
        many = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InvalidInput.of(field, f"{path} names {missing[0]}{many}, which do not exist")
    return rows


def embed_gallery(embedder: Embedder, photos: Sequence[Photo], progress: Progress) -> Gallery:
    """Embed photos; the next are decoded meanwhile.

    Raises:
        InvalidInput: a photo cannot be decoded.
    """
    vectors = []
    for images in _decoded(embedder, photos):
        vectors.append(embedder.embed(images))
        for _ in images:
            progress()
    return Gallery(photos, np.concatenate(vectors))


def open_pipeline(
    embedder: Embedder, gallery: Gallery, folder: Path, progress: Progress
) -> FullPipeline:
    """Take the local features of a gallery too, kept under ``folder`` meanwhile.

    Raises:
        InvalidInput: a photo cannot be decoded.
    """
    labels = [photo.label for photo in gallery.photos]
    pipeline = FullPipeline(embedder, labels, gallery.vectors, folder)
    first = 0
    for images in _decoded(embedder, gallery.photos):
        pipeline.keep(range(first, first + len(images)), images)
        first += len(images)
        for _ in images:
            progress()
    return pipeline


def evaluate(
    embedder: Embedder,
    gallery: Gallery,
    queries: Sequence[Photo],
    progress: Progress,
    pipeline: FullPipeline | None = None,
) -> Figures:
    """Look up each query in the gallery, one at a time as a camera would.

    Args:
        embedder: what made the gallery's vectors.
        gallery: photos that may be found.
        queries: photos to look up.
        progress: told after each query.
        pipeline: looks local features up too; None = the nearest vector decides.

    Raises:
        InvalidInput: a photo cannot be decoded.
    """
    first = fifth = grouped = 0
    start = time.perf_counter()
    for query in queries:
        image = _read(embedder, query, QUERY_SIDE if pipeline else 0)
        if pipeline is None:
            ranked = nearest_labels(gallery, embedder.embed([image])[0])
        else:
            ranked = [gallery.photos[number] for number in pipeline.ranked(image)[0][:_TOP]]
        first += ranked[0].label == query.label
        fifth += query.label in {photo.label for photo in ranked}
        grouped += ranked[0].group == query.group
        progress()
    total = len(queries)
    has_groups = all(photo.group for photo in (*gallery.photos, *queries))
    return Figures(
        top1=first / total,
        top5=fifth / total,
        group_top1=grouped / total if has_groups else None,
        n_gallery=len(gallery.photos),
        n_queries=total,
        ms_per_image=1000 * (time.perf_counter() - start) / total,
    )


def nearest_labels(gallery: Gallery, vector: Vectors, most: int = _TOP) -> list[Photo]:
    """The nearest photo (cosine) of each of the ``most`` nearest labels, best first."""
    found: dict[str, Photo] = {}
    for position in np.argsort(-(gallery.vectors @ vector), kind="stable"):
        photo = gallery.photos[position]
        found.setdefault(photo.label, photo)
        if len(found) == most:
            break
    return list(found.values())


def _rows(reader: csv.DictReader[str], path: Path, field: str) -> Iterator[Photo]:
    columns = reader.fieldnames or []
    if not {"image", "label"} <= set(columns):
        shown = ", ".join(columns) or "none"
        raise InvalidInput.of(
            field, f"{path} has the columns {shown}; it needs image and label, and may have group"
        )
    for row in reader:
        image, label = row["image"] or "", row["label"] or ""
        if not image.strip() or not label.strip():
            raise InvalidInput.of(field, f"{path} line {reader.line_num}: image or label is empty")
        group = (row.get("group") or "").strip()
        yield Photo(path.parent / image.strip(), label.strip(), group)


def _decoded(embedder: Embedder, photos: Sequence[Photo]) -> Iterable[list[Rgb]]:
    """Batches of pictures, one batch ahead of who takes them."""
    with ThreadPoolExecutor(2) as pool:
        ahead: list[Rgb] | None = None
        for start in range(0, len(photos), _BATCH):
            batch = photos[start : start + _BATCH]
            reading = [pool.submit(_read, embedder, photo) for photo in batch]
            if ahead is not None:
                yield ahead
            ahead = [one.result() for one in reading]
        if ahead is not None:
            yield ahead


def _read(embedder: Embedder, photo: Photo, least_side: int = 0) -> Rgb:
    side = max(2 * max(embedder.card.input_size), least_side)
    try:
        return decode(photo.path.read_bytes(), _NO_LIMITS, max_side=side).image_rgb
    except ImageRefused as error:
        raise InvalidInput.of("image", f"{photo.path}: {error.message}") from error
