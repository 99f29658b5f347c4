"""``vitrine tryon-asset``: make and check a product's try-on picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shared.errors import InvalidInput

if TYPE_CHECKING:
    from services.pose.placement.types import Bytes, TryOnAsset
    from services.pose.tryon_asset_checks import Finding


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


def _moved(points: dict[str, tuple[float, float]], box: Any) -> dict[str, tuple[float, float]]:
    """Points of the whole photo as points of the cut-out (left, top, right, bottom)."""
    left, top, right, bottom = box
    return {
        name: ((x - left) / (right - left), (y - top) / (bottom - top))
        for name, (x, y) in points.items()
    }


def _texture(path: Path, cut: bool) -> tuple[Bytes, tuple[float, float, float, float]]:
    """The picture with alpha, and which part of the file's picture it shows."""
    import cv2
    import numpy as np

    from services.pose.commands.files import read_bytes
    from services.pose.tryon_asset_cutout import cut_out_with_box
    from shared.image import decode, inspect

    data = read_bytes(path)
    inspect(data)
    if cut:
        return cut_out_with_box(decode(data).image_rgb)
    stored = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if stored is None or stored.ndim != 3 or stored.shape[2] != 4 or stored.dtype != np.uint8:
        raise InvalidInput.of("image", f"{path.name} has no alpha; cut it out with --cut-out")
    return np.asarray(cv2.cvtColor(stored, cv2.COLOR_BGRA2RGBA), np.uint8), (0.0, 0.0, 1.0, 1.0)


def _facts(asset: TryOnAsset, picture: str) -> dict[str, Any]:
    points = {name: [round(value, 5) for value in xy] for name, xy in sorted(asset.points.items())}
    kind = asset.kind.name.lower()
    return {"kind": kind, "image": picture, "width_mm": asset.width_mm, "points": points}


def _tell(facts: dict[str, Any], findings: Sequence[Finding], as_json: bool) -> None:
    from services.pose.tryon_asset_checks import summary

    if as_json:
        found = [{"serious": one.serious, "message": one.message} for one in findings]
        typer.echo(json.dumps({"asset": facts, "findings": found}))
    else:
        typer.echo(summary(findings))


def tryon_asset(
    image: Annotated[Path, typer.Argument(help="Picture of the product, PNG with alpha or photo.")],
    kind: Annotated[Kind, typer.Option(help="What it is.")],
    width_mm: Annotated[float, typer.Option(help="Real width; 0 = not known.")] = 0.0,
    point: Annotated[
        list[str] | None, typer.Option(help="A named point, for example bridge=0.5,0.4.")
    ] = None,
    cut_out: Annotated[
        bool, typer.Option("--cut-out", help="Cut the product out of a photo on white.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the picture here (.png), its facts beside (.json).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check a try-on picture, or make one from a photo on white, and say what is wrong."""
    from services.pose.placement.types import TryOnKind
    from services.pose.tryon_asset_checks import check, describe

    texture, box = _texture(image, cut_out)
    points = _moved(dict(_point(text) for text in point or []), box)
    asset = describe(TryOnKind[kind.name], texture, width_mm, points)
    findings = check(asset, texture)
    facts = _facts(asset, (out or image).name)
    if out:
        _write(out, texture, facts)
    _tell(facts, findings, as_json)
    raise typer.Exit(1 if any(one.serious for one in findings) else 0)


def _write(out: Path, texture: Bytes, facts: dict[str, Any]) -> None:
    from services.pose.commands.files import write_picture

    if out.suffix.lower() != ".png":
        raise InvalidInput.of("out", f"{out.name} must end in .png: it carries alpha")
    write_picture(out, texture)
    text = json.dumps(facts, indent=2)
    out.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
