"""Rotations and their vectors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pose.placement import rotation

angle = st.floats(-1.7, 1.7)


def test_no_turn_is_the_identity():
    """The zero vector turns nothing, and the identity has the zero vector."""
    assert rotation.exp((0, 0, 0)) == pytest.approx(np.eye(3))
    assert rotation.log(np.eye(3)) == pytest.approx(np.zeros(3))


@given(angle, angle, angle)
def test_log_undoes_exp(x, y, z):
    """There and back, below half a turn."""
    assert rotation.log(rotation.exp((x, y, z))) == pytest.approx([x, y, z], abs=1e-6)


@pytest.mark.parametrize("axis", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.6, 0.8, 0)])
def test_half_a_turn_has_its_axis(axis):
    """At half a turn either direction is right; its length is pi."""
    found = rotation.log(rotation.exp(np.array(axis) * math.pi))
    assert np.abs(found) == pytest.approx(np.abs(np.array(axis)) * math.pi, abs=1e-6)


@given(angle, angle, st.floats(0, 1))
def test_blending_goes_a_part_of_the_way(x, y, share):
    """A blend is as far from its start as the weight says."""
    start, end = rotation.exp((0.2, 0.1, 0)), rotation.exp((0.2, 0.1, 0)) @ rotation.exp((x, y, 0))
    whole = rotation.angle_between(start, end)
    part = rotation.angle_between(start, rotation.blend(start, end, share))
    assert part == pytest.approx(share * whole, abs=1e-5)


def test_a_frame_on_parallel_axes_does_not_exist():
    """Without a second direction there is no frame; the caller is told."""
    assert rotation.frame((1, 0, 0), (2, 0, 0)) is None
    assert rotation.frame((0, 0, 0), (0, 0, 1)) is None


def test_a_frame_has_its_axes():
    """X is kept, z is as near to the hint as a right angle allows."""
    found = rotation.frame((2, 0, 0), (0.5, 0, 1))
    assert found == pytest.approx(np.eye(3))


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_rotation_is_that_of_the_singular_values(seed):
    """Whatever the stretch, as long as it is no mirror image."""
    random = np.random.default_rng(seed)
    turned = rotation.exp(random.normal(size=3))
    stretch = random.normal(size=(3, 3))
    matrix = turned @ (stretch @ stretch.T + 0.01 * np.eye(3)) * 1e3
    np.testing.assert_allclose(rotation.nearest(matrix), turned, atol=1e-9)


def test_a_mirror_image_has_a_nearest_rotation_too():
    """The axis that says least is turned over."""
    found = rotation.nearest(np.diag([3.0, 2.0, -1.0]))
    np.testing.assert_allclose(found, np.eye(3), atol=1e-12)


@pytest.mark.parametrize("matrix", [np.zeros((3, 3)), np.diag([1.0, 0.0, 0.0])])
def test_what_is_on_a_line_has_no_nearest_rotation(matrix):
    """Nothing tells which of many it would be."""
    assert rotation.nearest(matrix) is None
