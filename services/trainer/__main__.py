"""``python -m services.trainer``: the trainer without the rest, as torchrun starts it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated

import typer
from rich.console import Console

from services.trainer import commands
from shared.config import read_settings
from shared.errors import VitrineError

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(commands.app)


@app.callback()
def options(context: typer.Context) -> None:
    """Fine-tune embedders and measure them."""
    context.obj = SimpleNamespace(settings=read_settings(), console=Console(stderr=True))


@app.command()
def public_data(
    data: Annotated[Path, typer.Argument(help="Folder with grocery/ and clothing/.")],
    out: Annotated[Path, typer.Argument(help="CSV to write.")],
    with_validation: Annotated[
        bool, typer.Option(help="Train on the validation photos too.")
    ] = False,
) -> None:
    """List the public photos behind the default embedder as a CSV for ``train``."""
    from services.trainer.public_data import write_public_csv

    rows = write_public_csv(data, out, with_validation=with_validation)
    typer.echo(f"{out}: {rows} photos")


@app.command()
def figures(
    data: Annotated[Path, typer.Argument(help="Folder with grocery/ and clothing/.")],
    cards: Annotated[list[Path], typer.Argument(help="Cards, or a MobileNetV2 .tflite.")],
) -> None:
    """Print the validation figures of embedders on the public photos, in one table."""
    from services.trainer.figures import print_figures

    print_figures(data, cards, Console())


@app.command()
def finish(
    data: Annotated[Path, typer.Argument(help="Folder with grocery/ and clothing/.")],
    cards: Annotated[list[Path], typer.Argument(help="Cards whose weights are averaged.")],
    imagenet: Annotated[Path, typer.Option(help="The MobileNetV2 .tflite they started from.")],
    out: Annotated[Path, typer.Option(help="Folder for cards and ONNX files.")],
    model_id: Annotated[str, typer.Option("--id", help="Id of what ships.")],
    keep: Annotated[
        float, typer.Option(min=0, max=1, help="Way from ImageNet's trunk to the trained one.")
    ] = 1.0,
    mix: Annotated[
        float, typer.Option(min=0, max=1, help="Weight of the product part in the similarity.")
    ] = 0.95,
    honest: Annotated[
        list[str] | None, typer.Option(help="Figure whose photos were not trained on; again.")
    ] = None,
    trained_on: Annotated[list[str] | None, typer.Option(help="Data and licence; again.")] = None,
    licence: Annotated[str, typer.Option(help="SPDX identifier.")] = "Apache-2.0",
) -> None:
    """Average, interpolate and mix trained embedders into the weights that ship."""
    from services.trainer.finishing import Finish
    from services.trainer.finishing import finish as run

    wanted = Finish(
        data, tuple(cards), imagenet, out, model_id, keep, mix,
        tuple(honest or ()), tuple(trained_on or ()), licence,
    )  # fmt: skip
    typer.echo(run(wanted, Console(stderr=True)))


if __name__ == "__main__":
    try:
        app()
    except VitrineError as error:
        Console(stderr=True).print(f"[bold red]error[/] {error.message}", soft_wrap=True)
        sys.exit(1)
