"""Masks over the frames of a stream: what hides a product, steadily, on its own frame."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from services.pose.placement import PlacementTracker, rotation
from services.pose.placement.camera import camera_of
from services.pose.placement.canonical_face import FACE_OVAL
from services.pose.placement.types import (
    HandLandmarks,
    Placement,
    Subjects,
    TrackingState,
    TryOnKind,
)
from services.pose.rendering.hair import NEVER_HAIR
from services.pose.rendering.live_masks import LiveMasks
from services.pose.scorecard import synthetic
from services.pose.scorecard.synthetic import Noise, Pose
from tests.long_hair import noisy
from tests.pose.placement.conftest import item_of

CAMERA = camera_of((640, 480))
EXACT = Noise(0.0, 0.0, 0.0, 0.0)
SKIN, BROWN, GROUND = (205, 160, 140), (70, 45, 30), (150, 170, 190)
FRAME_US = 40_000
GLASSES = item_of(TryOnKind.GLASSES)


def turned_head(yaw_deg: float = 0.0, x_mm: float = 0.0) -> Subjects:
    """One face at arm's length, turned to a side."""
    pose = Pose(rotation.exp((0.0, math.radians(yaw_deg), 0.0)), np.array([x_mm, -20.0, 600.0]))
    random = np.random.default_rng(0)
    return Subjects(faces=(synthetic.face_landmarks(pose, 1.0, CAMERA, EXACT, random),))


def portrait(subjects: Subjects, hair: tuple[int, int, int] = BROWN, down: float = 1.6):
    """Hair over temples and ears, reaching so many half faces below the face's middle."""
    image = np.full((480, 640, 3), GROUND, np.uint8)
    oval = subjects.faces[0].points[list(FACE_OVAL), :2] * (640, 480)
    middle = oval.mean(axis=0)
    around = middle + (oval - middle) * (2.2, 1.6)
    cv2.fillPoly(image, [around.astype(np.int32)], hair)
    image[int(middle[1] + down * np.ptp(oval[:, 1]) / 2) :] = GROUND
    outline = oval if down < 1 else subjects.faces[0].points[list(NEVER_HAIR), :2] * (640, 480)
    cv2.fillPoly(image, [outline.astype(np.int32)], SKIN)
    return noisy(image, 0, 3.0)


class Live:
    """A stream's placements with their masks, one frame after the other."""

    def __init__(self, item=GLASSES, *, mirrored: bool = False) -> None:
        self.tracker = PlacementTracker((item,), screen_mesh=True, mirrored=mirrored)
        self.masks = LiveMasks((item,))
        self.time_us = 0

    def frame(self, subjects: Subjects, image: np.ndarray, after_us: int = FRAME_US) -> Placement:
        """The first placement of the next frame."""
        self.time_us += after_us
        placed = self.tracker.update(subjects, CAMERA, self.time_us)
        return self.masks.add(placed, image, subjects, CAMERA, self.time_us)[0]


def at(placement: Placement, points_px: Iterable[np.ndarray]) -> list[int]:
    """The mask at pixels of the picture."""
    mask = placement.mesh.mask
    assert mask.shape == (192, 256)
    return [int(mask[int(y * 0.4), int(x * 0.4)]) for x, y in points_px]


def seen_arm(placement: Placement) -> list[np.ndarray]:
    """Pixels along the arm of glasses that is in view, from behind the hinge to the ear."""
    points = placement.mesh.vertices[:, :2] * (640, 480)
    arms = [points[65 + 30 * side : 80 + 30 * side] for side in (0, 1)]  # their upper edges
    arm = max(arms, key=lambda one: float(np.ptp(one[:, 0])))
    return list(arm[[8, 10, 12]])


def hidden(placement: Placement) -> float:
    """How much of the whole mask hides, in pixels of it."""
    mask = placement.mesh.mask
    return 0.0 if mask is None else float((255 - mask.astype(float)).sum() / 255)


def test_no_placements_need_no_mask():
    """Nobody there: nothing to say."""
    assert (
        LiveMasks((GLASSES,)).add([], np.zeros((48, 64, 3), np.uint8), Subjects(), CAMERA, 0) == []
    )


def test_a_placement_without_a_mesh_stays_as_it_is():
    """Where meshes were not asked for, nothing is added."""
    subjects = turned_head()
    placed = PlacementTracker((GLASSES,)).update(subjects, CAMERA, 1)
    masks = LiveMasks((GLASSES,))
    assert masks.add(placed, portrait(subjects), subjects, CAMERA, 1) == placed


@pytest.mark.parametrize("yaw_deg", [-35.0, 35.0])
def test_the_arm_goes_behind_long_hair_and_the_front_stays(yaw_deg):
    """On the side that a turned head shows; the bridge and the eyes are before everything."""
    subjects = turned_head(yaw_deg)
    placement = Live().frame(subjects, portrait(subjects))
    bridge, eye = (subjects.faces[0].points[index, :2] * (640, 480) for index in (168, 468))
    assert max(at(placement, seen_arm(placement))) < 60
    assert min(at(placement, [bridge, eye])) == 255


def test_the_front_of_glasses_is_before_the_hair_that_it_reaches_over():
    """Its ends stand out from the temples, also where hair is behind them."""
    subjects = turned_head()
    placement = Live().frame(subjects, portrait(subjects))
    outline = placement.mesh.vertices[:65, :2] * (640, 480)
    assert hidden(placement) > 100
    assert min(at(placement, outline)) > 225


def test_the_arm_lies_over_short_hair():
    """Hair that ends above the jaw hides nothing, so there is no mask."""
    subjects = turned_head(35.0)
    assert Live().frame(subjects, portrait(subjects, down=0.2)).mesh.mask is None


def test_a_bald_head_hides_nothing():
    """No mask at all."""
    subjects = turned_head(35.0)
    assert Live().frame(subjects, portrait(subjects, hair=SKIN)).mesh.mask is None


@pytest.mark.parametrize("size_wh", [(320, 240), (640, 480), (1280, 960)])
def test_the_size_of_the_decoded_frame_does_not_matter(size_wh):
    """A near face is looked at in half the size: the mask belongs to the camera's picture."""
    subjects = turned_head(35.0)
    image = cv2.resize(portrait(subjects), size_wh, interpolation=cv2.INTER_AREA)
    placement = Live().frame(subjects, image)
    assert max(at(placement, seen_arm(placement))) < 60


def test_the_same_frames_give_the_same_masks():
    """Replay is exact."""
    frames = [(turned_head(30.0 + i, i), noisy(portrait(turned_head(30.0)), i)) for i in range(6)]
    first, second = ([Live.frame(live, *one) for one in frames] for live in (Live(), Live()))
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.mesh.mask, other.mesh.mask)


def test_at_rest_a_mask_does_not_flicker():
    """A camera's noise changes hardly a pixel from frame to frame."""
    subjects = turned_head(35.0)
    image, live = portrait(subjects), Live()
    masks = [live.frame(subjects, noisy(image, 1 + i, 6.0)).mesh.mask for i in range(25)]
    steps = np.abs(np.diff(np.array(masks[10:], float) / 255, axis=0))
    assert steps.mean(axis=(1, 2)).max() < 0.0005
    assert steps.max() < 0.35


def test_one_odd_frame_does_not_uncover_the_arm():
    """Hair that is short in a single frame was misread: the arm stays behind it."""
    subjects, live = turned_head(35.0), Live()
    for _ in range(10):
        before = live.frame(subjects, portrait(subjects))
    odd = live.frame(subjects, portrait(subjects, down=0.2))
    assert hidden(odd) > 0.6 * hidden(before)


def test_hair_that_was_tied_up_lets_the_arm_appear():
    """Within a second."""
    subjects, live = turned_head(35.0), Live()
    for _ in range(10):
        live.frame(subjects, portrait(subjects))
    for _ in range(25):
        after = live.frame(subjects, portrait(subjects, down=0.2))
    assert hidden(after) < 5


def test_after_a_gap_all_is_learnt_anew():
    """What was seen a second ago says nothing."""
    subjects, live = turned_head(35.0), Live()
    for _ in range(10):
        live.frame(subjects, portrait(subjects))
    after = live.frame(subjects, portrait(subjects, hair=SKIN), after_us=1_000_000)
    assert after.mesh.mask is None


def test_a_held_product_keeps_its_mask_and_a_lost_one_has_none():
    """While nobody is seen the picture of before stands; then it is not drawn."""
    subjects, live = turned_head(35.0), Live()
    image = portrait(subjects)
    seen = live.frame(subjects, image)
    held = live.frame(Subjects(), image)
    lost = live.frame(Subjects(), image, after_us=500_000)
    assert (held.state, lost.state) == (TrackingState.HELD, TrackingState.LOST)
    assert np.array_equal(held.mesh.mask, seen.mesh.mask)
    assert lost.mesh.mask is None


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_held_product_keeps_its_own_mask_where_somebody_else_takes_its_place(mirrored):
    """Who is left becomes the first of the faces: the mask of who went stays that person's."""
    both = turned_head(35.0, x_mm=-130.0), turned_head(35.0, x_mm=130.0)
    alone, image = both[1], np.maximum(*(portrait(one, hair=SKIN) for one in both))
    left = portrait(both[0])
    image[:, :320] = left[:, :320]
    live = Live(mirrored=mirrored)
    for _ in range(5):
        seen = live.frame(Subjects(faces=both[0].faces + alone.faces), image)
    live.time_us += FRAME_US
    placed = live.tracker.update(alone, CAMERA, live.time_us)
    _, held = live.masks.add(placed, image, alone, CAMERA, live.time_us)
    assert held.state is TrackingState.HELD
    assert seen.mesh.mask is not None
    assert np.array_equal(held.mesh.mask, seen.mesh.mask)


def test_whose_number_changes_has_the_hair_that_was_learnt_of_that_head():
    """The order of faces is the detector's: one frame that shows no hair uncovers no arm."""
    left, right = turned_head(35.0, x_mm=-130.0), turned_head(35.0, x_mm=130.0)
    image = portrait(left)
    image[:, 320:] = portrait(right)[:, 320:]
    live = Live()
    for _ in range(10):
        seen = live.frame(Subjects(faces=left.faces + right.faces), image)
    odd = portrait(left, hair=GROUND)
    odd[:, 320:] = portrait(right, hair=GROUND)[:, 320:]
    live.time_us += FRAME_US
    swapped = Subjects(faces=right.faces + left.faces)
    placed = live.tracker.update(swapped, CAMERA, live.time_us)
    _, same = live.masks.add(placed, odd, swapped, CAMERA, live.time_us)
    assert hidden(same) > hidden(seen) / 2


def test_a_mirrored_stream_has_its_masks_where_its_picture_has_hair():
    """The same face in a mirror image: its mask hides the arm that is drawn there."""
    subjects = turned_head(35.0)
    placement = Live(mirrored=True).frame(subjects, portrait(subjects))
    plain = Live().frame(subjects, portrait(subjects))
    assert max(at(placement, seen_arm(placement))) < 60
    assert np.abs(placement.mesh.mask.astype(int) - plain.mesh.mask).mean() < 3


def test_hair_lies_where_the_head_went():
    """A head that moves quickly is not followed by its mask a while later."""
    live = Live()
    for step in range(10):
        subjects = turned_head(35.0, x_mm=-60.0 + 12 * step)
        placement = live.frame(subjects, portrait(subjects))
    assert max(at(placement, seen_arm(placement))) < 80
    bridge = subjects.faces[0].points[168, :2] * (640, 480)
    assert at(placement, [bridge]) == [255]


def test_a_hand_before_the_face_hides_the_glasses():
    """Where hands are known they hide, also without any hair."""
    subjects = turned_head()
    random = np.random.default_rng(0)
    hand = synthetic.hand_landmarks(
        Pose(np.eye(3), np.array([0.0, 0.0, 500.0])), CAMERA, EXACT, random
    )
    points = hand.points.copy()
    points[:, :2] += subjects.faces[0].points[468, :2] - points[9, :2]
    covered = replace(
        subjects, hands=(HandLandmarks(points, hand.handedness, hand.world_points_mm),)
    )
    placement = Live().frame(covered, portrait(subjects, hair=SKIN))
    assert at(placement, [points[9, :2] * (640, 480)])[0] < 30


@pytest.mark.parametrize("size", [(16, 16), (31, 17)])
def test_a_tiny_picture_does_not_break(size):
    """A face of a few pixels has no hair to speak of."""
    camera, subjects = camera_of(size), turned_head()
    placed = PlacementTracker((GLASSES,), screen_mesh=True).update(subjects, camera, 1)
    image = np.full((size[1], size[0], 3), 100, np.uint8)
    for one in LiveMasks((GLASSES,)).add(placed, image, subjects, camera, 1):
        assert one.mesh.mask is None or one.mesh.mask.shape == (size[1], size[0])
