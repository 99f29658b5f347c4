"""Retrieval figures of an embedder: is the nearest gallery photo of the same label?

Measured separately in each data set, on photos held out of training, with the
embeddings that are shipped. Where no photo could be held out (one picture a product),
the queries are strongly changed views of the references, which flatters; the
``queries`` field says which of the two it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from services.trainer.augmentation import Image, augment
from services.trainer.dataset import Photo, decode, few_a_label
from services.trainer.loading import normalised
from services.trainer.network import Embedder
from services.trainer.plan import Plan
from shared.image import fit

Vectors = NDArray[np.float32]
Embed = Callable[[torch.Tensor], torch.Tensor]
_BATCH = 32
# Queries that are compared with the whole gallery at once.
_BLOCK = 1024
# The gallery of a data set is thinned to this many photos a label: enough for a figure.
_MOST_GALLERY = 40


@dataclass(frozen=True, slots=True)
class Recall:
    """Validation figures.

    Attributes:
        top1: mean over the data sets of the nearest neighbour's top-1, 0..1.
        by_dataset: top-1 of each data set.
        queries: whether the queries were held-out photos or views of the references.
    """

    top1: float
    by_dataset: dict[str, float]
    queries: Literal["photos", "views"]


def recall(embedder: Embedder, photos: Sequence[Photo], plan: Plan, device: torch.device) -> Recall:
    """Nearest-neighbour top-1 of the held-out photos among the training photos."""
    embed = embedding_function(embedder, device, bfloat16=plan.bfloat16)
    gallery = few_a_label([photo for photo in photos if photo.split != "val"], _MOST_GALLERY)
    vectors = embed_images((decode_fit(photo, plan.eval_side) for photo in gallery), embed)
    held_out = [photo for photo in photos if photo.split == "val"]
    kind: Literal["photos", "views"] = "photos" if held_out else "views"
    queries = held_out or gallery
    images = (
        decode_fit(photo, plan.eval_side) if held_out else _changed(photo, plan, number)
        for number, photo in enumerate(queries)
    )
    query_vectors = embed_images(images, embed)
    found = {
        name: _top1_within(name, gallery, vectors, queries, query_vectors)
        for name in sorted({photo.dataset for photo in queries})
    }
    return Recall(float(np.mean(list(found.values()))), found, kind)


def embedding_function(embedder: Embedder, device: torch.device, *, bfloat16: bool) -> Embed:
    """From pixels (N, 3, H, W) uint8 to embeddings (N, D) float32 on the CPU."""

    @torch.inference_mode()
    def embed(pixels: torch.Tensor) -> torch.Tensor:
        was_training = embedder.training
        embedder.eval()
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            pooled = embedder.trunk(normalised(pixels.to(device))).float().mean(dim=(2, 3))
        vectors: torch.Tensor = embedder.head(pooled)
        embedder.train(was_training)
        return vectors.cpu()

    return embed


def decode_fit(photo: Photo, side: int) -> Image:
    """A photo stretched to (side, side, 3) uint8, as the shipped card says."""
    return fit(decode(photo.path), (side, side), "stretch")


def embed_images(images: Iterable[Image], embed: Embed) -> Vectors:
    """Embeddings (N, D) float32 of images (side, side, 3) uint8, in order.

    Takes the images as it needs them, so that they never lie in memory all at once.
    """
    chunks, remaining = [], iter(images)
    while batch := list(islice(remaining, _BATCH)):
        pixels = torch.from_numpy(np.stack(batch))
        chunks.append(embed(pixels.permute(0, 3, 1, 2)).numpy())
    return np.concatenate(chunks).astype(np.float32)


def nearest_top1(
    gallery: Vectors, gallery_labels: Sequence[str], queries: Vectors, query_labels: Sequence[str]
) -> float:
    """Share of queries (Q, D) whose most similar gallery row (G, D) has their label.

    >>> eye = np.eye(2, dtype=np.float32)
    >>> nearest_top1(eye, ["a", "b"], eye[:1], ["a"])
    1.0
    """
    blocks = range(0, len(queries), _BLOCK)
    best = [row for at in blocks for row in (queries[at : at + _BLOCK] @ gallery.T).argmax(axis=1)]
    hits = [gallery_labels[g] == label for g, label in zip(best, query_labels, strict=True)]
    return float(np.mean(hits))


def _changed(photo: Photo, plan: Plan, number: int) -> Image:
    random = np.random.default_rng([plan.seed, 0xE7A1, number])
    image_rgb = decode(photo.path)
    return augment(image_rgb, lambda: image_rgb, plan.eval_side, random)


def _top1_within(
    dataset: str,
    gallery: Sequence[Photo],
    vectors: Vectors,
    queries: Sequence[Photo],
    query_vectors: Vectors,
) -> float:
    own = [row for row, photo in enumerate(gallery) if photo.dataset == dataset]
    asked = [row for row, photo in enumerate(queries) if photo.dataset == dataset]
    if not own:
        return 0.0
    return nearest_top1(
        vectors[own],
        [gallery[row].label for row in own],
        query_vectors[asked],
        [queries[row].label for row in asked],
    )
