"""Warps and triangles."""

from __future__ import annotations

import numpy as np
import pytest

from services.pose.placement.camera import camera_of
from services.pose.placement.mesh import (
    Surface,
    depth_of,
    grid,
    grid_triangles,
    inside,
    join,
    screen_mesh,
)
from services.pose.placement.warp import warp

SQUARE = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])


def test_no_points_stay_no_points():
    """The empty case."""
    assert warp(np.zeros((0, 2)), SQUARE, SQUARE).shape == (0, 2)


def test_equal_controls_and_targets_change_nothing():
    """The identity."""
    points = np.random.default_rng(0).uniform(-1, 2, (40, 2))
    assert warp(points, SQUARE, SQUARE) == pytest.approx(points)


def test_a_similarity_is_reproduced_everywhere():
    """Turn, grow and shift of the controls is turn, growth and shift of all."""
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    points = np.random.default_rng(0).uniform(-1, 2, (40, 2))
    expected = 3 * points @ turn.T + (5, 7)
    assert warp(points, SQUARE, 3 * SQUARE @ turn.T + (5, 7)) == pytest.approx(expected)


def test_controls_go_exactly_to_their_targets():
    """A cuff is where the wrist is."""
    targets = SQUARE + np.random.default_rng(1).normal(size=(4, 2)) * 0.2
    assert warp(SQUARE, SQUARE, targets) == pytest.approx(targets, abs=1e-6)


def test_there_and_back_is_nearly_the_identity():
    """A gentle warp can be undone by its opposite."""
    targets = SQUARE + np.array([(0.05, 0), (0, 0.05), (-0.05, 0), (0, 0.0)])
    points = grid(5, 5, (0.1, 0.1, 0.9, 0.9))
    back = warp(warp(points, SQUARE, targets), targets, SQUARE)
    assert np.abs(back - points).max() < 0.02


def test_triangles_of_a_grid_cover_it_once():
    """Their areas add up to the grid's."""
    points, triangles = grid(4, 3, (0, 0, 3, 2)), grid_triangles(4, 3)
    a, b, c = (points[triangles[:, k]] for k in range(3))
    areas = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    assert areas == pytest.approx(np.full(12, -1.0))


def test_joined_surfaces_keep_their_own_triangles():
    """Indices move with their vertices."""
    one = Surface(np.zeros((4, 3)), np.zeros((4, 2)), grid_triangles(2, 2))
    both = join([one, one])
    assert len(both.vertices_mm) == 8
    assert both.triangles.tolist() == [[0, 2, 1], [1, 2, 3], [4, 6, 5], [5, 6, 7]]


def test_what_is_behind_the_lens_is_not_drawn():
    """Triangles through the camera have no place on the screen."""
    surface = Surface(
        np.array([(0, 0, 0), (0, 9, 0), (9, 0, 0), (9, 9, -900.0)]), np.zeros((4, 2)),
        grid_triangles(2, 2),
    )  # fmt: skip
    matrix = np.eye(4)
    matrix[2, 3] = 500.0
    mesh = screen_mesh(surface, matrix, camera_of((640, 480)), "")
    assert len(mesh.triangles) == 1
    assert np.isfinite(mesh.vertices).all()


def test_depth_grows_with_distance_from_0_to_1():
    """Half at a metre, the same for all meshes."""
    depth = depth_of(np.array([0.0, 500.0, 1000.0, 1e9]))
    assert (np.diff(depth) > 0).all()
    assert depth[2] == pytest.approx(0.5)
    assert depth[3] < 1


def test_points_in_an_outline_are_told_from_those_outside():
    """Also for an outline that is not convex."""
    horseshoe = np.array([(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)], float)
    found = inside(np.array([(0.5, 2), (1.5, 2), (2.5, 2), (1.5, 0.5), (5, 5)]), horseshoe)
    assert found.tolist() == [True, False, True, True, False]
