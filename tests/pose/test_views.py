"""Square views: what is found in them lands where it is in the picture."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pose.views import Picture, View, overlapping, tiles, whole

SIZE_WH = (640, 360)
places = st.floats(-100, 700)


@given(
    center=st.tuples(places, places),
    side=st.floats(8, 2000),
    turn=st.floats(-360, 360),
    mirrored=st.booleans(),
    points=st.lists(st.tuples(places, places), min_size=1, max_size=5),
)
def test_there_and_back_is_the_identity(center, side, turn, mirrored, points):
    """A point of the picture, seen in any view, is carried back to itself."""
    view = View(center, side, turn, mirrored)
    pixels = np.array(points)
    seen = (pixels @ view.matrix[:, :2].T + view.matrix[:, 2]) / view.size_px
    back = view.to_picture(np.column_stack([seen, np.zeros(len(seen))]), SIZE_WH)
    np.testing.assert_allclose(back[:, :2] * SIZE_WH, pixels, atol=1e-3)


@pytest.mark.parametrize("side", [64, 300, 3000])
@pytest.mark.parametrize(("turn", "mirrored"), [(0, False), (30, False), (-90, True), (180, True)])
def test_the_pixels_go_where_the_matrix_says(side, turn, mirrored):
    """A bright dot drawn in the picture is found in the cut view, and carried back."""
    picture = np.zeros((2000, 3000, 3), np.uint8)
    dot = np.array((1500.0, 1000.0)) + side * 0.2
    cv2.circle(picture, (int(dot[0]), int(dot[1])), max(2, side // 40), (255, 255, 255), -1)
    view = View((1500.0, 1000.0), side, turn, mirrored)
    cut = view.cut(Picture(picture))[..., 0].astype(float)
    rows, columns = np.indices(cut.shape)
    seen = np.array([(columns * cut).sum(), (rows * cut).sum()]) / cut.sum() / view.size_px
    back = view.to_picture(np.array([[*seen, 0.0]]), (3000, 2000))[0, :2] * (3000, 2000)
    np.testing.assert_allclose(back, np.floor(dot), atol=0.05 * side / view.size_px + 0.05)


def test_depth_keeps_its_scale_to_x():
    """Depth is in the scale of x: in a view half as wide as the picture it counts half."""
    view = View((320, 180), 320)
    assert view.to_picture(np.array([[0.5, 0.5, 0.2]]), SIZE_WH)[0, 2] == pytest.approx(0.1)


def test_vectors_are_turned_back_and_mirrored():
    """A vector that points right in a view turned by a quarter points up in the picture."""
    right = np.array([[1.0, 0.0, 3.0]])
    turned = View((0, 0), 100, 90.0).vectors_to_picture(right)
    np.testing.assert_allclose(turned, [[0, -1, 3]], atol=1e-12)
    mirrored = View((0, 0), 100, 0.0, mirrored=True).vectors_to_picture(right)
    np.testing.assert_allclose(mirrored, [[-1, 0, 3]], atol=1e-12)


@given(width=st.integers(16, 3000), height=st.integers(16, 3000), part=st.floats(0.1, 1.0))
def test_overlapping_squares_cover_the_picture(width, height, part):
    """Every pixel lies in a square, whatever the picture's shape."""
    side = part * max(width, height)
    for axis, length in enumerate((width, height)):
        centers = sorted({one.center_xy_px[axis] for one in overlapping((width, height), side)})
        assert centers[0] - side / 2 <= 1e-6
        assert centers[-1] + side / 2 >= length - 1e-6
        assert all(b - a <= side * 2 / 3 + 1e-6 for a, b in pairwise(centers))


def test_a_picture_is_halved_once_for_all_views():
    """Levels are shared; none is smaller than what was asked for."""
    picture = Picture(np.arange(48 * 80 * 3, dtype=np.uint8).reshape(48, 80, 3))
    assert picture.at_least(0.3).shape == picture.at_least(1.9).shape == (48, 80, 3)
    assert picture.at_least(5.0).shape == (12, 20, 3)
    assert picture.at_least(4.0) is picture.at_least(7.9)
    assert picture.at_most(80) is picture.at_least(1.0)


@given(width=st.integers(16, 3000), height=st.integers(16, 3000), rows=st.integers(1, 3))
def test_tiles_cover_the_picture(width, height, rows):
    """Every pixel lies in a tile, and neighbours overlap."""
    views = tiles((width, height), rows)
    for axis, length in enumerate((width, height)):
        centers = sorted({view.center_xy_px[axis] for view in views})
        side = views[0].side_px
        assert centers[0] - side / 2 <= 1e-6
        assert centers[-1] + side / 2 >= length - 1e-6
        assert all(b - a <= side * 2 / 3 + 1e-6 for a, b in pairwise(centers))


def test_the_whole_view_shows_all_with_its_margin():
    """The square is as long as the longer side and both margins."""
    view = whole(SIZE_WH, 0.25)
    assert view.side_px == 960
    assert view.center_xy_px == (320, 180)


def test_outside_the_picture_is_black():
    """A view that lies beyond the picture is empty, not an error."""
    assert not View((-500, -500), 100).cut(Picture(np.full((50, 50, 3), 255, np.uint8))).any()
