"""``vitrine tryon``: products placed and drawn on a photo, with nothing running."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from services.pose.pictures import Placed
    from services.pose.tryon_asset import LoadedAsset

SMALL_DETAIL = ("mesh", "item_points", "image_points", "velocity_per_s")
"""What a client draws with, and a person does not read."""


async def _assets(stack: Any, skus: Sequence[str]) -> list[LoadedAsset]:
    from services.pose.tryon_asset import AssetShelf
    from services.pose.wardrobe import Wardrobe

    async with stack.catalog() as catalog:
        return await Wardrobe(catalog, AssetShelf()).assets(skus)


def as_json(path: Path, placed: Placed) -> dict[str, Any]:
    """Placements in the shape that ``vitrine tryon --json`` prints."""
    from services.pose.scorecard.replay import placement_record

    records = [placement_record(placement) for placement in placed.placements]
    return {
        "image": str(path),
        "size_wh": list(placed.image.original_size_wh),
        "intrinsics_source": placed.camera.source.name.lower(),
        "placements": [
            {name: value for name, value in record.items() if name not in SMALL_DETAIL}
            for record in records
        ],
    }


def _print(path: Path, placed: Placed, out: Path | None) -> None:
    table = Table(title=str(path), title_justify="left", box=None, pad_edge=False)
    for heading in ("product", "kind", "at", "scale", "fit", ""):
        table.add_column(heading, header_style="bold")
    for one in placed.placements:
        x, y = (
            value * side for value, side in zip(one.anchor_xy, placed.camera.size_wh, strict=True)
        )
        scale = f"{one.scale.source.name.lower()} +- {one.scale.sigma_relative:.0%}"
        where = f"{x:.0f}, {y:.0f}"
        fit = one.fit.name.lower()
        table.add_row(one.sku, one.kind.name.lower(), where, scale, fit, one.fit_description)
    if not placed.placements:
        table.add_row("nobody found to try it on", "", "", "", "", "")
    Console().print(table)
    if out:
        typer.echo(f"drawn into {out}")


def _place(context: typer.Context, data: bytes, assets: list[LoadedAsset], wanted: Any) -> Placed:
    from services.pose.landmarks import LandmarkFinder
    from services.pose.mediapipe_tasks import native_log_hidden
    from services.pose.pictures import place_in_picture
    from shared.image import DEFAULT_LIMITS
    from shared.telemetry import Stages

    finder = LandmarkFinder(context.obj.settings.state_dir / "models")
    with native_log_hidden(), closing(finder), Console(stderr=True).status("looking"):
        return place_in_picture(finder, data, DEFAULT_LIMITS, wanted, Stages())


def tryon(
    context: typer.Context,
    image: Annotated[Path, typer.Argument(help="JPEG, PNG or WebP file.")],
    sku: Annotated[list[str], typer.Option("--sku", help="What to try on; may be repeated.")],
    out: Annotated[Path | None, typer.Option(help="Draw the products into this file.")] = None,
    mirrored: Annotated[bool, typer.Option(help="The photo is a mirror image.")] = False,
    card: Annotated[bool, typer.Option(help="A bank card is held to the face.")] = False,
    json_wanted: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Try products of the catalogue on in a photo, at true scale where it is known."""
    from services.pose.commands.files import read_bytes, write_picture
    from services.pose.pictures import Wanted, render

    data = read_bytes(image)
    assets = context.obj.run(_assets(context.obj, sku))
    wanted = Wanted(
        tuple(asset.item for asset in assets),
        mirrored=mirrored,
        screen_mesh=out is not None,
        reference_card=card,
        person_mask=out is not None,
    )
    placed = _place(context, data, assets, wanted)
    if out:
        write_picture(out, render(placed, assets, mirrored))
    if json_wanted:
        typer.echo(json.dumps(as_json(image, placed)))
    else:
        _print(image, placed, out)
