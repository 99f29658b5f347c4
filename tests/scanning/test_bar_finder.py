"""Finding what looks like bars."""

import numpy as np
import pytest

from services.scanning.bar_finder import find_bars
from shared.geometry import points_in_quad, polygon_area
from tests.scanning.pictures import code_picture, turned


@pytest.mark.parametrize("shape", [(1, 1), (4, 900), (480, 640)])
def test_plain_pictures_have_no_bars(shape):
    """Nothing is found in white, whatever the size."""
    assert find_bars(np.full(shape, 255, np.uint8)) == []


def test_grain_has_no_bars():
    """Gradients that point everywhere are no bars, however strong."""
    grain = np.random.default_rng(5).integers(0, 256, (480, 640)).astype(np.uint8)
    assert find_bars(grain) == []


def test_a_single_edge_is_no_place():
    """A shelf's edge is strong and straight, but too thin."""
    picture = np.zeros((480, 640), np.uint8)
    picture[240:] = 255
    assert find_bars(picture) == []


@pytest.mark.parametrize("degrees", range(0, 180, 15))
def test_bars_are_found_at_any_angle(degrees):
    """The place holds the code's centre, and its first edge runs across the bars."""
    place = find_bars(turned(code_picture(), degrees)[..., 0])[0]
    assert points_in_quad([(0.5, 0.5)], place.quad).all()
    across = np.subtract(place.quad[1], place.quad[0]) * (1280, 720)
    expected = np.array([np.cos(np.radians(degrees)), -np.sin(np.radians(degrees))])
    assert abs(across @ expected) / np.hypot(*across) > 0.99


def test_a_place_is_about_as_big_as_the_code():
    """The rectangle is neither the whole picture nor a fragment."""
    picture = code_picture(margin=0)
    place = find_bars(turned(picture, 30)[..., 0])[0]
    area = polygon_area(np.array(place.quad) * (1280, 720))
    assert 0.7 < area / (picture.shape[0] * picture.shape[1]) < 1.4


def test_the_strongest_place_comes_first():
    """Of two codes the larger one has more evidence."""
    both = np.vstack([turned(code_picture(), 20, shrink=0.7), turned(code_picture(), 20)])
    places = find_bars(both[..., 0])
    assert len(places) == 2
    assert places[0].strength > places[1].strength
    assert np.mean(places[0].quad, axis=0)[1] > 0.5
