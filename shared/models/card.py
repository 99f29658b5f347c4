"""A model is a card and a file.

The card says everything that a reply, an index or an auditor must know about the
file beside it: what it computes, what it takes, what it was trained on and under
which licence. Loading checks the file against the card's SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Literal

from shared.errors import NotReady
from shared.models.writing import write_whole

Task = Literal["embedding", "face", "hand", "body"]
SHIPPED_MODELS: Final = Path(__file__).resolve().parent / "weights"
"""The folder of the cards and weights that come with Vitrine."""
SHIPPED_EMBEDDER: Final = "vitrine-embedder-1"
"""The embedder that is in use until another one is chosen."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model file is.

    Attributes:
        id: stable name, also the name of its index (``vitrine-embedder-1``).
        task: what it computes.
        file: file name beside the card, or empty for a model without weights.
        sha256: hex digest of the file, or of the algorithm's name and version.
        licence: SPDX identifier of the weights.
        source: where the architecture and the starting weights come from.
        trained_on: data sets with their licences; empty for a classical method.
        input_size: ``(width, height)`` in pixels that the model takes.
        input_mean: per-channel RGB mean, subtracted from 0..255 pixels.
        input_std: per-channel RGB divisor, applied after the mean.
        input_layout: order of the input's axes.
        fit: how an image is brought to ``input_size`` (see ``shared.image.fit``).
        dims: length of the output vector; vectors are L2-normalised by the embedder.
        views: test-time views whose vectors are averaged (1 = the image alone).
        figures: measured figures by name (``grocery_val_top1``), for people.
        calibration: numbers that turn similarities into probabilities, by name.
        notes: what a user should know, one sentence each.
    """

    id: str
    task: Task
    file: str
    sha256: str
    licence: str
    source: str
    trained_on: tuple[str, ...] = ()
    input_size: tuple[int, int] = (224, 224)
    input_mean: tuple[float, float, float] = (127.5, 127.5, 127.5)
    input_std: tuple[float, float, float] = (127.5, 127.5, 127.5)
    input_layout: Literal["NCHW", "NHWC"] = "NCHW"
    fit: Literal["stretch", "pad", "crop"] = "stretch"
    dims: int = 0
    views: int = 1
    figures: dict[str, float] = field(default_factory=dict)
    calibration: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


_TUPLES = ("trained_on", "input_size", "input_mean", "input_std", "notes")


def read_card(path: Path) -> ModelCard:
    """Read a card from its JSON file.

    Raises:
        NotReady: the file is missing or is not a card (``MODEL_CARD_INVALID``).
    """
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        fields |= {name: tuple(fields[name]) for name in _TUPLES if name in fields}
        return ModelCard(**fields)
    except (OSError, ValueError, TypeError) as error:
        raise NotReady(
            f"{path} is not a readable model card: {error}", reason="MODEL_CARD_INVALID"
        ) from error


def write_card(card: ModelCard, path: Path) -> None:
    """Write a card as JSON, keys in the order of the dataclass; whole or not at all."""
    write_whole(path, json.dumps(asdict(card), indent=2) + "\n")


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked_file(card: ModelCard, folder: Path) -> Path:
    """Path of the card's file in ``folder``, after checking its hash.

    Raises:
        NotReady: the file is missing (``MODEL_MISSING``) or is another file than
            the card describes (``MODEL_HASH_MISMATCH``).
    """
    path = folder / card.file
    if not path.is_file():
        raise NotReady(
            f"model {card.id}: {path} is missing; run `vitrine models`", reason="MODEL_MISSING"
        )
    found = sha256_of(path)
    if found != card.sha256:
        raise NotReady(
            f"model {card.id}: {path} has SHA-256 {found}, its card says {card.sha256}",
            reason="MODEL_HASH_MISMATCH",
        )
    return path
