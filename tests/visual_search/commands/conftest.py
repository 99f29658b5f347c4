"""The commands over a state folder with nothing running."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from services.cli.stack import Stack, stderr_console
from services.visual_search.commands import app as commands
from tests.visual_search.conftest import settings_in


@pytest.fixture
def embedder():
    """What the commands embed with; a test that needs a network's maps names one."""
    return "classical"


@pytest.fixture
def vitrine(tmp_path, embedder):
    """Runs a command over a state folder with nothing running."""
    settings = settings_in(tmp_path / "state", embedder=embedder)
    app = typer.Typer()

    @app.callback()
    def root(context: typer.Context) -> None:
        context.obj = Stack(settings, stderr_console(), embedded_only=True)

    app.add_typer(commands)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(one) for one in arguments])
