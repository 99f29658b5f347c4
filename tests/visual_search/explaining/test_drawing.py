"""The picture that explains a match: warm where it should be, readable, whatever the shapes."""

from __future__ import annotations

import numpy as np
import pytest

from services.visual_search.explaining.drawing import PANEL, draw_explanation, heat
from services.visual_search.explaining.explainer import Explanation
from services.visual_search.explaining.reading import Reading
from shared.geometry import WHOLE_IMAGE

NO_POINTS = np.zeros((0, 2))
NO_MAP = np.zeros((0, 0), np.float32)
GREY = np.full((300, 400, 3), 128, np.uint8)


def one_hot(row: int, column: int, side: int = 7) -> np.ndarray:
    """A map with one warm place."""
    cells = np.zeros((side, side), np.float32)
    cells[row, column] = 0.4
    return cells


def explanation(query_map=NO_MAP, points=NO_POINTS, area=WHOLE_IMAGE) -> Explanation:
    """The same on both sides."""
    return Explanation(query_map, query_map, area, area, points, points)


@pytest.mark.parametrize("place", [(0, 0), (3, 3), (6, 2)])
def test_heat_is_strongest_at_its_cell(place):
    """The centre of a cell is at (column + 0.5) / columns of the picture."""
    warm = heat(one_hot(*place), WHOLE_IMAGE, (140, 280))
    row, column = np.unravel_index(warm.argmax(), warm.shape)
    assert abs(row / 280 - (place[0] + 0.5) / 7) < 0.1
    assert abs(column / 140 - (place[1] + 0.5) / 7) < 0.1
    assert warm.max() == pytest.approx(1, abs=0.05)


def test_heat_keeps_to_its_area():
    """A map over the right half leaves the left cold."""
    warm = heat(np.ones((7, 7), np.float32), (0.5, 0, 1, 1), (100, 100))
    assert warm[:, :50].max() == 0
    assert warm[:, 50:].min() == pytest.approx(1)


def test_heat_reaches_over_padding():
    """An area beyond the picture: what lies in the padding is not drawn, the rest in place."""
    warm = heat(one_hot(3, 3), (0, -0.5, 1, 1.5), (140, 70))
    assert np.unravel_index(warm.argmax(), warm.shape)[0] == pytest.approx(35, abs=2)


@pytest.mark.parametrize("cells", [NO_MAP, np.full((7, 7), -0.1, np.float32)])
def test_without_a_part_for_the_match_there_is_no_heat(cells):
    """An empty map and one that only speaks against it."""
    assert heat(cells, WHOLE_IMAGE, (30, 20)).max() == 0


@pytest.mark.parametrize("size_wh", [(400, 300), (30, 900), (2000, 100), (1, 1)])
def test_pictures_of_any_shape_are_drawn(size_wh):
    """Thin and wide ones too; the panels have one height."""
    picture = np.full((size_wh[1], size_wh[0], 3), 90, np.uint8)
    drawn = draw_explanation(picture, GREY, explanation(one_hot(1, 1)), "Tea · 3.00 EUR", "alike")
    assert drawn.shape[0] > PANEL
    assert drawn.dtype == np.uint8


def test_the_warm_place_is_the_only_one_coloured():
    """Grey stays grey where nothing speaks for the match."""
    drawn = draw_explanation(GREY, GREY, explanation(one_hot(0, 0)), "", "").astype(int)
    panel = drawn[24 : 24 + PANEL, 24 : 24 + 640]
    redness = panel[..., 0] - panel[..., 2]
    assert redness[20:50, 20:60].min() > 40
    assert redness[PANEL // 2 :, 320:].max() == 0


def test_what_counts_as_much_for_other_results_is_not_warmest():
    """Clutter that makes the picture like anything is told from the product."""
    both = one_hot(0, 0) + 0.8 * one_hot(6, 6)
    alone, among = (
        draw_explanation(GREY, GREY, explanation(both), "", "", others).astype(int)
        for others in ([], [one_hot(0, 0)])
    )
    corners = (slice(24, 60), slice(24, 60)), (slice(470, 504), slice(630, 664))
    clutter, product = (
        [drawn[corner][..., 0].mean() - drawn[corner][..., 2].mean() for drawn in (alone, among)]
        for corner in corners
    )
    assert clutter[0] > product[0]
    assert product[1] > clutter[1]


def test_points_that_agree_are_joined():
    """A line runs over the gap at the height of its points."""
    plain = draw_explanation(GREY, GREY, explanation(), "", "")
    joined = draw_explanation(GREY, GREY, explanation(points=np.array([[0.5, 0.25]])), "", "")
    changed = (plain != joined).any(axis=2)
    middle = changed[:, plain.shape[1] // 2]
    assert set(np.flatnonzero(middle)) <= set(range(140, 150))
    assert middle.any()


def test_long_words_are_made_to_fit():
    """The margin at the right stays free."""
    drawn = draw_explanation(GREY, GREY, explanation(), "Very long title " * 40, "x")
    assert (drawn[PANEL + 24 :, -20:] == 255).all()


def test_a_long_detail_takes_more_lines():
    """Nothing of it is left out: the picture grows by what one line does not hold."""
    short, long = (
        draw_explanation(GREY, GREY, explanation(), "", words) for words in ("x", "word " * 120)
    )
    assert long.shape[0] > short.shape[0]
    assert (long[short.shape[0] :] < 200).any()


def test_the_outline_is_drawn_where_the_product_is_seen():
    """Its edges are inked in the query, and nothing else differs."""
    quad = np.array([(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)])
    plain, framed = (
        draw_explanation(GREY, GREY, explanation(), "", "", reading=reading)
        for reading in (Reading(), Reading(quad))
    )
    changed = (plain != framed).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert (rows[0], rows[-1]) == pytest.approx((24 + 120, 24 + 360), abs=6)
    assert (columns[0], columns[-1]) == pytest.approx((24 + 160, 24 + 480), abs=6)
    assert not changed[200:300, 250:400].any()


def test_heat_that_does_not_point_is_faint():
    """In the query; the reference image is as warm as ever."""
    strong, faint = (
        draw_explanation(GREY, GREY, explanation(one_hot(3, 3)), "", "", reading=one).astype(int)
        for one in (Reading(), Reading(points=False))
    )
    query = (slice(250, 270), slice(330, 350))
    redness = [drawn[query][..., 0].mean() - 128 for drawn in (strong, faint)]
    assert 0 < redness[1] < redness[0] / 2
    right = strong.shape[1] // 2 + 24
    np.testing.assert_array_equal(strong[:, right:], faint[:, right:])
