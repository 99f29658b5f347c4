"""The checkpoint of a run: written whole or not at all, refused where it does not fit."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import torch

from services.trainer.dataset import Photo
from shared.errors import InvalidInput

Weights = dict[str, torch.Tensor]


@dataclass(slots=True)
class Checkpoint:
    """The state of a run between two epochs.

    Attributes:
        fingerprint: of the plan, the photos, the starting weights and the teachers.
        epoch: epochs done.
        best_top1: best validation top-1 so far; -1 before the first.
        best: the last moving average that reached it.
        stale: validations since then.
        student: the weights in training.
        average: their moving average.
        optimizer: AdamW's moments.
        start: the starting weights; made from photos, another machine's may differ in
            rounding.
        turn: how the teachers' vectors are turned, made from photos too; empty without them.
    """

    fingerprint: str
    epoch: int = 0
    best_top1: float = -1.0
    best: Weights | None = None
    stale: int = 0
    student: Weights = field(default_factory=dict)
    average: Weights = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)
    start: Weights = field(default_factory=dict)
    turn: torch.Tensor = field(default_factory=lambda: torch.empty(0))


def fingerprint(plan: Mapping[str, Any], photos: Sequence[Photo], origin: str) -> str:
    """Hex digest that is equal only for the same plan, photos and origin of the weights."""
    digest = hashlib.sha256(json.dumps([dict(plan), origin], sort_keys=True).encode())
    for photo in photos:
        parts = (photo.path.name, photo.label, photo.coarse, photo.dataset, photo.split)
        digest.update(repr(parts).encode())
    return digest.hexdigest()


def write_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write beside the old one, then replace it: a kill leaves one of the two whole."""
    beside = path.with_suffix(".writing")
    state = {entry.name: getattr(checkpoint, entry.name) for entry in fields(checkpoint)}
    with beside.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def epochs_done(path: Path) -> int:
    """Whole epochs in a checkpoint, without reading its weights; 0 where there is none yet."""
    if not path.is_file():
        return 0
    return int(torch.load(path, map_location="cpu", weights_only=True, mmap=True)["epoch"])


def read_checkpoint(path: Path, expected: str, device: torch.device) -> Checkpoint | None:
    """Read the checkpoint of this very run; None where there is none yet.

    Raises:
        InvalidInput: it belongs to another plan, other photos, starting weights or
            teachers (``CHECKPOINT_OF_ANOTHER_RUN``).
    """
    if not path.is_file():
        return None
    state = torch.load(path, map_location=device, weights_only=True)
    if state["fingerprint"] != expected:
        raise InvalidInput(
            f"{path} is from a run with other options, photos, starting weights or teachers; "
            "choose another --out, or delete the file to start anew",
            reason="CHECKPOINT_OF_ANOTHER_RUN",
        )
    return Checkpoint(**state)
