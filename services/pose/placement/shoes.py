"""Shoes: one on each foot, the side view's picture lofted to a solid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.pose.placement import rotation
from services.pose.placement.camera import rays
from services.pose.placement.frame import Frame
from services.pose.placement.mesh import Surface, grid_triangles, join
from services.pose.placement.rig import Rig
from services.pose.placement.solving import seated, translation_mm
from services.pose.placement.types import (
    BodyLandmarks,
    Camera,
    Floats,
    Occluder,
    Scale,
    ScaleSource,
    TryOnAsset,
)

FEET = ((29, 31), (30, 32))
"""Heel and toe of the person's left and right foot (BlazePose)."""
_ANKLES, _KNEES = (27, 28), (25, 26)
_KNEE_SEEN = 0.3
SHOE_OVER_FOOT = 1.22
"""Length of a shoe over the distance from heel to toe landmark."""
_WIDTH_OVER_LENGTH = 0.36
_MARGIN_DEG = 40.0  # a visibility of 1 counts as this far from hidden
_MIN_VISIBILITY = 0.5
_ALONG, _ACROSS = 13, 7


def measure(body: BodyLandmarks, frame: Frame, scale: Scale) -> Rig | None:
    """Anchor frame: the left foot's heel, or the right one's; points are both feet's joints."""
    pixels = frame.to_px(body.points)
    feet = [[*foot, ankle] for foot, ankle in zip(FEET, _ANKLES, strict=True)]
    seen = body.points[feet, 3].mean(axis=1)
    if not np.isfinite(body.points).all() or seen.max() < _MIN_VISIBILITY:
        return None
    world = body.world_points_mm
    moved = translation_mm(world, pixels, body.points[:, 3] + 1e-3, frame.camera)
    if moved is None:
        return None
    space = seated(world, moved, pixels, frame.camera)
    joints = _carriers(body)
    turned = foot_rotation(space[joints[int(np.argmax(seen))]])
    carriers = [index for foot in joints for index in foot]
    return Rig(
        rotation=np.eye(3) if turned is None else turned,
        position_mm=space[[29, 30]].mean(axis=0),
        size_px=float(
            np.linalg.norm(space[11] - space[12]) / moved[2] * frame.camera.focal_xy_px[0]
        ),
        scale=scale,
        visibility=float(np.clip(seen.mean(), 0.0, 1.0)),
        occluders=(Occluder.ARMS, Occluder.HAND),
        points_px=np.column_stack([pixels[carriers], space[carriers, 2]]),
        margins=tuple(float(one - _MIN_VISIBILITY) * _MARGIN_DEG for one in seen),
    )


def _carriers(body: BodyLandmarks) -> list[list[int]]:
    """Heel, toe and knee of both feet; the ankle where the knee is not seen.

    The leg's direction tells which way a sole lies: that from the knee is known eight times
    as well as that from the ankle, which is as near to the heel as landmarks err.
    """
    return [
        [*foot, knee if body.points[knee, 3] >= _KNEE_SEEN else ankle]
        for foot, knee, ankle in zip(FEET, _KNEES, _ANKLES, strict=True)
    ]


def foot_rotation(foot_mm: Floats) -> Floats | None:
    """Rotation (3, 3) of a shoe on heel, toe, a point up the leg: x to the toe, y to the sole."""
    heel, toe, leg = foot_mm
    forward = toe - heel
    return rotation.frame(forward, np.cross(forward, heel - leg))


def feet_mm(rig: Rig, camera: Camera) -> Floats:
    """Heel, toe and the point up the leg of both feet (2, 3, 3) in the camera's millimetres."""
    points: Floats = rays(camera, rig.points_px[:, :2]) * rig.points_px[:, 2:]
    return points.reshape(2, 3, 3)


def at_better_foot(rig: Rig, camera: Camera) -> Rig:
    """The rig moved to the heel of the foot that is better seen."""
    foot = feet_mm(rig, camera)[rig.better_part]
    turned = foot_rotation(foot)
    return replace(rig, position_mm=foot[0], rotation=rig.rotation if turned is None else turned)


def surface(rig: Rig, asset: TryOnAsset, camera: Camera) -> Surface:
    """Both shoes that are seen, in the axes of the rig, which stands at one of them."""
    solids = []
    for foot, shown in zip(feet_mm(rig, camera), rig.parts_shown, strict=True):
        turned = foot_rotation(foot)
        if shown and turned is not None:
            vertices, texture = _loft(asset, foot, rig)
            placed = vertices @ turned.T + foot[0] * rig.scale.factor
            local = (placed - rig.position_mm * rig.scale.factor) @ rig.rotation
            solids.append(Surface(local, texture, grid_triangles(_ACROSS, _ALONG)))
    if not solids:
        return Surface(np.zeros((0, 3)), np.zeros((0, 2)), np.zeros((0, 3), np.int32))
    return join(solids)


def _length_mm(foot: Floats, asset: TryOnAsset, rig: Rig) -> float:
    """Length of the shoe: the product's where scale is known, else the foot's."""
    known = rig.scale.source not in (ScaleSource.UNKNOWN, ScaleSource.ASSUMED)
    if known and asset.width_mm > 0:
        return asset.width_mm
    return SHOE_OVER_FOOT * float(np.linalg.norm(foot[1] - foot[0])) * rig.scale.factor


def _loft(asset: TryOnAsset, foot: Floats, rig: Rig) -> tuple[Floats, Floats]:
    """A side view as a solid around the heel: vertices (N, 3) in mm and texture (N, 2)."""
    left, top, right, bottom = asset.opaque_xyxy
    u = np.linspace(left, right, _ALONG)
    ends = np.tile((top, bottom), (_ALONG, 1))
    if asset.columns_y is not None and len(asset.columns_y):
        known = np.linspace(left, right, len(asset.columns_y))
        ends = np.column_stack([np.interp(u, known, asset.columns_y[:, k]) for k in (0, 1)])
    if asset.points["heel"][0] > asset.points["toe"][0]:  # the toe points to the left
        u, ends = u[::-1], ends[::-1]
    length = _length_mm(foot, asset, rig)
    unit = length / max(right - left, 1e-6)  # mm of the picture's width
    tall = unit * asset.size_wh[1] / max(asset.size_wh[0], 1)
    along = np.linspace(-0.1, 0.9, _ALONG) * length
    across = np.linspace(-1.0, 1.0, _ACROSS)
    plan = np.sqrt(np.maximum(1 - (np.linspace(-1, 1, _ALONG)) ** 4, 0.05))
    arch = 1 - np.abs(across) ** 3  # steep sides, round top
    half = _WIDTH_OVER_LENGTH / 2 * length * plan
    v = ends[:, 1:] + (ends[:, :1] - ends[:, 1:]) * arch
    x = np.repeat(along, _ACROSS)
    y = ((v - ends[:, 1].max()) * tall).ravel() + 0.04 * length
    z = np.multiply.outer(half, across).ravel()
    return np.column_stack([x, y, z]), np.column_stack([np.repeat(u, _ACROSS), v.ravel()])
