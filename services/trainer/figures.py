"""The validation figures of embedders on the public photos, in one table.

Nearest neighbour everywhere. The held-out kinds are clothing labels that the default
embedder was never trained on: each photo asks all others but its own photographer's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table

from services.trainer.augmentation import Image
from services.trainer.dataset import Photo, assign_splits
from services.trainer.dequantise import read_convolutions
from services.trainer.evaluation import Vectors, decode_fit, embed_images, nearest_top1
from services.trainer.export import open_session
from services.trainer.loading import normalised
from services.trainer.network import Trunk
from services.trainer.public_data import VALIDATION_SHARE, public_photos, stranger_photos
from shared.models.card import checked_file, read_card

COLUMNS = ("fine", "coarse", "8 a product", "iconic", "clothing", "kinds held out")
_SIDE = 224
_DRAWS = 5
EmbedImages = Callable[[Sequence[Image]], Vectors]


@dataclass(frozen=True, slots=True)
class Embedded:
    """Photos with their embeddings (N, D), row by row."""

    photos: list[Photo]
    vectors: Vectors

    def of(self, dataset: str, split: str) -> Embedded:
        """The rows of one split of one data set."""
        wanted = (dataset, split)
        rows = [
            row for row, photo in enumerate(self.photos) if (photo.dataset, photo.split) == wanted
        ]
        return Embedded([self.photos[row] for row in rows], self.vectors[rows])

    def top1(self, queries: Embedded, *, coarse: bool = False) -> float:
        """Nearest-neighbour top-1 of the queries in this gallery, 0..1."""
        names = [
            [photo.coarse if coarse else photo.label for photo in side.photos]
            for side in (self, queries)
        ]
        return nearest_top1(self.vectors, names[0], queries.vectors, names[1])


def print_figures(data: Path, models: Sequence[Path], console: Console) -> None:
    """Measure each model (a card, or the ImageNet ``.tflite``) and print the table."""
    table = Table("embedder", *COLUMNS)
    for path in models:
        found = figures_of(data, path, Console(stderr=True))
        table.add_row(path.stem, *(f"{found[column]:.3f}" for column in COLUMNS))
    console.print(table)


def figures_of(data: Path, model: Path, console: Console) -> dict[str, float]:
    """The figures of one model by ``COLUMNS``; progress goes to the console."""
    photos = assign_splits([*public_photos(data), *stranger_photos(data)], VALIDATION_SHARE)
    embed = _frozen(model) if model.suffix == ".tflite" else _shipped(model)
    row = measure(_embedded(photos, embed, model.stem, console))
    return dict(zip(COLUMNS, row, strict=True))


def measure(found: Embedded) -> list[float]:
    """The figures in the order of ``COLUMNS``."""
    gallery, queries, icons = (
        found.of("grocery", split) for split in ("train", "val", "reference")
    )
    garments, asked = (found.of("clothing", split) for split in ("train", "val"))
    few = [few_a_label(gallery, 8, seed).top1(queries) for seed in range(_DRAWS)]
    return [
        gallery.top1(queries),
        gallery.top1(queries, coarse=True),
        float(np.mean(few)),
        icons.top1(queries),
        garments.top1(asked),
        leave_group_out(found.of("strangers", "val")),
    ]


def few_a_label(found: Embedded, count: int, seed: int) -> Embedded:
    """``count`` random photos of each label."""
    taken: dict[str, int] = {}
    rows = []
    for row in np.random.default_rng(seed).permutation(len(found.photos)):
        label = found.photos[row].label
        taken[label] = taken.get(label, 0) + 1
        if taken[label] <= count:
            rows.append(int(row))
    return Embedded([found.photos[row] for row in rows], found.vectors[rows])


def leave_group_out(found: Embedded) -> float:
    """Top-1 of each photo among all photos of other groups."""
    groups = np.array([photo.group for photo in found.photos])
    labels = np.array([photo.label for photo in found.photos])
    similarity = found.vectors @ found.vectors.T
    similarity[groups[:, None] == groups[None]] = -np.inf
    return float((labels[similarity.argmax(axis=1)] == labels).mean())


def _embedded(photos: list[Photo], embed: EmbedImages, name: str, console: Console) -> Embedded:
    chunks = [photos[start : start + 32] for start in range(0, len(photos), 32)]
    rows = [
        embed([decode_fit(photo, _SIDE) for photo in chunk])
        for chunk in track(chunks, name, console=console, transient=True)
    ]
    return Embedded(photos, np.concatenate(rows))


def _shipped(path: Path) -> EmbedImages:
    session = open_session(checked_file(read_card(path), path.parent), threads=2)

    def embed(images: Sequence[Image]) -> Vectors:
        pixels = np.stack(images).transpose(0, 3, 1, 2)
        vectors: Vectors = session.run(
            ["embedding"], {"image": (pixels / 127.5 - 1).astype(np.float32)}
        )[0]
        return vectors

    return embed


def _frozen(path: Path) -> EmbedImages:
    trunk = Trunk()
    trunk.load_convolutions(read_convolutions(path))
    trunk.eval()

    @torch.inference_mode()
    def pooled(pixels: torch.Tensor) -> torch.Tensor:
        features = trunk(normalised(pixels)).mean(dim=(2, 3))
        return torch.nn.functional.normalize(features)

    return lambda images: embed_images(images, pooled)
