"""From checkpoints to the weights that ship: averaging, drawing back, honest cards."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from rich.console import Console

from services.trainer.dequantise import read_convolutions
from services.trainer.finishing import Finish, average, draw_back, finish
from services.trainer.network import Embedder, Head, Trunk, duplicate
from services.trainer.run import SHIPPED_CARD
from services.trainer.starting import from_card
from shared.errors import InvalidInput
from shared.models.card import checked_file, read_card
from tests.trainer.conftest import draw_product
from tests.trainer.test_starting import IMAGENET


def moved(embedder: Embedder, by: float) -> Embedder:
    """A copy with every weight moved by as much."""
    copy = duplicate(embedder)
    with torch.no_grad():
        for parameter in copy.parameters():
            parameter.add_(by)
    return copy


def test_average_lies_in_the_middle(shipped: Embedder) -> None:
    """Of one embedder and its copy moved by 0.2: moved by 0.1."""
    expected = moved(shipped, 0.1)
    found = average([duplicate(shipped), moved(shipped, 0.2)])
    for mine, other in zip(found.parameters(), expected.parameters(), strict=True):
        torch.testing.assert_close(mine, other)


def test_embedders_of_other_shape_are_refused(shipped: Embedder) -> None:
    """A sentence instead of a tensor error."""
    other = Embedder(Trunk(), Head(7, 5, 0.9))
    with pytest.raises(InvalidInput, match="differ in shape"):
        average([duplicate(shipped), other])


def test_unknown_figure_is_refused_before_any_work(tmp_path: Path) -> None:
    """The message lists those that exist."""
    with pytest.raises(InvalidInput, match="clothing"):
        finish(plan(tmp_path, tmp_path, honest=("shoes",)), Console(quiet=True))


@pytest.mark.data
def test_draw_back_goes_from_imagenet_to_the_trained(shipped: Embedder, data: Path) -> None:
    """All the way back is ImageNet's trunk, none of it the trained; the heads stay."""
    back, stay = duplicate(shipped), duplicate(shipped)
    draw_back(back, data / IMAGENET, 0.0)
    draw_back(stay, data / IMAGENET, 1.0)
    first = read_convolutions(data / IMAGENET)[0].weight
    torch.testing.assert_close(next(back.trunk.parameters()).detach(), first)
    torch.testing.assert_close(back.head.product.weight, shipped.head.product.weight)
    for mine, other in zip(stay.parameters(), shipped.parameters(), strict=True):
        torch.testing.assert_close(mine, other)


@pytest.mark.data
def test_what_ships_says_what_was_measured(data: Path, tmp_path: Path) -> None:
    """Both cards name file, data and only the figures that are honest."""
    photos = write_small_public_data(tmp_path / "public")
    card_path = finish(plan(photos, data), Console(quiet=True))
    for path in (card_path, card_path.parent / "int8-acme-2.json"):
        card = read_card(path)
        assert checked_file(card, path.parent).is_file()
        assert card.trained_on[-1] == "own photos (MIT)"
        assert card.calibration == {}
        assert {"clothing_val_top1", "kinds_held_out_top1"} <= set(card.figures)
        assert not any("fine" in name for name in card.figures)
    assert from_card(card_path).head.mix == pytest.approx(0.8)


def plan(photos: Path, data: Path, honest: tuple[str, ...] = ("clothing", "kinds held out")):
    return Finish(
        photos, (SHIPPED_CARD, SHIPPED_CARD), data / IMAGENET, photos / "out", "acme-2", 0.9, 0.8,
        honest, ("own photos (MIT)",), "MIT",
    )  # fmt: skip


def write_small_public_data(folder: Path) -> Path:
    """Drawn photos in the layout of the two public data sets."""
    random = np.random.default_rng(3)
    grocery, clothing = folder / "grocery", folder / "clothing"
    (clothing / "images").mkdir(parents=True)
    grocery.mkdir()
    lines: dict[str, list[str]] = {"train": [], "val": []}
    columns = ("Class Name (str)", "Coarse Class Name (str)", "Iconic Image Path (str)")
    with (grocery / "classes.csv").open("w", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for label in range(3):
            row = dict(zip(columns, (f"p{label}", "all", f"/icon{label}.jpg"), strict=True))
            writer.writerow(row)
            for name in (f"icon{label}.jpg", f"t{label}.jpg", f"v{label}.jpg"):
                cv2.imwrite(str(grocery / name), draw_product(label, random))
            lines["train"].append(f"t{label}.jpg, {label}, 0")
            lines["val"].append(f"v{label}.jpg, {label}, 0")
    for split, text in lines.items():
        (grocery / f"{split}.txt").write_text("\n".join(text), encoding="utf-8")
    with (clothing / "images.csv").open("w", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ("image", "label", "sender_id"))
        writer.writeheader()
        for number in range(40):
            label = ("Dress", "Hat", "Polo", "Top")[number % 4]
            cv2.imwrite(
                str(clothing / "images" / f"{number}.jpg"), draw_product(number % 4, random)
            )
            writer.writerow({"image": number, "label": label, "sender_id": number})
    return folder
