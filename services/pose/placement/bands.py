"""Surfaces around fingers and wrists: rings, bracelets, watches with their straps."""

from __future__ import annotations

import math

import numpy as np

from services.pose.placement.fit import RING_OVER_PHALANX
from services.pose.placement.mesh import Surface, grid_triangles
from services.pose.placement.picture import pair, picture_of
from services.pose.placement.rig import Rig
from services.pose.placement.types import Floats, ScaleSource, TryOnAsset, TryOnKind

USUAL_WATCH_MM = 40.0
_FLATNESS = {TryOnKind.RING: 0.92, TryOnKind.BRACELET: 0.72, TryOnKind.WATCH: 0.70}
"""Thickness over breadth of a finger and of a wrist."""
_PLAIN_FROM = 0.7  # towards the palm the band goes on as it is outside of this
_AROUND, _ALONG = 29, 3
_STRAP_END = 0.94  # of the way from the dial to the strap's cut end, where it is still whole
_CASE_MM = 4.0  # how far a watch stands above the wrist


def surface(rig: Rig, asset: TryOnAsset) -> Surface:
    """The band of a ring, bracelet or watch in the item's millimetres, as worn."""
    if asset.kind is TryOnKind.WATCH:
        return _watch(rig, asset)
    return _band(rig, asset)


def facing(surface_: Surface, camera_from_item: Floats) -> Surface:
    """The surface without the triangles whose outside is turned away: the limb hides them."""
    points = surface_.vertices_mm @ camera_from_item[:3, :3].T + camera_from_item[:3, 3]
    a, b, c = (points[surface_.triangles[:, corner]] for corner in range(3))
    outwards = np.cross(b - a, c - a)
    seen = np.einsum("ij,ij->i", outwards, (a + b + c) / 3) < 0
    return Surface(surface_.vertices_mm, surface_.texture, surface_.triangles[seen])


def _breadth_mm(rig: Rig, asset: TryOnAsset) -> float:
    """Outer breadth of a band: the product's where scale is known, else one that suits."""
    ratio = RING_OVER_PHALANX if asset.kind is TryOnKind.RING else 1.10
    suits = ratio * rig.body_mm * rig.scale.factor
    known = rig.scale.source not in (ScaleSource.UNKNOWN, ScaleSource.ASSUMED)
    return asset.width_mm if known and asset.width_mm > 0 else suits


def _band(rig: Rig, asset: TryOnAsset) -> Surface:
    """A picture that lies across, laid around a tube along y."""
    edges = pair(asset, "")
    middle = (edges[0] + edges[1]) / 2
    breadth = _breadth_mm(rig, asset)
    across = max(float(edges[1][0] - edges[0][0]), 1e-3)
    left, top, right, bottom = asset.opaque_xyxy
    picture = picture_of(asset, (middle[0], middle[1]), breadth * (right - left) / across)
    angle = np.linspace(-math.pi, math.pi, _AROUND)
    y = picture.to_mm([(middle[0], top), (middle[0], bottom)])[:, 1]
    rows = np.repeat(np.linspace(y[0], y[1], _ALONG), _AROUND)
    sine, cosine = np.tile(np.sin(angle), _ALONG), np.tile(np.cos(angle), _ALONG)
    plain = np.where(cosine < 0, np.sign(sine) * np.maximum(np.abs(sine), _PLAIN_FROM), sine)
    half = breadth / 2
    vertices = np.column_stack([half * sine, rows, -half * _FLATNESS[asset.kind] * cosine])
    # A rounding beyond the edge would sample what is clear.
    texture = picture.to_picture(np.column_stack([plain * half * 0.97, rows]))
    return Surface(vertices, texture, grid_triangles(_AROUND, _ALONG))


def _watch(rig: Rig, asset: TryOnAsset) -> Surface:
    """Case flat on the wrist, strap around it; the picture's y runs around.

    Where the picture's strap ends the last of it goes on: pictures show straps cut short.
    """
    width = asset.width_mm if asset.width_mm > 0 else USUAL_WATCH_MM * rig.scale.factor
    picture = picture_of(asset, asset.points["centre"], width)
    left, top, right, bottom = asset.opaque_xyxy
    ends = picture.to_mm([(left, top), (right, bottom)])
    path = _around_wrist(width / 2, rig)
    x = np.linspace(ends[0, 0], ends[1, 0], _ALONG)
    vertices = np.column_stack([np.tile(x, len(path)), np.repeat(path[:, 1:], _ALONG, axis=0)])
    y = np.clip(path[:, 0], _STRAP_END * ends[0, 1], _STRAP_END * ends[1, 1])
    flat = np.column_stack([np.tile(x, len(path)), np.repeat(y, _ALONG)])
    return Surface(vertices, picture.to_picture(flat), grid_triangles(_ALONG, len(path)))


def _around_wrist(case_mm: float, rig: Rig) -> Floats:
    """Points (N, 3) arc length, y, z around a wrist, from the palm's side over the dial's middle.

    The dial lies flat on top of the case, the lugs come down to the wrist, the strap follows it.
    """
    half = rig.body_mm * rig.scale.factor / 2
    flat = min(case_mm, 0.8 * half)
    angle = np.linspace(math.asin(flat / half), math.pi, _AROUND // 2)
    y, z = half * np.sin(angle), -half * _FLATNESS[TryOnKind.WATCH] * np.cos(angle)
    arc = flat + np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(y), np.diff(z)))])
    top = float(z[0]) - _CASE_MM
    z[0] = top
    side = np.column_stack([arc, y, z])
    middle = np.array([(0.0, 0.0, top)])
    return np.concatenate([side[::-1] * (-1.0, -1.0, 1.0), middle, side])
