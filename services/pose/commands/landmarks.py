"""``vitrine landmarks``: faces, hands and bodies of a picture, with nothing running."""

from __future__ import annotations

import json
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from services.pose.placement.types import Floats, Subjects

DECIMALS = 6
MOST = 10


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
            {"handedness": hand.handedness.name.lower(), "points": _rounded(hand.points)}
            for hand in subjects.hands
        ],
        "bodies": [_rounded(body.points) for body in subjects.bodies],
    }


def _rounded(points: Floats) -> list[list[float]]:
    return [[round(float(value), DECIMALS) for value in point] for point in points]


def _summary(subjects: Subjects) -> str:
    counts = (
        (len(subjects.faces), "face", "faces"),
        (len(subjects.hands), "hand", "hands"),
        (len(subjects.bodies), "body", "bodies"),
    )
    found = [f"{count} {one if count == 1 else more}" for count, one, more in counts if count]
    return ", ".join(found) or "nobody found"


def landmarks(
    context: typer.Context,
    image: Annotated[Path, typer.Argument(help="JPEG, PNG or WebP file.")],
    kind: Annotated[
        list[Kind] | None,
        typer.Option("--kind", help="What to find; may be repeated; all where it is left out."),
    ] = None,
    most: Annotated[
        int, typer.Option("--max", min=1, max=MOST, help="At most so many of each kind.")
    ] = MOST,
    out: Annotated[Path | None, typer.Option(help="Draw the landmarks into this file.")] = None,
    as_json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Find the landmarks of faces, hands and bodies in a picture, normalised to it.

    With --json: "size_wh" is width and height of the upright picture in
    pixels. "faces" has 478 points x, y, z for each face; "hands" has for each
    hand a "handedness" (left or right, of the person, in a picture that is no
    mirror image) and 21 "points" x, y, z; "bodies" has 33 points x, y, z,
    visibility for each body. The largest comes first, points are in
    MediaPipe's order.

    x and y are 0 to 1 from the upper left corner, beyond that outside the
    picture; times "size_wh" they are pixels. z is depth in the scale of x,
    smaller is nearer. EXIF's orientation is applied first.
    """
    from services.pose.commands.files import read_bytes, write_picture
    from services.pose.drawing import draw_landmarks
    from services.pose.landmarks import LandmarkFinder
    from services.pose.mediapipe_tasks import native_log_hidden
    from services.pose.placement.types import LandmarkKind
    from shared.image import decode

    picture = decode(read_bytes(image))
    kinds = [LandmarkKind[item.name] for item in kind or list(Kind)]
    finder = LandmarkFinder(context.obj.settings.state_dir / "models")
    with native_log_hidden(), closing(finder), Console(stderr=True).status("looking"):
        subjects = finder.find(picture.image_rgb, kinds, most=dict.fromkeys(kinds, most))
    if out:
        write_picture(out, draw_landmarks(picture.image_rgb, subjects))
    if as_json_:
        typer.echo(json.dumps(as_json(subjects, picture.original_size_wh)))
    else:
        typer.echo(f"{_summary(subjects)}{f'; drawn into {out}' if out else ''}")
