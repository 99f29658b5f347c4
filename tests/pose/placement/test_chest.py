"""A chest under its head: seen, guessed, and followed though its landmarks err."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from services.pose.placement import rotation
from services.pose.placement.camera import Camera, project
from services.pose.placement.chest import (
    PIVOT_MM,
    hanging,
    middle_mm,
    neck_base_mm,
    see_chest,
    seen_ray,
)
from services.pose.placement.chest_following import ChestFilter
from services.pose.placement.frame import frame_of
from services.pose.placement.rig import Chest
from services.pose.placement.types import BodyLandmarks, Subjects
from services.pose.scorecard import motions
from services.pose.scorecard.synthetic import Noise, Pose, face_landmarks, wearer_landmarks
from tests.pose.placement.conftest import EXACT

STEP_S = 1 / 30
STRAIGHT = motions.upright()(0.0)
TURNED = Pose(rotation.exp((0.1, 0.5, 0.1)), np.array([40.0, -30.0, 620.0]))


def wearer(
    camera: Camera, head: Pose, chest: Pose | None = None, noise: Noise = EXACT, seed: int = 0
) -> Subjects:
    """A face and the body under it."""
    random = np.random.default_rng(seed)
    face = face_landmarks(head, 1.0, camera, noise, random)
    body = wearer_landmarks(chest or head, head, 1.0, camera, noise, random)
    return Subjects(faces=(face,), bodies=(body,))


def seen(camera: Camera, subjects: Subjects) -> tuple[Chest, np.ndarray, np.ndarray]:
    """A chest, the pivot of head and neck above it, the head's rotation."""
    frame = frame_of(subjects, camera)
    (head,) = frame.heads
    assert head is not None
    return see_chest(head, frame), head.to_camera(PIVOT_MM), head.rotation


def on_torso(pose: Pose, base_mm: np.ndarray) -> np.ndarray:
    """A point in the axes of the head that sits straight on a chest."""
    return pose.rotation.T @ (base_mm - pose.translation_mm)


def followed(camera: Camera, subjects: list[Subjects]) -> list[np.ndarray]:
    """Where a necklace hangs in each frame, in pixels."""
    filter_, places = ChestFilter(), []
    for one in subjects:
        chest, pivot, turned = seen(camera, one)
        believed = filter_.update(chest, pivot, turned, STEP_S)
        places.append(project(camera, neck_base_mm(believed, pivot)))
    return places


@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (0.1, 0.6, -0.2)])
def test_where_shoulders_are_and_where_they_are_seen_are_inverse(turn):
    """There and back is the identity, turned or not."""
    turned, pivot, ray = rotation.exp(turn), np.array([10.0, 20.0, 600.0]), np.array([0.1, 0.3])
    middle = middle_mm(ray, turned, 350.0, pivot)
    assert seen_ray(middle, turned, 350.0) == pytest.approx(ray, abs=1e-12)


def test_the_necks_base_is_the_same_place_of_a_turned_wearer(camera):
    """Turned by 30 degrees and farther away: within two millimetres."""
    places = []
    for pose in (STRAIGHT, TURNED):
        chest, pivot, _ = seen(camera, wearer(camera, pose))
        assert chest.is_seen
        places.append(on_torso(pose, neck_base_mm(chest, pivot)))
    assert places[0] == pytest.approx(places[1], abs=2.0)


def test_a_chest_that_is_not_seen_is_guessed_below_the_chin(camera):
    """No body at all, or shoulders that the model does not believe in."""
    subjects = wearer(camera, STRAIGHT)
    hidden = subjects.bodies[0].points.copy()
    hidden[11, 3] = 0.2
    body = BodyLandmarks(hidden, subjects.bodies[0].world_points_mm)
    for bodies in ((), (body,)):
        chest, pivot, _ = seen(camera, Subjects(faces=subjects.faces, bodies=bodies))
        assert not chest.is_seen
        chin_px = subjects.faces[0].points[152, 1] * 720
        assert project(camera, neck_base_mm(chest, pivot))[1] > chin_px


def test_what_hangs_turns_less_than_the_chest():
    """A chest turned by 0.4 radians carries a necklace turned by half of that."""
    chest = Chest(np.zeros(2), np.array([0.0, 0.4, 0.0]), 350.0, np.zeros(3), True)
    still = replace(chest, turn=np.zeros(3))
    assert rotation.angle_between(hanging(still), hanging(chest)) == pytest.approx(0.2, abs=0.01)


def test_at_rest_the_error_falls_as_the_root_of_the_frames(camera):
    """After 100 noisy frames a tenth of one frame's is left: here at most twice that."""
    frames = [wearer(camera, STRAIGHT, noise=Noise(), seed=k) for k in range(100)]
    (true,) = followed(camera, [wearer(camera, STRAIGHT)])
    single = [np.hypot(*(followed(camera, [one])[0] - true)) for one in frames]
    assert np.hypot(*(followed(camera, frames)[-1] - true)) < 0.2 * np.sqrt(
        np.mean(np.square(single))
    )


@pytest.mark.parametrize("motion", [motions.looking_around(), motions.leaning()])
def test_a_head_that_moves_by_itself_leaves_the_necklace_alone(camera, motion):
    """Turned by 30 degrees or leaning by 12: 4 percent of the face's width until that is clear."""
    frames = [wearer(camera, motion(k * STEP_S), STRAIGHT) for k in range(90)]
    (true,) = followed(camera, [wearer(camera, STRAIGHT)])
    face_px = 155.0 / 520 * camera.focal_xy_px[0]
    errors = [np.hypot(*(place - true)) for place in followed(camera, frames)]
    assert max(errors) < 0.04 * face_px
    assert max(errors[60:]) < 0.005 * face_px


def test_a_chest_that_moves_by_itself_is_followed_within_a_second_and_a_half(camera):
    """The head stays; 26 mm aside are made up for but for a fifth, noise and all."""
    motion = motions.shifting(at_s=2.0)
    poses = [motion(k * STEP_S) for k in range(120)]
    frames = [wearer(camera, STRAIGHT, pose, Noise(), k) for k, pose in enumerate(poses)]
    before, after = (followed(camera, [wearer(camera, STRAIGHT, pose)])[0] for pose in poses[::119])
    places = followed(camera, frames)
    moved = np.hypot(*(after - before))
    assert np.hypot(*(np.mean(places[105:], axis=0) - after)) < 0.2 * moved
    assert np.hypot(*(places[59] - before)) < 0.3 * moved


def test_shoulders_that_get_hidden_go_on_with_the_head(camera):
    """A hand before them, or the picture's edge: the necklace neither jumps nor stays behind."""
    motion = motions.swaying()
    frames = [wearer(camera, motion(k * STEP_S)) for k in range(60)]
    hidden = [Subjects(faces=one.faces) if k >= 40 else one for k, one in enumerate(frames)]
    apart = np.array(followed(camera, hidden)) - np.array(followed(camera, frames))
    assert np.hypot(*apart.T).max() < 0.02 * 155.0 / 520 * camera.focal_xy_px[0]


def test_shoulders_that_come_into_view_replace_the_guess(camera):
    """What was guessed below the chin is worth nothing from then on."""
    subjects = wearer(camera, STRAIGHT)
    guessed = [Subjects(faces=subjects.faces)] * 30
    (true,) = followed(camera, [subjects])
    assert followed(camera, [*guessed, subjects])[-1] == pytest.approx(true, abs=0.5)


def test_a_body_that_is_seen_beside_its_face_is_put_right(camera):
    """All landmarks of a body late by 4 percent of the face's width: hardly any of it is left."""
    subjects = wearer(camera, STRAIGHT)
    (body,) = subjects.bodies
    late = body.points.copy()
    late[:, 0] += 0.04 * 155.0 / 520 * camera.focal_xy_px[0] / 1280
    moved = Subjects(subjects.faces, (), (BodyLandmarks(late, body.world_points_mm),))
    frames = [subjects] * 60 + [moved] * 20
    places = np.array(followed(camera, frames))
    raw = followed(camera, [moved])[0] - places[0]
    assert np.hypot(*(places[-1] - places[0])) < 0.3 * np.hypot(*raw)


def test_shoulders_that_seem_to_reach_the_lens_stay_where_a_chest_can_be():
    """Turned all the way before a near camera, one joint would lie at its lens, or behind it."""
    pivot, turned = np.array([0.0, 70.0, 130.0]), rotation.exp((0.0, np.pi / 2, 0.0))
    for breadth_mm in (340.0, 349.9, 350.0, 420.0):
        middle = middle_mm(np.array([0.3, 0.9]), turned, breadth_mm, pivot)
        ray = seen_ray(middle, turned, breadth_mm)
        assert np.abs(ray).max() < 3
        np.testing.assert_allclose(ray, (0.3, 0.9), atol=1e-6)
