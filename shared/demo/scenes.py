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
from numpy.typing import NDArray

from shared.demo import backdrops
from shared.demo.catalogue import Product, drawable, products, strangers
from shared.demo.drawing.barcode_drawing import draw_barcode
from shared.demo.drawing.camera import LONG_SIDE_PX, STUDIO, WARM, Pose
from shared.demo.drawing.paint import Image, rng_of
from shared.demo.stage import Scene, Stage, camera_view
from shared.demo.views import cutout

Style = Literal["shelf", "table", "flat_lay", "rail", "room", "barcode", "conflict", "stranger"]
STYLES: tuple[Style, ...] = get_args(Style)

SIZE_WH = (1280, 960)
"""Size of every photo, width and height in pixels."""

_SET_WH = (1440, 1080)
_SHELF_PX_PER_MM = 1.55


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


def _pick(
    rng: np.random.Generator, wanted: Sequence[Product], count: int, fits: Callable[[Product], bool]
) -> list[Product]:
    """Choose ``count`` products that fit: those wanted first, then others by chance."""
    chosen = [item for item in wanted if fits(item)][:count]
    others = [item for item in products() if fits(item) and item not in chosen]
    for index in rng.permutation(len(others))[: count - len(chosen)]:
        chosen.append(others[int(index)])
    return chosen


def _pose(rng: np.random.Generator, yaw: float) -> Pose:
    light = STUDIO if rng.uniform() < 0.7 else WARM
    return Pose(round(float(rng.uniform(-yaw, yaw))), 6 + round(float(rng.uniform(0, 4))), light)


def _size_px(item: Product, shape: Image, px_per_mm: float) -> tuple[float, float]:
    scale = max(item.size_mm[:2]) * px_per_mm / LONG_SIDE_PX
    return shape.shape[1] * scale, shape.shape[0] * scale


def _upright(x: float, y: float, w: float, h: float) -> NDArray[np.float64]:
    """Corners of a frame that stands on row ``y`` with its left side at ``x``."""
    return np.array([(x, y - h), (x + w, y - h), (x + w, y), (x, y)])


def _opaque(image: Image) -> Image:
    return np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])


def _shelf(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """Two or three boards; products in runs of one to three facings, each with its label."""
    width, height = _SET_WH
    stage = Stage(backdrops.shelf_panel(_SET_WH, rng))
    queue = _pick(rng, wanted, 16, lambda item: item.packaged)
    order = [queue[int(k)] for k in rng.permutation(len(queue[: max(len(wanted), 12)]))]
    boards = (round(height * 0.48), round(height * 0.94))
    for row, y in enumerate(boards):
        _board(stage, y, f"{row}/{rng.integers(1 << 20)}")
        x = float(rng.uniform(90, 130))
        while order and x < width - 200:
            x = _facings(stage, rng, order.pop(), x, y)
    margin = (60, 20, width - 60, height - 10)
    return stage.shoot(SIZE_WH, camera_view(SIZE_WH, margin, rng, 0.035), rng)


def _board(stage: Stage, y: int, name: str) -> None:
    width = stage.image.shape[1]
    stage.image[max(0, y - 420) : y - 330] = stage.image[max(0, y - 420) : y - 330] // 10 * 8
    stage.image[y - 12 : y] = stage.image[y - 12 : y] // 10 * 6
    front = backdrops.board_front((width, 46), (208, 176, 136), name)
    lower = min(y + 46, stage.image.shape[0])
    stage.image[y:lower] = front[: lower - y]


def _facings(stage: Stage, rng: np.random.Generator, item: Product, x: float, y: int) -> float:
    """Stand one to three of a product side by side; returns where the next may stand."""
    start, count = x, int(rng.integers(1, 3 if item.size_mm[0] > 120 else 4))
    shape = cutout(item.sku, _pose(rng, 9))
    w, h = _size_px(item, shape, _SHELF_PX_PER_MM)
    for _ in range(count):
        if x + w > stage.image.shape[1] - 60:
            break
        base = y - 4 + float(rng.uniform(-3, 3))
        stage.put(shape, _upright(x, base, w, h), _sku(item), shadow=0.45)
        x += w + float(rng.uniform(3, 9))
    if x > start:
        tag = _opaque(
            backdrops.price_tag((240, 92), f"{item.price_eur}".replace(".", ","), item.title)
        )
        stage.dress(tag, _upright(start + 6, y + 44, 92, 36), 0.15)
    return x + float(rng.uniform(10, 30))


def _sku(item: Product) -> str | None:
    return None if item in strangers() else item.sku


def _table(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """A few packages on a table before a wall, nearer ones larger and partly in the way."""
    return _on_table(rng, _pick(rng, wanted, int(rng.integers(3, 6)), lambda item: item.packaged))


def _on_table(rng: np.random.Generator, chosen: Sequence[Product]) -> Scene:
    width, height = _SET_WH
    wall = backdrops.plaster(
        _SET_WH, ((196, 204, 206), (214, 200, 184), (182, 190, 176))[int(rng.integers(3))], rng
    )
    stage = Stage(np.asarray(cv2.GaussianBlur(wall, (0, 0), 3), np.uint8))
    edge = round(height * 0.52)
    colour = ((188, 140, 92), (150, 104, 70), (214, 188, 150))[int(rng.integers(3))]
    stage.image[edge:] = backdrops.wood((width, height - edge), colour, rng, plank=110)
    places = np.linspace(0.16, 0.84, len(chosen)) * width
    depth = rng.uniform(0.0, 1.0, len(chosen))
    for k in np.argsort(depth):
        item = chosen[int(k)]
        shape = cutout(item.sku, _pose(rng, 24))
        w, h = _size_px(item, shape, 2.1 + 0.75 * float(depth[k]))
        w, h = (v * min(1.0, 660 / h) for v in (w, h))
        y = edge + (0.32 + 0.5 * float(depth[k])) * (height - edge)
        x = float(places[int(k)]) - w / 2 + float(rng.uniform(-25, 25))
        stage.put(shape, _upright(x, y, w, h), _sku(item), shadow=0.5)
    return stage.shoot(
        SIZE_WH, camera_view(SIZE_WH, (70, 70, width - 70, height - 60), rng, 0.05), rng
    )


def _flat_lay(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """Wearables laid out on a table and seen from above, each turned a little."""
    width, height = _SET_WH
    grounds = (backdrops.cloth, backdrops.stone, backdrops.plaster)
    ground = grounds[int(rng.integers(3))](
        _SET_WH, ((214, 206, 194), (186, 196, 200), (226, 214, 206))[int(rng.integers(3))], rng
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
    chosen = _pick(rng, wanted, 6, lambda item: item.kind in kinds)
    for k, item in enumerate(chosen):
        shape = cutout(item.sku, Pose(0, 6))
        centre = np.array([(k % 3 + 0.5) / 3 * width, (k // 3 + 0.5) / 2 * height])
        centre += rng.uniform(-30, 30, 2)
        size = 330.0 if max(item.size_mm) > 100 else 250.0
        stage.put(
            shape, _turned(shape, centre, size, float(rng.uniform(-28, 28))), _sku(item), shadow=0.4
        )
    return stage.shoot(
        SIZE_WH, camera_view(SIZE_WH, (20, 20, width - 20, height - 20), rng, 0.05), rng
    )


def _turned(
    shape: Image, centre: NDArray[np.float64], size: float, angle: float
) -> NDArray[np.float64]:
    """Corners of a frame round ``centre`` whose longer side is ``size``, turned by ``angle``."""
    h, w = shape.shape[:2]
    k = size / max(w, h) / 2
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    corners = np.array([(-w, -h), (w, -h), (w, h), (-w, h)]) * k
    return np.asarray(corners @ np.array([[c, s], [-s, c]]) + centre)


def _rail(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """Garments side by side before a wall, under a rail."""
    width, height = _SET_WH
    stage = Stage(
        backdrops.plaster(
            _SET_WH, ((218, 212, 204), (190, 200, 204), (228, 218, 200))[int(rng.integers(3))], rng
        )
    )
    rail = _opaque(backdrops.gradient((width, 20), (210, 210, 212), (90, 90, 94)))
    stage.dress(rail, _upright(0, 124, width, 18), 0.3)
    chosen = _pick(rng, wanted, 3, lambda item: item.kind in ("top", "dress", "trousers"))
    for k, item in enumerate(chosen):
        shape = cutout(item.sku, _pose(rng, 12))
        limit = 450 if item.kind == "top" else 760
        scale = min(limit / max(shape.shape[:2]), 440 / shape.shape[1])
        w, h = shape.shape[1] * scale, shape.shape[0] * scale
        x = (k + 0.5) / 3 * width - w / 2
        _hanger(stage, x + w / 2, 175)
        stage.put(shape, _upright(x, 175 + h, w, h), _sku(item), shadow=0.4)
    return stage.shoot(
        SIZE_WH, camera_view(SIZE_WH, (20, 20, width - 20, height - 30), rng, 0.035), rng
    )


def _hanger(stage: Stage, x: float, y: float) -> None:
    hook = np.array([(x, y + 22), (x, y - 30), (x + 10, y - 50), (x, y - 66), (x - 10, y - 56)])
    cv2.polylines(
        stage.image, [hook.round().astype(np.int32)], False, (120, 122, 126), 4, cv2.LINE_AA
    )


def _room(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """A piece of furniture or two in a room, at their true sizes."""
    width, height = _SET_WH
    image, edge = backdrops.room(_SET_WH, rng)
    stage = Stage(image)
    chosen = _pick(rng, wanted, max(len(wanted), 2), lambda item: item.kind == "furniture")
    places = np.linspace(0.34, 0.76, len(chosen)) if len(chosen) > 1 else np.array([0.5])
    for k, item in enumerate(chosen):
        shape = cutout(item.sku, Pose(round(float(rng.uniform(-30, 30))), 12))
        w, h = _size_px(item, shape, 0.64)
        x, y = float(places[k]) * width - w / 2, edge + (height - edge) * (0.28 + 0.22 * (k == 0))
        stage.put(shape, _upright(x, y, w, h), _sku(item), shadow=0.4)
    return stage.shoot(
        SIZE_WH, camera_view(SIZE_WH, (60, 60, width - 60, height - 50), rng, 0.03), rng
    )


def _barcode(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """One package held with its back to the camera, its barcode in plain sight."""
    (item,) = _pick(rng, wanted, 1, lambda item: item.packaged)
    return _held(rng, item, cutout(item.sku, Pose(180, 4)), (item.gtin,), False)


def _conflict(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """One package whose front bears a sticker with the barcode of another product."""
    fits = _flat_front
    item, other = _pick(rng, wanted, 2, fits)
    shape = cutout(item.sku, Pose(0, 4)).copy()
    h, w = shape.shape[:2]
    symbol = draw_barcode(other.gtin, 2, 110)
    scale = min(1.0, w * 0.86 / symbol.shape[1])
    sticker = cv2.resize(symbol, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    x, y = (w - sticker.shape[1]) // 2, round(h * 0.93) - sticker.shape[0]
    shape[y : y + sticker.shape[0], x : x + sticker.shape[1], :3] = sticker
    return _held(rng, item, shape, (other.gtin,), True)


def _flat_front(item: Product) -> bool:
    return item.kind in ("pack", "pouch") and item.size_mm[0] > 100


def _held(
    rng: np.random.Generator, item: Product, shape: Image, codes: tuple[str, ...], conflict: bool
) -> Scene:
    """One package, close, a little askew, on a cloth."""
    stage = Stage(
        backdrops.cloth(
            _SET_WH, ((150, 160, 158), (190, 176, 158), (120, 130, 146))[int(rng.integers(3))], rng
        )
    )
    centre = np.array(_SET_WH) / 2 + rng.uniform(-30, 30, 2)
    size = 900.0 if shape.shape[0] > shape.shape[1] * 0.8 else 1100.0
    quad = _turned(shape, centre, size, float(rng.uniform(-7, 7)))
    stage.put(shape, quad, _sku(item), codes=codes, conflict=conflict, shadow=0.5)
    region = (60, 45, _SET_WH[0] - 60, _SET_WH[1] - 45)
    return stage.shoot(SIZE_WH, camera_view(SIZE_WH, region, rng, 0.03), rng)


def _stranger(rng: np.random.Generator, wanted: Sequence[Product]) -> Scene:
    """Two products of the catalogue and one thing that no store sells."""
    odd = strangers()[int(rng.integers(len(strangers())))]
    known = _pick(rng, wanted, 2, lambda item: item.packaged and item not in strangers())
    return _on_table(rng, [known[0], odd, known[1]])


_STYLES: dict[Style, Callable[[np.random.Generator, Sequence[Product]], Scene]] = {
    "shelf": _shelf,
    "table": _table,
    "flat_lay": _flat_lay,
    "rail": _rail,
    "room": _room,
    "barcode": _barcode,
    "conflict": _conflict,
    "stranger": _stranger,
}
