"""Calibrations fitted to a retailer's catalogue: kept beside the models, by model file.

A card's own ``calibration`` is what its maker measured. What ``vitrine calibrate`` fits
lies in the folder ``calibrations`` of a model folder and takes its place, for exactly
the file that it was fitted with.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from shared.errors import NotReady
from shared.models.card import ModelCard
from shared.models.writing import write_whole

_FOLDER: Final = "calibrations"


def calibrated(card: ModelCard, folders: Iterable[Path]) -> ModelCard:
    """Give the card with the calibration that was fitted for its file, if any was.

    A later folder wins over an earlier one.

    Raises:
        NotReady: such a file is no calibration (``CALIBRATION_INVALID``).
    """
    found = card
    for folder in folders:
        path = _path(card, folder)
        if path.is_file():
            found = replace(card, calibration=_read(path))
    return found


def write_calibration(
    card: ModelCard, calibration: Mapping[str, float], figures: Mapping[str, float], folder: Path
) -> Path:
    """Keep a calibration in a model folder; gives the file, written whole or not at all."""
    path = _path(card, folder)
    content = {"model": card.id, "calibration": dict(calibration), "figures": dict(figures)}
    write_whole(path, json.dumps(content, indent=2, allow_nan=False) + "\n")
    return path


def _path(card: ModelCard, folder: Path) -> Path:
    return folder / _FOLDER / f"{card.id}-{card.sha256[:12]}.json"


def _read(path: Path) -> dict[str, float]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {name: float(value) for name, value in content["calibration"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotReady(
            f"{path} is not a calibration: {error!r}; run `vitrine calibrate` again or delete it",
            reason="CALIBRATION_INVALID",
        ) from error
