"""A chest under its head: what shoulders say of it, and where a necklace hangs on it.

Where the shoulders' middle is seen is known apart from how the chest is turned, so both can
be followed by themselves; what follows from them together, the neck's base, is computed last.
"""

from __future__ import annotations

import math

import numpy as np

from services.pose.placement import rotation
from services.pose.placement.body import LEFT_SHOULDER, RIGHT_SHOULDER, torso_rotation
from services.pose.placement.camera import rays
from services.pose.placement.frame import Frame
from services.pose.placement.head import Head
from services.pose.placement.rig import Chest
from services.pose.placement.types import Floats

PIVOT_MM: Floats = np.array([0.0, 70.0, 60.0])
"""What head and neck turn about, on the canonical head."""
CHEST_SLOPE_DEG = 18.0
"""How far the chest leans back from the vertical under the collar bones."""
NECK_UP = 0.20
"""Height of the neck's base over the shoulders' joints, over their distance."""
BREADTH_MM = 350.0
"""Between the shoulders' joints, where they are not seen."""
_UNDER_PIVOT_MM: Floats = np.array([0.0, 135.0, 45.0])  # the shoulders' middle, in their axes
_BEFORE_SHOULDERS_MM = 80.0  # the neck's front stands before their joints
_BELOW_CHIN_MM = np.array([0.0, 145.0, 35.0])  # neck's base where no body is seen
_DAMPING = 0.5  # a chest turns less than shoulders seem to
_MIN_VISIBILITY = 0.5
_MOST_NEAR = 0.6  # of its depth a chest may reach towards the camera, however it is read
_FACE_OF_BODY = (0, 1, 2, 3, 4, 5, 6, 9, 10)
_FACE_OF_MESH = (1, 362, 473, 263, 133, 468, 33, 291, 61)
"""Nose, eyes and mouth among a body's landmarks (BlazePose) and in the face mesh."""


def see_chest(head: Head, frame: Frame) -> Chest:
    """The chest under a head; guessed where its shoulders are not seen."""
    body, pivot = frame.body_of(head), head.to_camera(PIVOT_MM)
    if body is None or body.points[[LEFT_SHOULDER, RIGHT_SHOULDER], 3].min() < _MIN_VISIBILITY:
        return _guessed(head, pivot)
    pixels, world = frame.to_px(body.points), body.world_points_mm
    found = torso_rotation(world)
    left, right = rays(frame.camera, pixels[[LEFT_SHOULDER, RIGHT_SHOULDER]])
    turned = np.eye(3) if found is None else found
    depth = _depth(turned, pivot)
    apart = float(world[LEFT_SHOULDER, 2] - world[RIGHT_SHOULDER, 2]) / 2
    across = left * (depth + apart) - right * (depth - apart)
    turn = rotation.log(_leaning_as_seen(turned, across))
    middle, breadth = (left + right)[:2] / 2, float(np.linalg.norm(across))
    return Chest(middle, turn, breadth, _error(head, pixels, frame), is_seen=True)


def _error(head: Head, pixels: Floats, frame: Frame) -> Floats:
    """``Chest.error`` of a body's landmarks (33, 2) in pixels."""
    of_body = rays(frame.camera, pixels.take(_FACE_OF_BODY, axis=0))
    of_face = rays(frame.camera, head.points_px.take(_FACE_OF_MESH, axis=0))
    apart: Floats = (of_body - of_face).mean(axis=0) @ head.rotation
    return apart


def _leaning_as_seen(turned: Floats, across: Floats) -> Floats:
    """A torso's rotation, leaning to the side as its shoulders do in the picture."""
    said, seen = (math.atan2(y, x) for x, y in (turned[:2, 0].tolist(), across[:2].tolist()))
    leaning: Floats = rotation.exp((0.0, 0.0, seen - said)) @ turned
    return leaning


def _guessed(head: Head, pivot_mm: Floats) -> Chest:
    """A chest that faces the camera with the neck's base below the chin."""
    base = head.to_camera(_BELOW_CHIN_MM)
    depth = float(pivot_mm[2] + _UNDER_PIVOT_MM[2])
    seen = base[:2] / base[2] * (depth - _BEFORE_SHOULDERS_MM)
    middle = seen + np.array((0.0, NECK_UP * BREADTH_MM))
    return Chest(middle / depth, np.zeros(3), BREADTH_MM, np.zeros(3), is_seen=False)


def middle_mm(ray: Floats, turned: Floats, breadth_mm: float, pivot_mm: Floats) -> Floats:
    """The shoulders' middle (3,) of a chest under a pivot of head and neck."""
    depth, across = _depth(turned, pivot_mm), breadth_mm / 2 * turned[:, 0]
    # Of two joints the nearer one counts for more in where their middle is seen.
    near = _near(across, depth)
    flat = (ray * (depth * depth - near * near) + near * across[:2]) / depth
    return np.array((*flat.tolist(), depth))


def seen_ray(middle: Floats, turned: Floats, breadth_mm: float) -> Floats:
    """Where a middle (3,) of shoulders is seen, (2,) at depth 1; inverse of ``middle_mm``."""
    depth, across = float(middle[2]), breadth_mm / 2 * turned[:, 0]
    near = _near(across, depth)
    ray: Floats = (middle[:2] * depth - near * across[:2]) / (depth * depth - near * near)
    return ray


def _near(across: Floats, depth: float) -> float:
    """How much nearer one joint is than the middle: a face at the lens is no chest's end."""
    most = _MOST_NEAR * abs(depth)
    return min(max(float(across[2]), -most), most)


def _depth(turned: Floats, pivot_mm: Floats) -> float:
    return float(pivot_mm[2] + turned[2] @ _UNDER_PIVOT_MM)


def neck_base_mm(chest: Chest, pivot_mm: Floats) -> Floats:
    """Front of the neck's base (3,)."""
    turned = rotation.exp(chest.turn)
    middle = middle_mm(chest.ray, turned, chest.breadth_mm, pivot_mm)
    up = -NECK_UP * chest.breadth_mm
    base: Floats = middle + turned @ (0.0, up, -_BEFORE_SHOULDERS_MM)
    return base


def hanging(chest: Chest) -> Floats:
    """Rotation (3, 3) of what hangs around the neck: on the chest's slope, turning less."""
    lean = rotation.exp((-math.radians(CHEST_SLOPE_DEG), 0.0, 0.0))
    _, yaw, roll = (_DAMPING * chest.turn).tolist()
    return rotation.exp((0.0, 0.0, roll)) @ rotation.exp((0.0, yaw, 0.0)) @ lean
