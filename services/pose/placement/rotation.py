"""Rotations as matrices (3, 3): vectors to and from them, frames from axes, blending."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from services.pose.placement.types import Floats


def cross_matrix(vector: npt.ArrayLike) -> Floats:
    """Matrix (3, 3) that multiplies crosswise with ``vector`` (3,)."""
    x, y, z = np.asarray(vector, np.float64).tolist()
    return np.array([(0.0, -z, y), (z, 0.0, -x), (-y, x, 0.0)])


def exp(vector: npt.ArrayLike) -> Floats:
    """Rotation about ``vector`` (3,) by its length in radians (Rodrigues' formula).

    >>> exp((0, 0, math.pi / 2)).round(3).tolist()
    [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    turn = np.asarray(vector, np.float64)
    angle = math.sqrt(float(turn @ turn))
    cross = cross_matrix(turn)
    if angle < 1e-8:
        return np.eye(3) + cross
    first, second = math.sin(angle) / angle, (1 - math.cos(angle)) / angle**2
    return np.eye(3) + first * cross + second * (cross @ cross)


def log(rotation: Floats) -> Floats:
    """Rotation vector (3,) of a matrix; the inverse of ``exp`` below half a turn."""
    skew = np.array(
        [
            rotation[2, 1] - rotation[1, 2],
            rotation[0, 2] - rotation[2, 0],
            rotation[1, 0] - rotation[0, 1],
        ]
    )
    sine = math.sqrt(float(skew @ skew)) / 2
    cosine = (float(np.trace(rotation)) - 1) / 2
    angle = math.atan2(sine, cosine)
    if sine > 1e-6:
        return skew * (angle / (2 * sine))
    if cosine > 0:
        return skew / 2
    return _half_turn(rotation) * angle


def _half_turn(rotation: Floats) -> Floats:
    """Axis (3,) of a rotation by half a turn: the longest column of (R + 1) / 2."""
    outer = (rotation + np.eye(3)) / 2
    column = outer[:, int(np.argmax(np.diag(outer)))]
    axis: Floats = column / np.linalg.norm(column)
    return axis


def angle_between(a: Floats, b: Floats) -> float:
    """Angle in radians that turns one rotation into the other, 0 to pi."""
    return float(np.linalg.norm(log(a.T @ b)))


def blend(a: Floats, b: Floats, weight: float) -> Floats:
    """The rotation on the shortest way from ``a`` (weight 0) to ``b`` (weight 1)."""
    return tidied(a @ exp(weight * log(a.T @ b)))


def tidied(matrix: Floats) -> Floats:
    """A matrix that is nearly a rotation, brought closer: one step of Newton's iteration."""
    closer: Floats = matrix @ (1.5 * np.eye(3) - 0.5 * (matrix.T @ matrix))
    return closer


def frame(x_axis: npt.ArrayLike, z_hint: npt.ArrayLike) -> Floats | None:
    """Rotation whose columns are x along ``x_axis``, z nearest to ``z_hint``, y to match.

    None when the two are parallel or one has no length.
    """
    x = np.asarray(x_axis, np.float64)
    y = np.cross(np.asarray(z_hint, np.float64), x)
    lengths = np.linalg.norm(x), np.linalg.norm(y)
    if not np.isfinite(lengths).all() or min(lengths) < 1e-9:
        return None
    x, y = x / lengths[0], y / lengths[1]
    return np.column_stack([x, y, np.cross(x, y)])


def yaw_pitch_roll_deg(rotation: Floats) -> tuple[float, float, float]:
    """Turn to the side, nod and tilt of a head in degrees, for rotations from the camera's axes.

    Yaw is positive when the face turns to the image's right, pitch when it looks down, roll
    clockwise on the screen.

    >>> [round(a) + 0 for a in yaw_pitch_roll_deg(exp((0.0, 0.0, math.pi / 6)))]
    [0, 0, 30]
    """
    forward = -rotation[:, 2]
    yaw = math.degrees(math.atan2(forward[0], -forward[2]))
    pitch = math.degrees(math.asin(max(-1.0, min(1.0, float(forward[1])))))
    roll = math.degrees(math.atan2(rotation[1, 0], rotation[0, 0]))
    return yaw, pitch, roll
