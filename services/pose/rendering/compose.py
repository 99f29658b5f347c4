"""Products drawn into a picture: in its light, with shadows, behind what is in front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from services.pose.placement.frame import Frame, frame_of
from services.pose.placement.types import (
    Bytes,
    Camera,
    Floats,
    Occluder,
    Placement,
    ScreenMesh,
    Subjects,
    TryOnKind,
)
from services.pose.rendering import makeup, occlusion, shadow
from services.pose.rendering.light import Light, light_of
from services.pose.rendering.raster import (
    Canvas,
    Float32,
    distances_mm,
    minified,
    parts,
    reduce,
    sample,
    window_of,
)

_ORDER = (
    TryOnKind.LIPSTICK, TryOnKind.SHOES, TryOnKind.TROUSERS, TryOnKind.DRESS, TryOnKind.TOP,
    TryOnKind.NECKLACE, TryOnKind.EARRINGS, TryOnKind.GLASSES, TryOnKind.HAT, TryOnKind.RING,
    TryOnKind.BRACELET, TryOnKind.WATCH,
)  # fmt: skip
"""What is worn under what: drawn first to last."""
_BY_DEPTH = frozenset({TryOnKind.GLASSES, TryOnKind.EARRINGS})
"""Kinds that the face's own surface hides by depth."""


def compose(
    image_rgb: Bytes,
    placements: Sequence[Placement],
    textures: Mapping[str, Bytes],
    colors: Mapping[str, str],
    subjects: Subjects,
    camera: Camera,
) -> Bytes:
    """Draw products into a picture.

    Args:
        image_rgb: (H, W, 3) uint8.
        placements: with meshes, of this picture; not mirrored.
        textures: (h, w, 4) uint8 with straight alpha, by SKU.
        colors: sRGB "#rrggbb" of lipsticks, by SKU.
        subjects: the picture's landmarks.
        camera: the lens.

    Returns:
        (H, W, 3) uint8, a new array.
    """
    frame, light = frame_of(subjects, camera), light_of(image_rgb, subjects)
    result = image_rgb.copy()
    for placement in sorted(placements, key=lambda one: _ORDER.index(one.kind)):
        if placement.mesh is None or not len(placement.mesh.triangles):
            continue
        keep = occlusion.keep_mask(placement, frame, image_rgb)
        if placement.kind is TryOnKind.LIPSTICK:
            result = makeup.paint_lips(result, placement.mesh, colors[placement.sku], keep)
        else:
            result = _draw(result, placement, textures[placement.sku], keep, frame, light)
    return result


def _draw(
    image_rgb: Bytes,
    placement: Placement,
    texture: Bytes,
    keep: Float32,
    frame: Frame,
    light: Light,
) -> Bytes:
    layer = layer_of(placement, texture, frame, light)
    layer *= keep[..., None]
    alpha = layer[..., 3]
    size_px = _size_px(placement, frame)
    onto = shadow.skin_and_cloth(frame.subjects.person_mask, alpha.shape) * keep
    dark = shadow.cast(alpha, placement.kind, size_px, onto)
    below = image_rgb.astype(np.float32) * dark[..., None]
    blended = below * (1 - alpha[..., None]) + layer[..., :3] * 255
    return np.clip(np.rint(blended), 0, 255).astype(np.uint8)


def layer_of(placement: Placement, texture: Bytes, frame: Frame, light: Light) -> Float32:
    """One product alone, lit, with premultiplied alpha: (H, W, 4) 0..1."""
    mesh = placement.mesh
    width, height = frame.camera.size_wh
    layer = np.zeros((height, width, 4), np.float32)
    if mesh is None:
        return layer
    points = mesh.vertices[:, :2].astype(np.float64) * (width, height)
    window = window_of(points[np.unique(mesh.triangles)], (width, height), 1.0)
    if min(window.size_wh) == 0:
        return layer
    source = minified(texture, mesh, (width, height))
    hiding = _hidden_by_face(placement, Canvas.empty(window), frame)
    drawn = np.zeros((window.size_wh[1], window.size_wh[0], 4), np.float32)
    # Clear lenses show the arm behind them: each part is a layer of its own, far ones first.
    for triangles in sorted(
        parts(mesh.triangles, len(points)), key=lambda one: -_mean_distance(mesh, one)
    ):
        canvas = Canvas(window, hiding.distance.copy(), hiding.texture.copy())
        canvas.draw(
            points,
            distances_mm(mesh.vertices[:, 2]),
            mesh.texture_coordinates.astype(np.float64),
            triangles,
            np.ascontiguousarray(texture[..., 3]),
        )
        colours = reduce(sample(canvas, source))
        drawn = colours + drawn * (1 - colours[..., 3:])
    layer[window.slices] = light.on(drawn, window.left)
    return layer


def _mean_distance(mesh: ScreenMesh, triangles: Floats | np.ndarray) -> float:
    return float(mesh.vertices[np.unique(triangles), 2].mean())


def _hidden_by_face(placement: Placement, canvas: Canvas, frame: Frame) -> Canvas:
    """The canvas with the face's surface in it, for kinds that it hides by depth."""
    heads = frame.heads
    if placement.kind in _BY_DEPTH and Occluder.FACE in placement.occluders:
        head = heads[placement.subject] if placement.subject < len(heads) else None
        if head is not None:
            occlusion.draw_face(canvas, head, frame, placement.scale.factor)
    return canvas


def _size_px(placement: Placement, frame: Frame) -> float:
    """The size that shadows are measured by: the face's, else the product's own width."""
    if placement.kind <= TryOnKind.NECKLACE and placement.subject < len(frame.heads):
        head = frame.heads[placement.subject]
        if head is not None:
            return head.width_px
    if placement.mesh is None:
        return 0.0
    return float(np.ptp(placement.mesh.vertices[:, 0])) * frame.camera.size_wh[0]
