"""Tops, dresses, trousers: frames of the torso, and the joints that carry the cloth."""

from __future__ import annotations

import numpy as np

from services.pose.placement import rotation
from services.pose.placement.frame import Frame
from services.pose.placement.rig import Rig
from services.pose.placement.solving import seated, translation_mm
from services.pose.placement.types import (
    BodyLandmarks,
    Floats,
    Occluder,
    Scale,
    TryOnKind,
)

LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP = 11, 12, 23, 24
JOINTS = (11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""Shoulders, elbows, wrists, hips, knees, ankles; left then right of each (BlazePose)."""
_ROW = {joint: row for row, joint in enumerate(JOINTS)}
_CARRIERS = {
    TryOnKind.TOP: (11, 12, 23, 24),
    TryOnKind.DRESS: (11, 12, 23, 24),
    TryOnKind.TROUSERS: (23, 24, 25, 26),
}
_MIN_VISIBILITY = 0.3
_MIN_SHOULDERS_PX = 8.0
_TORSO_OVER_SHOULDERS = 1.4  # shoulders to hips over the shoulders' distance, joint to joint
_THIGH_OVER_TORSO, _SHIN_OVER_TORSO = 0.85, 0.85


def measure(kind: TryOnKind, body: BodyLandmarks, frame: Frame, scale: Scale) -> Rig | None:
    """Anchor frame of a garment and the joints it follows; None where the carriers are unseen."""
    carriers = list(_CARRIERS[kind])
    visibility = body.points[carriers, 3]
    if not np.isfinite(body.points).all() or visibility[:2].min() < _MIN_VISIBILITY:
        return None
    pixels = frame.to_px(body.points)
    if np.hypot(*(pixels[RIGHT_SHOULDER] - pixels[LEFT_SHOULDER])) < _MIN_SHOULDERS_PX:
        return None
    moved = translation_mm(body.world_points_mm, pixels, body.points[:, 3] + 1e-3, frame.camera)
    turned = torso_rotation(body.world_points_mm)
    if moved is None or turned is None:
        return None
    anchor = np.mean(
        seated(body.world_points_mm, moved, pixels, frame.camera)[carriers[:2]], axis=0
    )
    return Rig(
        rotation=turned,
        position_mm=anchor,
        size_px=float(np.hypot(*(pixels[RIGHT_SHOULDER] - pixels[LEFT_SHOULDER]))),
        scale=scale,
        visibility=float(np.clip(visibility.mean(), 0.0, 1.0)),
        occluders=(Occluder.ARMS, Occluder.HAND, Occluder.HAIR, Occluder.FACE),
        points_px=completed(pixels, body.points[:, 3])[list(JOINTS)],
    )


def joint(rig: Rig, index: int) -> Floats:
    """A joint (2,) of a garment's rig in pixels, by its BlazePose number."""
    found: Floats = rig.points_px[_ROW[index]]
    return found


def torso_rotation(world_mm: Floats) -> Floats | None:
    """Rotation of the torso: x to the person's left, y down the spine, z backwards."""
    across = world_mm[LEFT_SHOULDER] - world_mm[RIGHT_SHOULDER]
    down = (
        world_mm[LEFT_HIP]
        + world_mm[RIGHT_HIP]
        - world_mm[LEFT_SHOULDER]
        - world_mm[RIGHT_SHOULDER]
    )
    return rotation.frame(across, np.cross(across, down))


def completed(pixels: Floats, visibility: Floats) -> Floats:
    """The joints (33, 2) with those that are unseen put where they usually are.

    A portrait cut at the chest has shoulders but guesses for hips and legs: the guesses are
    replaced by straight continuations, so that a garment falls off the picture's edge
    undistorted.
    """
    full = pixels.copy()
    shoulders = (pixels[LEFT_SHOULDER] + pixels[RIGHT_SHOULDER]) / 2
    across = pixels[LEFT_SHOULDER] - pixels[RIGHT_SHOULDER]
    down = np.array([-across[1], across[0]]) * (1 if across[0] >= 0 else -1)
    if visibility[[LEFT_HIP, RIGHT_HIP]].min() < _MIN_VISIBILITY:
        middle = shoulders + _TORSO_OVER_SHOULDERS * down
        full[LEFT_HIP], full[RIGHT_HIP] = middle + 0.28 * across, middle - 0.28 * across
    torso = (full[LEFT_HIP] + full[RIGHT_HIP]) / 2 - shoulders
    for hip, knee, ankle in ((LEFT_HIP, 25, 27), (RIGHT_HIP, 26, 28)):
        if visibility[knee] < _MIN_VISIBILITY:
            full[knee] = full[hip] + _THIGH_OVER_TORSO * torso
        if visibility[ankle] < _MIN_VISIBILITY:
            full[ankle] = full[knee] + _SHIN_OVER_TORSO * torso
    return full
