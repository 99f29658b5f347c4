"""A checkpoint is whole, and only continues its own run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from services.trainer.checkpoint import (
    Checkpoint,
    epochs_done,
    fingerprint,
    read_checkpoint,
    write_checkpoint,
)
from services.trainer.dataset import Photo
from shared.errors import InvalidInput

CPU = torch.device("cpu")


def test_no_file_is_no_checkpoint(tmp_path: Path) -> None:
    """A first run starts from nothing."""
    assert read_checkpoint(tmp_path / "checkpoint.pt", "abc", CPU) is None
    assert epochs_done(tmp_path / "checkpoint.pt") == 0


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """Every field comes back, weights bit for bit."""
    weights = {"w": torch.randn(3)}
    turn = torch.randn(4, 2)
    written = Checkpoint("abc", 3, 0.5, weights, 1, weights, weights, {"state": {}}, weights, turn)
    write_checkpoint(written, tmp_path / "checkpoint.pt")
    found = read_checkpoint(tmp_path / "checkpoint.pt", "abc", CPU)
    assert found is not None
    assert (found.epoch, found.best_top1, found.stale) == (3, 0.5, 1)
    assert epochs_done(tmp_path / "checkpoint.pt") == 3
    for kept in (found.best, found.student, found.average, found.start):
        assert kept is not None
        assert torch.equal(kept["w"], weights["w"])
    assert found.optimizer == {"state": {}}
    assert torch.equal(found.turn, turn)


def test_half_written_file_does_not_count(tmp_path: Path) -> None:
    """A kill while writing leaves the checkpoint before it."""
    path = tmp_path / "checkpoint.pt"
    write_checkpoint(Checkpoint("abc", 3), path)
    path.with_suffix(".writing").write_bytes(b"half of a file")
    found = read_checkpoint(path, "abc", CPU)
    assert found is not None
    assert found.epoch == 3


def test_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    """It is never continued with other data; the message says what to do."""
    path = tmp_path / "checkpoint.pt"
    write_checkpoint(Checkpoint("abc"), path)
    with pytest.raises(InvalidInput, match="another --out") as caught:
        read_checkpoint(path, "abd", CPU)
    assert caught.value.reason == "CHECKPOINT_OF_ANOTHER_RUN"


def test_fingerprint_sees_plan_photos_and_origin() -> None:
    """Any of them changes it; where the photos lie does not."""
    photo = Photo(Path("here/a.jpg"), "tea", split="train")
    base = fingerprint({"epochs": 1}, [photo], "abc")
    assert fingerprint({"epochs": 1}, [replace(photo, path=Path("there/a.jpg"))], "abc") == base
    others = [
        fingerprint({"epochs": 2}, [photo], "abc"),
        fingerprint({"epochs": 1}, [replace(photo, split="val")], "abc"),
        fingerprint({"epochs": 1}, [photo], "abd"),
    ]
    assert len({base, *others}) == 4
