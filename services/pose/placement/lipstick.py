"""Lipstick: the lips between their outer and inner rings, as two strips of triangles."""

from __future__ import annotations

import numpy as np

from services.pose.placement import canonical_face
from services.pose.placement.head import Head, Seats
from services.pose.placement.mesh import counter_clockwise, depth_of, grid_triangles
from services.pose.placement.rig import Rig
from services.pose.placement.types import Camera, Occluder, Scale, ScreenMesh

UPPER_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
UPPER_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
LOWER_OUTER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
"""Rings from the person's right corner to the left one (MediaPipe FACEMESH_LIPS)."""
_STRIPS = (UPPER_OUTER, UPPER_INNER, LOWER_INNER, LOWER_OUTER)
_POINTS = [index for ring in _STRIPS for index in ring]
_COLUMNS = len(UPPER_OUTER)
_CENTRE = (0, 13, 14, 17)
_SEATS = Seats.of([canonical_face.MESH_MM[list(_CENTRE)].mean(axis=0)], [_CENTRE])


def measure(head: Head, camera: Camera, scale: Scale) -> Rig:
    """Anchor frame of lipstick: the middle of the mouth; its points are the rings."""
    return Rig(
        rotation=head.rotation,
        position_mm=head.seat(_SEATS, camera)[0],
        size_px=head.width_px,
        scale=scale,
        visibility=float(np.clip(head.rotation[2, 2] + 0.1, 0.0, 1.0)),
        occluders=(Occluder.HAND,),
        points_px=head.points_px[_POINTS],
    )


def screen_mesh(rig: Rig, camera: Camera) -> ScreenMesh:
    """Both lips; u runs along them, v from the outer edge (0) to the inner one (1)."""
    strip = grid_triangles(_COLUMNS, 2)
    triangles = np.concatenate([strip, strip + 2 * _COLUMNS])
    depth = float(depth_of(rig.position_mm * rig.scale.factor)[2])
    points = rig.points_px / camera.size_wh
    u = np.tile(np.linspace(0.0, 1.0, _COLUMNS), 4)
    v = np.repeat((0.0, 1.0, 1.0, 0.0), _COLUMNS)
    return ScreenMesh(
        np.column_stack([points, np.full(len(points), depth)]).astype(np.float32),
        np.column_stack([u, v]).astype(np.float32),
        counter_clockwise(triangles, rig.points_px),
    )
