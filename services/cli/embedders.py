"""``vitrine models list | use | rollback``: which embedder is in use, and which was before."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from services.cli.models import app, models
from services.cli.stack import Stack
from shared.config import Settings
from shared.errors import NotReady
from shared.models.card import ModelCard
from shared.models.embedder_choice import (
    choice_of,
    embedder_in_use,
    install_embedder,
    installed_embedder,
    installed_embedders,
    model_folders,
    read_embedder_card,
    refuse_broken_card,
)
from shared.models.embedder_switch import until_switched

__all__ = ["app"]  # that of `vitrine models`, to which these commands are added


@models.command("list")
def list_embedders(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """List the embedders that are installed and say which one is in use."""
    settings: Settings = context.obj.settings
    found = installed_embedders(model_folders(settings))
    active, before = embedder_in_use(settings), _before(settings)
    if active not in found:
        refuse_broken_card(active, model_folders(settings))
    if as_json:
        rows = [_as_json(*found[name], active) for name in sorted(found)]
        typer.echo(json.dumps({"embedders": rows, "active": active, "rollback_to": before}))
        return
    for name in sorted(found):
        typer.echo(_line(*found[name], active))
    if active not in found:
        typer.echo(f"* {active:<32} computed, no file")
    if before:
        typer.echo(f"`vitrine models rollback` goes back to {before}")


@models.command("use")
def use_embedder(
    context: typer.Context,
    embedder: Annotated[str, typer.Argument(help="Id of one installed, or a card's path.")],
) -> None:
    """Put another embedder in use: its index is built beside the present one, then switched."""
    stack: Stack = context.obj
    _refuse_where_set(stack.settings)
    path = Path(embedder) if embedder.endswith(".json") else None
    card, folder = _found(embedder, path, model_folders(stack.settings))
    _open_once(card, folder)
    if path:
        install_embedder(path, stack.settings.state_dir / "models")
    choice_of(stack.settings).use(card.id, embedder_in_use(stack.settings))
    typer.echo(stack.run(switch(stack, card.id)))


@models.command("rollback")
def roll_back(context: typer.Context) -> None:
    """Go back to the embedder that was in use before the present one."""
    stack: Stack = context.obj
    _refuse_where_set(stack.settings)
    typer.echo(stack.run(switch(stack, choice_of(stack.settings).back())))


def _found(embedder: str, path: Path | None, folders: list[Path]) -> tuple[ModelCard, Path]:
    if path is None:
        return installed_embedder(embedder, folders)
    return read_embedder_card(path), path.parent


def _open_once(card: ModelCard, folder: Path) -> None:
    """Open an embedder and embed one picture: one that cannot would stop every search.

    Raises:
        NotReady: its file is missing or another, or does not give what the card says.
    """
    from services.visual_search.embedding.onnx_embedder import OnnxEmbedder

    OnnxEmbedder(card, folder)


async def switch(stack: Stack, embedder: str) -> str:
    """Wait until visual search answers with an embedder; a line that says so."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
    with Progress(*columns, console=stack.console, transient=True) as progress:
        task = progress.add_task(f"index of {embedder}", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total or None)

        async with stack.search() as search:
            images = await until_switched(search, embedder, tell)
    return f"{embedder} answers now ({images:,} reference images)"


def _refuse_where_set(settings: Settings) -> None:
    if settings.embedder:
        raise NotReady(
            f"VITRINE_EMBEDDER={settings.embedder} is set and decides which embedder is in use; "
            "unset it first",
            reason="EMBEDDER_SET",
        )


def _before(settings: Settings) -> str | None:
    history = choice_of(settings).history()
    return history[-2] if len(history) > 1 and not settings.embedder else None


def _as_json(card: ModelCard, folder: Path, active: str) -> dict[str, Any]:
    own = {"active": card.id == active, "bytes": _bytes(card, folder), "folder": str(folder)}
    kept = ("id", "sha256", "licence", "trained_on", "dims", "figures")
    return own | {name: asdict(card)[name] for name in kept}


def _line(card: ModelCard, folder: Path, active: str) -> str:
    mark = "*" if card.id == active else " "
    size = f"{_bytes(card, folder) / 1e6:5.1f} MB"
    figures = ", ".join(f"{name} {value:.3f}" for name, value in list(card.figures.items())[:2])
    return f"{mark} {card.id:<32} {size}  {card.sha256[:12]}  {figures}"


def _bytes(card: ModelCard, folder: Path) -> int:
    path = folder / card.file
    return path.stat().st_size if path.is_file() else 0
