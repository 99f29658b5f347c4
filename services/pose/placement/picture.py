"""A try-on picture measured in millimetres around its anchor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.pose.placement.types import Floats, TryOnAsset


@dataclass(frozen=True, slots=True)
class Picture:
    """How a picture's points turn into the item's millimetres: x right, y down.

    Attributes:
        origin: the anchor in the picture, normalised.
        mm_per_unit: millimetres of the picture's whole width and height.
    """

    origin: tuple[float, float]
    mm_per_unit: tuple[float, float]

    def to_mm(self, points: npt.ArrayLike) -> Floats:
        """Points (..., 2) of the picture in millimetres from the anchor."""
        return (np.asarray(points, np.float64) - self.origin) * self.mm_per_unit

    def to_picture(self, points_mm: npt.ArrayLike) -> Floats:
        """Millimetres from the anchor (..., 2) as points of the picture."""
        return np.asarray(points_mm, np.float64) / self.mm_per_unit + self.origin


def picture_of(asset: TryOnAsset, origin: tuple[float, float], width_mm: float) -> Picture:
    """Measure a picture whose opaque part is ``width_mm`` wide. Pixels are square."""
    left, _, right, _ = asset.opaque_xyxy
    across = width_mm / max(right - left, 1e-6)
    width, height = asset.size_wh
    return Picture(origin, (across, across * height / max(width, 1)))


def known_width(asset: TryOnAsset, otherwise_mm: float) -> float:
    """The product's width, or a usual one where it is not known."""
    return asset.width_mm if asset.width_mm > 0 else otherwise_mm


def pair(asset: TryOnAsset, name: str) -> tuple[Floats, Floats]:
    """The left and right point (2,) of a name, the one further left in the picture first."""
    stem = f"{name}_" if name else ""
    a, b = np.array(asset.points[f"{stem}left"]), np.array(asset.points[f"{stem}right"])
    return (a, b) if a[0] <= b[0] else (b, a)
