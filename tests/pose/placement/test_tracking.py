"""Products followed over frames: states, identities, smoothing, exact repetition."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest

from services.pose.placement import PlacementTracker
from services.pose.placement.camera import camera_of, mirrored
from services.pose.placement.mirror import mirror_placement, mirror_subjects
from services.pose.placement.types import Subjects, TrackingState, TryOnKind
from services.pose.scorecard.synthetic import Noise
from shared.errors import InvalidInput
from tests.pose.placement.conftest import KINDS, Person, item_of

FRAME_US = 33_333
GLASSES = item_of(TryOnKind.GLASSES)


def only_face(subjects: Subjects) -> Subjects:
    return Subjects(faces=subjects.faces)


def test_nobody_ever_gives_nothing(camera):
    """An empty stream has no placements, and no lost ones either."""
    tracker = PlacementTracker([GLASSES])
    assert [tracker.update(Subjects(), camera, t * FRAME_US) for t in range(30)] == [[]] * 30


def test_a_seen_product_is_tracking_with_a_velocity(camera, person: Person):
    """The first frame already has its answer."""
    (placement,) = PlacementTracker([GLASSES]).update(person(), camera, 0)
    assert placement.state is TrackingState.TRACKING
    assert placement.velocity_xy_per_s == (0.0, 0.0)


def test_unseen_is_held_for_the_grace_then_lost_once_then_gone(camera, person: Person):
    """Held for 0.4 s where it was, then lost, then silence."""
    tracker = PlacementTracker([GLASSES])
    (seen,) = tracker.update(person(), camera, 0)
    states = []
    for frame in range(1, 16):
        placements = tracker.update(Subjects(), camera, frame * 50_000)
        states.append([one.state.name for one in placements])
        if placements and placements[0].state is TrackingState.HELD:
            assert placements[0].anchor_xy == seen.anchor_xy
    assert states == [["HELD"]] * 8 + [["LOST"]] + [[]] * 6


def test_a_gap_shorter_than_the_grace_continues_the_track(camera, person: Person):
    """A blink of the landmark model does not restart the filters."""
    tracker = PlacementTracker([GLASSES])
    for frame in range(10):
        tracker.update(person(), camera, frame * FRAME_US)
    tracker.update(Subjects(), camera, 10 * FRAME_US)
    placements = tracker.update(person(), camera, 11 * FRAME_US)
    assert [one.state for one in placements] == [TrackingState.TRACKING]


def test_a_gap_longer_than_the_grace_does_not_lose_who_is_there(camera, person: Person):
    """A stream of two frames a second has one placement of one face in each."""
    tracker = PlacementTracker([GLASSES])
    for frame in range(4):
        placements = tracker.update(person(), camera, frame * 500_000)
        assert [one.state for one in placements] == [TrackingState.TRACKING]


@pytest.mark.parametrize("time_us", [1_000_000, 999_999, 0, -5])
def test_a_frame_out_of_order_is_refused_and_changes_nothing(time_us, camera, person: Person):
    """Time that stands still or runs backwards is named; the next good frame goes on."""
    frames = [person(turn=(0, 0.01 * k, 0)) for k in range(4)]
    disturbed, calm = PlacementTracker([GLASSES]), PlacementTracker([GLASSES])
    for tracker in (disturbed, calm):
        tracker.update(frames[0], camera, 1_000_000)
    with pytest.raises(InvalidInput) as caught:
        disturbed.update(frames[1], camera, time_us)
    assert caught.value.reason == "FRAME_OUT_OF_ORDER"
    (a,) = disturbed.update(frames[2], camera, 1_033_000)
    (b,) = calm.update(frames[2], camera, 1_033_000)
    assert np.array_equal(a.camera_from_item, b.camera_from_item)


def test_rest_is_calm(camera, person: Person):
    """Noise of 0.4 percent of a face moves glasses by less than 0.1 percent a frame."""
    tracker, anchors = PlacementTracker([GLASSES]), []
    for frame in range(90):
        subjects = only_face(person(noise=Noise(), seed=frame))
        (placement,) = tracker.update(subjects, camera, frame * FRAME_US)
        anchors.append(np.array(placement.anchor_xy) * camera.size_wh)
    width = 154.9 * camera.focal_xy_px[0] / 600
    steps = np.hypot(*np.diff(anchors[30:], axis=0).T)
    assert steps.mean() / width < 0.001


def test_motion_is_not_late(camera, person: Person):
    """At 0.2 m/s an overlay is less than 10 ms behind the face."""
    tracker, errors = PlacementTracker([GLASSES]), []
    for frame in range(45):
        x = -200 + 400 * frame / 45 / 1.5
        subjects = only_face(person(at_mm=(x, 0.0, 600.0)))
        (placement,) = tracker.update(subjects, camera, frame * FRAME_US)
        errors.append(placement.anchor_xy[0] - subjects.faces[0].points[168, 0])
    bridge_mm = 600 - 53.9
    per_s = 400 / 45 / 1.5 * 30 / bridge_mm * camera.focal_xy_px[0] / 1280
    assert abs(np.mean(errors[20:])) < 0.010 * per_s
    assert placement.velocity_xy_per_s[0] == pytest.approx(per_s, rel=0.02)


def test_scale_settles_to_the_median(camera, person: Person):
    """After a second of noisy frames the factor is within two percent."""
    tracker = PlacementTracker([GLASSES])
    for frame in range(40):
        subjects = only_face(person(factor=1.1, noise=Noise(), seed=frame))
        (placement,) = tracker.update(subjects, camera, frame * FRAME_US)
    assert placement.scale.factor == pytest.approx(1.1, rel=0.02)


def test_scale_outlives_a_turned_head(camera, person: Person):
    """What was measured from the front holds when the head turns."""
    tracker = PlacementTracker([GLASSES])
    for frame in range(60):
        turn = (0.0, min(0.6, max(0.0, (frame - 20) / 50)), 0.0)
        subjects = only_face(person(turn=turn, factor=1.1))
        (placement,) = tracker.update(subjects, camera, frame * FRAME_US)
    assert placement.scale.source.name == "IRIS"
    assert placement.scale.factor == pytest.approx(1.1, rel=0.03)


def test_two_faces_that_change_order_keep_their_products(camera, person: Person):
    """The larger face comes first in a frame; its glasses do not jump to it."""
    left, right = (person(at_mm=(x, 0.0, 700.0)).faces[0] for x in (-150.0, 150.0))
    tracker = PlacementTracker([GLASSES])
    for frame in range(10):
        faces = (left, right) if frame % 2 else (right, left)
        placements = tracker.update(Subjects(faces=faces), camera, frame * FRAME_US)
        assert len(placements) == 2
        assert all(one.state is TrackingState.TRACKING for one in placements)
        for one in placements:
            bridge = faces[one.subject].points[168, 0]
            assert one.anchor_xy[0] == pytest.approx(bridge, abs=0.002)


def test_an_earring_at_the_edge_of_hiding_does_not_flicker(camera, person: Person):
    """Around the angle at which a lobe hides, noise changes nothing."""
    tracker, shown = PlacementTracker([item_of(TryOnKind.EARRINGS)]), []
    for frame in range(90):
        wobble = np.radians(17.0 + 1.5 * np.sin(frame))
        subjects = only_face(person(turn=(0.0, wobble, 0.0)))
        (placement,) = tracker.update(subjects, camera, frame * FRAME_US)
        shown.append(placement.visibility)
    assert len({round(value, 3) for value in shown}) == 1


def test_the_anchor_of_a_pair_does_not_jump_between_them(camera, person: Person):
    """Straight ahead both earrings are alike: the anchor stays with one till the head turns."""
    tracker, sides = PlacementTracker([item_of(TryOnKind.EARRINGS)]), []
    for frame in range(60):
        turn = np.radians(0.8 * np.sin(frame) if frame < 40 else 10.0 * (-1 if sides[0] else 1))
        (placement,) = tracker.update(
            only_face(person(turn=(0.0, turn, 0.0))), camera, frame * FRAME_US
        )
        lobes = placement.image_points
        sides.append(int(np.argmin(np.abs(lobes[:, 0] - placement.anchor_xy[0]))))
    assert len(set(sides[:40])) == 1
    assert {sides[0], sides[-1]} == {0, 1}


def test_another_picture_size_starts_anew(camera, person: Person):
    """A phone that turns sends another format: filters do not drag across."""
    tracker, other = PlacementTracker([GLASSES]), camera_of((720, 1280))
    tracker.update(person(), camera, 0)
    (placement,) = tracker.update(person(at_mm=(50, 0, 600)), other, FRAME_US)
    (fresh,) = PlacementTracker([GLASSES]).update(person(at_mm=(50, 0, 600)), other, FRAME_US)
    assert np.array_equal(placement.camera_from_item, fresh.camera_from_item)


def test_a_mirrored_stream_is_the_stream_mirrored(camera, person: Person):
    """A front camera gets what a back camera would get, turned over."""
    direct = PlacementTracker([GLASSES])
    turned = PlacementTracker([GLASSES], mirrored=True)
    for frame in range(8):
        subjects = only_face(person(turn=(0, 0.05 * frame, 0)))
        (a,) = direct.update(subjects, camera, frame * FRAME_US)
        (b,) = turned.update(mirror_subjects(subjects), mirrored(camera), frame * FRAME_US)
        assert b.camera_from_item == pytest.approx(mirror_placement(a).camera_from_item, abs=1e-5)


def test_the_same_frames_give_the_same_bytes(camera, person: Person):
    """All kinds at once, with noise: two runs do not differ in a bit."""
    frames = [person(noise=Noise(), seed=k) for k in range(12)]
    runs = []
    for _ in range(2):
        tracker = PlacementTracker([item_of(kind) for kind in KINDS], screen_mesh=True)
        runs.append([tracker.update(f, camera, k * FRAME_US) for k, f in enumerate(frames)])
    for a, b in zip(itertools.chain(*runs[0]), itertools.chain(*runs[1]), strict=True):
        assert a.camera_from_item.tobytes() == b.camera_from_item.tobytes()
        assert a.image_points.tobytes() == b.image_points.tobytes()
        assert a.mesh.vertices.tobytes() == b.mesh.vertices.tobytes()


def test_memory_stays_flat_over_many_frames(camera, person: Person):
    """Faces that come and go leave nothing behind."""
    tracker = PlacementTracker([GLASSES])
    faces = [only_face(person(at_mm=(x, 0.0, 600.0))) for x in (-250.0, 250.0)]

    def run(start: int, count: int) -> None:
        for frame in range(start, start + count):
            seen = faces[(frame // 40) % 2] if frame % 40 < 20 else Subjects()
            tracker.update(seen, camera, frame * FRAME_US)

    run(0, 400)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    run(400, 1200)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 200_000
