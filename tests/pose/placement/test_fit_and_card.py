"""Size and fit, and the reference card."""

from __future__ import annotations

import numpy as np
import pytest

from services.pose.placement import place, rotation
from services.pose.placement.camera import camera_of
from services.pose.placement.fit import fit_of
from services.pose.placement.reference_card import card_corners_px, card_distance_mm
from services.pose.placement.types import Fit, Scale, ScaleSource, Subjects, TryOnKind
from tests.pose.placement.conftest import Person, item_of

CAMERA = camera_of((1280, 720))


def scale(
    face_mm: float, sigma: float = 0.02, source: ScaleSource = ScaleSource.REFERENCE
) -> Scale:
    return Scale(source, 1.0, sigma, 63.0, face_mm, sigma * face_mm)


@pytest.mark.parametrize(("frame_mm", "fit"), [(142, Fit.FITS), (118, Fit.TIGHT), (170, Fit.LOOSE)])
def test_frames_are_judged_against_the_face(frame_mm, fit):
    """A frame as wide as the face fits; one much narrower or wider does not."""
    found, words = fit_of(item_of(TryOnKind.GLASSES, frame_mm).asset, scale(138.0))
    assert found is fit
    assert f"{frame_mm} mm" in words
    assert "either way" in words


def test_a_border_case_cannot_be_told():
    """Where the odds are even nothing is claimed."""
    found, words = fit_of(item_of(TryOnKind.GLASSES, 131).asset, scale(138.0, 0.06))
    assert found is Fit.UNKNOWN
    assert "cannot tell" in words


@pytest.mark.parametrize("source", [ScaleSource.ASSUMED, ScaleSource.UNKNOWN])
def test_an_assumed_scale_claims_no_fit(source):
    """Good for looks, not for size."""
    found, words = fit_of(item_of(TryOnKind.GLASSES).asset, scale(138.0, source=source))
    assert found is Fit.UNKNOWN
    assert "not known" in words


def test_a_product_of_unknown_width_claims_no_fit():
    """The face alone is told."""
    found, words = fit_of(item_of(TryOnKind.GLASSES, 0).asset, scale(138.0))
    assert found is Fit.UNKNOWN
    assert "138 mm" in words


def test_hats_are_judged_by_circumference():
    """A band of 175 mm outside is about 58 cm around inside."""
    fits, _ = fit_of(item_of(TryOnKind.HAT, 175 / 0.8).asset, scale(139.0))
    tight, _ = fit_of(item_of(TryOnKind.HAT, 150 / 0.8).asset, scale(139.0))
    assert (fits, tight) == (Fit.FITS, Fit.TIGHT)


def test_rings_are_judged_by_the_finger():
    """A finger of 19 mm takes a ring of 21 mm outside, not one of 15."""
    fits, _ = fit_of(item_of(TryOnKind.RING, 21).asset, scale(0.0), phalanx_mm=45.0)
    tight, _ = fit_of(item_of(TryOnKind.RING, 14).asset, scale(0.0), phalanx_mm=45.0)
    assert (fits, tight) == (Fit.FITS, Fit.TIGHT)


def card_at(turn, at, turned_on_its_side=False):
    pose = np.eye(4)
    side = rotation.exp((0, 0, np.pi / 2 if turned_on_its_side else 0.0))
    pose[:3, :3], pose[:3, 3] = rotation.exp(turn) @ side, at
    return card_corners_px(pose, CAMERA) / CAMERA.size_wh


@pytest.mark.parametrize("side", [False, True])
@pytest.mark.parametrize("turn", [(0, 0, 0), (0.3, 0.2, 0.4), (-0.2, 0.5, 2.0)])
def test_the_distance_of_a_card_is_found(turn, side):
    """There and back, however it is held."""
    corners = card_at(turn, (30.0, -20.0, 450.0), side)
    assert card_distance_mm(corners, CAMERA) == pytest.approx(450.0, rel=0.01)


@pytest.mark.parametrize("order", [(1, 2, 3, 0), (3, 2, 1, 0)])
def test_the_corners_may_begin_anywhere_and_run_either_way(order):
    """A finder does not know which corner is first."""
    corners = card_at((0.1, 0.2, 0), (0.0, 0.0, 500.0))[list(order)]
    assert card_distance_mm(corners, CAMERA) == pytest.approx(500.0, rel=0.01)


def test_a_square_is_no_card():
    """A quad of another shape claims nothing."""
    square = np.array([(600, 300), (700, 300), (700, 400), (600, 400)]) / (1280, 720)
    assert card_distance_mm(square, CAMERA) is None


def test_corners_in_one_place_are_no_card():
    """A degenerate quad claims nothing."""
    assert card_distance_mm(np.full((4, 2), 0.5), CAMERA) is None


def test_a_card_at_the_forehead_gives_a_sharper_scale_than_the_iris(person: Person):
    """The answer says where it comes from, and its sigma is smaller."""
    subjects = person(factor=1.08, at_mm=(0.0, 0.0, 540.0))
    brow = 540.0 - 1.08 * 50.0
    card = card_at((0, 0, 0), (0.0, -1.08 * 60.0, brow))
    with_card = Subjects(faces=subjects.faces, card_corners=card)
    (found,) = place([item_of(TryOnKind.GLASSES)], with_card, CAMERA)
    (plain,) = place([item_of(TryOnKind.GLASSES)], subjects, CAMERA)
    assert found.scale.source is ScaleSource.REFERENCE
    assert found.scale.factor == pytest.approx(1.08, rel=0.02)
    assert found.scale.sigma_relative < plain.scale.sigma_relative


def test_a_card_far_from_the_face_says_nothing_about_it(person: Person):
    """It may be at any distance."""
    subjects = person(at_mm=(-200.0, 0.0, 600.0))
    card = card_at((0, 0, 0), (250.0, 100.0, 600.0))
    with_card = Subjects(faces=subjects.faces, card_corners=card)
    (found,) = place([item_of(TryOnKind.GLASSES)], with_card, CAMERA)
    assert found.scale.source is ScaleSource.IRIS
