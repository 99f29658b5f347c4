"""The card: found to a part of a pixel where it is, and not where there is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.pose.landmarks import LandmarkFinder
from services.pose.placement.camera import camera_of
from services.pose.placement.reference_card import card_distance_mm
from services.pose.placement.types import LandmarkKind
from services.pose.reference_card_finder import find_card, with_card

CARD_WH = (856, 540)
FINER = 4
"""Times finer the card is drawn, so that its edges are as soft as a lens makes them."""


def card(colour: tuple[int, int, int] = (40, 80, 160)) -> tuple[np.ndarray, np.ndarray]:
    """A bank card with round corners, a chip and some print, and its opacity."""
    width, height = CARD_WH
    image = np.full((height, width, 3), colour, np.uint8)
    cv2.rectangle(image, (90, 180), (200, 270), (210, 180, 90), -1)
    cv2.putText(image, "1234 5678 9012", (90, 380), cv2.FONT_HERSHEY_SIMPLEX, 2, (230,) * 3, 4)
    mask = np.zeros((height, width), np.uint8)
    radius = 32
    cv2.rectangle(mask, (radius, 0), (width - radius, height), 255, -1)
    cv2.rectangle(mask, (0, radius), (width, height - radius), 255, -1)
    for x in (radius, width - radius - 1):
        for y in (radius, height - radius - 1):
            cv2.circle(mask, (x, y), radius, 255, -1)
    return image, mask


def held(image: np.ndarray, corners: np.ndarray, **options: tuple[int, int, int]) -> np.ndarray:
    """The picture with a card whose corners lie at (4, 2) pixels."""
    picture, mask = card(**options)
    width, height = CARD_WH
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    fine = cv2.getPerspectiveTransform(flat, (corners * FINER + FINER / 2 - 0.5).astype(np.float32))
    size = (image.shape[1] * FINER, image.shape[0] * FINER)
    layer = cv2.warpPerspective(np.dstack([picture, mask]), fine, size)
    layer = cv2.resize(layer, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_AREA)
    seen, alpha = layer[..., :3].astype(float), layer[..., 3:] / 255
    return np.asarray(np.round(image * (1 - alpha) + seen * np.minimum(alpha, 1)), np.uint8)


def corners_at(x: float, y: float, width: float, turn_deg: float = 0) -> np.ndarray:
    """Corners of an upright or turned card."""
    half = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, width / 2 / 1.5858)
    angle = np.radians(turn_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return half @ turn.T + (x, y)


def nearest(found: np.ndarray, expected: np.ndarray) -> float:
    """Largest distance between corners, whichever is counted first."""
    orders = [np.roll(order, shift, axis=0) for order in (found, found[::-1]) for shift in range(4)]
    return float(min(np.linalg.norm(order - expected, axis=1).max() for order in orders))


@pytest.fixture(scope="module")
def portrait(astronaut: np.ndarray) -> np.ndarray:
    """The astronaut at (1024, 1024)."""
    return cv2.resize(astronaut, (1024, 1024), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("turn", [0, 12, -20])
@pytest.mark.parametrize("colour", [(40, 80, 160), (235, 235, 235), (90, 20, 50)])
def test_a_card_on_the_chin_is_found_to_a_pixel(portrait, turn, colour):
    """Blue, white or dark red, straight or turned."""
    expected = corners_at(450, 370, 140, turn)
    image = held(portrait, expected, colour=colour)
    found = find_card(image, np.array((444.0, 240.0)), 220.0)
    assert found is not None
    assert nearest(found, expected) < 1.5


def test_the_distance_of_a_tilted_card_is_right(portrait):
    """The corners of a card in perspective give its distance to three percent."""
    camera = camera_of((1024, 1024))
    angle = np.radians(20)
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (42.8, 26.99)
    turned = np.column_stack([flat[:, 0] * np.cos(angle), flat[:, 1], flat[:, 0] * np.sin(angle)])
    points = np.add(turned, (-35.0, -60.0, 520.0))
    pixels = points[:, :2] / points[:, 2:] * camera.focal_xy_px + camera.center_xy_px
    found = find_card(held(portrait, pixels), pixels.mean(axis=0) - (0, 60), 220.0)
    assert found is not None
    distance = card_distance_mm(found / 1024, camera)
    assert distance == pytest.approx(520, rel=0.03)


def test_a_face_without_a_card_has_none(astronaut):
    """Nothing of an astronaut's suit is taken for a card."""
    assert find_card(astronaut, np.array((222.0, 120.0)), 110.0) is None


def test_a_square_is_no_card(astronaut):
    """The proportions are part of what makes it a card."""
    square = corners_at(225, 185, 70) * (1, 1.5858) - (0, 185 * 0.5858)
    assert find_card(held(astronaut, square), np.array((222.0, 120.0)), 110.0) is None


def test_a_card_beside_nobody_is_not_looked_for(finder: LandmarkFinder, astronaut):
    """The card counts only where it is held to a face or a hand."""
    blank = held(np.full_like(astronaut, 127), corners_at(250, 250, 120))
    subjects = finder.find(blank, [LandmarkKind.FACE])
    assert with_card(subjects, blank).card_corners is None


def test_a_card_held_to_the_face_comes_with_the_face(finder: LandmarkFinder, astronaut):
    """Corners are normalised to the picture."""
    expected = corners_at(225, 190, 70)
    image = held(astronaut, expected)
    subjects = with_card(finder.find(image, [LandmarkKind.FACE]), image)
    assert subjects.card_corners is not None
    assert nearest(subjects.card_corners * 512, expected) < 1.5
