"""A small file is written whole or stays as it was."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from shared.models.calibrations import write_calibration
from shared.models.card import SHIPPED_EMBEDDER, SHIPPED_MODELS, read_card, write_card
from shared.models.embedder_choice import EmbedderChoice
from shared.models.writing import write_whole


def test_a_file_and_its_folder_are_made(tmp_path: Path) -> None:
    """Nothing else is left beside it."""
    write_whole(tmp_path / "models" / "a.json", "ä")
    assert (tmp_path / "models" / "a.json").read_text(encoding="utf-8") == "ä"
    assert len(list((tmp_path / "models").iterdir())) == 1


@pytest.mark.parametrize("kept", ["card", "calibration", "choice"])
def test_what_cannot_be_written_leaves_what_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    """A disk that fails in the middle: the card, the calibration and the choice stay readable."""
    card = read_card(SHIPPED_MODELS / f"{SHIPPED_EMBEDDER}.json")
    writers: dict[str, Callable[[int], object]] = {
        "card": lambda dims: write_card(replace(card, dims=dims), tmp_path / "card.json"),
        "calibration": lambda gap: write_calibration(card, {"gap": gap}, {}, tmp_path),
        "choice": lambda number: EmbedderChoice(tmp_path).use(f"acme-{number}", "first"),
    }

    def fail(descriptor: int) -> None:
        raise OSError(28, f"No space left on device {descriptor}")

    writers[kept](1)
    before = {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        writers[kept](2)
    assert before
    assert all(path.read_text() == text for path, text in before.items())
