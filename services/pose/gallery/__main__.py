"""Draw every kind of product on somebody, and all of them on one sheet."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.progress import track

from services.pose.gallery.drawn_person import drawn_hand, drawn_person
from services.pose.landmarks import LandmarkFinder
from services.pose.mediapipe_tasks import native_log_hidden
from services.pose.pictures import EVERYBODY, needed
from services.pose.placement import place
from services.pose.placement.camera import camera_of
from services.pose.placement.types import (
    Bytes,
    Camera,
    Item,
    Subjects,
    TryOnAsset,
    TryOnKind,
)
from services.pose.rendering.compose import compose
from services.pose.tryon_asset_checks import describe
from shared.demo.tryon import try_on_asset
from shared.image import decode

PANEL_PX = 240
COLUMNS = 4
STATE_DIR = Path.home() / ".local" / "share" / "vitrine"
WEBP_QUALITY = 82
_KINDS = {kind.name.lower(): kind for kind in TryOnKind} | {"shoe": TryOnKind.SHOES}
Box = tuple[float, float, float, float]
Drawn = Callable[[], tuple[Bytes, Subjects, Camera]]
SHEET: tuple[tuple[str, tuple[str, ...], Box], ...] = (
    ("astronaut", ("GLS-104",), (0.24, 0.02, 0.64, 0.42)),
    ("astronaut", ("HAT-201",), (0.19, 0.0, 0.69, 0.5)),
    ("astronaut", ("EAR-301",), (0.24, 0.02, 0.64, 0.42)),
    ("astronaut", ("LIP-351",), (0.30, 0.10, 0.58, 0.38)),
    ("hopper", ("GLS-107",), (0.1, 0.0, 0.9, 0.68)),
    ("drawn hand", ("WAT-331", "RNG-320"), (0.2, 0.2, 0.9, 0.9)),
    ("drawn hand", ("BRA-340",), (0.22, 0.3, 0.82, 0.9)),
    ("drawn person", ("NEC-310",), (0.22, 0.02, 0.78, 0.3933)),
    ("drawn person", ("TSH-103",), (0.0, 0.0, 1.0, 0.6667)),
    ("drawn person", ("DRE-120",), (0.0, 0.02, 1.0, 1.0)),
    ("drawn person", ("TRO-130",), (0.0, 0.32, 1.0, 0.9867)),
    ("drawn person", ("TRO-131", "SHO-402"), (0.2, 0.6, 0.8, 1.0)),
)
_DRAWN = {"drawn person": drawn_person, "drawn hand": drawn_hand}
"""Who wears what, and which part of the picture is shown (left, top, right, bottom)."""


def main(
    out: Annotated[Path, typer.Argument(help="Folder to write the pictures into.")],
    state_dir: Annotated[
        Path,
        typer.Option(envvar="VITRINE_STATE_DIR", help="Where `vitrine models` put the models."),
    ] = STATE_DIR,
    data: Annotated[
        Path, typer.Option(envvar="VITRINE_DATA", help="Development data, for more people.")
    ] = Path("../shared/data"),
) -> None:
    """Draw products of the demo on people who may be shown: one picture each, and a sheet."""
    people = dict(_photos(data / "people"))
    panels = [(who, skus, box) for who, skus, box in SHEET if who in _DRAWN or who in people]
    out.mkdir(parents=True, exist_ok=True)
    made = []
    finder = LandmarkFinder(state_dir / "models")
    with native_log_hidden(), closing(finder):
        for who, skus, box in track(panels, "drawing"):
            worn = _worn(finder, _DRAWN.get(who) or people[who], skus)
            _write(out / f"{'-'.join((who.replace(' ', '-'), *skus))}.png", worn)
            made.append(_panel(worn, box))
    rows = [np.hstack(made[at : at + COLUMNS]) for at in range(0, len(made), COLUMNS)]
    width = max(row.shape[1] for row in rows)
    padded = [np.pad(r, ((0, 0), (0, width - r.shape[1]), (0, 0))) for r in rows]
    _write(out / "every-kind.webp", np.vstack(padded))
    typer.echo(f"{len(made)} pictures and {out / 'every-kind.webp'}")


def _photos(folder: Path) -> Iterator[tuple[str, Bytes]]:
    """Portraits in the public domain, by the name that ``SHEET`` uses."""
    if importlib.util.find_spec("skimage") is not None:
        astronaut = importlib.import_module("skimage.data").astronaut()
        yield "astronaut", np.ascontiguousarray(astronaut)
    if (folder / "hopper.jpg").is_file():
        yield "hopper", decode((folder / "hopper.jpg").read_bytes()).image_rgb


def _worn(finder: LandmarkFinder, who: Bytes | Drawn, skus: tuple[str, ...]) -> Bytes:
    """A photo, or somebody drawn, with products on."""
    made = [_product(sku) for sku in skus]
    items = {item.sku: item for item, _ in made}
    if isinstance(who, np.ndarray):
        image, subjects, camera = _looked_at(finder, who, list(items.values()))
    else:
        image, subjects, camera = who()
    placements = place(list(items.values()), subjects, camera, screen_mesh=True)
    textures = {item.sku: texture for item, texture in made}
    return compose(image, placements, items, textures, subjects, camera)


def _looked_at(
    finder: LandmarkFinder, photo: Bytes, items: list[Item]
) -> tuple[Bytes, Subjects, Camera]:
    subjects = finder.find(photo, needed(items), most=EVERYBODY, person_mask=True)
    return photo, subjects, camera_of((photo.shape[1], photo.shape[0]))


def _product(sku: str) -> tuple[Item, Bytes]:
    """A product of the demo as the service would load it, and its picture."""
    made = try_on_asset(sku)
    kind = _KINDS[made.kind]
    if made.image_rgba is None:
        return Item(sku, TryOnAsset(kind, (0, 0), 0.0, {}, made.colour or "")), _nothing()
    asset = describe(kind, made.image_rgba, made.width_mm or 0.0, made.points)
    return Item(sku, asset), made.image_rgba


def _nothing() -> Bytes:
    return np.zeros((0, 0, 4), np.uint8)


def _panel(image: Bytes, box: Box) -> Bytes:
    """A part of a picture as a square of the sheet, its edges drawn on to make it one."""
    height, width = image.shape[:2]
    left, top, right, bottom = (
        round(share * side) for share, side in zip(box, (width, height) * 2, strict=True)
    )
    part = image[top:bottom, left:right]
    lack = [max(part.shape[:2]) - side for side in part.shape[:2]]
    half = [(one // 2, one - one // 2) for one in lack]
    square = np.pad(part, (*half, (0, 0)), mode="edge")
    how = cv2.INTER_AREA if len(square) > PANEL_PX else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (PANEL_PX, PANEL_PX), interpolation=how), np.uint8)


def _write(path: Path, image_rgb: Bytes) -> None:
    settings = [cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY] if path.suffix == ".webp" else []
    _, data = cv2.imencode(path.suffix, cv2.cvtColor(image_rgb, cv2.COLOR_RGB2BGR), settings)
    path.write_bytes(data.tobytes())


if __name__ == "__main__":
    typer.run(main)
