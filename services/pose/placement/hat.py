"""Hats: the band's plane through forehead and temples, the picture rounded to a solid."""

from __future__ import annotations

import math

import numpy as np

from services.pose.placement import rotation
from services.pose.placement.head import Head, Seats
from services.pose.placement.mesh import Surface, grid_triangles
from services.pose.placement.picture import pair, picture_of
from services.pose.placement.rig import Rig
from services.pose.placement.types import Camera, Floats, Occluder, Scale, TryOnAsset

USUAL_BAND_MM = 165.0
"""Width of a hat's opening that fits the canonical head with its hair."""
BAND_MM: Floats = np.array([0.0, -82.0, 30.0])
"""Middle of the band's plane on the canonical head: above the ears, under the crown."""
LEAN_DEG = 6.0
"""How far the band is higher at the forehead than at the back."""
_NEAR_BAND = (10, 151, 9, 109, 338, 67, 297, 54, 284, 103, 332)
_SEATS = Seats.of([BAND_MM], [_NEAR_BAND])
_DEPTH_RATIO = 1.2  # heads are longer than wide (cephalic index of about 80)
_BRIM = 0.3  # how far a brim is drawn forward, over how far it stands out sideways
_VISOR = 0.8  # what hangs below the band hangs in front, to its corners
_COLUMNS, _ROWS = 15, 12


def measure(head: Head, camera: Camera, scale: Scale) -> Rig:
    """Anchor frame of a hat on a head."""
    lean = rotation.exp((math.radians(-LEAN_DEG), 0.0, 0.0))
    return Rig(
        rotation=head.rotation @ lean,
        position_mm=head.seat(_SEATS, camera)[0],
        size_px=head.width_px,
        scale=scale,
        visibility=1.0,
        occluders=(Occluder.FACE, Occluder.HAND),
    )


def surface(rig: Rig, asset: TryOnAsset) -> Surface:
    """The front half of the hat: rows rounded like a head, a brim standing out to the front."""
    left, right = pair(asset, "band")
    origin = (left + right) / 2
    width = asset.width_mm or _width_for_band(asset, right[0] - left[0], rig.scale.factor)
    picture = picture_of(asset, (float(origin[0]), float(origin[1])), width)
    texture, _ = _rows(asset)
    flat = picture.to_mm(texture)
    band = float(picture.to_mm(right)[0])
    vertices = np.column_stack([flat, -_bulge(flat, band)])
    return Surface(vertices, texture, grid_triangles(_COLUMNS, _ROWS))


def _bulge(flat_mm: Floats, band_mm: float) -> Floats:
    """How far each point (N,) stands out to the front of the hat's middle, in mm.

    The crown is as round as the band, whatever sticks out sideways. Below the band the brim
    comes forward, less than it is wide: a brim that is drawn from its front cannot be unrolled.
    """
    ends = np.abs(flat_mm.reshape(_ROWS, _COLUMNS, 2)[:, [0, -1], 0]).mean(axis=1)
    half = np.repeat(np.clip(ends, 1.0, band_mm), _COLUMNS)
    crown = _DEPTH_RATIO * np.sqrt(np.maximum(half**2 - flat_mm[:, 0] ** 2, 0.0))
    low = max(float(flat_mm[:, 1].max()), 1.0)
    share = np.clip(flat_mm[:, 1] / low, 0.0, 1.0)
    brim = _BRIM * np.repeat(np.maximum(ends - band_mm, 0.0), _COLUMNS)
    round_brim = brim * np.cos(np.clip(flat_mm[:, 0] / (2 * band_mm), -1.5, 1.5))
    bulge: Floats = np.maximum(crown + share * round_brim, share * _VISOR * half)
    return bulge


def _width_for_band(asset: TryOnAsset, band: float, factor: float) -> float:
    """Width of the picture in mm whose band is as wide as usual."""
    left, _, right, _ = asset.opaque_xyxy
    return USUAL_BAND_MM * factor * (right - left) / max(band, 1e-3)


def _rows(asset: TryOnAsset) -> tuple[Floats, Floats]:
    """Points (N, 2) of the picture along its rows, and their place across them, -1..1."""
    left, top, right, bottom = asset.opaque_xyxy
    heights = np.linspace(top, bottom, _ROWS)
    ends = np.tile((left, right), (_ROWS, 1))
    if asset.rows_x is not None and len(asset.rows_x):
        known = np.linspace(top, bottom, len(asset.rows_x))
        ends = np.column_stack([np.interp(heights, known, asset.rows_x[:, k]) for k in (0, 1)])
    # Evenly in angle, so that the rounding is as fine at the sides as in front.
    across = np.sin(np.linspace(-math.pi / 2, math.pi / 2, _COLUMNS))
    middle, half = ends.mean(axis=1, keepdims=True), np.ptp(ends, axis=1)[:, None] / 2
    x = middle + half * across
    return np.column_stack([x.ravel(), np.repeat(heights, _COLUMNS)]), np.tile(across, _ROWS)
