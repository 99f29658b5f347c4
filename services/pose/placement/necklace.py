"""Necklaces: around the base of the neck, at the head's scale, on the chest's slope.

The head's landmarks say ten times as well as the shoulders' where a person is. So over the
frames of a stream a necklace moves with the pivot of head and neck, which stays where it is
when the head turns or nods, and leans with the head; its place from there follows the
shoulders slowly.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from services.pose.placement import rotation
from services.pose.placement.body import torso_rotation
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
NECK_UP = 0.20
"""Height of the neck's base over the shoulders' joints, over their distance."""
PIVOT_MM: Floats = np.array([0.0, 70.0, 60.0])
"""What head and neck turn about, on the canonical head."""
_SHOULDERS_MM: Floats = np.array([0.0, 205.0, 105.0])  # their joints, from the face's centre
_BELOW_CHIN_MM = np.array([0.0, 145.0, 35.0])  # neck's base where no body is seen
_NECK_BEHIND_MM = 25.0  # the neck's front stands behind the face's centre
_DAMPING = 0.5  # a chest turns less than shoulders seem to
_ROUND_MM = 45.0  # how far the ends lie behind the middle


def measure(head: Head, frame: Frame, scale: Scale) -> Rig:
    """Anchor frame of a necklace: the middle between its ends, at the sides of the neck."""
    body = frame.body_of(head)
    pivot, tilt = head.to_camera(PIVOT_MM), _roll(head)
    if body is None or body.points[[11, 12], 3].min() < 0.5:
        base, turn = _below_chin(head, frame), (0.0, 0.0)
    else:
        base, turn = _on_shoulders(head, body, frame)
    lean = rotation.exp((-math.radians(CHEST_SLOPE_DEG), 0.0, 0.0))
    yaw, roll = rotation.exp((0.0, turn[0], 0.0)), rotation.exp((0.0, 0.0, turn[1]))
    return Rig(
        rotation=roll @ yaw @ lean,
        position_mm=pivot,
        size_px=head.width_px,
        scale=scale,
        visibility=1.0 if body is not None else 0.6,
        occluders=(Occluder.FACE, Occluder.HAIR, Occluder.HAND, Occluder.ARMS),
        offset_mm=rotation.exp((0.0, 0.0, -tilt)) @ (base - pivot),
        offset_roll=tilt,
    )


def at_base(rig: Rig) -> Rig:
    """The rig moved from the pivot of head and neck to the neck's base."""
    away = rotation.exp((0.0, 0.0, rig.offset_roll)) @ rig.offset_mm
    return replace(rig, position_mm=rig.position_mm + away)


def _roll(head: Head) -> float:
    """How far a head leans to the side, in radians."""
    return math.radians(rotation.yaw_pitch_roll_deg(head.rotation)[2])


def _below_chin(head: Head, frame: Frame) -> Floats:
    """The neck's base (3,) in mm where no shoulders are seen."""
    seen = project(frame.camera, head.to_camera(_BELOW_CHIN_MM))
    base: Floats = rays(frame.camera, seen) * (head.translation_mm[2] + _NECK_BEHIND_MM)
    return base


def _on_shoulders(
    head: Head, body: BodyLandmarks, frame: Frame
) -> tuple[Floats, tuple[float, float]]:
    """The neck's base (3,) in mm; yaw and roll of the chest in radians, damped."""
    pixels, world = frame.to_px(body.points[[11, 12]]), body.world_points_mm[[11, 12]]
    found = torso_rotation(body.world_points_mm)
    torso = np.eye(3) if found is None else found
    middle = head.translation_mm[2] + float(torso[2] @ _SHOULDERS_MM)
    apart = float(world[0, 2] - world[1, 2]) / 2  # a turned chest has one of them nearer
    left, right = rays(frame.camera, pixels) * np.array([[middle + apart], [middle - apart]])
    up = -NECK_UP * float(np.linalg.norm(left - right))
    base = (left + right) / 2 + torso @ (0.0, up, _NECK_BEHIND_MM - _SHOULDERS_MM[2])
    across, space = pixels[0] - pixels[1], world[0] - world[1]
    yaw = -math.atan2(float(space[2]), abs(float(space[0])) + 1e-6)
    roll = math.atan2(float(across[1]), float(across[0]))
    return np.asarray(base, np.float64), (_DAMPING * yaw, _DAMPING * roll)


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
