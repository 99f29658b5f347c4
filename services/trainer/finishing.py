"""From trained checkpoints to the weights that ship: averaging, interpolating, mixing.

- Several runs' weights are averaged (Wortsman et al., "Model soups", ICML 2022); they
  must have started from the same weights.
- The trunk is drawn back towards ImageNet's (Wortsman et al., "Robust fine-tuning of
  zero-shot models", CVPR 2022): it keeps more of the rest of the world. The heads stay.
- The weight of the product part in the similarity is set anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from rich.console import Console

from services.trainer.dataset import assign_splits
from services.trainer.dequantise import read_convolutions
from services.trainer.figures import COLUMNS, figures_of
from services.trainer.network import Embedder, Trunk
from services.trainer.plan import Plan
from services.trainer.public_data import VALIDATION_SHARE, public_photos
from services.trainer.run import IMAGENET_DATA, IMAGENET_SOURCE, Request, export
from services.trainer.starting import from_card
from shared.errors import InvalidInput
from shared.models.card import read_card, write_card


@dataclass(frozen=True, slots=True)
class Finish:
    """What to make of trained embedders.

    Attributes:
        data: folder with the public photos: int8 is calibrated on some, figures on others.
        cards: the embedders whose weights are averaged.
        imagenet: the quantised MobileNetV2 that they started from.
        out: folder for cards and ONNX files.
        model_id: id of what ships.
        keep: share of the way from ImageNet's trunk to the trained one, 0..1.
        mix: weight of the product part in the similarity, 0..1.
        honest: columns of ``figures`` whose photos none of the runs was trained on.
        trained_on: data with licences, for the card.
        licence: SPDX identifier.
    """

    data: Path
    cards: tuple[Path, ...]
    imagenet: Path
    out: Path
    model_id: str
    keep: float
    mix: float
    honest: tuple[str, ...]
    trained_on: tuple[str, ...]
    licence: str


def finish(wanted: Finish, console: Console) -> Path:
    """Write the weights, their int8 twin and both cards; returns the first card's path.

    Raises:
        InvalidInput: the embedders differ in shape, or a column is unknown.
    """
    unknown = set(wanted.honest) - set(COLUMNS)
    if unknown:
        raise InvalidInput.of("honest", f"has {', '.join(sorted(unknown))}; want {COLUMNS}")
    embedder = average([from_card(card) for card in wanted.cards])
    draw_back(embedder, wanted.imagenet, wanted.keep)
    embedder.head.mix.fill_(wanted.mix)
    wanted.out.mkdir(parents=True, exist_ok=True)
    photos = assign_splits(public_photos(wanted.data), VALIDATION_SHARE)
    request = Request(
        wanted.data, wanted.cards[0], wanted.out, wanted.model_id, Plan(), licence=wanted.licence
    )
    export(request, embedder, photos, {})
    whole = wanted.out / f"{wanted.model_id}.json"
    for path in (wanted.out / f"int8-{wanted.model_id}.json", whole):
        _complete(path, wanted, console)
    return whole


def average(embedders: Sequence[Embedder]) -> Embedder:
    """The mean of the weights of embedders of one shape; changes and returns the first.

    Raises:
        InvalidInput: their shapes differ.
    """
    states = [embedder.state_dict() for embedder in embedders]
    shapes = [{name: tensor.shape for name, tensor in state.items()} for state in states]
    if any(other != shapes[0] for other in shapes[1:]):
        raise InvalidInput("cards: the embedders differ in shape and cannot be averaged")
    mean = {name: torch.stack([state[name] for state in states]).mean(dim=0) for name in states[0]}
    embedders[0].load_state_dict(mean)
    return embedders[0]


@torch.no_grad()
def draw_back(embedder: Embedder, imagenet: Path, keep: float) -> None:
    """Move the trunk towards ImageNet's: 1 leaves it, 0 is all the way."""
    start = Trunk()
    start.load_convolutions(read_convolutions(imagenet))
    for trained, frozen in zip(embedder.trunk.parameters(), start.parameters(), strict=True):
        trained.copy_(torch.lerp(frozen, trained, keep))


def _complete(path: Path, wanted: Finish, console: Console) -> None:
    """Put into a card what was trained on and the honest figures of its very file."""
    card = read_card(path)
    found = figures_of(wanted.data, path, console)
    honest = {f"{_key(name)}_top1": round(found[name], 4) for name in wanted.honest}
    write_card(
        replace(
            card,
            source=f"services/trainer; started from {IMAGENET_SOURCE}",
            trained_on=(IMAGENET_DATA, *wanted.trained_on),
            figures=honest | card.figures,
            # That of one of the averaged networks, mixed otherwise, says nothing of the mean.
            calibration={},
        ),
        path,
    )


def _key(column: str) -> str:
    return {"clothing": "clothing_val"}.get(column, column.replace(" ", "_"))
