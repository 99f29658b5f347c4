"""How the commands show errors: a sentence for people, an object for programs."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from shared.errors import VitrineError


def error_as_json(error: VitrineError) -> dict[str, Any]:
    """Put an error in the shape that every ``--json`` prints under ``error``."""
    violations = [{"field": v.field, "description": v.description} for v in error.violations]
    return {"reason": error.reason, "message": error.message, "violations": violations}


def print_error(console: Console, sentence: str) -> None:
    """Print a sentence after the word error; brackets in it are text, not markup."""
    console.print(Text.assemble(("error ", "bold red"), sentence), soft_wrap=True)
