"""``vitrine demo``: write the demo catalogue to a folder and load it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from services.cli.stack import Stack

app = typer.Typer()


def write_with_progress(folder: Path, console: Console) -> None:
    """Draw the demo catalogue into ``folder`` unless a complete one is there."""
    if (folder / "photos" / "truth.json").is_file():
        return
    from shared.demo.writing import write_demo  # drawing takes a while to load

    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("drawing the demo catalogue", total=None)

        def told(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        write_demo(folder, progress=told)


@app.command()
def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("demo"),
) -> None:
    """Draw the demo catalogue: feed, images, stock, and photos to try."""
    stack: Stack = context.obj
    write_with_progress(out, stack.console)
    typer.echo(f"the demo catalogue is in {out}; to load it:")
    typer.echo(f"  vitrine import {out / 'feed.tsv'}")
    typer.echo(f"  vitrine stores import {out / 'stores.csv'}")
    typer.echo(f"  vitrine stock set --file {out / 'stock.csv'}")
