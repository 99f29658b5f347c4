"""Products drawn into a picture: in its light, with shadows, behind what is in front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import cv2
import numpy as np

from services.pose.placement.camera import mirrored as mirrored_camera
from services.pose.placement.frame import Frame, frame_of
from services.pose.placement.mirror import mirror_placement, mirror_subjects
from services.pose.placement.types import (
    Bytes,
    Camera,
    Floats,
    Item,
    Placement,
    ScreenMesh,
    Subjects,
    TryOnKind,
)
from services.pose.rendering import makeup, shadow
from services.pose.rendering.light import Light, light_of
from services.pose.rendering.live_masks import MASK_SIDE_PX
from services.pose.rendering.occlusion import keep_mask
from services.pose.rendering.raster import (
    Canvas,
    Float32,
    Window,
    distances_mm,
    minified,
    parts,
    window_of,
)

_ORDER = (
    TryOnKind.LIPSTICK, TryOnKind.SHOES, TryOnKind.TROUSERS, TryOnKind.DRESS, TryOnKind.TOP,
    TryOnKind.NECKLACE, TryOnKind.EARRINGS, TryOnKind.GLASSES, TryOnKind.HAT, TryOnKind.RING,
    TryOnKind.BRACELET, TryOnKind.WATCH,
)  # fmt: skip
"""What is worn under what: drawn first to last."""


def compose(
    image_rgb: Bytes,
    placements: Sequence[Placement],
    items: Mapping[str, Item],
    textures: Mapping[str, Bytes],
    subjects: Subjects,
    camera: Camera,
) -> Bytes:
    """Draw products into a picture.

    Args:
        image_rgb: (H, W, 3) uint8.
        placements: with meshes, of this picture; not mirrored. Those without are left out.
        items: the products, by SKU.
        textures: (h, w, 4) uint8 with straight alpha, by SKU; none for lipstick.
        subjects: the picture's landmarks.
        camera: the lens.

    Returns:
        (H, W, 3) uint8, a new array.
    """
    frame, light = frame_of(subjects, camera), light_of(image_rgb, subjects)
    result = image_rgb.copy()
    for placement in sorted(placements, key=lambda one: _ORDER.index(one.kind)):
        mesh, item = placement.mesh, items[placement.sku]
        if mesh is None or not len(mesh.triangles):
            continue
        if placement.kind is TryOnKind.LIPSTICK:
            everything = Window(0, 0, image_rgb.shape[1], image_rgb.shape[0])
            keep = keep_mask(placement, item, frame, image_rgb, everything)
            result = makeup.paint_lips(result, mesh, item.asset.color, keep)
        else:
            _draw(result, image_rgb, placement, item, textures[placement.sku], frame, light)
    return result


def with_masks(
    placements: Sequence[Placement],
    image_rgb: Bytes,
    items: Mapping[str, Item],
    subjects: Subjects,
    camera: Camera,
    *,
    mirrored: bool = False,
) -> list[Placement]:
    """The placements, their meshes with masks of what stands in front: for clients that draw.

    Args:
        placements: of this picture. Those without a mesh stay as they are.
        image_rgb: (H, W, 3) uint8.
        items: the products, by SKU.
        subjects: the picture's landmarks.
        camera: the lens.
        mirrored: the picture is a mirror image.
    """
    if mirrored:
        turned = with_masks(
            [mirror_placement(one) for one in placements],
            np.ascontiguousarray(image_rgb[:, ::-1]),
            items,
            mirror_subjects(subjects),
            mirrored_camera(camera),
        )
        return [mirror_placement(one) for one in turned]
    frame, height, width = frame_of(subjects, camera), image_rgb.shape[0], image_rgb.shape[1]
    everything = Window(0, 0, width, height)
    ratio = min(1.0, MASK_SIDE_PX / max(width, height))
    size_wh = max(1, round(width * ratio)), max(1, round(height * ratio))
    masked = []
    for one in placements:
        mesh = one.mesh
        if mesh is not None:
            keep = keep_mask(one, items[one.sku], frame, image_rgb, everything)
            small = cv2.resize(keep, size_wh, interpolation=cv2.INTER_AREA)
            mask = None if small.min() > 0.99 else np.rint(small * 255).astype(np.uint8)
            one = replace(one, mesh=replace(mesh, mask=mask))  # noqa: PLW2901
        masked.append(one)
    return masked


def _draw(
    result: Bytes,
    image_rgb: Bytes,
    placement: Placement,
    item: Item,
    texture: Bytes,
    frame: Frame,
    light: Light,
) -> None:
    """Draw one product into ``result``; what hides it is judged by the untouched picture."""
    mesh = placement.mesh
    if mesh is None:
        return
    size_px = _size_px(placement, frame)
    points = _points_px(mesh, frame.camera)
    margin = shadow.reach_px(placement.kind, size_px) + 2
    window = window_of(points[np.unique(mesh.triangles)], frame.camera.size_wh, margin)
    if min(window.size_wh) == 0:
        return
    keep = keep_mask(placement, item, frame, image_rgb, window)
    layer = light.on(layer_of(mesh, texture, frame.camera, window), window.left)
    layer *= keep[..., None]
    onto = shadow.falls_on(frame.subjects.person_mask, frame.camera.size_wh, window) * keep
    dark = shadow.cast(layer[..., 3], placement.kind, size_px, onto)
    below = result[window.slices].astype(np.float32) * dark[..., None]
    blended = below * (1 - layer[..., 3:]) + layer[..., :3] * 255
    result[window.slices] = np.clip(np.rint(blended), 0, 255).astype(np.uint8)


def layer_of(mesh: ScreenMesh, texture: Bytes, camera: Camera, window: Window) -> Float32:
    """A product alone, unlit, with premultiplied alpha: (h, w, 4) 0..1 of a window."""
    points, source = _points_px(mesh, camera), minified(texture, mesh, camera.size_wh)
    texture_at = mesh.texture_coordinates.astype(np.float64)
    alpha, distance = np.ascontiguousarray(texture[..., 3]), distances_mm(mesh.vertices[:, 2])
    layer = np.zeros((window.size_wh[1], window.size_wh[0], 4), np.float32)
    # Clear lenses show the arm behind them: each part is a layer of its own, far ones first.
    pieces = parts(mesh.triangles, len(points))
    for triangles in sorted(pieces, key=lambda one: -float(mesh.vertices[one, 2].mean())):
        own = window_of(points[np.unique(triangles)], camera.size_wh).within(window)
        if min(own.size_wh) == 0:
            continue
        canvas = Canvas(own)
        canvas.draw(points, distance, texture_at, triangles, alpha)
        colours, part = canvas.colours(source), layer[own.relative_to(window)]
        part *= 1 - colours[..., 3:]
        part += colours
    return layer


def _points_px(mesh: ScreenMesh, camera: Camera) -> Floats:
    points: Floats = mesh.vertices[:, :2].astype(np.float64) * camera.size_wh
    return points


def _size_px(placement: Placement, frame: Frame) -> float:
    """The size that shadows are measured by: the face's, else the product's own width."""
    if placement.kind <= TryOnKind.NECKLACE and placement.subject < len(frame.heads):
        head = frame.heads[placement.subject]
        if head is not None:
            return head.width_px
    if placement.mesh is None:
        return 0.0
    return float(np.ptp(placement.mesh.vertices[:, 0])) * frame.camera.size_wh[0]
