"""What is wrong with a try-on asset, and the measures of its picture that placement needs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.pose.placement.asset_points import POINTS, canonical
from services.pose.placement.types import Bytes, Floats, TryOnAsset, TryOnKind

MIN_ALPHA = 8
"""Pixels clearer than this, of 255, are no part of the product."""
MIN_SIDE_PX = 24
WIDTHS_MM: Mapping[TryOnKind, tuple[float, float]] = {
    TryOnKind.GLASSES: (90.0, 200.0),
    TryOnKind.HAT: (120.0, 700.0),
    TryOnKind.EARRINGS: (2.0, 120.0),
    TryOnKind.NECKLACE: (60.0, 500.0),
    TryOnKind.WATCH: (12.0, 70.0),
    TryOnKind.RING: (10.0, 60.0),
    TryOnKind.BRACELET: (30.0, 140.0),
    TryOnKind.TOP: (200.0, 2200.0),
    TryOnKind.DRESS: (200.0, 2200.0),
    TryOnKind.TROUSERS: (150.0, 1500.0),
    TryOnKind.SHOES: (80.0, 450.0),
    TryOnKind.LIPSTICK: (0.0, 0.0),
}
"""Widths that a product of each kind can have: from a child's to the largest made."""
_PROFILE = 48
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about an asset.

    Attributes:
        serious: with it the asset cannot be used.
        message: what is wrong and what would be right.
    """

    serious: bool
    message: str


def describe(
    kind: TryOnKind,
    texture_rgba: Bytes,
    width_mm: float,
    points: Mapping[str, tuple[float, float]],
    texture_id: str = "",
) -> TryOnAsset:
    """Measure a picture (h, w, 4) with straight alpha; nothing is checked."""
    alpha = texture_rgba[..., 3] >= MIN_ALPHA
    return TryOnAsset(
        kind=kind,
        size_wh=(texture_rgba.shape[1], texture_rgba.shape[0]),
        width_mm=width_mm,
        points=canonical(points),
        opaque_xyxy=opaque_box(alpha),
        texture_id=texture_id,
        rows_x=_profile(alpha) if alpha.any() else None,
        columns_y=_profile(alpha.T) if alpha.any() else None,
    )


def opaque_box(
    opaque: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
) -> tuple[float, float, float, float]:
    """Box left, top, right, bottom of what is opaque (H, W) bool, normalised; all if nothing is."""
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    if not len(rows):
        return 0.0, 0.0, 1.0, 1.0
    height, width = opaque.shape
    return (
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )


def _profile(opaque: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> Floats:
    """Both ends (R, 2) of the opaque part in even rows of its box, normalised to the width."""
    rows = np.flatnonzero(opaque.any(axis=1))
    ends, last = [], (0.0, 1.0)
    for row in np.rint(np.linspace(rows[0], rows[-1], _PROFILE)).astype(int):
        found = np.flatnonzero(opaque[row])
        if len(found):
            last = (found[0] / opaque.shape[1], (found[-1] + 1) / opaque.shape[1])
        ends.append(last)
    return np.array(ends, np.float64)


def check(asset: TryOnAsset, texture_rgba: Bytes) -> list[Finding]:
    """Everything that is wrong with an asset; empty when nothing is."""
    if asset.kind is TryOnKind.LIPSTICK:
        return check_color(asset.color)
    return _check_picture(texture_rgba) + _check_width(asset) + _check_points(asset)


def check_color(color: str) -> list[Finding]:
    """What is wrong with a lipstick's colour."""
    if _COLOR.fullmatch(color):
        return []
    return [Finding(True, f'the colour is {color!r}, must be sRGB as "#rrggbb"')]


def _check_picture(texture: Bytes) -> list[Finding]:
    height, width = texture.shape[:2]
    if min(height, width) < MIN_SIDE_PX:
        return [
            Finding(True, f"the picture is {width} x {height}, needs {MIN_SIDE_PX} pixels a side")
        ]
    share = float((texture[..., 3] >= MIN_ALPHA).mean())
    if share == 0:
        return [Finding(True, "the picture is transparent everywhere")]
    findings = []
    if share > 0.995:
        findings.append(Finding(True, "nothing is transparent: the background was not cut out"))
    if max(height, width) < 200:
        findings.append(
            Finding(False, f"the picture is {width} x {height}; from 400 pixels on it looks sharp")
        )
    return findings


def _check_width(asset: TryOnAsset) -> list[Finding]:
    low, high = WIDTHS_MM[asset.kind]
    width, name = asset.width_mm, asset.kind.name.lower()
    if width == 0:
        return [Finding(False, "the width is not known: no true scale will be claimed")]
    if not math.isfinite(width) or not low <= width <= high:
        return [Finding(True, f"width_mm is {width:g}, {name} are {low:g} to {high:g} mm wide")]
    return []


def _check_points(asset: TryOnAsset) -> list[Finding]:
    names = POINTS[asset.kind]
    known = {*names.required, *names.optional}
    findings = [
        Finding(True, f"the point {name!r} is missing")
        for name in names.required
        if name not in asset.points
    ]
    for name, point in sorted(asset.points.items()):
        if name not in known:
            findings.append(Finding(False, f"the point {name!r} means nothing for this kind"))
        elif not is_near(point):
            x, y = point
            findings.append(
                Finding(
                    True, f"the point {name!r} is at {x:g},{y:g}, must lie in the picture (0..1)"
                )
            )
    return findings + _check_sides(asset)


def is_near(point: tuple[float, float]) -> bool:
    """Whether a point lies in a picture (0..1), or beside it by a quarter of its side at most."""
    return bool(np.isfinite(point).all() and min(point) >= -0.25 and max(point) <= 1.25)


def _check_sides(asset: TryOnAsset) -> list[Finding]:
    findings = []
    for stem in sorted({name[:-5] for name in asset.points if name.endswith("_left")}):
        left, right = asset.points[f"{stem}_left"], asset.points.get(f"{stem}_right")
        if right is None or not np.isfinite([*left, *right]).all():
            continue
        if abs(left[0] - right[0]) < 0.02:
            findings.append(Finding(True, f"{stem}_left and {stem}_right are in the same place"))
        elif left[0] > right[0]:
            findings.append(
                Finding(False, f"{stem}_left is right of {stem}_right; taken as swapped")
            )
    return findings


def summary(findings: Sequence[Finding]) -> str:
    """Findings as lines for a person; "nothing is wrong" when there are none."""
    if not findings:
        return "nothing is wrong"
    return "\n".join(f"{'error  ' if one.serious else 'notice '} {one.message}" for one in findings)
