"""``vitrine landmarks``: faces, hands and bodies of a picture, with nothing running."""

from __future__ import annotations

import json
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import cv2
import typer
from rich.console import Console

from services.pose.drawing import draw_landmarks
from services.pose.landmarks import MOST_SUBJECTS, LandmarkFinder
from services.pose.mediapipe_tasks import native_log_hidden
from services.pose.placement.types import Floats, Handedness, LandmarkKind, Subjects
from services.pose.views import Rgb
from shared.errors import InvalidInput, NotReady
from shared.image import decode

app = typer.Typer()

DECIMALS = 6
_HANDS = {Handedness.LEFT: "left", Handedness.RIGHT: "right", Handedness.UNKNOWN: "unknown"}


class Kind(StrEnum):
    """What to find."""

    FACE = "face"
    HAND = "hand"
    BODY = "body"


def as_json(subjects: Subjects, size_wh: tuple[int, int]) -> dict[str, Any]:
    """Landmarks in the shape that ``vitrine landmarks --json`` prints."""
    return {
        "size_wh": list(size_wh),
        "faces": [_rounded(face.points) for face in subjects.faces],
        "hands": [
            {"handedness": _HANDS[hand.handedness], "points": _rounded(hand.points)}
            for hand in subjects.hands
        ],
        "bodies": [_rounded(body.points) for body in subjects.bodies],
    }


def _rounded(points: Floats) -> list[list[float]]:
    return [[round(float(value), DECIMALS) for value in point] for point in points]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput.of("image", f"cannot read {path}: {error.strerror}") from error


def _write(path: Path, image_rgb: Rgb) -> None:
    try:
        written = cv2.imwrite(str(path), cv2.cvtColor(image_rgb, cv2.COLOR_RGB2BGR))
    except cv2.error as error:
        raise InvalidInput.of("out", f"{path.name}: end it in .png or .jpg") from error
    if not written:
        raise NotReady(f"cannot write {path}", reason="CANNOT_WRITE")


def _summary(subjects: Subjects) -> str:
    counts = (
        ("face", len(subjects.faces)),
        ("hand", len(subjects.hands)),
        ("body", len(subjects.bodies)),
    )
    return ", ".join(f"{count} {name}" for name, count in counts if count) or "nobody found"


@app.command()
def landmarks(
    context: typer.Context,
    image: Annotated[Path, typer.Argument(help="JPEG, PNG or WebP file.")],
    kind: Annotated[
        list[Kind] | None,
        typer.Option("--kind", help="What to find; may be repeated.  [default: all]"),
    ] = None,
    most: Annotated[
        int, typer.Option("--max", min=1, max=MOST_SUBJECTS, help="At most so many of each kind.")
    ] = MOST_SUBJECTS,
    out: Annotated[Path | None, typer.Option(help="Draw the landmarks into this file.")] = None,
    json_wanted: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Find the landmarks of faces, hands and bodies in a picture, normalised to it."""
    picture = decode(_read(image))
    kinds = [LandmarkKind[item.name] for item in kind or list(Kind)]
    finder = LandmarkFinder(context.obj.settings.state_dir / "models")
    with native_log_hidden(), closing(finder), Console(stderr=True).status("looking"):
        subjects = finder.find(picture.image_rgb, kinds, most=dict.fromkeys(kinds, most))
    if out:
        _write(out, draw_landmarks(picture.image_rgb, subjects))
    if json_wanted:
        typer.echo(json.dumps(as_json(subjects, picture.original_size_wh)))
    else:
        typer.echo(f"{_summary(subjects)}{f'; drawn into {out}' if out else ''}")
