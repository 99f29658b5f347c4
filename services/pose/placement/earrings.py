"""Earrings: hung on the lobes, which the head model has where the mesh ends."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from services.pose.placement import rotation
from services.pose.placement.camera import project, rays
from services.pose.placement.head import Head, Seats
from services.pose.placement.mesh import Surface, grid, grid_triangles, join
from services.pose.placement.picture import known_width, picture_of
from services.pose.placement.rig import Rig
from services.pose.placement.types import Camera, Floats, Occluder, Scale, TryOnAsset

USUAL_WIDTH_MM = 14.0
LOBES_MM: Floats = np.array([(-76.0, 25.0, 36.0), (76.0, 25.0, 36.0)])
"""Lobes of the person's right and left ear on the canonical head (behind landmarks 93, 132)."""
HIDES_AT_DEG = 17.0
"""How far a head may turn away before its cheek hides the lobe."""
_NEAR_LOBES = ((93, 132, 177, 137), (323, 361, 401, 366))
_SEATS = Seats.of(LOBES_MM, _NEAR_LOBES)
_SWING = 0.6  # earrings hang loose: they turn with the head only so far


def measure(head: Head, camera: Camera, scale: Scale) -> Rig:
    """Anchor frame of a pair of earrings: between the lobes, which are its points (x, y, mm)."""
    lobes = head.seat(_SEATS, camera)
    yaw, _, _ = rotation.yaw_pitch_roll_deg(head.rotation)
    margins = (HIDES_AT_DEG + yaw, HIDES_AT_DEG - yaw)
    return Rig(
        rotation=rotation.exp((0.0, -math.radians(yaw) * _SWING, 0.0)),
        position_mm=lobes.mean(axis=0),
        size_px=head.width_px,
        scale=scale,
        visibility=1.0,
        occluders=(Occluder.FACE, Occluder.HAIR, Occluder.HAND),
        points_px=np.column_stack([project(camera, lobes), lobes[:, 2]]),
        margins=margins,
    )


def lobes_mm(rig: Rig, camera: Camera) -> Floats:
    """Both lobes (2, 3) in the camera's millimetres at canonical size."""
    lobes: Floats = rays(camera, rig.points_px[:, :2]) * rig.points_px[:, 2:]
    return lobes


def at_better_lobe(rig: Rig, camera: Camera) -> Rig:
    """The rig moved from between the lobes to the one that is turned to the camera."""
    better = rig.better_part
    return replace(
        rig,
        position_mm=lobes_mm(rig, camera)[better],
        visibility=float(np.mean(rig.parts_shown)),
    )


def surface(rig: Rig, asset: TryOnAsset, camera: Camera) -> Surface:
    """Both earrings that are seen, hanging straight down, around the rig's anchor."""
    hook = asset.points["hook"]
    picture = picture_of(asset, hook, known_width(asset, USUAL_WIDTH_MM * rig.scale.factor))
    texture = grid(3, 4, asset.opaque_xyxy)
    one = np.column_stack([picture.to_mm(texture), np.zeros(len(texture))])
    offsets = (lobes_mm(rig, camera) - rig.position_mm) * rig.scale.factor @ rig.rotation
    shown = [offset for offset, seen in zip(offsets, rig.parts_shown, strict=True) if seen]
    triangles = grid_triangles(3, 4)
    if not shown:
        return Surface(np.zeros((0, 3)), np.zeros((0, 2)), triangles[:0])
    return join([Surface(one + offset, texture, triangles) for offset in shown])
