"""Hair by its colour, hands and arms by their joints and their own colours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.pose.placement.camera import camera_of
from services.pose.placement.canonical_face import FACE_OVAL
from services.pose.placement.head import Head, estimate_head
from services.pose.placement.types import Handedness, HandLandmarks, TryOnKind
from services.pose.rendering.hair import hair_mask
from services.pose.rendering.limbs import bare_arm, cover_hand
from services.pose.scorecard import synthetic
from services.pose.scorecard.synthetic import Noise, Pose

CAMERA = camera_of((400, 400))
EXACT = Noise(0.0, 0.0, 0.0, 0.0)
SKIN, BROWN, GROUND = (205, 160, 140), (70, 45, 30), (150, 170, 190)


def head_at(z=700.0) -> Head:
    face = synthetic.face_landmarks(
        Pose(np.eye(3), np.array([0.0, 20.0, z])), 1.0, CAMERA, EXACT, np.random.default_rng(0)
    )
    head = estimate_head(face, CAMERA)
    assert head is not None
    return head


def portrait(head: Head, hair) -> np.ndarray:
    """A face of skin, hair around its upper half, on a plain ground."""
    image = np.full((400, 400, 3), GROUND, np.uint8)
    oval = head.points_px[list(FACE_OVAL)]
    middle = oval.mean(axis=0)
    if hair is not None:
        around = (middle + (oval - middle) * 1.5).astype(np.int32)
        cv2.fillPoly(image, [around], hair)
        image[int(middle[1]) + 20 :] = GROUND
    cv2.fillPoly(image, [oval.astype(np.int32)], SKIN)
    noise = np.random.default_rng(0).normal(size=image.shape) * 3
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def test_hair_beside_the_face_is_found_and_the_face_is_not():
    """Brown around skin."""
    head = head_at()
    mask = hair_mask(TryOnKind.GLASSES, head, portrait(head, BROWN))
    oval = head.points_px[list(FACE_OVAL)]
    middle = oval.mean(axis=0)
    above = middle + (head.points_px[10] - middle) * 1.25
    assert mask[int(above[1]), int(above[0])] > 200
    assert mask[int(middle[1]), int(middle[0])] == 0
    assert mask[5, 5] == 0


def test_a_bald_head_has_no_hair():
    """Where only skin and ground are, nothing is claimed near the face."""
    head = head_at()
    mask = hair_mask(TryOnKind.GLASSES, head, portrait(head, SKIN))
    assert (mask > 0).mean() < 0.01


@pytest.mark.parametrize("z", [700.0, 3500.0])
def test_any_size_gives_a_mask_of_the_picture_size(z):
    """Also a head of a dozen pixels, which has no hair to speak of."""
    head = head_at(z)
    mask = hair_mask(TryOnKind.EARRINGS, head, portrait(head, BROWN))
    assert mask.shape == (400, 400)
    assert mask.dtype == np.uint8


def hand() -> HandLandmarks:
    pose = Pose(np.eye(3), np.array([0.0, 60.0, 500.0]))
    return synthetic.hand_landmarks(pose, CAMERA, EXACT, np.random.default_rng(0))


def test_a_hand_is_covered_without_the_background_between_its_fingers():
    """The capsules are trimmed to the hand's own colours."""
    image = np.full((400, 400, 3), GROUND, np.uint8)
    pixels = (hand().points[:, :2] * 400).astype(np.int32)
    for line in ((0, 5, 6, 7, 8), (0, 9, 10, 11, 12), (0, 13, 14, 15, 16), (0, 17, 18, 19, 20)):
        cv2.polylines(image, [pixels[list(line)]], False, SKIN, 14)
    mask = np.zeros((400, 400), np.uint8)
    cover_hand(mask, hand(), image)
    assert mask[pixels[10][1], pixels[10][0]] == 255
    skin = (image == SKIN).all(axis=-1)
    assert (mask[~skin] > 0).sum() < 0.2 * (mask > 0).sum()


def test_a_hand_outside_the_picture_covers_nothing():
    """And does not break."""
    away = HandLandmarks(hand().points + 5.0, Handedness.RIGHT, hand().world_points_mm)
    mask = np.zeros((400, 400), np.uint8)
    cover_hand(mask, away, np.full((400, 400, 3), 100, np.uint8))
    assert mask.max() == 0


ARM = np.array([(0.0, 0.0), (0.0, 100.0), (0.0, 200.0)])


def test_an_arm_without_a_sleeve_is_bare_from_near_its_shoulder():
    """A strap leaves the whole arm."""
    bare = bare_arm(ARM, np.array([(300.0, 0.0)]))
    assert bare.tolist() == [[0, 35], [0, 100], [0, 200]]


@pytest.mark.parametrize(("cuff", "start"), [(60.0, 60.0), (150.0, 150.0)])
def test_a_sleeve_covers_as_far_as_its_cuff(cuff, start):
    """Short sleeves end above the elbow, long ones below."""
    bare = bare_arm(ARM, np.array([(3.0, cuff), (2.0, 20.0)]))
    assert bare[0].tolist() == [0.0, start]
    assert bare[-1].tolist() == [0.0, 200.0]


def test_a_sleeve_to_the_wrist_leaves_nothing():
    """The hand is another matter."""
    assert len(bare_arm(ARM, np.array([(0.0, 200.0)]))) == 0
