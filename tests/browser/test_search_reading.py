"""What the search page reads off an explanation is what the service reads off it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from services.visual_search.commands.explanation import detail
from services.visual_search.explaining.explainer import Explanation
from services.visual_search.explaining.pointing import warmth
from services.visual_search.explaining.reading import Reading, read_off
from services.visual_search.local_features.references import content_box
from shared.geometry import WHOLE_IMAGE
from tests.browser.searcher import open_search

SIZE_WH = (400, 300)
QUERY = np.full((*SIZE_WH[::-1], 3), 90, np.uint8)
REFERENCE = np.full((100, 120, 3), 255, np.uint8)
REFERENCE[10:90, 30:80] = 40
GRID = np.stack(np.meshgrid([0.3, 0.4, 0.5, 0.6], [0.2, 0.4, 0.6, 0.8]), -1).reshape(-1, 2)
SMALLER = [(0.4, 0.1, 0.3), (-0.05, 0.5, 0.2)]
NO_MAP = np.zeros((0, 0), np.float32)
NO_POINTS = np.zeros((0, 2))
CORNERS = ("x_min", "y_min", "x_max", "y_max")


def seen(matrix: Any, points: Any = GRID, cells: Any = NO_MAP, noise: float = 0.0) -> Explanation:
    """Points of the reference, moved into the query by a (2, 3) affine map."""
    moved = points @ np.array(matrix)[:, :2].T + np.array(matrix)[:, 2]
    moved += np.random.default_rng(3).normal(0, noise, moved.shape)
    return Explanation(cells, cells, WHOLE_IMAGE, WHOLE_IMAGE, moved, points)


def stray() -> Explanation:
    """One pair and another that say something else than the others."""
    why = seen(SMALLER, noise=0.002)
    why.query_points[[5, 9]] += 0.2
    return why


def scattered() -> Explanation:
    """Pairs that agree by no map."""
    ours = np.random.default_rng(1).uniform(size=GRID.shape)
    return Explanation(NO_MAP, NO_MAP, WHOLE_IMAGE, WHOLE_IMAGE, ours, GRID)


def hot(*places: tuple[int, int]) -> NDArray[np.float32]:
    """A map with heat in some of its places."""
    cells = np.zeros((7, 5), np.float32)
    for place in places:
        cells[place] = 0.8
    return cells


def on_the_wire(why: Explanation) -> dict[str, Any]:
    """An explanation as the gateway's JSON."""
    rows, columns = why.query_map.shape
    return {
        "width": columns,
        "height": rows,
        "query_map": why.query_map.ravel().tolist(),
        "reference_map": why.reference_map.ravel().tolist(),
        "query_area": dict(zip(CORNERS, why.query_area, strict=True)),
        "reference_area": dict(zip(CORNERS, why.reference_area, strict=True)),
        "query_points": [{"x": x, "y": y} for x, y in why.query_points.tolist()],
        "reference_points": [{"x": x, "y": y} for x, y in why.reference_points.tolist()],
    }


def pixels(image_rgb: NDArray[np.uint8]) -> dict[str, Any]:
    """A picture as `ImageData` has it."""
    opaque = np.full((*image_rgb.shape[:2], 1), 255, np.uint8)
    height, width = image_rgb.shape[:2]
    data = np.concatenate([image_rgb, opaque], axis=2).ravel().tolist()
    return {"data": data, "width": width, "height": height}


def read_by_the_page(page: Page, why: Explanation, others: list[Any]) -> dict[str, Any]:
    """What the page's `readOff` makes of it."""
    asked = [on_the_wire(why), [one.ravel().tolist() for one in others], SIZE_WH, pixels(REFERENCE)]
    told = page.evaluate(
        "async ([told, others, [width, height], reference]) => (await import('/search/reading.js'))"
        ".readOff(told, others, { width, height }, reference)",
        asked,
    )
    assert isinstance(told, dict)
    return told


def test_heat_is_told_as_the_service_tells_it(page: Page) -> None:
    """The page's neighbourhoods, less what the others share, are those of ``explaining``."""
    maps = np.random.default_rng(0).normal(0.01, 0.02, (4, 7, 5)).astype(np.float32)
    page.goto("/search")
    for others in (maps[1:], maps[:0]):
        told = page.evaluate(
            "async ([own, others]) => (await import('/search/heat.js')).warmth(own, others, 5)",
            [maps[0].ravel().tolist(), [other.ravel().tolist() for other in others]],
        )
        np.testing.assert_allclose(told, warmth(maps[0], others).ravel(), atol=1e-6)


@pytest.mark.parametrize(
    ("why", "is_outlined"),
    [
        (seen(SMALLER), True),
        (stray(), True),
        (seen([(0.3, -0.3, 0.5), (0.4, 0.3, 0.2)], noise=0.002), True),
        (scattered(), False),
        (seen([(-0.4, 0, 0.7), (0, 0.5, 0.2)]), False),
        (seen([(0.02, 0, 0.5), (0, 0.5, 0.2)]), False),
        (seen([(0.02, 0, 0.5), (0, 0.02, 0.5)]), False),
        (seen([(1, 0, 0.6), (0, 1, 0.6)]), False),
        (seen(SMALLER, GRID[:6]), False),
        (seen(SMALLER, 0.5 + (GRID - 0.5) / 8), False),
        (seen(SMALLER, GRID * (1, 0) + (0, 0.5)), False),
        (seen([(0.0, 0, 0.5), (0, 0.0, 0.5)]), False),
        (seen(SMALLER, NO_POINTS), False),
    ],
    ids=[
        "a view", "two stray", "turned", "scattered", "mirrored", "squeezed", "tiny",
        "mostly outside", "few", "in one corner", "on a line", "one point", "none",
    ],
)  # fmt: skip
def test_print_is_outlined_as_the_service_does(
    page: Page, why: Explanation, is_outlined: bool
) -> None:
    """The page's outline is that of ``explaining.reading``, and absent where that has none."""
    expected = read_off(QUERY, REFERENCE, why).outline
    assert (expected is not None) == is_outlined
    page.goto("/search")
    told = read_by_the_page(page, why, [])["outline"]
    if expected is None:
        assert told is None
    else:
        corners = [(corner["x"], corner["y"]) for corner in told]
        np.testing.assert_allclose(corners, expected, atol=0.004)


@pytest.mark.parametrize(
    ("cells", "matched"),
    [
        (hot((3, 2)), NO_POINTS),
        (np.ones((7, 5), np.float32), NO_POINTS),
        (hot((1, 1), (5, 3), (1, 3), (5, 1)), NO_POINTS),
        (-np.ones((7, 5), np.float32), NO_POINTS),
        (NO_MAP, NO_POINTS),
        (hot((3, 2)), GRID),
        (hot((6, 4)), GRID),
        (np.ones((7, 5), np.float32), GRID),
        (NO_MAP, GRID),
    ],
)
def test_heat_points_where_the_service_says_so(page: Page, cells: Any, matched: Any) -> None:
    """One warm place does, heat all over or beside the outline does not."""
    why = seen(SMALLER, matched, cells)
    others = [hot((3, 2), (0, 0))] if cells.size else []
    page.goto("/search")
    for beside in ([], others):
        expected = read_off(QUERY, REFERENCE, why, beside)
        assert read_by_the_page(page, why, beside)["points"] is expected.points


def test_the_product_is_told_from_its_plain_ground_as_the_service_does(page: Page) -> None:
    """The same box on plain ground, on busy ground, of next to nothing, of nothing at all."""
    noise = np.random.default_rng(2).integers(0, 255, (50, 70, 3), np.uint8)
    speck, plain = np.full((2, 50, 70, 3), 200, np.uint8)
    speck[20, 30] = 0
    page.goto("/search")
    for image in (REFERENCE, noise, speck, plain, REFERENCE[:, 10:-15]):
        told = page.evaluate(
            "async (image) => (await import('/search/content_box.js')).contentBox(image)",
            pixels(image),
        )
        height, width = image.shape[:2]
        expected = np.array(content_box(image)) / (width, height, width, height)
        np.testing.assert_allclose([told[name] for name in CORNERS], expected)


MAP = np.ones((7, 5), np.float32)
NINE, QUAD = np.zeros((9, 2)), np.zeros((4, 2))


@pytest.mark.parametrize(
    ("cells", "points", "reading"),
    [
        (MAP, NO_POINTS, Reading()),
        (MAP, NO_POINTS, Reading(points=False)),
        (NO_MAP, NO_POINTS, Reading(points=False)),
        (MAP, NINE, Reading()),
        (MAP, NINE, Reading(points=False)),
        (MAP, NINE, Reading(QUAD)),
        (MAP, NINE, Reading(QUAD, points=False)),
        (NO_MAP, NINE, Reading(points=False)),
        (NO_MAP, NINE, Reading(QUAD, points=False)),
    ],
)
def test_the_page_says_what_the_command_says(
    page: Page, cells: Any, points: Any, reading: Reading
) -> None:
    """The words of `vitrine search --explain`, but for cropping: on the page a part is chosen."""
    why = Explanation(cells, cells, WHOLE_IMAGE, WHOLE_IMAGE, points, points)
    open_search(page)
    outline = None if reading.outline is None else reading.outline.tolist()
    said = page.evaluate(
        "async ([told, reading]) =>"
        " (await import('/search/why.js')).captions(told, reading, false)",
        [on_the_wire(why), {"outline": outline, "points": reading.points}],
    )
    words = detail(0.9, why, reading).replace("crop it to one", "choose the part with one")
    expected = words.split(" · ")[1:]
    assert [one.removesuffix(".").lower() for one in said] == expected
