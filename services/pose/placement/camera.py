"""The lens: from a request, from EXIF or assumed; and projection through it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from services.pose.placement.types import Camera, Floats, IntrinsicsSource
from shared.errors import InvalidInput

ASSUMED_FIELD_OF_VIEW_DEG = 63.0
"""Across the longer side; MediaPipe's face geometry assumes as much."""
FILM_DIAGONAL_MM = math.hypot(36.0, 24.0)
"""EXIF's 35 mm equivalent compares diagonals (CIPA DCG-001)."""
_FOCAL_RANGE = (0.2, 20.0)  # of the longer side: 136 down to 3 degrees


def camera_of(
    size_wh: tuple[int, int],
    intrinsics_px: tuple[float, float, float, float] | None = None,
    focal_length_35mm: float | None = None,
) -> Camera:
    """The best lens data at hand: the request's, else EXIF's, else an assumed field of view.

    Args:
        size_wh: upright image in pixels, at least 1 x 1.
        intrinsics_px: focal_x, focal_y, center_x, center_y of the request, or None.
        focal_length_35mm: EXIF's focal length in mm of 35 mm film, or None.

    Raises:
        InvalidInput: the request's intrinsics are impossible (``INTRINSICS_INVALID``).

    >>> camera_of((1280, 720)).source.name
    'ASSUMED'
    >>> round(camera_of((6000, 4000), focal_length_35mm=36.0).focal_xy_px[0])
    6000
    """
    if intrinsics_px is not None:
        return _requested(size_wh, intrinsics_px)
    longer = max(size_wh)
    focal = longer / 2 / math.tan(math.radians(ASSUMED_FIELD_OF_VIEW_DEG / 2))
    source = IntrinsicsSource.ASSUMED
    stated = (focal_length_35mm or 0.0) * math.hypot(*size_wh) / FILM_DIAGONAL_MM
    # A converter that writes nonsense into EXIF must not break the placement.
    if _FOCAL_RANGE[0] <= stated / longer <= _FOCAL_RANGE[1]:
        focal, source = stated, IntrinsicsSource.EXIF
    return Camera(size_wh, (focal, focal), (size_wh[0] / 2, size_wh[1] / 2), source)


def _requested(
    size_wh: tuple[int, int], intrinsics_px: tuple[float, float, float, float]
) -> Camera:
    values = np.asarray(intrinsics_px, np.float64)
    low, high = (bound * max(size_wh) for bound in _FOCAL_RANGE)
    if not np.isfinite(values).all() or not ((values[:2] >= low) & (values[:2] <= high)).all():
        raise InvalidInput.of(
            "options.intrinsics",
            f"has focal lengths {intrinsics_px[:2]}, for this image they must lie between "
            f"{low:.0f} and {high:.0f} pixels",
            reason="INTRINSICS_INVALID",
        )
    focal_x, focal_y, center_x, center_y = values.tolist()
    return Camera(size_wh, (focal_x, focal_y), (center_x, center_y), IntrinsicsSource.REQUEST)


def project(camera: Camera, points_mm: npt.ArrayLike) -> Floats:
    """Where points (..., 3) in the camera's millimetres appear, (..., 2) in pixels.

    >>> project(camera_of((100, 100)), (0.0, 0.0, 500.0)).tolist()
    [50.0, 50.0]
    """
    points = np.asarray(points_mm, np.float64)
    return points[..., :2] / points[..., 2:] * camera.focal_xy_px + camera.center_xy_px


def rays(camera: Camera, points_px: npt.ArrayLike) -> Floats:
    """Points (..., 3) at depth 1 that appear at the pixels (..., 2); inverse of ``project``."""
    flat = (np.asarray(points_px, np.float64) - camera.center_xy_px) / camera.focal_xy_px
    spread = np.ones((*flat.shape[:-1], 3))
    spread[..., :2] = flat
    return spread


def project_one(camera: Camera, point_mm: Sequence[float]) -> tuple[float, float]:
    """``project`` of one point (3,): without arrays in an eighth of the time.

    >>> project_one(camera_of((100, 100)), (0.0, 0.0, 500.0))
    (50.0, 50.0)
    """
    x, y, z = point_mm
    (focal_x, focal_y), (center_x, center_y) = camera.focal_xy_px, camera.center_xy_px
    return x / z * focal_x + center_x, y / z * focal_y + center_y


def ray_of(camera: Camera, x_px: float, y_px: float) -> tuple[float, float]:
    """Where in x and y, at depth 1, what appears at a pixel is: ``rays`` for one point."""
    (focal_x, focal_y), (center_x, center_y) = camera.focal_xy_px, camera.center_xy_px
    return (x_px - center_x) / focal_x, (y_px - center_y) / focal_y


def mirrored(camera: Camera) -> Camera:
    """The lens of the mirror image."""
    center = (camera.size_wh[0] - camera.center_xy_px[0], camera.center_xy_px[1])
    return Camera(camera.size_wh, camera.focal_xy_px, center, camera.source)
