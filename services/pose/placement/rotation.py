"""Rotations as matrices (3, 3): vectors to and from them, frames from axes, blending."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from services.pose.placement.types import Floats

_MOST_STEPS, _SETTLED = 12, 1e-9  # quadratic: what moves a billionth is exact after it
_FLAT = 1e-6  # least volume over size cubed


def exp(vector: npt.ArrayLike) -> Floats:
    """Rotation about ``vector`` (3,) by its length in radians (Rodrigues' formula).

    >>> exp((0, 0, math.pi / 2)).round(3).tolist()
    [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    x, y, z = np.asarray(vector, np.float64).tolist()
    angle = math.hypot(x, y, z)
    if angle < 1e-8:
        return np.array([(1.0, -z, y), (z, 1.0, -x), (-y, x, 1.0)])
    x, y, z = x / angle, y / angle, z / angle
    sine, cosine = math.sin(angle), math.cos(angle)
    rest = 1.0 - cosine
    return np.array(
        [
            (cosine + x * x * rest, x * y * rest - z * sine, x * z * rest + y * sine),
            (y * x * rest + z * sine, cosine + y * y * rest, y * z * rest - x * sine),
            (z * x * rest - y * sine, z * y * rest + x * sine, cosine + z * z * rest),
        ]
    )


def log(rotation: Floats) -> Floats:
    """Rotation vector (3,) of a matrix; the inverse of ``exp`` below half a turn."""
    (a, b, c), (d, e, f), (g, h, i) = rotation.tolist()
    skew = np.array((h - f, c - g, d - b))
    sine, cosine = math.hypot(h - f, c - g, d - b) / 2, (a + e + i - 1) / 2
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


def nearest(matrix: Floats) -> Floats | None:
    """The rotation nearest to a matrix (3, 3); None where several are as near.

    Higham's iteration (Computing the polar decomposition, SIAM J. Sci. Stat. Comput. 7(4),
    1986): of a matrix so small it takes a third of the time that singular values take. Those
    (Umeyama, PAMI 13(4), 1991) help where it fails: on what is flat or a mirror image.

    >>> nearest(np.diag([3.0, 2.0, 1.0])).tolist() == np.eye(3).tolist()
    True
    """
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    for _ in range(_MOST_STEPS):
        p, q, r = e * i - f * h, f * g - d * i, d * h - e * g  # cofactors
        s, t, u = c * h - b * i, a * i - c * g, b * g - a * h
        v, w, x = b * f - c * e, c * d - a * f, a * e - b * d
        volume, size = a * p + b * q + c * r, math.hypot(a, b, c, d, e, f, g, h, i)
        if not volume > _FLAT * size**3:
            return _nearest_by_values(matrix)
        grown = math.sqrt(math.hypot(p, q, r, s, t, u, v, w, x) / (volume * size))
        own, other = grown / 2, 1 / (2 * grown * volume)
        before = a, e, i
        a, b, c = own * a + other * p, own * b + other * q, own * c + other * r
        d, e, f = own * d + other * s, own * e + other * t, own * f + other * u
        g, h, i = own * g + other * v, own * h + other * w, own * i + other * x
        if math.dist(before, (a, e, i)) < _SETTLED:
            break
    return np.array([(a, b, c), (d, e, f), (g, h, i)])


def _nearest_by_values(matrix: Floats) -> Floats | None:
    u, values, vt = np.linalg.svd(matrix)
    sign = float(np.sign(np.linalg.det(u) * np.linalg.det(vt)))
    if not np.isfinite(values).all() or values[1] < 1e-12 or sign == 0:
        return None
    turned: Floats = (u * (1.0, 1.0, sign)) @ vt
    return turned


def angle_between(a: Floats, b: Floats) -> float:
    """Angle in radians that turns one rotation into the other, 0 to pi."""
    return float(np.linalg.norm(log(a.T @ b)))


def blend(a: Floats, b: Floats, weight: float) -> Floats:
    """The rotation on the shortest way from ``a`` (weight 0) to ``b`` (weight 1)."""
    return tidied(a @ exp(weight * log(a.T @ b)))


def tidied(matrix: Floats) -> Floats:
    """A matrix that is nearly a rotation, brought closer: one step of Newton's iteration."""
    closer: Floats = 1.5 * matrix - 0.5 * (matrix @ matrix.T @ matrix)
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
    (cosine, _, aside), (sine, _, down), (_, _, away) = rotation.tolist()
    yaw = math.degrees(math.atan2(-aside, away))
    pitch = math.degrees(math.asin(max(-1.0, min(1.0, -down))))
    roll = math.degrees(math.atan2(sine, cosine))
    return yaw, pitch, roll
