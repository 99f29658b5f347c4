"""``vitrine search`` as typed."""

from __future__ import annotations

import json
import re

import cv2
import numpy as np
import pytest

from services.visual_search.commands.explanation import detail
from services.visual_search.commands.search import parse_filters
from services.visual_search.explaining.explainer import Explanation
from services.visual_search.explaining.reading import Reading
from shared.errors import InvalidInput
from shared.geometry import WHOLE_IMAGE
from tests.visual_search.conftest import open_shop, settings_in, stock
from tests.visual_search.pictures import jpeg


@pytest.fixture
async def filled(tmp_path, embedder):
    """The state folder of a stocked shop whose services have stopped."""
    async with open_shop(settings_in(tmp_path / "state", embedder=embedder)) as shop:
        await stock(shop)
    (tmp_path / "query.jpg").write_bytes(jpeg(2))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("brand=Fairleaf", "brands"),
        ("category=A > B", "categories"),
        ("price<300", "max_price"),
        ("price > 10", "min_price"),
        ("price>=10EUR", "min_price"),
        ("color=red", "attributes"),
    ],
)
def test_filters_are_read_as_typed(text, field):
    """Each into its place."""
    assert [name.name for name, _ in parse_filters([text]).ListFields()] == [field]


def test_a_price_bound_is_strict_as_written():
    """Less than 300 excludes 300."""
    assert parse_filters(["price<300"]).max_price.amount_micros == 299_999_999
    assert parse_filters(["price>=10EUR"]).min_price.currency_code == "EUR"


@pytest.mark.parametrize("text", ["", "brand", "price=<3", "=x", "price<cheap"])
def test_a_filter_that_is_none_is_told(text):
    """With an example of what would be right."""
    with pytest.raises(InvalidInput, match="must look like"):
        parse_filters([text])


async def test_search_works_with_nothing_running(vitrine, filled):
    """The services run embedded for the call; the JSON has its shape."""
    import asyncio

    run = asyncio.to_thread
    result = await run(
        vitrine, "search", filled / "query.jpg", "--json", "--top-k", 2, "--store", "berlin-1"
    )
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert set(found) == {"groups", "catalog_revision", "model", "timings_ms"}
    group = found["groups"][0]
    assert group["box"] == [0, 0, 1, 1]
    assert len(group["results"]) == 2
    best = group["results"][0]
    assert (best["sku"], best["title"], best["price"]) == ("TEA-3", "Black tea", 4.0)
    assert found["model"] == "classical"
    shown = await run(vitrine, "search", "--text", "green tea", "--filter", "color=green")
    assert re.search(r"TEA-1.*Green tea.*3\.00 EUR", shown.output)
    nothing = await run(vitrine, "search", "--text", "submarine")
    assert "nothing found" in nothing.output


def test_a_missing_image_is_told(vitrine, tmp_path):
    """Before anything is started."""
    result = vitrine("search", tmp_path / "none.jpg")
    assert isinstance(result.exception, InvalidInput)
    assert "cannot read" in str(result.exception)


def test_explain_draws_the_best_match(filled, vitrine):
    """Query and reference stand side by side, and lines join the print that agrees."""
    result = vitrine("search", filled / "query.jpg", "--explain", filled / "why.png")
    assert result.exit_code == 0, result.output
    assert "TEA-3" in result.output
    drawn = cv2.imread(str(filled / "why.png"))
    assert drawn.shape[0] > 480
    assert drawn.shape[1] > 2 * 360
    # The two panels bear the same picture; the lines between them are the only ink there.
    middle = drawn[100:480, drawn.shape[1] // 2 - 10 : drawn.shape[1] // 2 + 10]
    assert (middle < 200).any()


@pytest.mark.parametrize("embedder", ["vitrine-embedder-1"])
def test_an_explanation_of_the_best_alone_is_weighed_against_others_all_the_same(filled, vitrine):
    """One result is shown, and its picture is that of a longer list."""
    one = vitrine(
        "search", filled / "query.jpg", "--top-k", 1, "--json", "--explain", filled / "one.png"
    )
    vitrine("search", filled / "query.jpg", "--top-k", 6, "--explain", filled / "six.png")
    assert [len(group["results"]) for group in json.loads(one.stdout)["groups"]] == [1]
    assert (filled / "one.png").read_bytes() == (filled / "six.png").read_bytes()


NO_POINTS, NO_MAP = np.zeros((0, 2)), np.zeros((0, 0), np.float32)
A_MAP, POINTS, QUAD = np.ones((7, 7), np.float32), np.zeros((9, 2)), np.zeros((4, 2))


@pytest.mark.parametrize(
    ("cells", "points", "reading", "said", "unsaid"),
    [
        (A_MAP, NO_POINTS, Reading(), "warm places count most", "print"),
        (A_MAP, NO_POINTS, Reading(points=False), "whole photo was compared", "warm"),
        (A_MAP, POINTS, Reading(QUAD), "seen here, 9 points agree", "whole photo"),
        (A_MAP, POINTS, Reading(QUAD, points=False), "whole photo was compared", "crop"),
        (A_MAP, POINTS, Reading(), "9 points of print agree", "seen here"),
        (
            NO_MAP,
            NO_POINTS,
            Reading(points=False),
            "compared; this model does not tell which",
            "warm",
        ),
        (NO_MAP, POINTS, Reading(QUAD, points=False), "seen here, 9 points agree", "warm"),
    ],
)
def test_the_words_of_an_explanation_say_what_its_picture_shows(
    cells, points, reading, said, unsaid
):
    """Nothing of heat without a map, of a place without print, of a crop where it is outlined."""
    why = Explanation(cells, cells, WHOLE_IMAGE, WHOLE_IMAGE, points, points)
    words = detail(0.9, why, reading)
    assert said in words
    assert unsaid not in words


@pytest.mark.parametrize("target", ["why.txt", "nowhere/why.png"])
def test_explain_says_where_it_cannot_draw(filled, vitrine, target):
    """Before anything is searched."""
    result = vitrine("search", filled / "query.jpg", "--explain", filled / target)
    assert isinstance(result.exception, InvalidInput)
    assert "explain" in str(result.exception)


def test_explain_needs_a_picture(vitrine):
    """Words have no places."""
    result = vitrine("search", "--text", "tea", "--explain", "why.png")
    assert isinstance(result.exception, InvalidInput)
