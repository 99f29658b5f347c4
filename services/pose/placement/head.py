"""Pose of a head: weighted Procrustes against the canonical face, then least squares.

The landmarks' z is a weak-perspective depth in the scale of x. Along each pixel's ray it gives
a point cloud up to one unknown distance, which Procrustes (Umeyama, PAMI 13(4), 1991) fits
with the canonical face, MediaPipe's weights on the parts that expressions move least. A
Gauss-Newton step then lessens the error in the picture itself, where a misfit is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.pose.placement import canonical_face, rotation
from services.pose.placement.camera import rays
from services.pose.placement.types import Camera, FaceLandmarks, Floats, Indices

MIN_FACE_PX = 12.0
"""Below this width between the temples a face says nothing about its pose."""
OUTLINE = np.array(canonical_face.FACE_OVAL)
_BASIS = np.flatnonzero(canonical_face.WEIGHTS)
_WEIGHTS = canonical_face.WEIGHTS[_BASIS]
_MODEL = canonical_face.MESH_MM[_BASIS].T  # (3, N)
_MODEL_CENTRE = _MODEL @ _WEIGHTS
_CENTRED = (_MODEL - _MODEL_CENTRE[:, None]) * _WEIGHTS
_MODEL_POWER = float((_CENTRED * (_MODEL - _MODEL_CENTRE[:, None])).sum())
_TEMPLES_MM = float(np.ptp(canonical_face.MESH_MM[list(canonical_face.TEMPLES), 0]))


def _halves() -> Floats:
    """Matrix (2 N, N): from N values to what both sides share and do not.

    All around the values' mean.
    """
    one = np.eye(len(_BASIS))
    other = one[np.searchsorted(_BASIS, canonical_face.MIRROR[_BASIS])]
    return np.concatenate([one + other, one - other]) / 2 @ (one - _WEIGHTS)


_HALVES = _halves()
_PARTS = np.concatenate([_MODEL, _MODEL @ _HALVES.T], axis=1)  # (3, 3 N): model and its halves
# A turn to the side shows in the picture, by the parallax of the nose; a nod hides in the
# proportions of each face, so the depths' word counts there as much as the picture's.
_ROW_WEIGHTS = np.multiply.outer((1.0, 1.0, 1.0, 0.1), _WEIGHTS).ravel()
_DAMPING = 1e-9 * np.eye(6)


@dataclass(frozen=True, slots=True, eq=False)
class Seats:
    """Points of the canonical head, each with the landmarks around it.

    Attributes:
        model_mm: (K + M, 3) the points, then all landmarks, on the canonical head.
        landmarks: (M,) which landmarks those are.
        averages: (K, M) share of each landmark in each point's mean.
    """

    model_mm: Floats
    landmarks: Indices
    averages: Floats

    @classmethod
    def of(cls, points_mm: npt.ArrayLike, around: Sequence[Sequence[int]]) -> Seats:
        """Seats of points (K, 3), each among the landmarks of the same position in ``around``."""
        ids = np.concatenate([np.asarray(one, np.int32) for one in around])
        owners = np.repeat(np.arange(len(around)), [len(one) for one in around])
        owned = (owners == np.arange(len(around))[:, None]).astype(np.float64)
        averages = owned / owned.sum(axis=1, keepdims=True)
        model = np.concatenate([np.asarray(points_mm, np.float64), canonical_face.POINTS_MM[ids]])
        return cls(model, ids, averages)


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A head in space, at the size of the canonical face.

    Attributes:
        rotation: (3, 3) from the canonical face's axes to the camera's.
        translation_mm: (3,) of the canonical origin, in the camera's millimetres.
        points_px: (478, 2) the landmarks in pixels.
        outline_px: (36, 2) those around the face, ``canonical_face.FACE_OVAL``.
        width_px: distance of the temples in the picture, from the pose.
    """

    rotation: Floats
    translation_mm: Floats
    points_px: Floats
    outline_px: Floats
    width_px: float

    def to_camera(self, points_mm: Floats) -> Floats:
        """Points (..., 3) of the canonical face in the camera's millimetres."""
        moved: Floats = points_mm @ self.rotation.T + self.translation_mm
        return moved

    def seat(self, seats: Seats, camera: Camera) -> Floats:
        """Points (K, 3) of the canonical face in the camera's millimetres, seated on this face.

        No face is the canonical one: each point moves across the picture as far as the
        landmarks around it lie, on average, from where the model has them.
        """
        model = self.to_camera(seats.model_mm)
        flat, count = model / model[:, 2:], len(seats.averages)  # rays
        seen_px = self.points_px.take(seats.landmarks, axis=0)
        seen = (seen_px - camera.center_xy_px) / camera.focal_xy_px
        flat[:count, :2] += seats.averages @ (seen - flat[count:, :2])
        return flat[:count] * model[:count, 2:]

    def surface_mm(self, camera: Camera) -> Floats:
        """The face's own surface (468, 3): seen where it is seen, as deep as the model."""
        depth = self.to_camera(canonical_face.MESH_MM)[:, 2:]
        return rays(camera, self.points_px[:468]) * depth


def estimate_head(face: FaceLandmarks, camera: Camera) -> Head | None:
    """Pose of a face; None when it is too small, degenerate or not finite."""
    points_px = face.points[:, :2] * camera.size_wh
    outline_px = points_px.take(OUTLINE, axis=0)
    size_px = float((outline_px.max(axis=0) - outline_px.min(axis=0)).max())
    if not np.isfinite(face.points).all() or size_px < MIN_FACE_PX:
        return None
    flat = np.ones((3, len(_BASIS)))  # rays, contiguous where they are worked with
    flat[:2] = ((points_px.take(_BASIS, axis=0) - camera.center_xy_px) / camera.focal_xy_px).T
    depth = face.points[:, 2].take(_BASIS) * (camera.size_wh[0] / camera.focal_xy_px[0])
    pose = _procrustes(flat * (1 + depth))
    if pose is None:
        return None
    rotated, moved = _refine(*pose, flat[:2], depth)
    away = float(moved[2])
    if not away > 0 or not np.isfinite(moved).all():
        return None
    width_px = _TEMPLES_MM * camera.focal_xy_px[0] / away
    return Head(rotated, moved, points_px, outline_px, width_px)


def _procrustes(cloud: Floats) -> tuple[Floats, Floats] | None:
    """Rotation and translation in mm that bring the model onto a cloud (3, N) of unknown scale."""
    covariance = cloud @ _CENTRED.T
    rotated = rotation.nearest(covariance)
    if rotated is None:
        return None
    scale = float((rotated * covariance).sum()) / _MODEL_POWER
    return rotated, cloud @ _WEIGHTS / scale - rotated @ _MODEL_CENTRE


def _refine(rotated: Floats, moved: Floats, flat: Floats, depth: Floats) -> tuple[Floats, Floats]:
    """A Gauss-Newton step over the six degrees of freedom; ``flat`` (2, N) is x / z, y / z as seen.

    The start is so near that another step would turn a head by a sixth of a degree at most.
    Residuals are in mm at the face, in four rows of N: x, y, depth alike on both sides,
    depth unlike.
    """
    count = len(_WEIGHTS)
    parts = rotated @ _PARTS
    turned, halves = parts[:, :count], parts[:, count:].reshape(3, 2, count)
    away = turned[2] + moved[2]
    distance = float(_WEIGHTS @ away)
    slope = (turned[:2] + moved[:2, None]) / away
    depths = (_HALVES @ depth).reshape(2, count)
    error = np.concatenate([(flat - slope) * distance, depths * distance - halves[2]])
    jacobian = _jacobian(turned, halves, slope, distance / away).reshape(6, -1)
    weighted = jacobian * _ROW_WEIGHTS
    step = np.linalg.solve(weighted @ jacobian.T + _DAMPING, weighted @ error.ravel())
    return rotation.exp(step[:3]) @ rotated, moved + step[3:]


def _jacobian(turned: Floats, halves: Floats, slope: Floats, relative: Floats) -> Floats:
    """How the residuals change with turn and translation, (6, 4, N)."""
    change = np.zeros((6, 4, len(relative)))
    x, y, z = turned * relative  # d(R c) / d(turn) = -[R c]x
    change[0, :2], change[1, :2] = -slope * y, slope * x
    change[0, 1] -= z
    change[1, 0] += z
    change[2, 0], change[2, 1] = -y, x
    change[0, 2:], change[1, 2:] = halves[1], -halves[0]
    change[3, 0] = change[4, 1] = relative
    change[5, :2] = -slope * relative
    return change
