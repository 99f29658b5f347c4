"""A whole training run: photos in, a card and its ONNX files out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.trainer.checking import check_photos
from services.trainer.dataset import Photo, assign_splits, label_spaces, read_photos, spread
from services.trainer.distributed import joined
from services.trainer.evaluation import Recall, decode_fit, recall
from services.trainer.export import export_int8, export_onnx
from services.trainer.network import Embedder, duplicate
from services.trainer.plan import Plan
from services.trainer.starting import from_card, from_imagenet
from services.trainer.training import EpochReport, Trainer
from shared.errors import InvalidInput
from shared.models.card import SHIPPED_MODELS, ModelCard, read_card, sha256_of, write_card

SHIPPED_CARD = SHIPPED_MODELS / "vitrine-embedder-1.json"
_SAMPLE = 2000
_CALIBRATION = 200
IMAGENET_SOURCE = "MobileNetV2 1.0 224, TensorFlow Model Garden, int8, dequantised (Apache-2.0)"
IMAGENET_DATA = "ImageNet-1k (starting weights, Apache-2.0)"
_POOLED = "Output `embedding` is the mean over the places of output `features`."
_KEPT = "The first part of the vector learnt the labels, the rest keeps what the network knew."
_LET_GO = "The first part of the vector learnt the labels, nothing held the rest."


@dataclass(frozen=True, slots=True)
class Request:
    """What ``vitrine train`` was asked for.

    Attributes:
        data: folder per label, or CSV.
        init: card of the embedder to start from, or a quantised MobileNetV2 ``.tflite``.
        out: folder for the checkpoint, the card and the ONNX files.
        model_id: id of the new embedder, and the files' name.
        plan: how to train.
        device: ``auto``, ``cpu`` or ``cuda``.
        workers: processes that decode and augment.
        trained_on: names of the data with their licences, for the card.
        licence: SPDX identifier of the new weights.
        precision: of the trunk in training; ``auto`` takes bfloat16 where it is fast.
        teachers: cards of embedders of this trainer that teach beside ``init``.
    """

    data: Path
    init: Path
    out: Path
    model_id: str
    plan: Plan
    device: str = "auto"
    workers: int = 1
    trained_on: tuple[str, ...] = ()
    licence: str = "LicenseRef-proprietary"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    teachers: tuple[Path, ...] = ()


def train(request: Request, console: Console) -> Path | None:
    """Train, export, and write the card.

    Run again with the same request after a kill, it goes on from the last epoch.

    Returns:
        The card's path in the first process, None in the others that torchrun started.

    Raises:
        InvalidInput: data that cannot be trained on, a checkpoint of another run, a teacher
            given twice or of a data set that is not there.
        NotReady: starting weights or a teacher that are missing or of another network.
    """
    request.out.mkdir(parents=True, exist_ok=True)
    photos = assign_splits(read_photos(request.data))
    _refuse_too_few(photos, request.data)
    _refuse_unknown(request.plan.teacher_of, photos, request.data)
    with joined(request.device) as place:
        shown = console if place.is_first else Console(quiet=True)
        teachers = _teachers(request.teachers)
        _check(photos, shown)
        bfloat16 = wants_bfloat16(request.precision, place.device)
        plan = replace(request.plan, bfloat16=bfloat16)
        start = _start(request.init, photos, plan)
        origin = " ".join(_weights(path) for path in (request.init, *request.teachers))
        with shown.status("preparing"):
            trainer = Trainer(
                photos, start, plan, request.out, place, request.workers, origin, teachers
            )
        before = recall(duplicate(start).to(place.device), photos, plan, place.device)
        best = run_shown(trainer, plan, before, shown)
        if place.is_first:
            after = recall(duplicate(best).to(place.device), photos, plan, place.device)
            export(request, best, photos, {"before": before, "after": after})
        place.wait()
        return request.out / f"{request.model_id}.json" if place.is_first else None


def wants_bfloat16(precision: str, device: torch.device) -> bool:
    """Whether to compute in bfloat16: as told, or where the device multiplies it fast."""
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu.get_capabilities().get("amx_bf16", False))


def _refuse_too_few(photos: Sequence[Photo], source: Path) -> None:
    if not label_spaces([photo for photo in photos if photo.split != "val"]):
        raise InvalidInput(
            f"{source} has photos of one label only; training needs two or more to tell apart",
            reason="TRAINING_DATA_INVALID",
        )


def _refuse_unknown(dataset: str, photos: Sequence[Photo], source: Path) -> None:
    spaces = label_spaces([photo for photo in photos if photo.split != "val"])
    known = sorted({space.dataset for space in spaces})
    if dataset and dataset not in known:
        named = ", ".join(filter(None, known)) or "none"
        raise InvalidInput.of(
            "teacher_of",
            f"is {dataset}; {source} has training photos of two labels or more of: {named}",
        )


def _teachers(paths: Sequence[Path]) -> list[Embedder]:
    digests = [read_card(path).sha256 for path in paths]
    for place, digest in enumerate(digests):
        if digest in digests[:place]:
            raise InvalidInput.of("teacher", f"{paths[place]} is given twice; name each once")
    return [from_card(path) for path in paths]


def _weights(path: Path) -> str:
    """Digest of the weights behind a card, which calibrating it does not change."""
    return sha256_of(path) if path.suffix == ".tflite" else read_card(path).sha256


def _check(photos: Sequence[Photo], console: Console) -> None:
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("checking photos", total=len(photos))
        check_photos(photos, lambda: progress.advance(bar))


def _start(init: Path, photos: Sequence[Photo], plan: Plan) -> Embedder:
    if init.suffix != ".tflite":
        return from_card(init)
    train = [photo for photo in photos if photo.split != "val"]
    sample = [decode_fit(photo, plan.eval_side) for photo in spread(train, _SAMPLE)]
    return from_imagenet(init, sample, plan.seed)


def run_shown(trainer: Trainer, plan: Plan, before: Recall, console: Console) -> Embedder:
    """Run the trainer with a progress bar and one line an epoch."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.3f}"), TimeRemainingColumn(),
    )  # fmt: skip
    done = trainer.epochs_done
    console.print(f"before training    validation top-1 {before.top1:.3f} ({before.queries})")
    if done:
        console.print(f"going on after epoch {done} of {plan.epochs}")
    with Progress(*columns, console=console, transient=True) as progress:
        steps = trainer.steps_per_epoch
        bar = progress.add_task(
            "training", total=plan.epochs * steps, completed=done * steps, loss=0.0
        )

        def on_step(loss: float) -> None:
            progress.update(bar, advance=1, loss=loss)

        def on_epoch(report: EpochReport) -> None:
            progress.console.print(_line(report, plan))

        return trainer.run(on_epoch, on_step)


def _line(report: EpochReport, plan: Plan) -> str:
    shown = f"epoch {report.epoch:>3}/{plan.epochs}  loss {report.loss:.3f}"
    if report.recall is None:
        return shown
    each = ", ".join(f"{name} {top1:.3f}" for name, top1 in report.recall.by_dataset.items())
    detail = f" ({each})" if len(report.recall.by_dataset) > 1 else ""
    stop = "  stopped early" if report.last and report.epoch < plan.epochs else ""
    return f"{shown}  validation top-1 {report.recall.top1:.3f}{detail}{stop}"


def export(
    request: Request, best: Embedder, photos: Sequence[Photo], found: dict[str, Recall]
) -> None:
    """Write the ONNX files, then the cards that name them: a card without a file never."""
    side = request.plan.eval_side
    whole = request.out / f"{request.model_id}.onnx"
    export_onnx(best, side, whole)
    small = request.out / f"int8-{request.model_id}.onnx"
    sample = spread([photo for photo in photos if photo.split != "val"], _CALIBRATION)
    pixels = np.stack([decode_fit(photo, side) for photo in sample]).transpose(0, 3, 1, 2)
    loss = export_int8(best, (pixels / 127.5 - 1).astype(np.float32), small)
    card = _card(request, best, found)
    for path, model_id, figures in (
        (small, small.stem, {"int8_mean_1_minus_cosine": round(loss, 5)}),
        (whole, request.model_id, {}),
    ):
        own = replace(card, id=model_id, file=path.name, sha256=sha256_of(path))
        own = replace(own, figures={**card.figures, **figures})
        write_card(own, path.with_suffix(".json"))


def _card(request: Request, best: Embedder, found: dict[str, Recall]) -> ModelCard:
    side = request.plan.eval_side
    start = None if request.init.suffix == ".tflite" else read_card(request.init)
    starting = start.id if start else IMAGENET_SOURCE
    earlier = start.trained_on if start else (IMAGENET_DATA,)
    teachers = [read_card(path) for path in request.teachers]
    taught = "".join(f"; taught by {teacher.id}" for teacher in teachers)
    learnt = [data for teacher in teachers for data in teacher.trained_on]
    return ModelCard(
        id=request.model_id,
        task="embedding",
        file="",
        sha256="",
        licence=request.licence,
        source=f"Trained by Vitrine's trainer; started from {starting}{taught}",
        trained_on=tuple(dict.fromkeys((*earlier, *learnt, *request.trained_on))),
        input_size=(side, side),
        dims=best.head.product.out_features + best.head.general.out_features,
        figures=_figures(found),
        # Nearer than the defaults, of a network with the same head; `vitrine calibrate` fits it.
        calibration=dict(start.calibration) if start else {},
        notes=(_POOLED, _KEPT if request.plan.drift_weight else _LET_GO),
    )


def _figures(found: dict[str, Recall]) -> dict[str, float]:
    figures = {}
    for when, measured in found.items():
        for name, top1 in measured.by_dataset.items():
            key = f"{name}_" if name else ""
            figures[f"{key}val_top1_{when}"] = round(top1, 4)
    return figures
