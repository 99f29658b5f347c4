"""Glasses: the bridge on the nose, a front bent around the face, arms back to the ears."""

from __future__ import annotations

import math

import numpy as np

from services.pose.placement import canonical_face, rotation
from services.pose.placement.camera import project, rays
from services.pose.placement.head import Head, Seats
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
_TILT = rotation.exp((math.radians(PANTOSCOPIC_DEG), 0.0, 0.0))
_WRAP_MM = 7.0  # how far the hinges lie behind the bridge (base 4 to 6 curves)
EARS_MM: Floats = np.array([(-77.0, -30.0, 32.0), (77.0, -30.0, 32.0)])
"""Where the person's right and left ear begin on the canonical head (behind 127 and 356)."""
_NEAR_EARS = ((127, 162), (356, 389))
_SEATS = Seats.of([BRIDGE_MM, *EARS_MM], (_NEAR_BRIDGE, *_NEAR_EARS))
_ARM_MM = (5.5, 3.5)  # height of an arm at the hinge and over the ear
_BEND, _DROOP_MM = 0.85, 6.0  # from this fraction of its length an arm bends down, so far
_COLUMNS, _ROWS, _ARM_STEPS = 13, 5, 15
_GRID = np.arange(_COLUMNS * _ROWS).reshape(_ROWS, _COLUMNS)
FRONT_OUTLINE = np.concatenate([_GRID[0], _GRID[1:, -1], _GRID[-1, -2::-1], _GRID[-2:0:-1, 0]])
"""Vertices around the front, in order; they are the first ones of a surface, before the arms'."""


def measure(head: Head, camera: Camera, scale: Scale) -> Rig:
    """Anchor frame of glasses on a head; its points are the face's outline and both ears."""
    bridge, *ears = head.seat(_SEATS, camera)
    return Rig(
        rotation=head.rotation @ _TILT,
        position_mm=bridge,
        size_px=head.width_px,
        scale=scale,
        visibility=_facing(head),
        occluders=(Occluder.FACE, Occluder.HAIR, Occluder.HAND),
        points_px=np.concatenate([head.outline_px, project(camera, ears)]),
    )


def _facing(head: Head) -> float:
    """1 from the front, one half from the side, 0 from behind."""
    return min(max((1.0 + float(head.rotation[2, 2])) / 2, 0.0), 1.0)


def surface(rig: Rig, asset: TryOnAsset, camera: Camera) -> Surface:
    """Front and both arms as far as the head does not hide them, in the item's millimetres."""
    bridge = asset.points["bridge"]
    picture = picture_of(asset, bridge, known_width(asset, USUAL_WIDTH_MM * rig.scale.factor))
    hinges = pair(asset, "hinge")
    half = abs(float(picture.to_mm(hinges[1])[0] - picture.to_mm(hinges[0])[0])) / 2
    arms = [
        _not_behind_face(_arm(hinge, ear, picture, half), side, rig, camera)
        for hinge, ear, side in zip(hinges, _ears_mm(rig, camera), (-1.0, 1.0), strict=True)
    ]
    return join([_front(asset, picture, half), *arms])


def _ears_mm(rig: Rig, camera: Camera) -> Floats:
    """Where both ears begin (2, 3), in the item's millimetres: seen where this face has them."""
    model = rig.position_mm + (EARS_MM - BRIDGE_MM) @ (rig.rotation @ _TILT.T).T
    seen = rays(camera, rig.points_px[-2:]) * np.maximum(model[:, 2:], 1.0)
    ears: Floats = (seen - rig.position_mm) @ rig.rotation * rig.scale.factor
    return ears


def _not_behind_face(arm: Surface, side: float, rig: Rig, camera: Camera) -> Surface:
    """An arm without what the face hides: where its ear is nearer the nose than its hinge is."""
    matrix = rig.camera_from_item
    points = arm.vertices_mm @ matrix[:3, :3].T + matrix[:3, 3]
    if (points[:, 2] <= 0).any():
        return arm
    flat = project(camera, points)
    outwards = side * rig.rotation[:2, 0]
    if float((flat[_ARM_STEPS - 1] - flat[0]) @ outwards) > 0:
        return arm
    hidden = inside(flat, rig.points_px[:-2])
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


def _arm(hinge: Floats, ear: Floats, picture: Picture, half_mm: float) -> Surface:
    """One arm: a strip in the hinge's colours that runs to the ear and bends down there."""
    start = _bent(picture.to_mm(hinge)[None], half_mm)[0]
    along = np.linspace(0.0, 1.0, _ARM_STEPS)[:, None]
    middle = start + (ear - start) * along
    middle[:, 1:2] += _DROOP_MM * np.maximum(0, along - _BEND) / (1 - _BEND)
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
