"""Pose of a head: weighted Procrustes against the canonical face, then least squares.

The landmarks' z is a weak-perspective depth in the scale of x. Along each pixel's ray it gives
a point cloud up to one unknown distance, which Procrustes (Umeyama, PAMI 13(4), 1991) fits
with the canonical face, MediaPipe's weights on the parts that expressions move least. A few
Gauss-Newton steps then minimise the error in the picture itself, where a misfit is seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.pose.placement import canonical_face, rotation
from services.pose.placement.camera import project, rays
from services.pose.placement.types import Camera, FaceLandmarks, Floats

MIN_FACE_PX = 12.0
"""Below this width between the temples a face says nothing about its pose."""
_BASIS = np.flatnonzero(canonical_face.WEIGHTS)
_WEIGHTS = canonical_face.WEIGHTS[_BASIS]
_MODEL = canonical_face.MESH_MM[_BASIS]
_MODEL_CENTRE = _WEIGHTS @ _MODEL
_STEPS = 2
_MIRROR = np.searchsorted(_BASIS, canonical_face.MIRROR[_BASIS])
# A turn to the side shows in the picture, by the parallax of the nose; a nod hides in the
# proportions of each face, so the depths' word counts there as much as the picture's.
_DAMPING = 1e-9 * np.eye(6)
_ROW_WEIGHTS = np.multiply.outer(_WEIGHTS, (1.0, 1.0, 1.0, 0.1)).ravel()


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A head in space, at the size of the canonical face.

    Attributes:
        rotation: (3, 3) from the canonical face's axes to the camera's.
        translation_mm: (3,) of the canonical origin, in the camera's millimetres.
        points_px: (478, 2) the landmarks in pixels.
        width_px: distance of the temples in the picture, from the pose.
    """

    rotation: Floats
    translation_mm: Floats
    points_px: Floats
    width_px: float

    def to_camera(self, points_mm: Floats) -> Floats:
        """Points (..., 3) of the canonical face in the camera's millimetres."""
        moved: Floats = points_mm @ self.rotation.T + self.translation_mm
        return moved

    def seat(self, point_mm: Floats, landmarks: tuple[int, ...], camera: Camera) -> Floats:
        """A point (3,) of the canonical face in the camera's millimetres, seated on this face.

        No face is the canonical one: the point moves across the picture as far as the
        ``landmarks`` around it lie, on average, from where the model has them.
        """
        ids = list(landmarks)
        model = self.to_camera(canonical_face.POINTS_MM[ids])
        shift_px = (self.points_px[ids] - project(camera, model)).mean(axis=0)
        point = self.to_camera(point_mm)
        seated: Floats = rays(camera, project(camera, point) + shift_px) * point[2]
        return seated

    def surface_mm(self, camera: Camera) -> Floats:
        """The face's own surface (468, 3): seen where it is seen, as deep as the model."""
        depth = self.to_camera(canonical_face.MESH_MM)[:, 2:]
        return rays(camera, self.points_px[:468]) * depth


def estimate_head(face: FaceLandmarks, camera: Camera) -> Head | None:
    """Pose of a face; None when it is too small, degenerate or not finite."""
    points_px = face.points[:, :2] * camera.size_wh
    spread = float(np.ptp(points_px[:468], axis=0).max())
    if not np.isfinite(face.points).all() or spread < MIN_FACE_PX:
        return None
    seen = points_px[_BASIS]
    depth = face.points[_BASIS, 2] * camera.size_wh[0] / camera.focal_xy_px[0]
    pose = _procrustes(rays(camera, seen) * (1 + depth)[:, None])
    if pose is None:
        return None
    rotated, moved = _refine(*pose, seen, depth, camera)
    if moved[2] <= 0 or not np.isfinite(moved).all():
        return None
    width = np.ptp(canonical_face.MESH_MM[list(canonical_face.TEMPLES), 0])
    return Head(rotated, moved, points_px, float(width * camera.focal_xy_px[0] / moved[2]))


def _procrustes(cloud: Floats) -> tuple[Floats, Floats] | None:
    """Rotation and translation in mm that bring the model onto a cloud of unknown scale."""
    centre = _WEIGHTS @ cloud
    model = _MODEL - _MODEL_CENTRE
    covariance = (cloud - centre).T @ (model * _WEIGHTS[:, None])  # (3, 3)
    u, values, vt = np.linalg.svd(covariance)
    sign = np.sign(np.linalg.det(u) * np.linalg.det(vt))
    if values[1] < 1e-12 or sign == 0:
        return None
    rotated = (u * (1.0, 1.0, sign)) @ vt
    scale = float(values @ (1.0, 1.0, sign)) / float(_WEIGHTS @ (model**2).sum(axis=1))
    return rotated, centre / scale - rotated @ _MODEL_CENTRE


def _refine(
    rotated: Floats, moved: Floats, seen: Floats, depth: Floats, camera: Camera
) -> tuple[Floats, Floats]:
    """Gauss-Newton over the six degrees of freedom."""
    for _ in range(_STEPS):
        turned = _MODEL @ rotated.T
        step = _step(turned, turned + moved, seen, depth, camera)
        rotated = rotation.exp(step[:3]) @ rotated
        moved = moved + step[3:]
    return rotated, moved


def _step(turned: Floats, points: Floats, seen: Floats, depth: Floats, camera: Camera) -> Floats:
    """One step (6,): rotation vector and translation. Residuals are in mm at the face."""
    distance = float(_WEIGHTS @ points[:, 2])
    error = np.empty((len(points), 4))  # x, y, depth alike on both sides, depth unlike
    error[:, :2] = (seen - project(camera, points)) / camera.focal_xy_px * distance
    error[:, 2:] = _halves((depth - _WEIGHTS @ depth) * distance - (points[:, 2] - distance))
    flat = _jacobian(turned, points, distance).reshape(-1, 6)
    weighted = flat * _ROW_WEIGHTS[:, None]
    step = np.linalg.solve(weighted.T @ flat + _DAMPING, weighted.T @ error.ravel())
    return np.asarray(step, np.float64)


def _jacobian(turned: Floats, points: Floats, distance: float) -> Floats:
    """How the residuals change with turn and translation, (N, 4, 6)."""
    relative = distance / points[:, 2]
    slope = points[:, :2] / points[:, 2:]
    cross = np.zeros((len(points), 3, 3))  # d(R c) / d(turn) = -[R c]x
    cross[:, 0, 1], cross[:, 0, 2] = turned[:, 2], -turned[:, 1]
    cross[:, 1, 0], cross[:, 1, 2] = -turned[:, 2], turned[:, 0]
    cross[:, 2, 0], cross[:, 2, 1] = turned[:, 1], -turned[:, 0]
    jacobian = np.zeros((len(points), 4, 6))
    jacobian[:, 0, 3] = jacobian[:, 1, 4] = relative
    jacobian[:, :2, 5] = -slope * relative[:, None]
    jacobian[:, :2, :3] = (cross[:, :2] - slope[:, :, None] * cross[:, 2:]) * relative[
        :, None, None
    ]
    jacobian[:, 2:, :3] = _halves(cross[:, 2] - _WEIGHTS @ cross[:, 2])
    return jacobian


def _halves(values: Floats) -> Floats:
    """Parts of values (N, ...) that both sides of the face share and do not: (N, 2, ...)."""
    other = values[_MIRROR]
    return np.stack([(values + other) / 2, (values - other) / 2], axis=1)
