"""One image embedded: the shipped embedder, its int8 twin, and the frozen ImageNet network.

The frozen network is the one that training starts from, as torch exports it: dequantised from
``VITRINE_DATA``, its features averaged. All take a picture of their own size in turn, by the
code that answers searches; the fifth percentile of the rounds is told, which other work on
the cores hardly moves.
"""

from __future__ import annotations

import os
import tempfile
import time
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from services.visual_search.embedding.embedder import Embedder, open_embedder
from services.visual_search.embedding.onnx_embedder import OnnxEmbedder
from shared.models.card import SHIPPED_EMBEDDER, SHIPPED_MODELS, ModelCard, read_card, sha256_of
from tests.benchmarks.tables import Bar, percentile, print_bars

DATA = Path(os.environ.get("VITRINE_DATA", Path(__file__).parents[3] / "shared" / "data"))
IMAGENET = DATA / "weights" / "tf2_mobilenet_v2_1.0_224_ptq.tflite"
FEATURES = 1280
ROUNDS = 100
WARM_UP = 10
LOW = 0.05
THREADS = (1, 2)
FLOAT, INT8, FROZEN = "float32", "int8", "frozen"


def frozen_network(folder: Path) -> ModelCard:
    """Write the frozen network as ONNX, as torch does it; the card that describes it.

    Raises:
        ImportError: torch is not installed.
    """
    import torch

    from services.trainer.starting import from_imagenet

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.trunk = from_imagenet(IMAGENET, [], seed=0).trunk

        def forward(self, image: torch.Tensor) -> torch.Tensor:
            features: torch.Tensor = self.trunk(image)
            return features.mean(dim=(2, 3))

    shipped = read_card(SHIPPED_MODELS / f"{SHIPPED_EMBEDDER}.json")
    path, (width, height) = folder / f"{FROZEN}.onnx", shipped.input_size
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the trainer exports by tracing, too
        torch.onnx.export(
            Pooled().eval(), (torch.zeros(1, 3, height, width),), path,
            dynamo=False, input_names=["image"], output_names=["embedding"],
        )  # fmt: skip
    return replace(shipped, id=FROZEN, file=path.name, sha256=sha256_of(path), dims=FEATURES)


def times_ms(embedders: Mapping[str, Embedder]) -> dict[str, float]:
    """Milliseconds that each takes for one picture, all in turn."""
    width, height = next(iter(embedders.values())).card.input_size
    picture = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    seconds: dict[str, list[float]] = {name: [] for name in embedders}
    for _ in range(WARM_UP + ROUNDS):
        for name, embedder in embedders.items():
            start = time.perf_counter()
            embedder.embed([picture])
            seconds[name].append(time.perf_counter() - start)
    return {name: 1000 * percentile(each[WARM_UP:], LOW) for name, each in seconds.items()}


def bars(folder: Path, frozen: ModelCard | None, threads: int) -> list[Bar]:
    """Times and ratios with so many threads."""
    embedders = {
        FLOAT: open_embedder(SHIPPED_EMBEDDER, threads=threads),
        INT8: open_embedder(f"int8-{SHIPPED_EMBEDDER}", threads=threads),
    }
    if frozen:
        embedders[FROZEN] = OnnxEmbedder(frozen, folder, threads=threads)
    found, so_many = times_ms(embedders), f"{threads} thread{'s' if threads > 1 else ''}"
    told = [Bar(f"{name}, ms", value, detail=so_many) for name, value in found.items()]
    told.append(Bar(f"{FLOAT} / {INT8}", found[FLOAT] / found[INT8], ">=", 1.5, so_many))
    if frozen:
        told.append(Bar(f"{FLOAT} / {FROZEN}", found[FLOAT] / found[FROZEN], "<=", 1.1, so_many))
    return told


def main() -> int:
    """Print the times of one picture with one thread and with two."""
    with tempfile.TemporaryDirectory() as name:
        frozen, folder = None, Path(name)
        try:
            if IMAGENET.is_file():
                frozen = frozen_network(folder)
            else:
                print(f"embedding: the frozen network is left out: no {IMAGENET}; set VITRINE_DATA")
        except ImportError as missing:
            print(f"embedding: the frozen network is left out: {missing.name} is not installed")
        return print_bars(
            "embedding", [bar for count in THREADS for bar in bars(folder, frozen, count)]
        )
