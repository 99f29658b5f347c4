"""Surfaces in an item's millimetres, and their triangles on the screen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.pose.placement.camera import project
from services.pose.placement.types import Camera, Floats, Indices, ScreenMesh

DEPTH_MM = 1000.0
"""The distance whose depth is one half."""
NEAR_MM = 10.0
"""Triangles with a corner nearer than this are left out: they have no place on the screen."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A textured surface.

    Attributes:
        vertices_mm: (V, 3) in the item's axes: x right, y down, z away.
        texture: (V, 2) u, v in the item's picture.
        triangles: (T, 3) int32.
    """

    vertices_mm: Floats
    texture: Floats
    triangles: Indices


def grid_triangles(columns: int, rows: int) -> Indices:
    """Triangles (T, 3) of a grid of vertices, row by row, counter-clockwise on the screen.

    >>> grid_triangles(2, 2).tolist()
    [[0, 2, 1], [1, 2, 3]]
    """
    index = np.arange(columns * rows, dtype=np.int32).reshape(rows, columns)
    a, b = index[:-1, :-1], index[:-1, 1:]
    c, d = index[1:, :-1], index[1:, 1:]
    pairs = np.stack([np.stack([a, c, b], -1), np.stack([b, c, d], -1)], axis=2)
    return pairs.reshape(-1, 3)


def grid(columns: int, rows: int, box_xyxy: tuple[float, float, float, float]) -> Floats:
    """Points (rows * columns, 2) of an even grid over a box, row by row."""
    left, top, right, bottom = box_xyxy
    x, y = np.meshgrid(np.linspace(left, right, columns), np.linspace(top, bottom, rows))
    return np.column_stack([x.ravel(), y.ravel()])


def join(surfaces: list[Surface]) -> Surface:
    """One surface of several."""
    starts = np.cumsum([0] + [len(one.vertices_mm) for one in surfaces[:-1]])
    return Surface(
        np.concatenate([one.vertices_mm for one in surfaces]),
        np.concatenate([one.texture for one in surfaces]),
        np.concatenate(
            [one.triangles + int(start) for one, start in zip(surfaces, starts, strict=True)]
        ).astype(np.int32),
    )


def inside(points: Floats, outline: Floats) -> npt.NDArray[np.bool_]:
    """Which points (N, 2) lie in an outline (M, 2), by the even-odd rule.

    >>> square = np.array([(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)])
    >>> inside(np.array([(1.0, 1.0), (3.0, 1.0)]), square).tolist()
    [True, False]
    """
    x, y = points[:, :1], points[:, 1:]
    before = np.roll(outline, 1, axis=0)
    straddles = (outline[:, 1] > y) != (before[:, 1] > y)  # (N, M)
    rise = before[:, 1] - outline[:, 1]
    slope = (before[:, 0] - outline[:, 0]) / np.where(rise == 0, 1.0, rise)
    left = x < outline[:, 0] + slope * (y - outline[:, 1])
    return np.asarray((straddles & left).sum(axis=1) % 2 == 1, np.bool_)


def depth_of(z_mm: Floats) -> Floats:
    """Depth 0..1 of a distance: 0 at the lens, one half at a metre, 1 far away."""
    depth: Floats = z_mm / (z_mm + DEPTH_MM)
    return depth


def screen_mesh(
    surface: Surface, camera_from_item: Floats, camera: Camera, texture_id: str
) -> ScreenMesh:
    """A surface as the camera sees it. Back faces stay: clients draw both sides."""
    points = surface.vertices_mm @ camera_from_item[:3, :3].T + camera_from_item[:3, 3]
    ahead = points[:, 2] > NEAR_MM
    safe = np.where(ahead[:, None], points, (0.0, 0.0, NEAR_MM))
    flat = project(camera, safe)
    triangles = surface.triangles[ahead[surface.triangles].all(axis=1)]
    vertices = np.column_stack([flat / camera.size_wh, depth_of(safe[:, 2])])
    return ScreenMesh(
        vertices.astype(np.float32),
        surface.texture.astype(np.float32),
        counter_clockwise(triangles, flat),
        texture_id,
    )


def counter_clockwise(triangles: Indices, points_px: Floats) -> Indices:
    """The triangles, each turned counter-clockwise as seen on the screen (y down)."""
    a, b, c = (points_px[triangles[:, corner]] for corner in range(3))
    cross = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    turned = np.where((cross > 0)[:, None], triangles[:, ::-1], triangles)
    return np.ascontiguousarray(turned, np.int32)
