"""Smooth warps of a picture by control points: moving least squares.

Schaefer, McPhail, Warren: Image Deformation Using Moving Least Squares (SIGGRAPH 2006), the
variant of local similarities: what lies near a control point moves, turns and grows with it,
and nothing shears. The mapping takes every control point exactly to its target.
"""

from __future__ import annotations

import numpy as np

from services.pose.placement.types import Floats

_SHARPNESS = 1.5  # exponent of the squared distance; more keeps parts apart, less is smoother


def warp(points: Floats, controls: Floats, targets: Floats) -> Floats:
    """Where points (N, 2) go when ``controls`` (M, 2) go to ``targets`` (M, 2), M >= 2.

    >>> square = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
    >>> warp(np.array([(0.5, 0.5)]), square, 2 * square + 3).round(6).tolist()
    [[4.0, 4.0]]
    """
    squared = ((points[:, None] - controls[None]) ** 2).sum(axis=-1)  # (N, M)
    weights = 1.0 / np.maximum(squared, 1e-12) ** _SHARPNESS
    weights /= weights.sum(axis=1, keepdims=True)
    source, goal = weights @ controls, weights @ targets  # (N, 2)
    p = controls[None] - source[:, None]  # (N, M, 2)
    q = targets[None] - goal[:, None]
    # A similarity in the plane is one complex factor: q = factor * p.
    p_complex, q_complex = p[..., 0] + 1j * p[..., 1], q[..., 0] + 1j * q[..., 1]
    energy = (weights * np.abs(p_complex) ** 2).sum(axis=1)
    factor = (weights * q_complex * p_complex.conj()).sum(axis=1) / np.maximum(energy, 1e-12)
    offset = points - source
    moved = (offset[:, 0] + 1j * offset[:, 1]) * factor
    result: Floats = goal + np.column_stack([moved.real, moved.imag])
    return result
