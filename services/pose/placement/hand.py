"""Rings, watches and bracelets: frames from finger, palm and wrist; bands around them.

A ring sits on the ring finger between knuckle (MCP) and middle joint (PIP), a watch and a
bracelet behind the wrist on the forearm. The palm's normal tells the back of the hand, the
handedness which way twelve o'clock is.
"""

from __future__ import annotations

import numpy as np

from services.pose.placement import rotation
from services.pose.placement.frame import Frame
from services.pose.placement.rig import Rig
from services.pose.placement.solving import seated, translation_mm
from services.pose.placement.types import (
    Floats,
    Handedness,
    HandLandmarks,
    Occluder,
    Scale,
    TryOnKind,
)

WRIST, THUMB_CMC, INDEX_MCP, MIDDLE_MCP, RING_MCP, RING_PIP, PINKY_MCP = 0, 1, 5, 9, 13, 14, 17
RING_AT = 0.62
"""Where a ring sits on its phalanx: 0 = knuckle, 1 = middle joint; the web ends at one half."""
WATCH_AT = 0.42
"""How far behind the wrist a watch sits, over the palm's length."""
WRIST_OVER_PALM = 0.95
"""Breadth of the wrist over the distance of the outer knuckles."""
_MIN_HAND_PX = 12.0
_KNUCKLES = (INDEX_MCP, MIDDLE_MCP, RING_MCP, PINKY_MCP)
_PALM = (WRIST, THUMB_CMC, *_KNUCKLES)
_ELBOWS_AND_WRISTS = ((13, 15), (14, 16))


def measure(kind: TryOnKind, hand: HandLandmarks, frame: Frame, scale: Scale) -> Rig | None:
    """Anchor frame of a ring, watch or bracelet; None for a hand that is too small or broken."""
    pixels = frame.to_px(hand.points)
    if not np.isfinite(hand.points).all() or np.ptp(pixels, axis=0).max() < _MIN_HAND_PX:
        return None
    world = hand.world_points_mm
    moved = translation_mm(world, pixels, np.ones(len(world)), frame.camera)
    if moved is None:
        return None
    joints = seated(world, moved, pixels, frame.camera)  # (21, 3)
    back = back_of_hand(world, hand.handedness)
    if kind is TryOnKind.RING:
        return _ring(joints, world, back, frame, scale)
    return _wrist(kind, hand.handedness, joints, back, frame, scale)


def back_of_hand(points_mm: Floats, handedness: Handedness) -> Floats:
    """Unit vector (3,) that stands on the back of a hand and points out of it.

    The palm's plane is fitted to all its joints: three of them alone would tremble.
    """
    palm = points_mm[list(_PALM)] - points_mm[list(_PALM)].mean(axis=0)
    normal = np.linalg.svd(palm)[2][2]
    to_index = points_mm[INDEX_MCP] - points_mm[WRIST]
    to_pinky = points_mm[PINKY_MCP] - points_mm[WRIST]
    out: Floats = normal if normal @ np.cross(to_index, to_pinky) > 0 else -normal
    if handedness is Handedness.UNKNOWN:  # most are shown from the back
        return out if out[2] < 0 else -out
    return out if handedness is Handedness.LEFT else -out


def _ring(joints: Floats, world: Floats, back: Floats, frame: Frame, scale: Scale) -> Rig | None:
    finger = joints[RING_PIP] - joints[RING_MCP]
    along = world[RING_PIP] - world[RING_MCP]
    # The picture's x lies across the finger, its y points to the wrist, z into the finger.
    turned = rotation.frame(np.cross(along, back), -back)
    if turned is None:
        return None
    return Rig(
        rotation=turned,
        position_mm=joints[RING_MCP] + RING_AT * finger,
        size_px=_palm_px(joints, frame),
        scale=scale,
        visibility=1.0,
        occluders=(Occluder.HAND,),
        body_mm=float(np.linalg.norm(along)),
    )


def _wrist(
    kind: TryOnKind,
    handedness: Handedness,
    joints: Floats,
    back: Floats,
    frame: Frame,
    scale: Scale,
) -> Rig | None:
    forward = _forearm(joints, frame)
    # Three o'clock points to the hand on a left arm and to the elbow on a right one.
    three = -forward if handedness is Handedness.RIGHT else forward
    turned = rotation.frame(three, -back)
    if turned is None:
        return None
    if kind is TryOnKind.BRACELET:  # its picture lies across the arm, not along it
        turned = turned @ rotation.exp((0.0, 0.0, np.pi / 2))
    palm = joints[MIDDLE_MCP] - joints[WRIST]
    return Rig(
        rotation=turned,
        position_mm=joints[WRIST] - forward * (WATCH_AT * float(np.linalg.norm(palm))),
        size_px=_palm_px(joints, frame),
        scale=scale,
        visibility=1.0,
        occluders=(Occluder.HAND, Occluder.ARMS),
        body_mm=WRIST_OVER_PALM * float(np.linalg.norm(joints[INDEX_MCP] - joints[PINKY_MCP])),
    )


def _forearm(joints: Floats, frame: Frame) -> Floats:
    """Unit vector (3,) from elbow to hand: of the body that the hand is of, else the palm's."""
    palm = joints[list(_KNUCKLES)].mean(axis=0) - joints[WRIST]
    forward = palm / max(float(np.linalg.norm(palm)), 1e-9)
    arm_px = _arm_px(joints, frame)
    if arm_px is None:
        return np.asarray(forward, np.float64)
    depth = float(joints[WRIST, 2])
    flat = arm_px / frame.camera.focal_xy_px * depth  # mm in the picture's plane
    slope = forward[2] / max(float(np.hypot(forward[0], forward[1])), 0.3)
    seen = np.array([flat[0], flat[1], slope * float(np.hypot(flat[0], flat[1]))])
    arm: Floats = seen / max(float(np.linalg.norm(seen)), 1e-9)
    return arm


def _arm_px(joints: Floats, frame: Frame) -> Floats | None:
    """Forearm (2,) in pixels, elbow to wrist, of the body whose wrist is at this hand."""
    camera = frame.camera
    wrist = joints[WRIST, :2] / joints[WRIST, 2] * camera.focal_xy_px + camera.center_xy_px
    near = _palm_px(joints, frame)
    for body in frame.subjects.bodies:
        for elbow, hand in _ELBOWS_AND_WRISTS:
            ends = frame.to_px(body.points[[elbow, hand]])
            forearm: Floats = ends[1] - ends[0]
            seen = body.points[elbow, 3] > 0.5
            if seen and np.hypot(*(ends[1] - wrist)) < near and np.hypot(*forearm) > near / 2:
                return forearm
    return None


def _palm_px(joints: Floats, frame: Frame) -> float:
    """Size of the palm in pixels, were it turned to the camera."""
    size = float(np.linalg.norm(joints[MIDDLE_MCP] - joints[WRIST]))
    return size * frame.camera.focal_xy_px[0] / float(joints[WRIST, 2])
