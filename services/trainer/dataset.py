"""Labelled photos: read from a folder per label or a CSV, split, drawn and decoded."""

from __future__ import annotations

import csv
import zlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from services.trainer.plan import Plan
from shared import image
from shared.errors import ImageRefused, InvalidInput

Split = Literal["", "train", "val", "reference"]
_SPLITS = ("", "train", "val", "reference")
# Of what the image gate accepts.
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
# Labels of a level that a photo lacks; torch's cross entropy leaves them out.
NO_LABEL = -100
# Twice the usual view; larger photos are decoded at a fraction of the cost.
_LONGEST_SIDE = 512


@dataclass(frozen=True, slots=True)
class Photo:
    """One labelled photo.

    Attributes:
        path: the image file.
        label: what it shows, the finest level (a product).
        coarse: the kind of product, or empty.
        dataset: labels of different data sets are never told apart by the loss.
        split: which part it belongs to; empty leaves the choice to ``assign_splits``;
            ``reference`` is a catalogue picture: trained on, and a gallery of its own.
        group: photos of one group (one photographer) fall into one split.
    """

    path: Path
    label: str
    coarse: str = ""
    dataset: str = ""
    split: Split = ""
    group: str = ""


def read_photos(source: Path) -> list[Photo]:
    """Read a folder per label (``source/label/photo.jpg``) or a CSV.

    The label is the folder right below ``source``, however deep in it the photo lies. A
    CSV has the columns ``image`` (path, relative to the CSV) and ``label``, and may have
    ``coarse``, ``dataset``, ``split`` and ``group``.

    Raises:
        InvalidInput: nothing is there, or a line lacks what it needs (``TRAINING_DATA_INVALID``).
    """
    if source.is_dir():
        photos = [
            Photo(path, path.relative_to(source).parts[0])
            for path in sorted(source.rglob("*"))
            if path.suffix.lower() in _SUFFIXES and path.parent != source
        ]
    elif source.is_file():
        photos = _read_csv(source)
    else:
        raise _invalid(f"{source} is neither a folder nor a CSV file")
    if not photos:
        raise _invalid(
            f"{source} holds no photo; want {source}/LABEL/photo.jpg (JPEG, PNG or WebP) or a CSV"
        )
    return photos


def _read_csv(source: Path) -> list[Photo]:
    try:
        # Excel begins its CSVs with a byte order mark.
        with source.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = {"image", "label"} - set(rows.fieldnames or ())
            if missing:
                raise _invalid(f"{source} lacks the column {', '.join(sorted(missing))}")
            return [_photo_of(row, source, number) for number, row in enumerate(rows, start=2)]
    except OSError as error:
        raise _invalid(f"cannot read {source}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise _invalid(f"{source} is no CSV in UTF-8; save it as such") from error


def _photo_of(row: dict[str, str], source: Path, number: int) -> Photo:
    image, label, split = row["image"], row["label"], row.get("split") or ""
    if not image or not label:
        raise _invalid(f"{source} line {number}: image and label must not be empty")
    if split not in _SPLITS:
        raise _invalid(f"{source} line {number}: split is {split!r}, want train, val or reference")
    return Photo(
        path=source.parent / image,
        label=label,
        coarse=row.get("coarse") or "",
        dataset=row.get("dataset") or "",
        split=cast(Split, split),
        group=row.get("group") or "",
    )


def _invalid(message: str) -> InvalidInput:
    return InvalidInput(message, reason="TRAINING_DATA_INVALID")


def assign_splits(photos: Sequence[Photo], val_share: float = 0.15) -> list[Photo]:
    """Give every photo without a split one: by group where it has one, else per label.

    Within a label the photos with the smallest hash of their path go to validation,
    at least one from three photos on, so that adding photos moves few others.
    """
    open_photos: dict[tuple[str, str], list[Photo]] = defaultdict(list)
    result = []
    for photo in photos:
        if photo.split:
            result.append(photo)
        elif photo.group:
            is_val = _hash(photo.group) < val_share
            result.append(replace(photo, split="val" if is_val else "train"))
        else:
            open_photos[photo.dataset, photo.label].append(photo)
    for members in open_photos.values():
        result += _split_label(members, val_share)
    return sorted(result, key=lambda photo: (photo.dataset, photo.label, photo.path))


def _split_label(members: list[Photo], val_share: float) -> list[Photo]:
    ordered = sorted(members, key=lambda photo: _hash(photo.path.name))
    held_out = max(1, round(len(members) * val_share)) if len(members) >= 3 else 0
    return [
        replace(photo, split="val" if rank < held_out else "train")
        for rank, photo in enumerate(ordered)
    ]


def _hash(text: str) -> float:
    """A number in 0..1 that is the same on every machine and run."""
    return zlib.crc32(text.encode()) / 2**32


@dataclass(frozen=True, slots=True)
class LabelSpace:
    """One softmax: the labels of one level of one data set, ``names`` in order."""

    dataset: str
    level: Literal["label", "coarse"]
    names: tuple[str, ...]

    def index(self, photo: Photo) -> int:
        """Position of the photo's label, or ``NO_LABEL`` if this space is not its own."""
        name = photo.label if self.level == "label" else photo.coarse
        if photo.dataset != self.dataset:
            return NO_LABEL
        at = bisect_left(self.names, name)
        return at if self.names[at : at + 1] == (name,) else NO_LABEL


def label_spaces(photos: Sequence[Photo]) -> list[LabelSpace]:
    """The label levels of each data set that have something to tell apart."""
    spaces = []
    for dataset in sorted({photo.dataset for photo in photos}):
        own = [photo for photo in photos if photo.dataset == dataset]
        levels: tuple[tuple[Literal["label", "coarse"], set[str]], ...] = (
            ("label", {photo.label for photo in own}),
            ("coarse", {photo.coarse for photo in own if photo.coarse}),
        )
        spaces += [
            LabelSpace(dataset, level, tuple(sorted(names)))
            for level, names in levels
            if len(names) > 1
        ]
    return spaces


def decode(path: Path) -> NDArray[np.uint8]:
    """Decode an image file to upright RGB, (H, W, 3) uint8, longer side at most 512.

    Raises:
        InvalidInput: the file is missing or the image gate refuses it
            (``TRAINING_DATA_INVALID``).
    """
    try:
        return image.decode(path.read_bytes(), max_side=_LONGEST_SIDE).image_rgb
    except (OSError, ImageRefused) as error:
        raise _invalid(f"{path} cannot be trained on: {error}") from error


def draw_epoch(photos: Sequence[Photo], plan: Plan, epoch: int) -> list[int]:
    """Choose the photos of one epoch, shuffled: indices into ``photos``.

    A label over ``plan.most_per_label`` shows another sample of its photos each epoch.
    """
    random = np.random.default_rng([plan.seed, epoch])
    drawn = _draw_once(photos, plan, random)
    while len(drawn) < plan.least_views:
        drawn += _draw_once(photos, plan, random)
    return [int(index) for index in random.permutation(drawn)]


def _draw_once(photos: Sequence[Photo], plan: Plan, random: np.random.Generator) -> list[int]:
    by_label: dict[tuple[str, str], list[int]] = defaultdict(list)
    drawn: list[int] = []
    for index, photo in enumerate(photos):
        if photo.split == "reference":
            drawn += [index] * plan.reference_repeats
        else:
            by_label[photo.dataset, photo.label].append(index)
    for members in by_label.values():
        drawn += random.permutation(members)[: plan.most_per_label].tolist()
    return drawn


def few_a_label(photos: Sequence[Photo], count: int) -> list[Photo]:
    """The first ``count`` photos of each label of each data set."""
    seen: dict[tuple[str, str], int] = defaultdict(int)
    kept = []
    for photo in photos:
        seen[photo.dataset, photo.label] += 1
        if seen[photo.dataset, photo.label] <= count:
            kept.append(photo)
    return kept


def spread(photos: Sequence[Photo], count: int) -> list[Photo]:
    """At most ``count`` photos, evenly from the whole sequence."""
    places = np.linspace(0, len(photos) - 1, min(count, len(photos))).astype(int)
    return [photos[place] for place in places]
