"""True scale from an ID-1 card (ISO/IEC 7810: 85.60 x 53.98 mm) held to the face or hand."""

from __future__ import annotations

import numpy as np

from services.pose.placement.camera import project
from services.pose.placement.frame import Frame
from services.pose.placement.head import Head
from services.pose.placement.types import Camera, Floats, HandLandmarks, Scale, ScaleSource
from shared.geometry import apply_homography

CARD_MM = (85.60, 53.98)
SIGMA_RELATIVE = 0.02
"""A card is not quite where the skin is, and its corners are found to about a pixel."""
_MAX_SKEW = 0.15  # how far a quad's sides may be from a rectangle's, seen through the lens
_CORNER_NOISE_PX = 1.0


def card_distance_mm(corners: Floats, camera: Camera) -> float | None:
    """Distance of a card's middle along the lens' axis; None when the quad is no card.

    Args:
        corners: (4, 2) normalised, in order around the card.
        camera: the lens.
    """
    pixels = corners * camera.size_wh
    found = [_pose(pixels, (w, h), camera) for w, h in (CARD_MM, CARD_MM[::-1])]
    skew, distance = min(found)
    return distance if skew <= _MAX_SKEW and np.isfinite(distance) else None


def _pose(pixels: Floats, size_mm: tuple[float, float], camera: Camera) -> tuple[float, float]:
    """How far a quad is from a rectangle of a size, and the distance at which it would be one.

    The columns of K^-1 H are the sides' directions (Zhang, PAMI 22(11), 2000): at right
    angles and of the same length when size and lens are right.
    """
    width, height = size_mm
    flat = np.array([(-width, -height), (width, -height), (width, height), (-width, height)]) / 2
    matrix = _homography(flat, (pixels - camera.center_xy_px) / camera.focal_xy_px)
    if matrix is None:
        return np.inf, np.inf
    a, b = matrix[:, 0], matrix[:, 1]
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if min(lengths) < 1e-12:
        return np.inf, np.inf
    skew = abs(float(a @ b)) / float(lengths[0] * lengths[1]) + abs(
        float(np.log(lengths[0] / lengths[1]))
    )
    return skew, abs(float(matrix[2, 2])) / float(np.sqrt(lengths[0] * lengths[1]))


def _homography(source: Floats, target: Floats) -> Floats | None:
    """Matrix (3, 3) that maps four points (4, 2) to four others, by the direct linear method."""
    rows = []
    for (x, y), (u, v) in zip(source.tolist(), target.tolist(), strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, -u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, -v])
    matrix: Floats = np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)
    mapped = apply_homography(matrix, source)
    fits = np.isfinite(mapped).all() and np.abs(mapped - target).max() < 1e-3
    return matrix if fits else None


def head_scale(head: Head, frame: Frame) -> Scale | None:
    """Scale of a head with a card on it; None without one."""
    if frame.subjects.card_corners is None:
        return None
    card = _card(frame, head.points_px.mean(axis=0), head.width_px)
    if card is None:
        return None
    middle_px, distance = card
    surface = head.surface_mm(frame.camera)
    nearest = np.argsort(((head.points_px[:468] - middle_px) ** 2).sum(axis=1))[:8]
    return _scale(distance / float(surface[nearest, 2].mean()), frame)


def hand_scale(hand: HandLandmarks, distance_mm: float, frame: Frame) -> Scale | None:
    """Scale of a hand at a canonical distance with a card on or beside it; None without one."""
    pixels = frame.to_px(hand.points)
    card = _card(frame, pixels.mean(axis=0), float(np.ptp(pixels, axis=0).max()))
    return None if card is None else _scale(card[1] / distance_mm, frame)


def _card(frame: Frame, centre_px: Floats, reach_px: float) -> tuple[Floats, float] | None:
    corners = frame.subjects.card_corners
    if corners is None:
        return None
    middle = corners.mean(axis=0) * frame.camera.size_wh
    distance = card_distance_mm(corners, frame.camera)
    if distance is None or np.hypot(*(middle - centre_px)) > 1.2 * reach_px:
        return None
    return middle, distance


def _scale(factor: float, frame: Frame) -> Scale:
    corners = frame.subjects.card_corners
    assert corners is not None  # noqa: S101  # _card has seen it
    across = float(np.hypot(*((corners[1] - corners[0]) * frame.camera.size_wh)))
    sigma = float(np.hypot(SIGMA_RELATIVE, _CORNER_NOISE_PX / max(across, 1.0)))
    return Scale(ScaleSource.REFERENCE, factor, sigma)


def card_corners_px(pose: Floats, camera: Camera) -> Floats:
    """Corners (4, 2) in pixels of a card whose middle stands at ``pose`` (4, 4)."""
    width, height = CARD_MM
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, height / 2)
    points = np.column_stack([flat, np.zeros(4)]) @ pose[:3, :3].T + pose[:3, 3]
    return project(camera, points)
