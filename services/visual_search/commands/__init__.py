"""The commands of visual search: ``vitrine search | evaluate | calibrate``.

What is heavy is imported when a command runs.

    search       search
    explanation  search --explain: why the best result matches, as a picture
    recognition  evaluate, calibrate
"""

import typer

from services.visual_search.commands.recognition import app as _recognition
from services.visual_search.commands.search import app as _search

__all__ = ["app"]

app = typer.Typer()
app.add_typer(_search)
app.add_typer(_recognition)
