"""Landmarks in single pictures that MediaPipe alone gives up on, and in pictures of nobody."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from pathlib import Path

import cv2
import numpy as np
import pytest

from services.pose.anatomy import FACE, HAND
from services.pose.drawing import draw_landmarks
from services.pose.landmarks import LandmarkFinder
from services.pose.mediapipe_tasks import Found
from services.pose.placement.types import Handedness, LandmarkKind, Subjects
from services.pose.refinement import seen_in
from services.pose.views import Picture, whole
from tests.pose.conftest import shrunk
from tests.servers import REPOSITORY

EVERYTHING = tuple(LandmarkKind)
FOUR_FINGERS = "hands/four-116292ef-5947-4d6c-a479-630ebb8a1050.jpg"
HAND_PHOTOS = (
    "hands/four-07a5a144-c635-4441-aedb-5c8e9da79aac.jpg",
    "hands/rock-10eacf4b-8aaf-46d9-be21-7fb8d8353005.jpg",
    "hands/call-0e022ee9-74fd-44fe-adad-60c11835e44f.jpg",
)
DATA = Path(os.environ.get("VITRINE_DATA", REPOSITORY.parent / "shared" / "data"))


@pytest.fixture(scope="module")
def face(finder: LandmarkFinder, astronaut: np.ndarray) -> np.ndarray:
    """The astronaut's face (478, 2) in pixels."""
    return _faces(finder, astronaut)[0]


def _faces(finder: LandmarkFinder, image: np.ndarray, most: int = 1) -> list[np.ndarray]:
    found = finder.find(image, [LandmarkKind.FACE], most={LandmarkKind.FACE: most})
    return [one.points[:, :2] * image.shape[1::-1] for one in found.faces]


def _error(found: np.ndarray, expected: np.ndarray) -> float:
    """Mean distance relative to that of the outer eye corners."""
    span = np.linalg.norm(expected[33] - expected[263])
    return float(np.linalg.norm(found - expected, axis=1).mean() / span)


def photo(name: str) -> np.ndarray:
    """A photo of the evaluation data."""
    path = DATA / "people" / name
    if not path.is_file():
        pytest.skip(f"no {path}; set VITRINE_DATA")
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


@pytest.mark.parametrize("size_wh", [(16, 16), (16, 400), (640, 17)])
def test_tiny_and_narrow_pictures_hold_nobody(finder: LandmarkFinder, size_wh: tuple[int, int]):
    """The smallest pictures that the gate lets through are searched without an error."""
    found = finder.find(np.full((size_wh[1], size_wh[0], 3), 90, np.uint8), EVERYTHING)
    assert (found.faces, found.hands, found.bodies) == ((), (), ())


def test_no_kind_finds_nothing(finder: LandmarkFinder, astronaut: np.ndarray):
    """Only what is asked for is computed."""
    found = finder.find(astronaut, [])
    assert (found.faces, found.hands, found.bodies, found.person_mask) == ((), (), (), None)


@pytest.mark.parametrize("drawing", ["circles", "stripes", "noise"])
def test_what_is_no_face_is_none(finder: LandmarkFinder, drawing: str):
    """Two dots in a ring, stripes and noise are not taken for a person."""
    image = np.full((300, 300, 3), 200, np.uint8)
    if drawing == "circles":
        for x, radius in ((120, 12), (180, 12), (150, 80)):
            cv2.circle(image, (x, 140), radius, (30, 30, 30), 4)
    elif drawing == "stripes":
        image[::10] = 30
    else:
        image = np.random.default_rng(0).integers(0, 255, image.shape, np.uint8)
    assert _faces(finder, image) == []


@pytest.mark.parametrize("angle", [-150, -90, -45, 20, 90, 135, 180])
def test_a_face_is_found_however_it_is_turned(finder, astronaut, face, angle: float):
    """Landmarks turn with the picture, to one percent of the eyes' distance."""
    matrix = cv2.getRotationMatrix2D((256, 256), angle, 0.8)
    turned = cv2.warpAffine(astronaut, matrix, (512, 512))
    (found,) = _faces(finder, turned)
    assert _error(found, face @ matrix[:, :2].T + matrix[:, 2]) < 0.01


def test_a_mirrored_face_has_mirrored_landmarks(finder, astronaut, face):
    """Left and right change places: points keep their meaning on the face seen."""
    (found,) = _faces(finder, np.ascontiguousarray(astronaut[:, ::-1]))
    mirrored = np.column_stack([511 - face[:, 0], face[:, 1]])[FACE.mirror_order]
    assert _error(found, mirrored) < 0.01


@pytest.mark.parametrize(("factor", "limit"), [(0.5, 0.03), (0.25, 0.06)])
def test_a_small_face_is_found(finder, astronaut, face, factor: float, limit: float):
    """Eyes 17 and 11 pixels apart on a canvas of 512: within reach of no MediaPipe detector."""
    (found,) = _faces(finder, shrunk(astronaut, factor))
    assert _error(found, (face + 0.5) * factor - 0.5) < limit


@pytest.mark.parametrize("margin", [0.0, -0.1])
def test_a_face_that_fills_the_picture_is_found(finder, astronaut, face, margin: float):
    """Even when chin and forehead are cut off."""
    low, high = face.min(axis=0), face.max(axis=0)
    pad = (high - low) * margin
    left, top = np.floor(low - pad).astype(int)
    right, bottom = np.ceil(high + pad).astype(int)
    (found,) = _faces(finder, np.ascontiguousarray(astronaut[top:bottom, left:right]))
    assert _error(found, face - (left, top)) < 0.04


def test_two_faces_come_largest_first(finder, astronaut, face):
    """And no more than asked for."""
    both = np.full((512, 900, 3), 127, np.uint8)
    both[:256, :256] = shrunk(astronaut, 0.5)[:256, :256]
    both[:, 388:] = astronaut
    first, second = _faces(finder, both, most=5)
    assert np.ptp(first[:, 0]) > np.ptp(second[:, 0])
    assert _error(first, np.add(face, (388, 0))) < 0.01
    assert len(_faces(finder, both, most=1)) == 1


def _pasted(
    photos: list[np.ndarray], sides: list[tuple[int, int, int]], size_wh: tuple[int, int]
) -> np.ndarray:
    """Photos on grey, each made ``side`` wide at left, top; one a row of ``sides``."""
    canvas = np.full((size_wh[1], size_wh[0], 3), 120, np.uint8)
    for image, (side, left, top) in zip(photos, sides, strict=True):
        height = round(image.shape[0] * side / image.shape[1])
        method = cv2.INTER_AREA if side < image.shape[1] else cv2.INTER_CUBIC
        canvas[top : top + height, left : left + side] = cv2.resize(
            image, (side, height), interpolation=method
        )
    return canvas


def _middle(image: np.ndarray) -> np.ndarray:
    """The square in the middle of a photo."""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]


SIDES = [(1000, 0, 0), (420, 1050, 50), (300, 1100, 600), (260, 1500, 150), (220, 1500, 700)]
"""Side, left and top of portraits on a canvas of 1800 x 1200."""


def _hits(centers: list[np.ndarray], sides: list[tuple[int, int, int]]) -> list[int]:
    """How many of the points lie in each of the squares."""
    return [
        sum(left < x < left + side and top < y < top + side for x, y in centers)
        for side, left, top in sides
    ]


def test_one_person_at_five_sizes_is_five_faces(finder, astronaut, face):
    """From 170 to 37 pixels in one picture: each is found once, where it is."""
    image = _pasted([astronaut] * 5, SIDES, (1800, 1200))
    faces = _faces(finder, image, most=10)
    assert _hits([one.mean(axis=0) for one in faces], SIDES) == [1] * 5
    for found, (side, left, top) in zip(faces, SIDES, strict=True):
        assert _error(found, face * side / 512 + (left, top)) < 0.04


def test_what_was_found_is_covered_in_the_search_for_more(finder, astronaut, face):
    """A face that is painted over is not found again, and the picture stays as it was."""
    (first,) = finder.find(astronaut, [LandmarkKind.FACE]).faces
    before, near = astronaut.copy(), finder._task("face")
    view, known = whole((512, 512)), Found(first.points, np.zeros((0, 3)))
    assert len(seen_in(view, Picture(astronaut), near, FACE)) == 1
    assert seen_in(view, Picture(astronaut), near, FACE, [known]) == []
    assert np.array_equal(astronaut, before)


@pytest.mark.parametrize(("size_wh", "looks"), [((960, 512), 1), ((1280, 800), 5)])
def test_one_face_costs_little_more_than_a_look(finder, astronaut, size_wh, looks, monkeypatch):
    """A small picture has no room for smaller faces; in a larger one four tiles are looked at."""
    image = np.full((size_wh[1], size_wh[0], 3), 120, np.uint8)
    image[:512, :512] = astronaut
    far = finder._task("face_far")
    seen = []
    detect = far.detect
    monkeypatch.setattr(
        far, "detect", lambda picture: seen.append(picture.shape) or detect(picture)
    )
    assert len(_faces(finder, image, most=10)) == 1
    assert len(seen) == looks


@pytest.mark.data
def test_faces_of_five_people_of_all_sizes_are_found_once_each(finder: LandmarkFinder):
    """Photos of real people, their faces from 400 to 34 pixels high, in one picture."""
    names = ("hopper.jpg", FOUR_FINGERS, *HAND_PHOTOS)
    squares = [_middle(photo(name)) for name in names]
    image = _pasted(squares, SIDES, (1800, 1200))
    centers = [one.mean(axis=0) for one in _faces(finder, image, most=10)]
    assert _hits(centers, SIDES) == [1] * 5
    assert len(centers) == 5


@pytest.mark.data
def test_small_hands_beside_a_large_one_are_found(finder: LandmarkFinder):
    """Of 125, 75 and 54 pixels, two right ones and a left one, each once."""
    four, rock = (_middle(photo(name)) for name in HAND_PHOTOS[:2])
    sides = SIDES[:3]
    image = _pasted([four, rock, rock[:, ::-1]], sides, (1800, 1200))
    hands = finder.find(image, [LandmarkKind.HAND], most={LandmarkKind.HAND: 10}).hands
    centers = [one.points[:, :2].mean(axis=0) * (1800, 1200) for one in hands]
    assert _hits(centers, sides) == [1] * 3
    assert [one.handedness.name for one in hands] == ["RIGHT", "RIGHT", "LEFT"]


@pytest.mark.data
@pytest.mark.parametrize("angle", [0, 90, 180])
def test_a_small_raised_hand_is_found_and_named(finder: LandmarkFinder, angle: int):
    """A right hand, 50 pixels wide in a photo of a room, stands or lies."""
    image = photo("hands/four-07a5a144-c635-4441-aedb-5c8e9da79aac.jpg")
    turned = np.ascontiguousarray(np.rot90(image, angle // 90))
    (hand,) = finder.find(turned, [LandmarkKind.HAND]).hands
    assert hand.handedness is Handedness.RIGHT
    tips, palm = hand.points[[8, 12, 16, 20]], hand.points[[0, 5, 17]]
    up = np.array([(0, -1), (-1, 0), (0, 1)])[angle // 90]
    assert ((tips[:, :2] - palm[:, :2].mean(axis=0)) @ up > 0).all()
    reach = np.linalg.norm(hand.world_points_mm[12] - hand.world_points_mm[0])
    assert 100 < reach < 250


@pytest.mark.data
def test_a_mirrored_hand_is_the_other_hand(finder: LandmarkFinder):
    """In a mirror image a right hand looks like a left one."""
    image = photo("hands/rock-10eacf4b-8aaf-46d9-be21-7fb8d8353005.jpg")
    (hand,) = finder.find(np.ascontiguousarray(image[:, ::-1]), [LandmarkKind.HAND]).hands
    assert hand.handedness is Handedness.LEFT
    assert HAND.mirror_order.tolist() == list(range(21))


@pytest.mark.data
@pytest.mark.slow
def test_every_face_of_the_group_photos_is_found_and_nothing_else(finder: LandmarkFinder):
    """43 boxed faces of 35 to 110 pixels: all found, none invented."""
    found = missed = invented = 0
    for name, boxes in _boxed_faces().items():
        faces = _faces(finder, photo(f"faces/{name}"), most=10)
        centers = [face.mean(axis=0) for face in faces]
        hits = [any(_inside(box, center) for center in centers) for box in boxes]
        found, missed = found + sum(hits), missed + len(hits) - sum(hits)
        invented += len(faces) - sum(hits)
    assert (found, missed, invented) == (43, 0, 0)


def _boxed_faces() -> dict[str, list[tuple[int, ...]]]:
    boxes: dict[str, list[tuple[int, ...]]] = {}
    for name in ("testing.xml", "training.xml"):
        path = DATA / "people" / "faces" / name
        if not path.is_file():
            pytest.skip(f"no {path}; set VITRINE_DATA")
        for image in ET.parse(path).iter("image"):
            sides = ("left", "top", "width", "height")
            boxes[image.attrib["file"]] = [
                tuple(int(box.attrib[side]) for side in sides) for box in image.iter("box")
            ]
    return boxes


def _inside(box: tuple[int, ...], center: np.ndarray) -> bool:
    left, top, width, height = box
    return bool(left < center[0] < left + width and top < center[1] < top + height)


def test_drawn_landmarks_change_a_copy(finder, astronaut):
    """The picture given stays as it was."""
    found = finder.find(astronaut, [LandmarkKind.FACE, LandmarkKind.BODY])
    before = astronaut.copy()
    drawn = draw_landmarks(astronaut, found)
    assert np.array_equal(astronaut, before)
    changed = (drawn != astronaut).any(axis=2)
    assert changed[100:140, 200:250].mean() > 0.1
    assert np.array_equal(draw_landmarks(astronaut, Subjects()), astronaut)
