"""Hands, wrists, bodies and feet: frames that turn as the limb turns."""

from __future__ import annotations

import numpy as np
import pytest

from services.pose.placement import place, rotation
from services.pose.placement.body import completed, torso_rotation
from services.pose.placement.camera import camera_of, project
from services.pose.placement.hand import back_of_hand
from services.pose.placement.solving import translation_mm
from services.pose.placement.types import (
    BodyLandmarks,
    Handedness,
    HandLandmarks,
    Subjects,
    TryOnKind,
)
from services.pose.scorecard import synthetic
from services.pose.scorecard.synthetic import BODY_MM, HAND_MM, Noise, Pose
from tests.pose.placement.conftest import item_of

CAMERA = camera_of((1280, 720))
EXACT = Noise(0.0, 0.0, 0.0, 0.0)
RANDOM = np.random.default_rng(0)


def hand_in(turn, at=(0.0, 0.0, 500.0)) -> Subjects:
    pose = Pose(rotation.exp(turn), np.array(at))
    return Subjects(hands=(synthetic.hand_landmarks(pose, CAMERA, EXACT, RANDOM),))


def test_the_back_of_a_right_hand_faces_the_camera_in_the_model():
    """And the palm after half a turn."""
    assert back_of_hand(HAND_MM, Handedness.RIGHT)[2] < -0.9
    turned = HAND_MM @ rotation.exp((0, np.pi, 0)).T
    assert back_of_hand(turned, Handedness.RIGHT)[2] > 0.9


def test_the_mirror_of_a_right_hand_is_a_left_one():
    """Handedness decides which side is the back."""
    mirrored = HAND_MM * (-1, 1, 1)
    assert back_of_hand(mirrored, Handedness.LEFT)[2] < -0.9


def test_a_ring_sits_on_its_phalanx():
    """Between knuckle and middle joint of the ring finger."""
    subjects = hand_in((0.1, 0.2, 0.3))
    (ring,) = place([item_of(TryOnKind.RING)], subjects, CAMERA)
    knuckle, joint = subjects.hands[0].points[[13, 14], :2]
    share = (
        (np.array(ring.anchor_xy) - knuckle) @ (joint - knuckle) / ((joint - knuckle) ** 2).sum()
    )
    assert 0.4 < share < 0.8


@pytest.mark.parametrize("kind", [TryOnKind.RING, TryOnKind.WATCH, TryOnKind.BRACELET])
@pytest.mark.parametrize("turn", [(0, 0.6, 0), (0.5, 0, 0), (0, 0, 1.2), (0.2, -0.4, 2.5)])
def test_bands_turn_with_the_hand(kind, turn):
    """The item's rotation is the hand's own times a constant."""
    (rest,) = place([item_of(kind)], hand_in((0, 0, 0)), CAMERA)
    (moved,) = place([item_of(kind)], hand_in(turn), CAMERA)
    expected = rotation.exp(turn) @ rest.camera_from_item[:3, :3]
    error = rotation.angle_between(moved.camera_from_item[:3, :3], expected)
    assert np.degrees(error) < 1.0


def test_a_watch_sits_behind_the_wrist_on_the_forearm():
    """Beyond the wrist, seen from the fingers."""
    subjects = hand_in((0, 0, 0))
    (watch,) = place([item_of(TryOnKind.WATCH)], subjects, CAMERA)
    assert watch.anchor_xy[1] > subjects.hands[0].points[0, 1]


def test_three_oclock_points_to_the_elbow_on_a_right_wrist():
    """Which is how a watch on the right arm reads for its wearer."""
    (watch,) = place([item_of(TryOnKind.WATCH)], hand_in((0, 0, 0)), CAMERA)
    assert watch.camera_from_item[1, 0] > 0.9  # item x is image down: away from the fingers


def test_a_palm_shows_the_band_but_not_the_stone():
    """Around the finger the picture's edge goes on; its middle is not repeated."""
    ring = item_of(TryOnKind.RING)
    (back,) = place([ring], hand_in((0, 0, 0)), CAMERA, screen_mesh=True)
    (palm,) = place([ring], hand_in((0, np.pi, 0)), CAMERA, screen_mesh=True)

    def middle(mesh):
        used = np.unique(mesh.triangles)
        return np.abs(mesh.texture_coordinates[used, 0] - 0.5).min()

    assert middle(back.mesh) < 0.05
    assert middle(palm.mesh) > 0.2


@pytest.mark.parametrize("points", [np.zeros((21, 3)), np.full((21, 3), np.nan)])
def test_a_broken_hand_gives_nothing(points):
    """All in one place, or not numbers."""
    hand = HandLandmarks(points, Handedness.LEFT, points)
    assert place([item_of(TryOnKind.RING)], Subjects(hands=(hand,)), CAMERA) == []


def test_translation_is_found_from_shape_and_pixels():
    """There and back: project a shape, find where it stands."""
    moved = np.array([50.0, -30.0, 800.0])
    pixels = project(CAMERA, HAND_MM + moved)
    found = translation_mm(HAND_MM, pixels, np.ones(21), CAMERA)
    assert found == pytest.approx(moved, abs=1e-6)


def test_a_shape_behind_the_camera_has_no_translation():
    """A point reflection looks alike and is refused."""
    pixels = project(CAMERA, HAND_MM + np.array([0, 0, 800.0]))
    turned = 2 * np.array(CAMERA.center_xy_px) - pixels
    assert translation_mm(HAND_MM, turned, np.ones(21), CAMERA) is None


def test_the_torso_of_someone_who_faces_the_camera_is_not_turned():
    """X to the person's left, y down, z backwards."""
    assert torso_rotation(BODY_MM) == pytest.approx(np.eye(3), abs=0.02)


def test_a_top_goes_from_shoulder_to_shoulder():
    """Its shoulder points lie outside and above the joints, level with them."""
    pose = Pose(np.eye(3), np.array([0.0, 200.0, 2500.0]))
    body = synthetic.body_landmarks(pose, CAMERA, EXACT, RANDOM)
    (top,) = place([item_of(TryOnKind.TOP)], Subjects(bodies=(body,)), CAMERA)
    left, right = top.image_points[:2]
    assert left[0] < body.points[12, 0] < body.points[11, 0] < right[0]
    assert left[1] == pytest.approx(right[1], abs=1e-6)
    assert left[1] < body.points[12, 1]


def test_a_raised_arm_takes_its_sleeve_along():
    """The cuff is on the arm, wherever that is."""
    pose = Pose(np.eye(3), np.array([0.0, 200.0, 2500.0]))
    body = synthetic.body_landmarks(pose, CAMERA, EXACT, RANDOM)
    points, world = body.points.copy(), body.world_points_mm.copy()
    for joint, up in ((14, 250.0), (16, 500.0)):
        world[joint] = world[12] + (-up * 0.3, -up, 0)
        points[joint, :2] = points[12, :2] + np.array([-0.3, -1.0]) * up / 2500 * (
            np.array(CAMERA.focal_xy_px) / CAMERA.size_wh
        )
    (down,) = place([item_of(TryOnKind.TOP)], Subjects(bodies=(body,)), CAMERA)
    raised_body = BodyLandmarks(points, world)
    (raised,) = place([item_of(TryOnKind.TOP)], Subjects(bodies=(raised_body,)), CAMERA)
    cuff = down.item_points[:, 0].argmin()
    assert raised.image_points[cuff, 1] < down.image_points[cuff, 1] - 0.05


def test_unseen_legs_are_continued_straight():
    """A portrait's guesses for knees do not bend a dress."""
    pixels = BODY_MM[:, :2].copy()
    pixels[25:29] = 9999.0
    seen = np.ones(33)
    seen[25:] = 0.0
    full = completed(pixels, seen)
    assert full[25, 1] > full[23, 1]
    assert abs(full[25, 0] - full[23, 0]) < 20


def test_a_body_with_unseen_shoulders_gives_no_top():
    """Feet alone carry no shirt."""
    pose = Pose(np.eye(3), np.array([0.0, 200.0, 2500.0]))
    body = synthetic.body_landmarks(pose, CAMERA, EXACT, RANDOM)
    points = body.points.copy()
    points[[11, 12], 3] = 0.1
    hidden = BodyLandmarks(points, body.world_points_mm)
    assert place([item_of(TryOnKind.TOP)], Subjects(bodies=(hidden,)), CAMERA) == []


def test_shoes_stand_on_both_feet():
    """Two shoes, each from heel to toe."""
    pose = Pose(np.eye(3), np.array([0.0, 0.0, 3000.0]))
    body = synthetic.body_landmarks(pose, CAMERA, EXACT, RANDOM)
    (shoes,) = place([item_of(TryOnKind.SHOES)], Subjects(bodies=(body,)), CAMERA)
    assert shoes.image_points == pytest.approx(body.points[[29, 31, 30, 32], :2], abs=1e-6)


def feet_with(index: int, shift_mm: float, visibility: float = 1.0) -> BodyLandmarks:
    """A standing body whose landmark lies ``shift_mm`` beside where it is."""
    pose = Pose(np.eye(3), np.array([0.0, 0.0, 3000.0]))
    body = synthetic.body_landmarks(pose, CAMERA, EXACT, RANDOM)
    points, world = body.points.copy(), body.world_points_mm.copy()
    points[index, 0] += shift_mm / 3000.0 * CAMERA.focal_xy_px[0] / CAMERA.size_wh[0]
    points[[25, 26], 3] = visibility
    world[index, 0] += shift_mm
    return BodyLandmarks(points, world)


def turn_of_shoe(body: BodyLandmarks) -> np.ndarray:
    (shoes,) = place([item_of(TryOnKind.SHOES)], Subjects(bodies=(body,)), CAMERA)
    return shoes.camera_from_item[:3, :3]


def test_an_ankle_a_little_aside_does_not_tip_the_shoe():
    """An ankle is as near to the heel as landmarks err; the knee says where the sole lies."""
    turned = rotation.angle_between(
        turn_of_shoe(feet_with(27, 14.0)), turn_of_shoe(feet_with(27, 0.0))
    )
    assert np.degrees(turned) < 0.5


def test_without_knees_the_ankle_says_where_the_sole_lies():
    """A picture of feet alone still has shoes with their soles down."""
    for visibility in (1.0, 0.0):
        down = turn_of_shoe(feet_with(27, 0.0, visibility))[:, 1]
        assert down[1] > 0.9
