"""Where points of known shape stand in space: the translation behind hands and bodies."""

from __future__ import annotations

import numpy as np

from services.pose.placement.camera import rays
from services.pose.placement.types import Camera, Floats


def translation_mm(
    world_mm: Floats, points_px: Floats, weights: Floats, camera: Camera
) -> Floats | None:
    """Translation (3,) that makes points (N, 3) appear at pixels (N, 2), least squares.

    The points already stand in the camera's axes, as MediaPipe's world landmarks do. None
    when they say nothing (all in one place) or would stand behind the camera.
    """
    flat = rays(camera, points_px)[:, :2]  # (N, 2) x / z, y / z
    rows = np.zeros((len(flat), 2, 3))
    rows[:, 0, 0] = rows[:, 1, 1] = 1.0
    rows[:, :, 2] = -flat
    right = flat * world_mm[:, 2:] - world_mm[:, :2]
    strength = np.sqrt(weights)[:, None]
    matrix = (rows * strength[..., None]).reshape(-1, 3)
    solution, _, rank, _ = np.linalg.lstsq(matrix, (right * strength).ravel(), rcond=1e-9)
    if rank < 3 or not np.isfinite(solution).all() or solution[2] <= 0:
        return None
    return np.asarray(solution, np.float64)


def seated(world_mm: Floats, moved_mm: Floats, points_px: Floats, camera: Camera) -> Floats:
    """Points (N, 3) in the camera's millimetres: seen where they are seen, deep as they are."""
    depth = np.maximum(world_mm[:, 2:] + moved_mm[2], 1.0)
    return np.asarray(rays(camera, points_px) * depth, np.float64)
