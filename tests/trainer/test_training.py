"""A run learns, resumes to the same bits, and stops when it gains nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from services.trainer.dataset import Photo
from services.trainer.distributed import Place
from services.trainer.evaluation import Recall
from services.trainer.network import Embedder, duplicate
from services.trainer.plan import Plan, learning_rate_share
from services.trainer.training import EpochReport, Trainer


class Killed(Exception):
    """Stands for the moment at which a process is gone."""


def run(
    photos: list[Photo],
    start: Embedder,
    plan: Plan,
    folder: Path,
    place: Place,
    die_after: int = 0,
    workers: int = 0,
) -> tuple[Embedder, list[EpochReport]]:
    reports: list[EpochReport] = []

    def on_epoch(report: EpochReport) -> None:
        reports.append(report)
        if report.epoch == die_after:
            raise Killed

    folder.mkdir(exist_ok=True)
    trainer = Trainer(photos, start, plan, folder, place, workers)
    return trainer.run(on_epoch, lambda loss: None), reports


def weights_equal(first: Embedder, second: Embedder) -> bool:
    mine, other = first.state_dict(), second.state_dict()
    return all(torch.equal(mine[name], other[name]) for name in mine)


def test_rate_rises_then_falls_to_nothing() -> None:
    """A tenth of the steps up, then half a cosine down."""
    shares = [learning_rate_share(step, 100, 0.1) for step in range(101)]
    assert shares[0] == pytest.approx(0.1)
    assert max(shares) == shares[10] == 1.0
    assert shares[10:] == sorted(shares[10:], reverse=True)
    assert shares[100] == pytest.approx(0.0)


@pytest.mark.parametrize("workers", [0, 1])
def test_interrupted_run_ends_as_the_uninterrupted_one(
    photos: list[Photo],
    shipped: Embedder,
    tiny_plan: Plan,
    alone: Place,
    tmp_path: Path,
    workers: int,
) -> None:
    """Stopped after the first of two epochs and started again: the same weights, bit by bit."""
    whole, _ = run(photos, shipped, tiny_plan, tmp_path / "whole", alone, workers=workers)
    with pytest.raises(Killed):
        run(photos, shipped, tiny_plan, tmp_path / "parts", alone, die_after=1, workers=workers)
    resumed, reports = run(photos, shipped, tiny_plan, tmp_path / "parts", alone, workers=workers)
    assert [report.epoch for report in reports] == [2]
    assert weights_equal(whole, resumed)


def test_seed_decides_the_result(
    photos: list[Photo], shipped: Embedder, tiny_plan: Plan, alone: Place, tmp_path: Path
) -> None:
    """Another seed gives other weights."""
    plans = [replace(tiny_plan, epochs=1, seed=seed) for seed in (0, 1)]
    first, second = (
        run(photos, shipped, plan, tmp_path / str(plan.seed), alone)[0] for plan in plans
    )
    assert not weights_equal(first, second)


def test_run_stops_early_when_nothing_improves(
    photos: list[Photo], shipped: Embedder, tiny_plan: Plan, alone: Place, tmp_path: Path
) -> None:
    """With a rate of nothing no epoch is better than the first."""
    plan = replace(tiny_plan, epochs=9, trunk_rate=0.0, head_rate=0.0, patience=1)
    _, reports = run(photos, shipped, plan, tmp_path / "run", alone)
    assert [report.last for report in reports] == [False, True]


def test_of_equal_validations_the_last_is_kept(
    photos: list[Photo],
    shipped: Embedder,
    tiny_plan: Plan,
    alone: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where recall is full from the start, what ships has learnt longest; it stops as before."""
    seen: list[Embedder] = []

    def full(trainer: Trainer) -> Recall:
        seen.append(duplicate(trainer._average.embedder))
        return Recall(1.0, {"": 1.0}, "photos")

    monkeypatch.setattr(Trainer, "validate", full)
    plan = replace(tiny_plan, epochs=9, patience=2)
    best, reports = run(photos, shipped, plan, tmp_path / "run", alone)
    assert [report.last for report in reports] == [False, False, True]
    assert weights_equal(best, seen[-1])
    assert not weights_equal(best, seen[0])


def test_start_is_not_changed(
    photos: list[Photo], shipped: Embedder, tiny_plan: Plan, alone: Place, tmp_path: Path
) -> None:
    """The embedder that a run starts from stays what it was."""
    before = {name: tensor.clone() for name, tensor in shipped.state_dict().items()}
    trained, _ = run(photos, shipped, replace(tiny_plan, epochs=1), tmp_path / "run", alone)
    assert all(torch.equal(before[name], shipped.state_dict()[name]) for name in before)
    assert not weights_equal(trained, shipped)


def test_frozen_blocks_stay(
    photos: list[Photo], shipped: Embedder, tiny_plan: Plan, alone: Place, tmp_path: Path
) -> None:
    """The first blocks are the starting weights' own."""
    trained, _ = run(photos, shipped, replace(tiny_plan, epochs=1), tmp_path / "run", alone)
    frozen = tiny_plan.frozen_blocks
    assert frozen == 5
    for mine, other in zip(trained.trunk.blocks[:frozen], shipped.trunk.blocks, strict=False):
        for ours, theirs in zip(mine.parameters(), other.parameters(), strict=True):
            assert torch.equal(ours, theirs)


def test_mixed_run_resumes_to_the_same_bits_from_its_own_start(
    photos: list[Photo], shipped: Embedder, tiny_plan: Plan, alone: Place, tmp_path: Path
) -> None:
    """Pasted views are drawn anew the same, and a start that rounds otherwise is not taken."""
    plan = replace(tiny_plan, mixed_share=0.5, placement_weight=0.5)
    whole, _ = run(photos, shipped, plan, tmp_path / "whole", alone)
    with pytest.raises(Killed):
        run(photos, shipped, plan, tmp_path / "parts", alone, die_after=1)
    rounded = duplicate(shipped)
    with torch.no_grad():
        rounded.head.general.weight.mul_(1 + 1e-3)
    resumed, _ = run(photos, rounded, plan, tmp_path / "parts", alone)
    assert weights_equal(whole, resumed)
