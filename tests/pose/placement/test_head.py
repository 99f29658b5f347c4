"""The head's pose is found from landmarks, for a real perspective camera."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pose.placement import rotation
from services.pose.placement.camera import camera_of
from services.pose.placement.head import Seats, estimate_head
from services.pose.placement.types import FaceLandmarks
from services.pose.scorecard.synthetic import Noise, Pose, face_landmarks

CAMERA = camera_of((1280, 720))
EXACT = Noise(0.0, 0.0, 0.0, 0.0)


def seen(pose: Pose, noise: Noise = EXACT, seed: int = 0) -> FaceLandmarks:
    return face_landmarks(pose, 1.0, CAMERA, noise, np.random.default_rng(seed))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_give_no_head(value):
    """NaN and infinity are refused, not passed on."""
    points = seen(Pose(np.eye(3), np.array([0.0, 0.0, 500.0]))).points.copy()
    points[100, 0] = value
    assert estimate_head(FaceLandmarks(points), CAMERA) is None


def test_points_all_in_one_place_give_no_head():
    """A degenerate face has no pose."""
    assert estimate_head(FaceLandmarks(np.full((478, 3), 0.5)), CAMERA) is None


def test_points_on_one_line_give_no_head_or_a_finite_one():
    """A face seen as a line does not break the arithmetic."""
    points = np.zeros((478, 3))
    points[:, 0] = np.linspace(0.2, 0.8, 478)
    head = estimate_head(FaceLandmarks(points), CAMERA)
    assert head is None or np.isfinite(head.translation_mm).all()


@settings(max_examples=40, deadline=None)
@given(
    yaw=st.floats(-0.9, 0.9),
    pitch=st.floats(-0.5, 0.5),
    roll=st.floats(-3.0, 3.0),
    x=st.floats(-120, 120),
    z=st.floats(300, 1500),
)
def test_projecting_and_estimating_is_the_identity(yaw, pitch, roll, x, z):
    """There and back: a pose that is projected is found again."""
    turned = rotation.exp((0, 0, roll)) @ rotation.exp((0, yaw, 0)) @ rotation.exp((pitch, 0, 0))
    pose = Pose(turned, np.array([x, 20.0, z]))
    head = estimate_head(seen(pose), CAMERA)
    assert np.degrees(rotation.angle_between(head.rotation, pose.rotation)) < 0.5
    assert head.translation_mm == pytest.approx(pose.translation_mm, abs=0.004 * z)


def test_noise_of_the_landmarks_is_averaged():
    """Points that err by 0.4 percent of the face leave a pose within two degrees."""
    pose = Pose(rotation.exp((0.1, 0.3, 0.0)), np.array([0.0, 0.0, 500.0]))
    errors = [
        rotation.angle_between(
            estimate_head(seen(pose, Noise(), seed), CAMERA).rotation, pose.rotation
        )
        for seed in range(20)
    ]
    assert np.degrees(np.mean(errors)) < 1.5


def test_a_seated_point_follows_the_landmarks_around_it():
    """A face that differs from the model carries its glasses where its own nose is."""
    pose = Pose(np.eye(3), np.array([0.0, 0.0, 500.0]))
    points = seen(pose).points.copy()
    near = (168, 6, 8)
    points[list(near), 1] += 0.01
    head = estimate_head(FaceLandmarks(points), CAMERA)
    plain = estimate_head(seen(pose), CAMERA)
    seats = Seats.of([(0.0, -32.7, -52.4), (0.0, 80.0, -40.0)], [near, (152,)])
    moved = head.seat(seats, CAMERA) - plain.seat(seats, CAMERA)
    assert moved[1] == pytest.approx(0.0, abs=1.0)
    assert moved[0, 1] == pytest.approx(0.01 * 720 / CAMERA.focal_xy_px[1] * 450, rel=0.1)


@pytest.mark.parametrize(
    ("turn", "expected"),
    [((0, -0.3, 0), (17.19, 0, 0)), ((0.3, 0, 0), (0, 17.19, 0)), ((0, 0, 0.3), (0, 0, 17.19))],
)
def test_angles_have_names_a_person_understands(turn, expected):
    """Yaw to the image's right, pitch down, roll clockwise are positive."""
    found = rotation.yaw_pitch_roll_deg(rotation.exp(turn))
    assert found == pytest.approx(expected, abs=0.01)
