"""A made-up catalogue of patterned things, and the shipped embedder to start from."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from services.trainer.dataset import Photo, assign_splits, read_photos
from services.trainer.distributed import Place
from services.trainer.network import Embedder
from services.trainer.plan import Plan
from services.trainer.run import SHIPPED_CARD
from services.trainer.starting import from_card

Draw = Callable[..., Path]


def draw_product(label: int, random: np.random.Generator) -> np.ndarray:
    """A photo (96, 96, 3) uint8: all products share shape and colours, their dots differ."""
    own = np.random.default_rng(label)
    face = np.full((60, 60, 3), (60, 140, 200), np.uint8)
    for x, y in own.integers(6, 54, (6, 2)):
        cv2.circle(face, (int(x), int(y)), int(own.integers(4, 9)), (230, 230, 240), -1)
    canvas = cv2.resize(random.integers(0, 256, (6, 6, 3), np.uint8), (96, 96))
    corner, size = random.uniform(4, 34, 2), random.uniform(40, 56)
    turn = cv2.getRotationMatrix2D((30, 30), random.uniform(-40, 40), size / 60)
    turn[:, 2] += corner
    placed = cv2.warpAffine(face, turn, (96, 96), flags=cv2.INTER_AREA)
    mask = cv2.warpAffine(np.full((60, 60), 255, np.uint8), turn, (96, 96)) > 127
    canvas[mask] = placed[mask]
    lit = canvas * random.uniform(0.6, 1.3, 3) + random.normal(0, 8, canvas.shape)
    return np.clip(lit, 0, 255).astype(np.uint8)


@pytest.fixture
def draw_catalogue(tmp_path: Path) -> Draw:
    """Writes a folder per label: ``draw_catalogue(labels=6, photos=4)``."""

    def draw(labels: int = 6, photos: int = 4, name: str = "photos") -> Path:
        random = np.random.default_rng(7)
        for label in range(labels):
            folder = tmp_path / name / f"product-{label:02}"
            folder.mkdir(parents=True)
            for number in range(photos):
                cv2.imwrite(str(folder / f"{number}.jpg"), draw_product(label, random))
        return tmp_path / name

    return draw


@pytest.fixture
def photos(draw_catalogue: Draw) -> list[Photo]:
    """Six products of four photos, one of each held out."""
    return assign_splits(read_photos(draw_catalogue()))


@pytest.fixture(scope="session")
def shipped() -> Embedder:
    """The shipped embedder."""
    torch.set_num_threads(2)
    return from_card(SHIPPED_CARD)


@pytest.fixture
def tiny_plan() -> Plan:
    """A plan of seconds."""
    return replace(Plan(), epochs=2, batch=9, side=64, eval_side=64, least_views=0)


@pytest.fixture
def alone() -> Place:
    """One process on the CPU."""
    return Place(torch.device("cpu"))


@pytest.fixture
def data() -> Path:
    """The evaluation data, or a skip that says what is missing."""
    folder = Path(os.environ.get("VITRINE_DATA", "../shared/data"))
    if not (folder / "weights").is_dir():
        pytest.skip(f"no evaluation data in {folder}; set VITRINE_DATA")
    return folder
