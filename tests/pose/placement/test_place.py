"""Every kind of product, placed on exact landmarks, has the properties of the real thing."""

from __future__ import annotations

import numpy as np
import pytest

from services.pose.placement import place
from services.pose.placement.camera import camera_of, mirrored, project
from services.pose.placement.mirror import mirror_placement, mirror_subjects
from services.pose.placement.types import (
    BodyLandmarks,
    FaceLandmarks,
    Handedness,
    HandLandmarks,
    ScaleSource,
    Subjects,
    TryOnKind,
)
from tests.pose.placement.conftest import KINDS, Person, item_of

FACE_KINDS = (TryOnKind.GLASSES, TryOnKind.HAT, TryOnKind.EARRINGS, TryOnKind.LIPSTICK)


def test_nobody_gives_no_placements(camera):
    """A picture without people is answered with nothing, whatever is asked for."""
    assert place([item_of(kind) for kind in KINDS], Subjects(), camera) == []


def test_no_products_give_no_placements(camera, person: Person):
    """Nothing to place is answered with nothing."""
    assert place([], person(), camera) == []


def test_landmarks_that_are_not_numbers_give_no_placement(camera):
    """A face of NaN is a face that was not found."""
    broken = Subjects(faces=(FaceLandmarks(np.full((478, 3), np.nan)),))
    assert place([item_of(TryOnKind.GLASSES)], broken, camera) == []


def test_a_face_of_three_pixels_gives_no_placement(camera, person: Person):
    """A face too small to have a pose has no place for glasses."""
    far = person(at_mm=(0.0, 0.0, 60_000.0))
    assert place([item_of(TryOnKind.GLASSES)], Subjects(faces=far.faces), camera) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_placed_with_a_mesh_of_finite_numbers(kind, camera, person: Person):
    """One person gives one placement of each kind; its mesh can be drawn."""
    (placement,) = place([item_of(kind)], person(), camera, screen_mesh=True)
    assert placement.kind is kind
    assert np.isfinite(placement.camera_from_item).all()
    mesh = placement.mesh
    assert mesh is not None
    assert len(mesh.triangles) > 0
    assert np.isfinite(mesh.vertices).all()
    assert mesh.triangles.max() < len(mesh.vertices) == len(mesh.texture_coordinates)
    assert ((mesh.vertices[:, 2] > 0) & (mesh.vertices[:, 2] < 1)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_triangles_run_counter_clockwise_on_the_screen(kind, camera, person: Person):
    """Clients may cull: every triangle turns the same way, with y down."""
    (placement,) = place([item_of(kind)], person(), camera, screen_mesh=True)
    mesh = placement.mesh
    a, b, c = (mesh.vertices[mesh.triangles[:, k], :2].astype(float) for k in range(3))
    turn = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    assert (turn <= 1e-9).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_anchor_is_where_the_matrix_puts_the_origin(kind, camera, person: Person):
    """A client may use either; they agree."""
    (placement,) = place([item_of(kind)], person(turn=(0.05, 0.2, 0.1)), camera)
    origin = project(camera, placement.camera_from_item[:3, 3]) / camera.size_wh
    assert placement.anchor_xy == pytest.approx(origin.tolist(), abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_rotations_are_rotations(kind, camera, person: Person):
    """The matrix neither shears nor scales: the item's millimetres are real ones."""
    (placement,) = place([item_of(kind)], person(turn=(0.1, -0.3, 0.2)), camera)
    turned = placement.camera_from_item[:3, :3]
    assert turned @ turned.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(turned) == pytest.approx(1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_mirroring_twice_is_the_identity(kind, camera, person: Person):
    """There and back: a picture mirrored twice is the picture."""
    subjects = person(turn=(0.1, 0.2, -0.1))
    there_and_back = mirror_subjects(mirror_subjects(subjects))
    (a,), (b,) = (place([item_of(kind)], one, camera) for one in (subjects, there_and_back))
    assert a.camera_from_item == pytest.approx(b.camera_from_item, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_placing_a_mirror_image_mirrors_the_placement(kind, camera, person: Person):
    """A front camera's preview gets the same products, turned over."""
    subjects = person(turn=(0.1, 0.25, -0.1), at_mm=(40.0, 10.0, 600.0))
    (direct,) = place([item_of(kind)], subjects, camera, screen_mesh=True)
    (turned,) = place(
        [item_of(kind)],
        mirror_subjects(subjects),
        mirrored(camera),
        mirrored=True,
        screen_mesh=True,
    )
    expected = mirror_placement(direct)
    assert turned.anchor_xy == pytest.approx(expected.anchor_xy, abs=1e-6)
    assert turned.camera_from_item == pytest.approx(expected.camera_from_item, abs=1e-5)
    assert np.linalg.det(turned.camera_from_item[:3, :3]) == pytest.approx(-1.0)
    assert turned.mesh.vertices == pytest.approx(expected.mesh.vertices, abs=1e-5)


@pytest.mark.parametrize("kind", FACE_KINDS)
def test_a_person_twice_as_far_and_twice_as_large_looks_the_same(kind, camera, person: Person):
    """Pictures alone do not tell size: the anchor on the screen is the same."""
    near = person(at_mm=(30.0, 20.0, 500.0), factor=1.0)
    far = person(at_mm=(60.0, 40.0, 1000.0), factor=2.0)
    (a,), (b,) = (place([item_of(kind)], one, camera) for one in (near, far))
    assert a.anchor_xy == pytest.approx(b.anchor_xy, abs=1e-6)


def test_the_iris_tells_a_small_head_from_a_far_one(camera, person: Person):
    """The scale follows the head's true size, since irises have one size."""
    for factor in (0.85, 1.0, 1.12):
        (placement,) = place([item_of(TryOnKind.GLASSES)], person(factor=factor), camera)
        assert placement.scale.source is ScaleSource.IRIS
        assert placement.scale.factor == pytest.approx(factor, rel=0.01)


def test_glasses_of_true_size_look_smaller_on_a_larger_head(camera, person: Person):
    """Two heads of the same size on the screen: on the larger one the frame covers less."""
    widths = []
    for factor in (0.9, 1.1):
        subjects = person(at_mm=(0.0, 0.0, 600.0 * factor), factor=factor)
        (placement,) = place([item_of(TryOnKind.GLASSES)], subjects, camera, screen_mesh=True)
        widths.append(float(np.ptp(placement.mesh.vertices[:65, 0])))
    assert widths[0] / widths[1] == pytest.approx(1.1 / 0.9, rel=0.02)


@pytest.mark.parametrize("yaw", [-40, -25, -10, 0, 10, 25, 40])
def test_a_yaw_sweep_keeps_the_bridge_on_the_nose(yaw, camera, person: Person):
    """However the head turns, the glasses' anchor stays by landmark 168."""
    subjects = person(turn=(0.0, np.radians(yaw), 0.0))
    (placement,) = place([item_of(TryOnKind.GLASSES)], subjects, camera)
    bridge = subjects.faces[0].points[168, :2]
    width = float(np.ptp(subjects.faces[0].points[:468, 0]))
    assert np.hypot(*(placement.anchor_xy - bridge) * (1, 720 / 1280)) < 0.02 * width


@pytest.mark.parametrize("sign", [-1, 1])
def test_turning_away_hides_one_earring_and_not_the_other(sign, camera, person: Person):
    """At 35 degrees one lobe is behind the cheek."""
    earrings = item_of(TryOnKind.EARRINGS)
    (front,) = place([earrings], person(), camera, screen_mesh=True)
    (side,) = place([earrings], person(turn=(0, sign * 0.6, 0)), camera, screen_mesh=True)
    assert front.visibility == pytest.approx(1.0)
    assert side.visibility == pytest.approx(0.5)
    assert len(side.mesh.triangles) == len(front.mesh.triangles) / 2


def test_a_face_half_out_of_the_frame_is_half_visible(camera, person: Person):
    """The part that the picture cuts off does not count as seen; the nose is nearest and gone."""
    edge_mm = 600.0 * 640 / camera.focal_xy_px[0]
    (placement,) = place([item_of(TryOnKind.GLASSES)], person(at_mm=(edge_mm, 0, 600)), camera)
    assert 0.15 < placement.visibility < 0.7


def test_ten_faces_get_ten_placements(camera, person: Person):
    """Everybody is served, in the order of the faces."""
    faces = tuple(person(at_mm=(x, 0.0, 1500.0)).faces[0] for x in np.linspace(-700, 700, 10))
    placements = place([item_of(TryOnKind.GLASSES)], Subjects(faces=faces), camera)
    assert [one.subject for one in placements] == list(range(10))
    assert sorted(one.anchor_xy[0] for one in placements) == [
        one.anchor_xy[0] for one in placements
    ]


def test_size_is_not_claimed_when_the_head_is_turned(camera, person: Person):
    """Outside of the gate the iris says nothing, and neither does the answer."""
    (placement,) = place([item_of(TryOnKind.GLASSES)], person(turn=(0, 0.6, 0)), camera)
    assert placement.scale.source is ScaleSource.ASSUMED
    assert placement.scale.pupillary_distance_mm == 0
    assert placement.fit.name == "UNKNOWN"


def test_a_necklace_is_hung_below_the_face_even_without_a_body(camera, person: Person):
    """A portrait may show no shoulders."""
    subjects = Subjects(faces=person().faces)
    (placement,) = place([item_of(TryOnKind.NECKLACE)], subjects, camera)
    chin = subjects.faces[0].points[152, 1]
    assert placement.anchor_xy[1] > chin
    assert placement.visibility < 1


def test_an_unknown_width_is_drawn_as_wide_as_usual(camera, person: Person):
    """A product of unknown width can be looked at; it fits nobody in particular."""
    (placement,) = place(
        [item_of(TryOnKind.GLASSES, width_mm=0.0)], person(), camera, screen_mesh=True
    )
    face_px = float(np.ptp(person().faces[0].points[:468, 0]))
    drawn = float(np.ptp(placement.mesh.vertices[:, 0]))
    assert 0.8 < drawn / face_px < 1.05
    assert placement.fit.name == "UNKNOWN"


def test_a_small_picture_places_as_a_large_one(person: Person):
    """Places are normalised: the size of the picture does not move them."""
    small, large = camera_of((320, 180)), camera_of((1280, 720))
    subjects = person()
    (a,), (b,) = (place([item_of(TryOnKind.HAT)], subjects, one) for one in (small, large))
    assert a.anchor_xy == pytest.approx(b.anchor_xy, abs=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_landmarks_at_random_never_break_a_placement(seed, camera):
    """A drawing, a cat, noise: whatever the model finds, answers are finite numbers."""
    random = np.random.default_rng(seed)
    spread = random.choice([0.001, 0.1, 3.0])
    visibility = random.random((33, 1))
    subjects = Subjects(
        faces=(FaceLandmarks(random.normal(0.5, spread, (478, 3))),),
        hands=(
            HandLandmarks(
                random.normal(0.5, spread, (21, 3)),
                Handedness.UNKNOWN,
                random.normal(0, 50, (21, 3)),
            ),
        ),
        bodies=(
            BodyLandmarks(
                np.hstack([random.normal(0.5, spread, (33, 3)), visibility]),
                random.normal(0, 300, (33, 3)),
            ),
        ),
        card_corners=random.random((4, 2)),
    )
    for placement in place([item_of(kind) for kind in KINDS], subjects, camera, screen_mesh=True):
        assert np.isfinite(placement.camera_from_item).all()
        assert np.isfinite(placement.mesh.vertices).all()
        assert 0 <= placement.visibility <= 1


@pytest.mark.parametrize("yaw", [-170, -90, -75, 75, 90, 180])
def test_a_profile_has_a_defined_answer(yaw, camera, person: Person):
    """From the side glasses are half seen, from behind not at all."""
    subjects = person(turn=(0.0, np.radians(yaw), 0.0))
    (placement,) = place([item_of(TryOnKind.GLASSES)], subjects, camera, screen_mesh=True)
    expected = (1 + np.cos(np.radians(yaw))) / 2
    assert placement.visibility == pytest.approx(expected, abs=0.03)
    assert np.isfinite(placement.mesh.vertices).all()
