"""From a garment's picture to the body: its warped mesh, by control points.

``sewing`` says which points of the picture go where; moving least squares does the rest.
Sleeves are drawn nearer than the torso.
"""

from __future__ import annotations

import numpy as np

from services.pose.placement.mesh import counter_clockwise, depth_of, grid, grid_triangles
from services.pose.placement.rig import Rig
from services.pose.placement.sewing import Controls, controls
from services.pose.placement.types import Camera, Floats, ScreenMesh, TryOnAsset
from services.pose.placement.warp import warp

_COLUMNS, _ROWS = 19, 21
_SLEEVE_NEARER_MM = 60.0
_MIN_DISTANCE_MM = 20.0


def screen_mesh(rig: Rig, asset: TryOnAsset, camera: Camera) -> ScreenMesh:
    """The picture as a warped grid."""
    points = controls(rig, asset)
    texture = grid(_COLUMNS, _ROWS, asset.opaque_xyxy)
    square = np.array([asset.size_wh[0] / max(asset.size_wh[1], 1), 1.0])
    moved = warp(texture * square, points.item * square, points.image_px)
    nearer = _SLEEVE_NEARER_MM * _sleeve_share(texture * square, points, square)
    z_mm = np.maximum(rig.position_mm[2] * rig.scale.factor - nearer, _MIN_DISTANCE_MM)
    return ScreenMesh(
        np.column_stack([moved / camera.size_wh, depth_of(z_mm)]).astype(np.float32),
        texture.astype(np.float32),
        counter_clockwise(grid_triangles(_COLUMNS, _ROWS), moved),
        asset.texture_id,
    )


def _sleeve_share(points: Floats, around: Controls, square: Floats) -> Floats:
    """How much each point (N,) belongs to a sleeve, 0..1."""
    offsets = points[:, None] - (around.item * square)[None]
    closeness = 1.0 / np.maximum((offsets**2).sum(axis=-1), 1e-9) ** 2
    share: Floats = closeness @ around.sleeves / closeness.sum(axis=1)
    return share
