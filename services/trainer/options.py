"""The options of a run's recipe and of its teachers, under headings of their own in --help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_RECIPE = "The recipe"
_TEACHERS = "Teachers"

Rate = Annotated[
    float,
    typer.Option(min=1e-8, max=1, help="Peak learning rate of the trunk.", rich_help_panel=_RECIPE),
]
Average = Annotated[
    float,
    typer.Option(
        min=0,
        max=0.9999,
        help="Decay a step of the moving average of the weights.",
        rich_help_panel=_RECIPE,
    ),
]
FrozenBlocks = Annotated[
    int,
    typer.Option(
        min=0,
        max=18,
        help="First blocks of the trunk that keep their weights.",
        rich_help_panel=_RECIPE,
    ),
]
MostPerLabel = Annotated[
    int,
    typer.Option(min=1, help="Photos of one label in an epoch at most.", rich_help_panel=_RECIPE),
]
LeastViews = Annotated[
    int,
    typer.Option(
        min=0,
        help="Views an epoch has at least; few photos are repeated.",
        rich_help_panel=_RECIPE,
    ),
]
Labels = Annotated[
    float,
    typer.Option(
        min=0, max=100, help="Weight of telling the labels apart.", rich_help_panel=_RECIPE
    ),
]
Drift = Annotated[
    float,
    typer.Option(
        min=0,
        max=100,
        help="Weight of saying of all else what --init says.",
        rich_help_panel=_RECIPE,
    ),
]
Mixed = Annotated[
    float,
    typer.Option(
        min=0,
        max=1,
        help="Share of batches with views pasted into views.",
        rich_help_panel=_RECIPE,
    ),
]
Placement = Annotated[
    float,
    typer.Option(
        min=0,
        max=100,
        help="Weight of saying where a pasted view is; with --mixed.",
        rich_help_panel=_RECIPE,
    ),
]
Teachers = Annotated[
    list[Path] | None,
    typer.Option(
        help="Card of an embedder of this trainer that teaches beside --init; repeatable.",
        rich_help_panel=_TEACHERS,
    ),
]
TeacherShare = Annotated[
    float,
    typer.Option(
        min=0,
        max=1,
        help="How much the teachers count beside --init.",
        rich_help_panel=_TEACHERS,
    ),
]
TeacherWeight = Annotated[
    float,
    typer.Option(
        min=0, max=1000, help="Weight of saying what they say.", rich_help_panel=_TEACHERS
    ),
]
TeacherOf = Annotated[
    str,
    typer.Option(
        help="Data set that the teachers know; on others --init alone counts.",
        show_default="all",
        rich_help_panel=_TEACHERS,
    ),
]
