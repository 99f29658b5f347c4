"""Help flows to the width of the terminal."""

from __future__ import annotations

import typer
from typer.testing import CliRunner

from services.cli.help_texts import flowing, reflow


def test_a_line_that_ends_in_the_code_does_not_end_in_the_help():
    """In a command of a group, too; wide enough, a paragraph is one line."""
    app, group = typer.Typer(), typer.Typer()
    app.add_typer(group, name="group")

    @app.command()
    def first() -> None:
        """Do it.

        A sentence that is
        wrapped.
        """

    group.command(name="second")(first)
    reflow(app)
    for command in (["first"], ["group", "second"]):
        helped = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "80"}).stdout
        assert "A sentence that is wrapped." in helped


def test_examples_keep_their_lines():
    """They are indented."""
    text = "So:\n\n    $ vitrine scan a.jpg\n    $ vitrine scan b.jpg"
    assert flowing(text) == text
