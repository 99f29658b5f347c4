"""``vitrine tryon-asset``: make and check a product's try-on picture."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shared.errors import InvalidInput

if TYPE_CHECKING:
    from services.pose.tryon_asset_prepare import PreparedAsset


class Kind(StrEnum):
    """What can be tried on with a picture."""

    GLASSES = "glasses"
    HAT = "hat"
    EARRINGS = "earrings"
    NECKLACE = "necklace"
    WATCH = "watch"
    RING = "ring"
    BRACELET = "bracelet"
    TOP = "top"
    DRESS = "dress"
    TROUSERS = "trousers"
    SHOES = "shoes"


def _point(text: str) -> tuple[str, tuple[float, float]]:
    """Read ``name=x,y``.

    >>> _point("bridge=0.5,0.4")
    ('bridge', (0.5, 0.4))
    """
    name, _, place = text.partition("=")
    try:
        x, y = (float(value) for value in place.split(","))
    except ValueError as error:
        raise InvalidInput.of(
            "point", f"is {text!r}, must be like bridge=0.5,0.4 (parts of the picture)"
        ) from error
    return name.strip(), (x, y)


def _tell(prepared: PreparedAsset, facts: dict[str, Any], as_json: bool) -> None:
    from services.pose.tryon_asset_checks import summary

    if as_json:
        found = [{"serious": one.serious, "message": one.message} for one in prepared.findings]
        proposed = list(prepared.proposed)
        typer.echo(json.dumps({"asset": facts, "proposed": proposed, "findings": found}))
        return
    typer.echo(summary(prepared.findings))
    for name in prepared.proposed:
        x, y = prepared.asset.points[name]
        typer.echo(f"proposed {name}={x:.3f},{y:.3f}: look whether it is there")


def tryon_asset(
    image: Annotated[
        Path, typer.Argument(help="PNG with alpha, photo on white, .gltf or .glb of the product.")
    ],
    kind: Annotated[Kind, typer.Option(help="What it is.")],
    width_mm: Annotated[
        float, typer.Option(help="Real width; 0 = not known, or as the model says.")
    ] = 0.0,
    point: Annotated[
        list[str] | None, typer.Option(help="A named point, for example bridge=0.5,0.4.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the picture here (.png), its facts beside (.json).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check a try-on asset, or make one of a photo on white or a glTF; say what is wrong."""
    from services.pose.placement.types import TryOnKind
    from services.pose.tryon_asset_prepare import prepare

    points = dict(_point(text) for text in point or [])
    prepared = prepare(_existing(image), TryOnKind[kind.name], width_mm, points)
    facts = prepared.facts() | {"image": (out or image).name}
    if out:
        _write(out, prepared.png, facts)
    _tell(prepared, facts, as_json)
    raise typer.Exit(0 if prepared.usable else 1)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise InvalidInput.of("image", f"{path} is no file")
    return path


def _write(out: Path, png: bytes, facts: dict[str, Any]) -> None:
    if out.suffix.lower() != ".png":
        raise InvalidInput.of("out", f"{out.name} must end in .png: it carries alpha")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(png)
    text = json.dumps(facts, indent=2)
    out.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
