"""Recall is the share of queries whose nearest gallery photo has their label."""

from __future__ import annotations

import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch

from services.trainer import evaluation
from services.trainer.dataset import Photo
from services.trainer.evaluation import decode_fit, embed_images, nearest_top1, recall
from services.trainer.network import Embedder
from services.trainer.plan import Plan

CPU = torch.device("cpu")


def test_nearest_counts_hits() -> None:
    """Two of three queries lie next to their label."""
    gallery = np.eye(3, dtype=np.float32)
    queries = np.array([[0.9, 0.1, 0], [0, 0.8, 0.2], [0, 0.1, 0.9]], np.float32)
    assert nearest_top1(gallery, ["a", "b", "c"], queries, ["a", "b", "a"]) == 2 / 3


def test_held_out_photos_are_the_queries(
    photos: list[Photo], shipped: Embedder, tiny_plan: Plan
) -> None:
    """Where photos are held out, they are asked about."""
    found = recall(shipped, photos, tiny_plan, CPU)
    assert found.queries == "photos"
    assert found.by_dataset == {"": found.top1}


def test_without_held_out_photos_changed_views_are_asked(
    photos: list[Photo], shipped: Embedder, tiny_plan: Plan
) -> None:
    """One picture a product still gives a figure, and says what it is."""
    references = [replace(photo, split="reference") for photo in photos]
    found = recall(shipped, references, tiny_plan, CPU)
    assert found.queries == "views"
    assert 0.0 < found.top1 <= 1.0


def test_data_sets_do_not_answer_each_other(
    photos: list[Photo], shipped: Embedder, tiny_plan: Plan
) -> None:
    """A data set with queries and no gallery is wrong everywhere, the other unaffected."""
    lone = [replace(photo, dataset="lone") for photo in photos if photo.split == "val"]
    found = recall(shipped, [*photos, *lone], tiny_plan, CPU)
    assert found.by_dataset["lone"] == 0.0
    assert found.by_dataset[""] == recall(shipped, photos, tiny_plan, CPU).top1


def test_few_photos_lie_in_memory_at_once(
    photos: list[Photo], shipped: Embedder, tiny_plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch, whatever the catalogue's size."""
    alive: list[weakref.ref[np.ndarray]] = []
    most = 0

    def decoded(photo: Photo, side: int) -> np.ndarray:
        nonlocal most
        image = decode_fit(photo, side)
        alive.append(weakref.ref(image))
        most = max(most, sum(one() is not None for one in alive))
        return image

    monkeypatch.setattr(evaluation, "decode_fit", decoded)
    monkeypatch.setattr(evaluation, "_BATCH", 4)
    found = recall(shipped, photos, tiny_plan, CPU)
    assert len(alive) == len(photos)
    assert most <= 8
    monkeypatch.undo()
    assert found == recall(shipped, photos, tiny_plan, CPU)


def test_queries_are_compared_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last block may be smaller; the share is that of all."""
    monkeypatch.setattr(evaluation, "_BLOCK", 2)
    eye = np.eye(3, dtype=np.float32)
    labels = ["a", "b", "c"]
    assert nearest_top1(eye, labels, eye, labels) == 1.0
    assert nearest_top1(eye, labels, eye, ["a", "b", "b"]) == 2 / 3


def test_embedding_does_not_depend_on_the_batch(photos: list[Photo], shipped: Embedder) -> None:
    """A photo alone has the vector that it has among others."""
    images = [decode_fit(photo, 64) for photo in photos[:3]]

    @torch.inference_mode()
    def embed(pixels: torch.Tensor) -> torch.Tensor:
        return shipped(pixels.float() / 127.5 - 1)

    together = embed_images(images, embed)
    alone = np.concatenate([embed_images([image], embed) for image in images])
    np.testing.assert_allclose(together, alone, atol=1e-5)
