"""Shop floor photos with truth: shelves, tables, rails, rooms, and the awkward cases.

>>> from shared.demo.scenes import scene
>>> photo = scene(7, "table")
>>> photo.image_rgb.shape, all(item.visible > 0.2 for item in photo.items)
((960, 1280, 3), True)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import cv2
import numpy as np

from shared.demo import backdrops, close_scenes, shelf_scenes
from shared.demo.catalogue import Product, drawable, strangers
from shared.demo.drawing.camera import Pose
from shared.demo.drawing.paint import gradient, rng_of
from shared.demo.sets import SET_WH, SIZE_WH, opaque, pick, pose, size_px, sku, turned, upright
from shared.demo.stage import Scene, Stage, camera_view
from shared.demo.views import cutout

Style = Literal["shelf", "table", "flat_lay", "rail", "room", "barcode", "conflict", "stranger"]


STYLES: tuple[Style, ...] = get_args(Style)


def scene(seed: int, style: Style | None = None, skus: Sequence[str] = ()) -> Scene:
    """Take one photo; the same arguments give the same pixels.

    Args:
        seed: chooses everything that is not given.
        style: ``shelf`` boards full of packages; ``table`` with a few of them;
            ``flat_lay`` of wearables seen from above; ``rail`` of garments; ``room``
            with furniture; ``barcode`` one package from behind; ``conflict`` one
            package with another's barcode stuck on; ``stranger`` among products one
            that is not in the catalogue.
        skus: products that must be in it, as far as the style shows their kind.

    Returns:
        the photo (960, 1280, 3) and the truth about each product in it.

    Raises:
        NotFound: one of the SKUs is unknown.
    """
    rng = rng_of("scene", seed, style)
    chosen = style or STYLES[int(rng.integers(len(STYLES)))]
    wanted = [drawable(sku) for sku in skus]
    return _STYLES[chosen](rng, wanted)


def _table(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """A few packages on a table before a wall, nearer ones larger and partly in the way."""
    return _on_table(rng, pick(rng, wanted, int(rng.integers(3, 6)), lambda item: item.packaged))


def _on_table(rng: np.random.Generator, chosen: Sequence[Product]) -> Scene:
    width, height = SET_WH
    wall = backdrops.plaster(
        SET_WH, ((196, 204, 206), (214, 200, 184), (182, 190, 176))[int(rng.integers(3))], rng
    )
    stage = Stage(np.asarray(cv2.GaussianBlur(wall, (0, 0), 3), np.uint8))
    edge = round(height * 0.52)
    colour = ((188, 140, 92), (150, 104, 70), (214, 188, 150))[int(rng.integers(3))]
    stage.image[edge:] = backdrops.wood((width, height - edge), colour, rng, plank=110)
    places = np.linspace(0.16, 0.84, len(chosen)) * width
    depth = rng.uniform(0.0, 1.0, len(chosen))
    for k in np.argsort(depth):
        item = chosen[int(k)]
        shape = cutout(item.sku, pose(rng, 24))
        w, h = size_px(item, shape, 2.1 + 0.75 * float(depth[k]))
        w, h = (v * min(1.0, 660 / h) for v in (w, h))
        y = edge + (0.32 + 0.5 * float(depth[k])) * (height - edge)
        x = float(places[int(k)]) - w / 2 + float(rng.uniform(-25, 25))
        stage.put(shape, upright(x, y, w, h), sku(item), shadow=0.5)
    return stage.shoot(
        SIZE_WH, camera_view(SIZE_WH, (70, 70, width - 70, height - 60), rng, 0.05), rng
    )


def _flat_lay(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """Wearables laid out on a table and seen from above, each turned a little."""
    width, height = SET_WH
    grounds = (backdrops.cloth, backdrops.stone, backdrops.plaster)
    ground = grounds[int(rng.integers(3))](
        SET_WH, ((214, 206, 194), (186, 196, 200), (226, 214, 206))[int(rng.integers(3))], rng
    )
    stage = Stage(ground)
    kinds = (
        "glasses",
        "hat",
        "watch",
        "bracelet",
        "earrings",
        "necklace",
        "shoe",
        "lipstick",
        "ring",
    )
    chosen = pick(rng, wanted, 6, lambda item: item.kind in kinds)
    for k, item in enumerate(chosen):
        shape = cutout(item.sku, Pose(0, 6))
        centre = np.array([(k % 3 + 0.5) / 3 * width, (k // 3 + 0.5) / 2 * height])
        centre += rng.uniform(-30, 30, 2)
        size = 330.0 if max(item.size_mm) > 100 else 250.0
        stage.put(
            shape, turned(shape, centre, size, float(rng.uniform(-28, 28))), sku(item), shadow=0.4
        )
    return stage.shoot(
        SIZE_WH, camera_view(SIZE_WH, (20, 20, width - 20, height - 20), rng, 0.05), rng
    )


def _rail(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """Garments side by side before a wall, under a rail."""
    width, height = SET_WH
    stage = Stage(
        backdrops.plaster(
            SET_WH, ((218, 212, 204), (190, 200, 204), (228, 218, 200))[int(rng.integers(3))], rng
        )
    )
    rail = opaque(gradient((width, 20), (210, 210, 212), (90, 90, 94)))
    stage.dress(rail, upright(0, 124, width, 18), 0.3)
    chosen = pick(rng, wanted, 3, lambda item: item.kind in ("top", "dress", "trousers"))
    for k, item in enumerate(chosen):
        shape = cutout(item.sku, pose(rng, 12))
        limit = 450 if item.kind == "top" else 760
        scale = min(limit / max(shape.shape[:2]), 440 / shape.shape[1])
        w, h = shape.shape[1] * scale, shape.shape[0] * scale
        x = (k + 0.5) / 3 * width - w / 2
        _hanger(stage, x + w / 2, 175)
        stage.put(shape, upright(x, 175 + h, w, h), sku(item), shadow=0.4)
    return stage.shoot(
        SIZE_WH, camera_view(SIZE_WH, (20, 20, width - 20, height - 30), rng, 0.035), rng
    )


def _hanger(stage: Stage, x: float, y: float) -> None:
    hook = np.array([(x, y + 22), (x, y - 30), (x + 10, y - 50), (x, y - 66), (x - 10, y - 56)])
    cv2.polylines(
        stage.image, [hook.round().astype(np.int32)], False, (120, 122, 126), 4, cv2.LINE_AA
    )


def _room(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """What was wanted, or two pieces of furniture, in a room, at their true sizes."""
    width, height = SET_WH
    image, edge = backdrops.room(SET_WH, rng)
    stage = Stage(image)
    chosen = pick(rng, wanted, len(wanted) or 2, lambda item: item.kind == "furniture")
    px_per_mm = min(0.8, 760 / max(item.size_mm[1] for item in chosen))
    places = np.linspace(0.34, 0.76, len(chosen)) if len(chosen) > 1 else np.array([0.5])
    for k, item in enumerate(chosen):
        shape = cutout(item.sku, Pose(round(float(rng.uniform(-30, 30))), 12))
        w, h = size_px(item, shape, px_per_mm)
        x, y = float(places[k]) * width - w / 2, edge + (height - edge) * (0.28 + 0.22 * (k == 0))
        stage.put(shape, upright(x, y, w, h), sku(item), shadow=0.4)
    return stage.shoot(
        SIZE_WH, camera_view(SIZE_WH, (60, 60, width - 60, height - 50), rng, 0.03), rng
    )


def _stranger(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """Two products of the catalogue and one thing that no store sells."""
    odd = strangers()[int(rng.integers(len(strangers())))]
    known = pick(rng, wanted, 2, lambda item: item.packaged and item not in strangers())
    return _on_table(rng, [known[0], odd, known[1]])


_STYLES: dict[Style, Callable[[np.random.Generator, Sequence[Product]], Scene]] = {
    "shelf": shelf_scenes.shelf,
    "table": _table,
    "flat_lay": _flat_lay,
    "rail": _rail,
    "room": _room,
    "barcode": close_scenes.barcode,
    "conflict": close_scenes.conflict,
    "stranger": _stranger,
}
