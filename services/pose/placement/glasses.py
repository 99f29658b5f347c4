"""Glasses: the bridge on the nose, a front bent around the face, arms back to the ears."""

from __future__ import annotations

import math

import numpy as np

from services.pose.placement import canonical_face, rotation
from services.pose.placement.camera import project
from services.pose.placement.head import Head
from services.pose.placement.mesh import Surface, grid, grid_triangles, inside, join
from services.pose.placement.picture import Picture, known_width, pair, picture_of
from services.pose.placement.rig import Rig
from services.pose.placement.types import Camera, Floats, Occluder, Scale, TryOnAsset

USUAL_WIDTH_MM = 138.0
PANTOSCOPIC_DEG = 8.0
"""How far the lower rims lean to the cheeks (opticians fit 8 to 12 degrees)."""
BRIDGE_MM: Floats = canonical_face.MESH_MM[168] + (0.0, 0.0, -1.5)
"""Where the bridge rests: landmark 168, the frame's thickness in front of the skin."""
_NEAR_BRIDGE = (168, 6, 8, 122, 351, 193, 417, 55, 285)
_WRAP_MM = 7.0  # how far the hinges lie behind the bridge (base 4 to 6 curves)
_EAR_MM = canonical_face.MESH_MM[127] * (0.0, 0.75, 1.0) + (0.0, 0.0, 12.0)  # y, z of its root
_ARM_MM = (5.5, 3.5)  # height of an arm at the hinge and over the ear
_BEND = 0.8  # from here on, as a fraction of its length, an arm bends down
_COLUMNS, _ROWS, _ARM_STEPS = 13, 5, 15


def measure(head: Head, camera: Camera, scale: Scale) -> Rig:
    """Anchor frame of glasses on a head; its points are the face's outline."""
    tilt = rotation.exp((math.radians(PANTOSCOPIC_DEG), 0.0, 0.0))
    return Rig(
        rotation=head.rotation @ tilt,
        position_mm=head.seat(BRIDGE_MM, _NEAR_BRIDGE, camera),
        size_px=head.width_px,
        scale=scale,
        visibility=_facing(head),
        occluders=(Occluder.FACE, Occluder.HAIR, Occluder.HAND),
        points_px=head.points_px[list(canonical_face.FACE_OVAL)],
    )


def _facing(head: Head) -> float:
    """1 from the front, one half from the side, 0 from behind."""
    return float(np.clip((1.0 + head.rotation[2, 2]) / 2, 0.0, 1.0))


def surface(rig: Rig, asset: TryOnAsset, camera: Camera) -> Surface:
    """Front and both arms as far as the head does not hide them, in the item's millimetres."""
    bridge = asset.points["bridge"]
    picture = picture_of(asset, bridge, known_width(asset, USUAL_WIDTH_MM * rig.scale.factor))
    hinges = pair(asset, "hinge")
    half = abs(float(picture.to_mm(hinges[1])[0] - picture.to_mm(hinges[0])[0])) / 2
    arms = [_arm(hinge, picture, half, rig.scale.factor) for hinge in hinges]
    seen = [
        _not_behind_face(arm, side, rig, camera) for arm, side in zip(arms, (-1, 1), strict=True)
    ]
    return join([_front(asset, picture, half), *seen])


def _not_behind_face(arm: Surface, side: int, rig: Rig, camera: Camera) -> Surface:
    """An arm without what the face hides: all within its outline, on the side turned away."""
    matrix = rig.camera_from_item
    points = arm.vertices_mm @ matrix[:3, :3].T + matrix[:3, 3]
    outwards = side * matrix[:3, 0]
    if float(outwards @ points.mean(axis=0)) < 0 or (points[:, 2] <= 0).any():
        return arm
    hidden = inside(project(camera, points), rig.points_px)
    keep = ~hidden[arm.triangles].all(axis=1)
    return Surface(arm.vertices_mm, arm.texture, arm.triangles[keep])


def _bent(points_mm: Floats, half_mm: float) -> Floats:
    """Points (N, 2) of the flat picture in space (N, 3), bent back towards the hinges."""
    back = _WRAP_MM * np.square(points_mm[:, :1] / max(half_mm, 1.0))
    return np.concatenate([points_mm, back], axis=1)


def _front(asset: TryOnAsset, picture: Picture, half_mm: float) -> Surface:
    texture = grid(_COLUMNS, _ROWS, asset.opaque_xyxy)
    vertices = _bent(picture.to_mm(texture), half_mm)
    return Surface(vertices, texture, grid_triangles(_COLUMNS, _ROWS))


def _arm(hinge: Floats, picture: Picture, half_mm: float, factor: float) -> Surface:
    """One arm: a strip in the hinge's colours that runs back and bends down at the ear."""
    start = _bent(picture.to_mm(hinge)[None], half_mm)[0]
    end = (_EAR_MM - BRIDGE_MM) * factor
    end[0] = start[0] + math.copysign(1.5, start[0])
    along = np.linspace(0.0, 1.0, _ARM_STEPS)[:, None]
    middle = start + (end - start) * along
    middle[:, 1:2] = start[1] + (end[1] - start[1]) * np.maximum(0, along - _BEND) / (1 - _BEND)
    height = _ARM_MM[0] + (_ARM_MM[1] - _ARM_MM[0]) * along
    up = np.array([0.0, 0.5, 0.0])
    vertices = np.concatenate([middle - up * height, middle + up * height])
    inwards = picture.to_mm(hinge) * (0.95, 1.0)
    colour = (
        picture.to_picture(inwards + np.array([[0.0, -1.5]])),
        picture.to_picture(inwards + np.array([[0.0, 1.5]])),
    )
    texture = np.concatenate([np.repeat(edge, _ARM_STEPS, axis=0) for edge in colour])
    return Surface(vertices, texture, grid_triangles(_ARM_STEPS, 2))
