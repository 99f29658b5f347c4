"""The same views come in the same order, whoever makes them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from services.trainer.dataset import Photo, label_spaces
from services.trainer.distributed import Place
from services.trainer.loading import EpochOrder, Views, batches, normalised, view_loader
from services.trainer.plan import Plan
from shared.errors import InvalidInput


def addresses(photos: list[Photo], plan: Plan, place: Place, epoch: int) -> list[tuple[int, ...]]:
    order = EpochOrder(photos, plan, place)
    order.epoch = epoch
    return list(order)


def test_processes_share_an_epoch(photos: list[Photo], tiny_plan: Plan) -> None:
    """Two processes see together what one alone would, nothing twice."""
    plan = replace(tiny_plan, batch=8)
    cpu = torch.device("cpu")
    alone = addresses(photos, plan, Place(cpu), 1)
    first, second = (addresses(photos, plan, Place(cpu, rank, 2), 1) for rank in (0, 1))
    assert len(first) == len(second) == len(alone) // 2
    assert sorted(first + second) == sorted(alone)


def test_epoch_is_made_of_whole_batches(photos: list[Photo], tiny_plan: Plan) -> None:
    """24 photos in batches of 9: two batches; a batch is never larger than the epoch."""
    place = Place(torch.device("cpu"))
    assert len(EpochOrder(photos, tiny_plan, place)) == 18
    assert len(EpochOrder(photos, replace(tiny_plan, batch=500), place)) == 24


def test_view_depends_on_its_address_alone(photos: list[Photo]) -> None:
    """Another epoch or place changes the view of a photo; nothing else does."""
    spaces = label_spaces(photos)
    views, again = (Views(photos, spaces, 64, seed=3) for _ in range(2))
    assert torch.equal(views[0, 5, 2][0], again[0, 5, 2][0])
    assert not torch.equal(views[0, 5, 2][0], views[1, 5, 2][0])
    assert not torch.equal(views[0, 5, 2][0], views[0, 6, 2][0])


def test_worker_processes_change_nothing(photos: list[Photo], tiny_plan: Plan) -> None:
    """Batches of a worker process equal those made in this one."""
    spaces = label_spaces(photos)
    runs = []
    for workers in (0, 1):
        order = EpochOrder(photos, tiny_plan, Place(torch.device("cpu")))
        runs.append(list(view_loader(photos, spaces, order, tiny_plan, workers)))
    for (pixels, labels), (other_pixels, other_labels) in zip(*runs, strict=True):
        assert torch.equal(pixels, other_pixels)
        assert torch.equal(labels, other_labels)


@pytest.mark.parametrize("workers", [0, 1])
def test_photo_that_went_bad_is_told_in_one_line(
    photos: list[Photo], tiny_plan: Plan, workers: int
) -> None:
    """What a worker process met is no traceback."""
    for photo in photos:
        photo.path.write_bytes(b"changed while training")
    order = EpochOrder(photos, tiny_plan, Place(torch.device("cpu")))
    loader = view_loader(photos, label_spaces(photos), order, tiny_plan, workers)
    with pytest.raises(InvalidInput, match=r"^/.*\.jpg cannot be trained on: ") as caught:
        list(batches(loader, torch.device("cpu")))
    assert "\n" not in caught.value.message
    assert caught.value.reason == "TRAINING_DATA_INVALID"


def test_pixels_become_minus_one_to_one() -> None:
    """As the starting weights were trained."""
    pixels = torch.tensor([0, 255], dtype=torch.uint8).reshape(1, 1, 1, 2)
    assert normalised(pixels).flatten().tolist() == [-1.0, 1.0]
