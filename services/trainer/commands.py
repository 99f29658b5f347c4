"""``vitrine train``: fine-tune an embedder on the retailer's own photos."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import Progress

from services.trainer import options
from services.trainer.home import Home, check_name
from shared.errors import InvalidInput, NotReady, Unavailable
from shared.models.card import SHIPPED_MODELS

if TYPE_CHECKING:
    from services.trainer.run import Request

app = typer.Typer()
# Exit code after Ctrl-C, by the shell's convention (128 + SIGINT).
_INTERRUPTED = 130
_SHIPPED = SHIPPED_MODELS / "vitrine-embedder-1.json"


def require_torch() -> None:
    """Training alone needs torch, so that nobody else has to install it.

    Raises:
        NotReady: torch or onnx is not installed (``TRAINING_PARTS_MISSING``).
    """
    missing = [name for name in ("torch", "onnx") if importlib.util.find_spec(name) is None]
    if missing:
        raise NotReady(
            f"training needs {' and '.join(missing)}: pip install 'vitrine[train]'",
            reason="TRAINING_PARTS_MISSING",
        )


def run_training(request: Request, console: Console) -> Path | None:
    """Train as requested; returns the new card's path in the process that wrote it.

    Raises:
        typer.Exit: Ctrl-C ended it; what it would go on from was said.
        Unavailable: a process that augments was ended from outside (``WORKER_ENDED``).
    """
    from services.trainer.checkpoint import epochs_done
    from services.trainer.run import train as run

    try:
        return run(request, console)
    except KeyboardInterrupt:
        done = epochs_done(request.out / "checkpoint.pt")
        where = f"after epoch {done} of {request.plan.epochs}" if done else "from the start"
        console.print(f"stopped; the same command goes on {where}", soft_wrap=True)
        raise typer.Exit(_INTERRUPTED) from None
    except RuntimeError as error:
        # torch's watch over its workers, which may interrupt any line.
        if "DataLoader worker" not in str(error):
            raise
        raise Unavailable(
            "a process that augments was ended from outside, for lack of memory perhaps; the same "
            "command goes on, with --workers 0 in one process",
            reason="WORKER_ENDED",
        ) from error


async def fetch_catalogue(stack: Any, folder: Path) -> Path:
    """Fetch the catalogue's reference images into ``folder``; returns their CSV."""
    from services.trainer.catalogue import download_references

    with Progress(console=stack.console, transient=True) as progress:
        bar = progress.add_task("reference images", total=None)
        async with stack.catalog() as catalog:
            return await download_references(catalog, folder, lambda: progress.advance(bar))


def calibration_hint(embedder_id: str, left_at: Path | None, *, catalog: bool) -> str:
    """The closing line: the command that fits the probabilities of what was trained.

    Args:
        embedder_id: of the new embedder.
        left_at: its card, where it was left uninstalled there.
        catalog: whether it was trained on the catalogue.
    """
    source = "--catalog" if catalog else "--gallery G.csv --queries Q.csv"
    first = f"`vitrine models use {left_at}` puts it in use, then " if left_at else ""
    return (
        f"its probabilities are not fitted to it yet: {first}"
        f"`vitrine calibrate {source} --embedder {embedder_id}` fits them"
    )


# Longer than a function should be: each option is declared once, and handed on once.
@app.command()
def train(
    context: typer.Context,
    data: options.Data = None,
    catalog: options.Catalog = False,
    init: options.Init = _SHIPPED,
    epochs: options.Epochs = 24,
    out: options.Out = None,
    model_id: options.ModelId = "",
    batch: options.Batch = 64,
    side: options.Side = 192,
    seed: options.Seed = 0,
    device: options.Where = options.Device.AUTO,
    precision: options.Bits = options.Precision.AUTO,
    rate: options.Rate = 4e-4,
    average: options.Average = 0.995,
    frozen_blocks: options.FrozenBlocks = 5,
    most_per_label: options.MostPerLabel = 200,
    least_views: options.LeastViews = 1024,
    label_weight: options.LabelWeight = 1.0,
    drift_weight: options.DriftWeight = 6.0,
    mixed: options.Mixed = 0.0,
    placement: options.Placement = 0.0,
    teacher: options.Teachers = None,
    teacher_share: options.TeacherShare = 0.5,
    teacher_weight: options.TeacherWeight = 20.0,
    teacher_of: options.TeacherOf = "",
    workers: options.Workers = 1,
    validate_every: options.ValidateEvery = 1,
    trained_on: options.TrainedOn = None,
    licence: options.Licence = "LicenseRef-proprietary",
) -> None:
    """Fine-tune the embedder; run it again after a kill and it goes on where it was.

    Without --out the new embedder is put in use: its index is built beside the present
    one, then switched; `vitrine models rollback` undoes it.

    Several GPUs: torchrun --nproc-per-node N -m services.trainer train --data ...
    """
    require_torch()
    from services.trainer.plan import HEAD_RATE_RATIO, Plan
    from services.trainer.run import Request

    _refuse_at_odds(side, mixed, placement)
    _refuse_unheard(init, teacher, teacher_of, teacher_share, label_weight)
    stack = context.obj
    home = Home(stack.settings)
    name = model_id or home.free_id(init)
    check_name(name)
    if out is None:
        home.check_id(name)
    folder = out or home.work_folder(name)
    request = Request(
        data=_source(stack, data, folder, catalog=catalog),
        init=init,
        out=folder,
        model_id=name,
        plan=Plan(
            epochs=epochs,
            batch=batch,
            side=side,
            seed=seed,
            trunk_rate=rate,
            average=average,
            head_rate=rate * HEAD_RATE_RATIO,
            most_per_label=most_per_label,
            least_views=least_views,
            mixed_share=mixed,
            placement_weight=placement,
            teacher_share=teacher_share,
            teacher_weight=teacher_weight,
            teacher_of=teacher_of,
            label_weight=label_weight,
            drift_weight=drift_weight,
            frozen_blocks=frozen_blocks,
            validate_every=validate_every,
        ),
        device=device.value,
        workers=workers,
        trained_on=tuple(trained_on or ("photos of the retailer",)),
        licence=licence,
        precision=precision.value,
        teachers=tuple(teacher or ()),
    )
    card = run_training(request, stack.console)
    if card is not None:
        typer.echo(card if out else home.put_in_use(card, stack))
        stack.console.print(calibration_hint(name, out and card, catalog=catalog), soft_wrap=True)


def _refuse_at_odds(side: int, mixed: float, placement: float) -> None:
    if side % 32:
        raise InvalidInput.of("side", f"is {side}, must be divisible by 32")
    if placement and not mixed:
        raise InvalidInput.of(
            "placement", "is about views pasted into views: give --mixed 0.5 or so with it"
        )


def _refuse_unheard(
    init: Path, teachers: list[Path] | None, of: str, share: float, label_weight: float
) -> None:
    """Refuse a run in which nobody teaches the labels, or ImageNet's network does.

    Refuses what is said of teachers where there are none, too.
    """
    if not teachers and of:
        raise InvalidInput.of("teacher_of", "is about teachers: give --teacher CARD with it")
    if not teachers and not label_weight:
        raise InvalidInput.of("label_weight", "is 0: then nothing but a --teacher CARD can teach")
    if teachers and init.suffix == ".tflite" and (share < 1 or of):
        raise InvalidInput.of(
            "teacher_share",
            "leaves something to ImageNet's network, which says nothing of products yet: want 1 "
            f"and no --teacher-of with --init {init.name}, or a card as --init",
        )


def _source(stack: Any, data: Path | None, folder: Path, *, catalog: bool) -> Path:
    if catalog == (data is not None):
        raise InvalidInput("give either --data FOLDER_OR_CSV or --catalog")
    if catalog and not hasattr(stack, "catalog"):
        raise InvalidInput(
            "--catalog works with `vitrine train` only; here give --data, for example the "
            "FOLDER/photos/catalogue.csv that `vitrine train --catalog --out FOLDER` writes"
        )
    if data is not None:
        return data
    photos: Path = folder / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    result: Path = stack.run(fetch_catalogue(stack, photos))
    return result
