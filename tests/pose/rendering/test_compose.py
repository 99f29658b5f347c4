"""Products drawn into a picture: where they belong, in its light, behind what is in front."""

from __future__ import annotations

import numpy as np
import pytest

from services.pose.placement import place
from services.pose.placement.camera import camera_of
from services.pose.placement.types import (
    Camera,
    Handedness,
    HandLandmarks,
    Item,
    ScreenMesh,
    Subjects,
    TryOnKind,
)
from services.pose.rendering.compose import compose, layer_of, with_masks
from services.pose.rendering.light import light_of
from services.pose.rendering.occlusion import neck_opening
from services.pose.rendering.raster import Window, parts, window_of
from services.pose.rendering.shadow import cast
from services.pose.scorecard import synthetic
from services.pose.scorecard.synthetic import Noise, Pose
from tests.pose.placement.conftest import KINDS, item_of

CAMERA = camera_of((640, 480))
EXACT = Noise(0.0, 0.0, 0.0, 0.0)


def people(at=(0.0, -60.0, 900.0)) -> Subjects:
    random = np.random.default_rng(0)
    head = Pose(np.eye(3), np.array(at))
    body = Pose(np.eye(3), np.array(at) + np.array([0.0, 690.0, 105.0]))
    hand = Pose(np.eye(3), np.array(at) + np.array([250.0, 150.0, -100.0]))
    return Subjects(
        faces=(synthetic.face_landmarks(head, 1.0, CAMERA, EXACT, random),),
        hands=(synthetic.hand_landmarks(hand, CAMERA, EXACT, random),),
        bodies=(synthetic.body_landmarks(body, CAMERA, EXACT, random),),
    )


def grey(level=150) -> np.ndarray:
    return np.full((480, 640, 3), level, np.uint8)


def texture(item: Item, rgba=(200, 30, 30, 255)) -> np.ndarray:
    width, height = item.asset.size_wh
    return np.full((height, width, 4), rgba, np.uint8)


def drawn(kind: TryOnKind, image: np.ndarray, subjects: Subjects, rgba=(200, 30, 30, 255)):
    item = item_of(kind)
    placements = place([item], subjects, CAMERA, screen_mesh=True)
    textures = {item.sku: texture(item, rgba)}
    return compose(image, placements, {item.sku: item}, textures, subjects, CAMERA)


def test_no_placements_leave_the_picture_as_it_is():
    """Nothing to draw changes nothing, and the result is a new array."""
    image = grey()
    result = compose(image, [], {}, {}, Subjects(), CAMERA)
    assert np.array_equal(result, image)
    assert result is not image


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_changes_the_picture_and_nothing_is_changed_in_place(kind):
    """Something is drawn, the input stays."""
    image = grey()
    far = (0.0, -150.0, 3000.0) if kind in (TryOnKind.TROUSERS, TryOnKind.SHOES) else None
    result = drawn(kind, image, people(far) if far else people())
    assert (result != image).any()
    assert (image == 150).all()
    assert result.dtype == np.uint8
    assert result.shape == image.shape


@pytest.mark.parametrize("kind", [k for k in KINDS if k is not TryOnKind.LIPSTICK])
def test_a_clear_texture_draws_nothing(kind):
    """Alpha zero is not there, and casts no shadow."""
    assert np.array_equal(drawn(kind, grey(), people(), (200, 30, 30, 0)), grey())


def test_the_same_input_gives_the_same_bytes():
    """Drawing is exact."""
    a, b = (drawn(TryOnKind.GLASSES, grey(), people()) for _ in range(2))
    assert np.array_equal(a, b)


def test_glasses_cover_the_eyes_and_not_the_mouth():
    """Where the product belongs."""
    subjects = people()
    result = drawn(TryOnKind.GLASSES, grey(), subjects).astype(int)
    pixels = (subjects.faces[0].points[:, :2] * (640, 480)).astype(int)
    eye, mouth = pixels[468], pixels[17]
    assert result[eye[1], eye[0], 0] > result[eye[1], eye[0], 1] + 40
    assert result[mouth[1], mouth[0]].tolist() == [150, 150, 150]


def test_a_product_outside_the_picture_draws_nothing():
    """A face beyond the edge does not break the window."""
    far = people(at=(5000.0, 0.0, 900.0))
    assert np.array_equal(drawn(TryOnKind.GLASSES, grey(), Subjects(faces=far.faces)), grey())


def test_a_dim_picture_makes_a_dim_product():
    """Glasses in a dark room are dark."""
    subjects = Subjects(faces=people().faces)
    eye = (subjects.faces[0].points[468, :2] * (640, 480)).astype(int)
    bright, dim = (
        drawn(TryOnKind.GLASSES, grey(level), subjects)[eye[1], eye[0], 0] for level in (235, 60)
    )
    assert int(bright) > int(dim) + 40


def test_light_from_the_side_shades_the_product():
    """A face lit from the right has glasses lit from the right."""
    image = grey()
    image[:] = np.linspace(60, 220, 640).astype(np.uint8)[None, :, None]
    light = light_of(image, people())
    assert light.side_per_px > 0
    colours = np.full((4, 640, 4), 0.5, np.float32)
    lit = light.on(colours, 0)
    assert lit[0, 500, 0] > lit[0, 150, 0]
    assert (lit[..., 3] == 0.5).all()


def test_a_hand_before_the_face_hides_the_glasses():
    """Where the hand is, the picture stays."""
    subjects = people()
    eye = subjects.faces[0].points[468, :2]
    hand = subjects.hands[0]
    points = hand.points.copy()
    points[:, :2] += eye - points[9, :2]
    covered = Subjects(
        faces=subjects.faces,
        hands=(HandLandmarks(points, Handedness.RIGHT, hand.world_points_mm),),
    )
    x, y = (eye * (640, 480)).astype(int)
    assert drawn(TryOnKind.GLASSES, grey(), covered)[y, x].tolist() == [150, 150, 150]


def test_masks_for_clients_say_what_is_in_front():
    """The mask has the picture's aspect, 0 where a hand hides the product."""
    subjects = people()
    eye, hand = subjects.faces[0].points[468, :2], subjects.hands[0]
    points = hand.points.copy()
    points[:, :2] += eye - points[9, :2]
    covered = Subjects(
        faces=subjects.faces,
        hands=(HandLandmarks(points, Handedness.RIGHT, hand.world_points_mm),),
    )
    item = item_of(TryOnKind.GLASSES)
    placements = place([item], covered, CAMERA, screen_mesh=True)
    (masked,) = with_masks(placements, grey(), {item.sku: item}, covered, CAMERA)
    mask = masked.mesh.mask
    assert mask.shape == (192, 256)
    x, y = (eye * (256, 192)).astype(int)
    assert mask[y, x] < 30
    assert mask[0, 0] > 225


def test_nothing_in_front_needs_no_mask():
    """Absent means: draw all."""
    subjects = Subjects(hands=people().hands)
    item = item_of(TryOnKind.RING)
    placements = place([item], subjects, CAMERA, screen_mesh=True)
    (masked,) = with_masks(placements, grey(), {item.sku: item}, subjects, CAMERA)
    assert masked.mesh.mask is None


def square_mesh(depth=(0.3, 0.3, 0.3, 0.3)) -> ScreenMesh:
    corners = np.array([(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)])
    return ScreenMesh(
        np.column_stack([corners, depth]).astype(np.float32),
        np.array([(0, 0), (1, 0), (0, 1), (1, 1)], np.float32),
        np.array([(0, 2, 1), (1, 2, 3)], np.int32),
    )


def test_a_square_shows_its_texture_upright():
    """Left is left and up is up; every pixel inside is covered once."""
    small = camera_of((64, 64))
    quarters = np.zeros((32, 32, 4), np.uint8)
    quarters[..., 3] = 255
    quarters[:16, :16, 0] = 255
    layer = layer_of(square_mesh(), quarters, small, Window(0, 0, 64, 64))
    assert layer[20:44, 20:44, 3].min() == pytest.approx(1.0)
    assert layer[:15].max() == 0
    assert layer[20, 20, 0] == pytest.approx(1.0)
    assert layer[20, 44, 0] == pytest.approx(0.0)
    assert layer[44, 20, 0] == pytest.approx(0.0)


def test_perspective_is_correct():
    """On a square that leans back the texture's middle lies nearer to its far edge."""
    small = camera_of((64, 64))
    half = np.zeros((64, 64, 4), np.uint8)
    half[..., 3] = 255
    half[:32, :, 0] = 255
    near, far = 0.2, 0.5
    layer = layer_of(square_mesh((far, far, near, near)), half, small, Window(0, 0, 64, 64))
    column = layer[16:48, 32, 0]
    boundary = int((column > 0.5).sum())
    z_far, z_near = far / (1 - far), near / (1 - near)
    expected = 32 * z_near / (z_near + z_far)
    assert boundary == pytest.approx(expected, abs=1.5)


def test_a_far_part_shows_through_a_clear_near_one():
    """A temple arm behind a lens is seen through it."""
    small = camera_of((64, 64))
    a, b = square_mesh((0.2,) * 4), square_mesh((0.6,) * 4)
    both = ScreenMesh(
        np.concatenate([a.vertices, b.vertices]),
        np.concatenate(
            [a.texture_coordinates * (0.5, 1), b.texture_coordinates * (0.5, 1) + (0.5, 0)]
        ).astype(np.float32),
        np.concatenate([a.triangles, b.triangles + 4]),
    )
    rgba = np.zeros((16, 32, 4), np.uint8)
    rgba[:, :16] = (0, 0, 255, 64)
    rgba[:, 16:] = (255, 0, 0, 255)
    layer = layer_of(both, rgba, small, Window(0, 0, 64, 64))
    assert layer[32, 32].tolist() == pytest.approx([0.75, 0, 0.25, 1.0], abs=0.02)


def test_parts_are_told_by_their_vertices():
    """Two squares are two parts; none are none."""
    assert parts(np.zeros((0, 3), np.int32), 0) == []
    triangles = np.array([(0, 2, 1), (1, 2, 3), (4, 6, 5), (5, 6, 7)], np.int32)
    assert [len(one) for one in parts(triangles, 8)] == [2, 2]


def test_windows_end_at_the_picture():
    """Whatever the points say."""
    window = window_of(np.array([(-50.0, 10.0), (700.0, 20.0)]), (640, 480), 5)
    assert window == Window(0, 5, 640, 26)
    assert window_of(np.zeros((0, 2)), (640, 480)).size_wh == (0, 0)


def test_a_shadow_falls_below_and_only_on_the_person():
    """No product, no shadow; no person, no shadow."""
    alpha = np.zeros((100, 100), np.float32)
    assert (cast(alpha, TryOnKind.GLASSES, 100, np.ones_like(alpha)) == 1).all()
    alpha[40:50, 30:70] = 1
    dark = cast(alpha, TryOnKind.GLASSES, 100, np.ones_like(alpha))
    assert dark[52, 50] < 0.95 < dark[34, 50]
    assert (cast(alpha, TryOnKind.GLASSES, 100, np.zeros_like(alpha)) == 1).all()


def test_a_neck_opening_needs_a_collar():
    """Without the named point nothing is cut out of a garment."""
    assert neck_opening(item_of(TryOnKind.TOP).asset) is None
    assert neck_opening(item_of(TryOnKind.GLASSES).asset) is None


@pytest.mark.parametrize("size", [(16, 16), (31, 17)])
def test_a_tiny_picture_does_not_break(size):
    """Sixteen pixels with a guessed face on them."""
    camera: Camera = camera_of(size)
    subjects = Subjects(faces=people().faces)
    item = item_of(TryOnKind.GLASSES)
    placements = place([item], subjects, camera, screen_mesh=True)
    image = np.full((size[1], size[0], 3), 100, np.uint8)
    result = compose(
        image, placements, {item.sku: item}, {item.sku: texture(item)}, subjects, camera
    )
    assert result.shape == image.shape
