"""Help as wide as the terminal: a docstring's lines are wrapped for its readers in the code."""

from __future__ import annotations

import inspect

import typer


def reflow(app: typer.Typer) -> None:
    """Let each paragraph of the commands' help flow, in all groups of an application."""
    for command in app.registered_commands:
        if command.callback is not None:
            command.help = flowing(command.help or inspect.getdoc(command.callback) or "")
    for group in app.registered_groups:
        if group.typer_instance is not None:
            reflow(group.typer_instance)


def flowing(text: str) -> str:
    r"""Join the lines of each paragraph; indented lines, such as examples, stay.

    >>> flowing("One\ntwo.\n\nThree\nfour:\n\n    $ vitrine scan")
    'One two.\n\nThree four:\n\n    $ vitrine scan'
    """
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        one if any(line.startswith(" ") for line in one.splitlines()) else one.replace("\n", " ")
        for one in paragraphs
    )
