"""The command tree of ``vitrine`` and how it shows errors."""

from __future__ import annotations

import importlib
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import grpc.aio
import typer

from services.cli.errors import error_as_json, print_error
from services.cli.help_texts import reflow
from services.cli.stack import Stack, stderr_console
from shared.config import read_settings
from shared.errors import VitrineError
from shared.status import from_rpc_error
from shared.telemetry import configure_logging

app = typer.Typer(
    name="vitrine",
    help="Point a camera at the world and get the shop's answer.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vitrine {version('vitrine')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    state_dir: Annotated[
        Path | None,
        typer.Option(help="Where databases, images and the index live.", show_default=False),
    ] = None,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="Do not look for running services.")
    ] = False,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Commands use the running services (`vitrine run`), else the same services embedded."""
    chosen: dict[str, Any] = {"state_dir": state_dir.absolute()} if state_dir else {}
    settings = read_settings(**chosen)
    configure_logging("ERROR")
    context.obj = Stack(
        settings, stderr_console(), embedded_only=embedded, state_dir_chosen=state_dir is not None
    )


_COMMANDS = (
    "services.cli.running",
    "services.cli.demo",
    "services.cli.scan",
    "services.catalog.commands",
    "services.visual_search.commands",
    "services.pose.commands",
    "services.cli.embedders",
    "services.trainer.commands",
)
"""Modules whose ``app`` is mounted at the root of the tree, in the order of ``--help``."""


def _mount() -> None:
    for module in _COMMANDS:
        app.add_typer(importlib.import_module(module).app)
    reflow(app)


def _show(error: VitrineError) -> None:
    if "--json" in sys.argv:
        typer.echo(json.dumps({"error": error_as_json(error)}))
    print_error(stderr_console(), error.message)


def main() -> None:
    """Run ``vitrine``: 0 = done, 1 = it could not be done, 2 = wrong usage, 130 = Ctrl-C."""
    _mount()
    try:
        app()
    except grpc.aio.AioRpcError as failure:
        _show(from_rpc_error(failure))
        sys.exit(1)
    except VitrineError as error:
        _show(error)
        sys.exit(1)
