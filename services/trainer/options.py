"""The options of ``vitrine train``; its recipe and its teachers have headings of their own."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

_recipe = partial(typer.Option, rich_help_panel="The recipe")
_teachers = partial(typer.Option, rich_help_panel="Teachers")


class Device(StrEnum):
    """Where to compute."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Precision(StrEnum):
    """What the trunk computes in; weights and losses stay float32."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


Data = Annotated[
    Path | None,
    typer.Option(help="Folder per label, or CSV (see services/trainer/README.md)."),
]
Catalog = Annotated[
    bool, typer.Option("--catalog", help="Train on the catalogue's reference images.")
]
Init = Annotated[
    Path,
    typer.Option(
        help="Card to start from, or a quantised MobileNetV2 .tflite.",
        show_default="the shipped embedder",
    ),
]
Epochs = Annotated[int, typer.Option(min=1, max=10_000, help="Times that the photos are shown.")]
Out = Annotated[
    Path | None, typer.Option(help="Only write checkpoint, card and ONNX to this folder.")
]
ModelId = Annotated[
    str, typer.Option("--id", help="Id of the new embedder.", show_default="INIT-tuned")
]
Batch = Annotated[int, typer.Option(min=2, max=4096, help="Photos a step.")]
Side = Annotated[int, typer.Option(min=64, max=1024, help="Pixels of a training view.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same result.")]
Where = Annotated[Device, typer.Option(help="Where to compute.")]
Bits = Annotated[Precision, typer.Option(help="Of the trunk.")]
Workers = Annotated[int, typer.Option(min=0, max=256, help="Processes that augment.")]
ValidateEvery = Annotated[int, typer.Option(min=1, help="Epochs between validations.")]
TrainedOn = Annotated[
    list[str] | None, typer.Option(help="Data and licence, for the card; repeatable.")
]
Licence = Annotated[str, typer.Option(help="SPDX identifier of the weights.")]

Rate = Annotated[float, _recipe(min=1e-8, max=1, help="Peak learning rate of the trunk.")]
Average = Annotated[
    float,
    _recipe(
        min=0, max=0.9999, help="Share of the weights' moving average kept each step; 0: none."
    ),
]
FrozenBlocks = Annotated[
    int, _recipe(min=0, max=18, help="First blocks, of 19, that keep their weights; 0 trains all.")
]
MostPerLabel = Annotated[int, _recipe(min=1, help="Photos of one label in an epoch at most.")]
LeastViews = Annotated[
    int, _recipe(min=0, help="Views an epoch has at least; few photos are repeated.")
]
LabelWeight = Annotated[float, _recipe(min=0, max=100, help="Weight of telling labels apart.")]
DriftWeight = Annotated[
    float,
    _recipe(min=0, max=100, help="Weight of keeping the general part what --init says; 0: let go."),
]
Mixed = Annotated[
    float, _recipe(min=0, max=1, help="Share of batches with views pasted into views.")
]
Placement = Annotated[
    float, _recipe(min=0, max=100, help="Weight of saying where a pasted view is; with --mixed.")
]

Teachers = Annotated[
    list[Path] | None,
    _teachers(help="Card of an embedder of this trainer that teaches beside --init; repeatable."),
]
TeacherShare = Annotated[
    float, _teachers(min=0, max=1, help="Share of the teachers together; the rest is --init's.")
]
TeacherWeight = Annotated[
    float, _teachers(min=0.01, max=1000, help="Weight of saying what --init and teachers say.")
]
TeacherOf = Annotated[
    str,
    _teachers(
        help="Data set that the teachers know; of others --init alone speaks.", show_default="all"
    ),
]
