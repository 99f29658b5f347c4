"""Try-on assets: a picture with alpha, its real width, and the points by which it sits.

The picture is cropped to the product, so that its whole width is ``width_mm`` wide.
Left and right are those of the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shared.demo.catalogue import Kind, Product, product
from shared.demo.drawing.camera import STUDIO, Pose, fit_camera
from shared.demo.drawing.meshes import Surface, render
from shared.demo.drawing.paint import Image
from shared.demo.wear import eyewear, footwear, garments, hats, jewellery, watches
from shared.errors import NotFound

Points = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class TryOnAsset:
    """What is needed to lay a product on a person.

    Attributes:
        kind: what it is.
        image_rgba: (H, W, 4) uint8, straight alpha; None for lipsticks.
        width_mm: real width of the whole picture; None for lipsticks.
        points: named points (x, y), normalised to the picture.
        colour: ``#rrggbb`` of a lipstick, None otherwise.
        finish: of a lipstick, None otherwise.
    """

    kind: Kind
    image_rgba: Image | None
    width_mm: float | None
    points: Points
    colour: str | None = None
    finish: str | None = None


def try_on_asset(sku: str) -> TryOnAsset:
    """Make the try-on asset of a product.

    Raises:
        NotFound: there is no such product, or it is not one that is worn.
    """
    item = product(sku)
    if not item.wearable:
        raise NotFound.of("try-on asset", sku)
    if item.kind == "lipstick":
        return TryOnAsset(item.kind, None, None, {}, item.look["shade"], item.attributes["finish"])
    if item.kind == "hat":
        return _solid(item, hats.built(sku), Pose(0, 4), hats.band_points(item))
    if item.kind in ("earrings", "necklace", "ring", "bracelet"):
        surfaces, pose = jewellery.worn(item), jewellery.worn_pose(item)
        return _solid(item, surfaces, pose, jewellery.worn_points(item))
    return _flat(item)


def _flat(item: Product) -> TryOnAsset:
    """Things whose front is drawn flat, in a frame as wide as they really are."""
    width = float(item.size_mm[0])
    if item.kind == "glasses":
        hinge, bridge = eyewear.hinge_y(item), eyewear.bridge_y(item)
        points = {"bridge": (0.5, bridge), "hinge_left": (0.0, hinge), "hinge_right": (1.0, hinge)}
        return _cropped(item, eyewear.front(item.sku, STUDIO), width, points)
    if item.kind == "watch":
        return _cropped(item, watches.front(item.sku, STUDIO), width, watches.points(item))
    if item.kind == "shoe":
        return _cropped(
            item, footwear.side(item.sku, STUDIO), width, footwear.POINTS[item.look["shape"]]
        )
    return _cropped(item, garments.sewn(item.sku, STUDIO), width, garments.points(item))


def _solid(
    item: Product,
    surfaces: list[Surface] | tuple[Surface, ...],
    pose: Pose,
    points: Mapping[str, tuple[float, float, float]],
) -> TryOnAsset:
    """Things built in space: their points are projected, their width follows from the camera."""
    camera = fit_camera(np.concatenate([s.points.reshape(-1, 3) for s in surfaces]), pose)
    flat, _ = camera.project(np.array(list(points.values()), np.float64))
    placed = flat / np.array(camera.size_wh)
    named = {name: (float(x), float(y)) for name, (x, y) in zip(points, placed, strict=True)}
    image = hats.draw(item, pose) if item.kind == "hat" else render(surfaces, pose)
    width_mm = camera.size_wh[0] * camera.distance / camera.focal_px
    return _cropped(item, image, width_mm, named)


def _cropped(item: Product, image: Image, width_mm: float, points: Points) -> TryOnAsset:
    """Crop to what can be seen and carry width and points along."""
    h, w = image.shape[:2]
    y, x = (np.nonzero(image[..., 3].max(axis=axis) > 8)[0] for axis in (1, 0))
    left, top, right, low = int(x[0]), int(y[0]), int(x[-1]) + 1, int(y[-1]) + 1
    moved = {
        name: (round((px * w - left) / (right - left), 4), round((py * h - top) / (low - top), 4))
        for name, (px, py) in points.items()
    }
    part = np.ascontiguousarray(image[top:low, left:right])
    return TryOnAsset(item.kind, part, round(width_mm * (right - left) / w, 1), moved)
