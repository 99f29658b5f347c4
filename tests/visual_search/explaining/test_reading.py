"""What is read off an explanation: outlines only where they are sure, heat only where it points."""

from __future__ import annotations

import numpy as np
import pytest

from services.visual_search.explaining.explainer import Explanation
from services.visual_search.explaining.pointing import spread
from services.visual_search.explaining.reading import GATHERED, read_off, seen_outline
from shared.geometry import WHOLE_IMAGE

QUERY = np.full((300, 400, 3), 90, np.uint8)
REFERENCE = np.full((200, 200, 3), 255, np.uint8)
REFERENCE[20:180, 60:140] = 40
CONTENT = np.array([(0.3, 0.1), (0.7, 0.1), (0.7, 0.9), (0.3, 0.9)])
NO_MAP = np.zeros((0, 0), np.float32)
NO_POINTS = np.zeros((0, 2))
GRID = np.stack(np.meshgrid([0.35, 0.45, 0.55, 0.65], [0.2, 0.4, 0.6, 0.8]), -1).reshape(-1, 2)


def seen(matrix, points=GRID, cells=NO_MAP) -> Explanation:
    """Points of the reference, moved into the query by a (2, 3) affine map."""
    moved = points @ np.array(matrix)[:, :2].T + np.array(matrix)[:, 2]
    return Explanation(cells, cells, WHOLE_IMAGE, WHOLE_IMAGE, moved, points)


def hot(row: int, column: int):
    """A map with heat in one place."""
    cells = np.zeros((7, 7), np.float32)
    cells[row, column] = 0.8
    return cells


SMALLER = [(0.4, 0.1, 0.3), (-0.05, 0.5, 0.2)]


def test_no_points_no_outline():
    """Nothing agrees, so nothing is outlined."""
    why = Explanation(NO_MAP, NO_MAP, WHOLE_IMAGE, WHOLE_IMAGE, NO_POINTS, NO_POINTS)
    assert seen_outline(QUERY, REFERENCE, why) is None


def test_the_outline_is_that_of_the_product_without_its_white_border():
    """Where the map of the points takes the product's corners, one stray pair or none."""
    why = seen(SMALLER)
    why.query_points[5] += 0.2
    outline = seen_outline(QUERY, REFERENCE, why)
    moved = CONTENT @ np.array(SMALLER)[:, :2].T + np.array(SMALLER)[:, 2]
    assert outline is not None
    np.testing.assert_allclose(outline, moved, atol=0.01)


@pytest.mark.parametrize(
    "why",
    [
        seen([(-0.4, 0, 0.7), (0, 0.5, 0.2)]),
        seen([(0.02, 0, 0.5), (0, 0.5, 0.2)]),
        seen([(0.02, 0, 0.5), (0, 0.02, 0.5)]),
        seen([(1, 0, 0.6), (0, 1, 0.6)]),
        seen(SMALLER, GRID[:6]),
        seen(SMALLER, 0.5 + (GRID - 0.5) / 8),
        seen([(0.0, 0, 0.5), (0, 0.0, 0.5)]),
    ],
    ids=["mirrored", "squeezed", "tiny", "mostly outside", "few", "in one corner", "one point"],
)
def test_what_is_no_view_of_a_thing_has_no_outline(why):
    """The points stay, a wrong frame is not drawn."""
    assert seen_outline(QUERY, REFERENCE, why) is None


def test_points_at_random_have_no_outline():
    """Pairs that agree by no map."""
    ours = np.random.default_rng(1).uniform(size=GRID.shape)
    why = Explanation(NO_MAP, NO_MAP, WHOLE_IMAGE, WHOLE_IMAGE, ours, GRID)
    assert seen_outline(QUERY, REFERENCE, why) is None


def test_heat_elsewhere_than_print_does_not_point():
    """The same outline, heat on it and in another corner."""
    there, elsewhere = (
        read_off(QUERY, REFERENCE, seen(SMALLER, cells=cells)) for cells in (hot(3, 3), hot(6, 6))
    )
    assert there.outline is not None
    assert there.points
    assert elsewhere.outline is not None
    assert not elsewhere.points


@pytest.mark.parametrize(
    ("cells", "points"),
    [
        (hot(3, 3), True),
        (hot(0, 6), True),
        (np.ones((7, 7), np.float32), False),
        (hot(1, 1) + hot(5, 5) + hot(1, 5) + hot(5, 1), False),
        (NO_MAP, False),
    ],
)
def test_heat_all_over_does_not_point(cells, points):
    """One warm place does, wherever it is; several things and no map do not."""
    why = Explanation(cells, cells, WHOLE_IMAGE, WHOLE_IMAGE, NO_POINTS, NO_POINTS)
    assert read_off(QUERY, REFERENCE, why).points is points


@pytest.mark.parametrize("shape", [(7, 7), (14, 14), (3, 5)])
def test_spread_does_not_hang_on_the_number_of_places(shape):
    """Even heat is spread alike on any grid, and more than the bar."""
    assert GATHERED < spread(np.ones(shape, np.float32)) <= 1.0


@pytest.mark.parametrize("cells", [NO_MAP, np.zeros((7, 7), np.float32), -np.ones((7, 7))])
def test_no_heat_is_not_spread(cells):
    """Empty maps and those that speak against a match."""
    assert spread(cells.astype(np.float32)) == 0
