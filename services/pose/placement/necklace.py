"""Necklaces: around the base of the neck, at the head's scale, on the chest's slope."""

from __future__ import annotations

import math

import numpy as np

from services.pose.placement import rotation
from services.pose.placement.camera import project, rays
from services.pose.placement.frame import Frame
from services.pose.placement.head import Head
from services.pose.placement.mesh import Surface, grid, grid_triangles
from services.pose.placement.picture import known_width, pair, picture_of
from services.pose.placement.rig import Rig
from services.pose.placement.types import BodyLandmarks, Floats, Occluder, Scale, TryOnAsset

USUAL_WIDTH_MM = 140.0
CHEST_SLOPE_DEG = 18.0
"""How far the chest leans back from the vertical under the collar bones."""
NECK_UP = 0.16
"""Height of the neck's base over the shoulders' joints, over their distance."""
_BELOW_CHIN_MM = np.array([0.0, 145.0, 35.0])  # neck's base where no body is seen
_NECK_BEHIND_MM = 25.0  # the neck's front stands behind the face's centre
_DAMPING = 0.5  # a chest turns less than shoulders seem to
_ROUND_MM = 45.0  # how far the ends lie behind the middle


def measure(head: Head, frame: Frame, scale: Scale) -> Rig:
    """Anchor frame of a necklace: the middle between its ends, at the sides of the neck."""
    body = frame.body_of(head)
    depth = head.translation_mm[2] + _NECK_BEHIND_MM
    if body is None or body.points[[11, 12], 3].min() < 0.5:
        base, turn = project(frame.camera, head.to_camera(_BELOW_CHIN_MM)), (0.0, 0.0)
    else:
        base, turn = _on_shoulders(body, frame)
    lean = rotation.exp((-math.radians(CHEST_SLOPE_DEG), 0.0, 0.0))
    yaw, roll = rotation.exp((0.0, turn[0], 0.0)), rotation.exp((0.0, 0.0, turn[1]))
    return Rig(
        rotation=roll @ yaw @ lean,
        position_mm=rays(frame.camera, base) * depth,
        size_px=head.width_px,
        scale=scale,
        visibility=1.0 if body is not None else 0.6,
        occluders=(Occluder.FACE, Occluder.HAIR, Occluder.HAND, Occluder.ARMS),
    )


def _on_shoulders(body: BodyLandmarks, frame: Frame) -> tuple[Floats, tuple[float, float]]:
    """The neck's base (2,) in pixels; yaw and roll of the chest in radians, damped."""
    left, right = frame.to_px(body.points[[11, 12]])
    across = left - right
    up = np.array([across[1], -across[0]]) * (1 if across[0] >= 0 else -1)
    base: Floats = (left + right) / 2 + NECK_UP * up
    space = body.world_points_mm[11] - body.world_points_mm[12]
    yaw = -math.atan2(float(space[2]), abs(float(space[0])) + 1e-6)
    roll = math.atan2(float(across[1]), float(across[0]))
    return base, (_DAMPING * yaw, _DAMPING * roll)


def surface(rig: Rig, asset: TryOnAsset) -> Surface:
    """The picture bent around the neck: its ends lie back, its middle on the chest."""
    first, second = pair(asset, "end")
    middle = (first + second) / 2
    width = known_width(asset, USUAL_WIDTH_MM * rig.scale.factor)
    picture = picture_of(asset, (float(middle[0]), float(middle[1])), width)
    texture = grid(13, 9, asset.opaque_xyxy)
    flat = picture.to_mm(texture)
    half = max(abs(float(picture.to_mm(second)[0])), 1.0)
    back = _ROUND_MM * np.square(np.clip(flat[:, :1] / half, -1.3, 1.3))
    return Surface(np.concatenate([flat, back], axis=1), texture, grid_triangles(13, 9))
