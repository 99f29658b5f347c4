"""Labelled photos for evaluation: read from a CSV, thinned, decoded ahead of who takes them.

A CSV has the columns ``image``, ``label`` and, if any, ``group`` (a coarser label); paths
are relative to the CSV.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from shared.errors import ImageRefused, InvalidInput
from shared.image import Limits, decode
from shared.image_pixels import Rgb

_BATCH: Final = 16
_HANDS: Final = 2
_NO_LIMITS: Final = Limits(max_bytes=1 << 30, max_pixels=200_000_000)


@dataclass(frozen=True, slots=True)
class Photo:
    """A labelled photo: its file, what it shows, and the coarser label or empty."""

    path: Path
    label: str
    group: str


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
    except OSError as error:
        raise InvalidInput.of(field, f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput.of(
            field, f"{path} is no CSV in UTF-8; it needs image and label"
        ) from error
    if not rows:
        raise InvalidInput.of(field, f"{path} has no photos, only its header")
    missing = [photo.path for photo in rows if not photo.path.is_file()]
    if missing:
        more = len(missing) - 1
        many = f" and {more} more, which do" if more else ", which does"
        raise InvalidInput.of(field, f"{path} names {missing[0]}{many} not exist")
    return rows


def few_a_label(photos: Sequence[Photo], count: int, seed: int = 0) -> list[Photo]:
    """Draw at most ``count`` photos of each label; the same seed draws the same photos.

    >>> photos = [Photo(Path(str(n)), "ab"[n % 2], "") for n in range(10)]
    >>> [photo.label for photo in few_a_label(photos, 2)]
    ['a', 'a', 'b', 'b']
    """
    rng = np.random.default_rng(seed)
    drawn = []
    for label in sorted({photo.label for photo in photos}):
        own = [photo for photo in photos if photo.label == label]
        drawn += [own[index] for index in sorted(rng.permutation(len(own))[:count].tolist())]
    return drawn


def decoded(photos: Sequence[Photo], side: int) -> Iterable[list[Rgb]]:
    """Batches of pictures (H, W, 3) uint8, one batch ahead of who takes them.

    Args:
        photos: what to read.
        side: longer side in pixels above which a picture is scaled down.

    Raises:
        InvalidInput: a photo cannot be decoded.
    """
    with ThreadPoolExecutor(_HANDS) as pool:
        ahead: list[Rgb] | None = None
        for start in range(0, len(photos), _BATCH):
            reading = [pool.submit(read, one, side) for one in photos[start : start + _BATCH]]
            if ahead is not None:
                yield ahead
            ahead = [one.result() for one in reading]
        if ahead is not None:
            yield ahead


def read(photo: Photo, side: int) -> Rgb:
    """Decode one photo (H, W, 3) uint8, see ``decoded``.

    Raises:
        InvalidInput: it cannot be decoded.
    """
    try:
        return decode(photo.path.read_bytes(), _NO_LIMITS, max_side=side).image_rgb
    except ImageRefused as error:
        raise InvalidInput.of("image", f"{photo.path}: {error.message}") from error
    except OSError as error:
        raise InvalidInput.of("image", f"cannot read {photo.path}: {error.strerror}") from error


def _rows(reader: csv.DictReader[str], path: Path, field: str) -> Iterator[Photo]:
    columns = reader.fieldnames or []
    if not {"image", "label"} <= set(columns):
        shown = ", ".join(columns)[:200] or "none"
        raise InvalidInput.of(
            field, f"{path} has the columns {shown}; it needs image and label, and may have group"
        )
    for row in reader:
        image, label = row["image"] or "", row["label"] or ""
        if not image.strip() or not label.strip():
            raise InvalidInput.of(field, f"{path} line {reader.line_num}: image or label is empty")
        group = (row.get("group") or "").strip()
        yield Photo(path.parent / image.strip(), label.strip(), group)
