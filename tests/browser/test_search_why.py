"""Why a product matches: what is drawn over both pictures, and the words below them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.chromium import PHONE
from tests.browser.conftest import Axe, Opened
from tests.browser.searcher import (
    answered,
    drag,
    drawn_share,
    drop_photo,
    open_search,
    results,
    truth,
)


def why_of_first(page: Page) -> Locator:
    """The dialog that says why the first result matches, with its words."""
    results(page).first.get_by_role("button", name="Why").click()
    expect(page.locator("#why .why-explained p")).to_be_visible()
    return page.locator("#why")


def drawn_box(canvas: Locator) -> tuple[float, float, float, float]:
    """The box around all that is drawn on a canvas: left, top, right, bottom, 0..1."""
    left, top, right, bottom = canvas.evaluate(
        "(canvas) => { const { width, height } = canvas;"
        " const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);"
        " const box = [1, 1, 0, 0];"
        " for (let at = 0; at < width * height; at += 1) if (data[4 * at + 3] > 127) {"
        " const [x, y] = [(at % width) / width, Math.floor(at / width) / height];"
        " box[0] = Math.min(box[0], x); box[1] = Math.min(box[1], y);"
        " box[2] = Math.max(box[2], x); box[3] = Math.max(box[3], y); } return box; }"
    )
    return left, top, right, bottom


def changed(page: Page, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Let every explained answer come changed, as another model or catalogue would give it."""

    def answer(route: Route) -> None:
        response = route.fetch()
        told = response.json()
        ranked = told["groups"][0]["results"]
        if any(one.get("explanation") for one in ranked):
            change(ranked)
        route.fulfill(response=response, body=json.dumps(told))

    page.route("**/v1/search*", answer)


def test_why_compares_photo_and_reference_side_by_side(page: Page, demo_dir: Path) -> None:
    """Both pictures with heat over them, as the gateway explained it; it can be turned off."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "armchair.jpg")
    with page.expect_response(lambda told: "/v1/search" in told.url) as told:
        dialog = why_of_first(page)
    expect(dialog.locator("figure")).to_have_count(2)
    expect(dialog.locator("#why-heat")).to_be_checked()
    assert told.value.json()["groups"][0]["results"][0]["explanation"]["query_map"]
    overlays = dialog.locator(".why-overlay").all()
    assert [drawn_share(overlay) > 0.9 for overlay in overlays] == [True, True]
    expect(dialog.locator(".why-explained p")).to_have_text("Warm places count most.")
    dialog.locator("#why-heat").uncheck()
    assert drawn_share(dialog.locator(".why-overlay").first) == 0
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_product_is_outlined_where_it_is_seen(page: Page, demo_dir: Path) -> None:
    """In a photo of several things the outline lies around the one that was found."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "table.jpg")
    expect(results(page).first).to_have_attribute("data-sku", "PAS-020")
    dialog = why_of_first(page)
    expect(dialog.locator(".why-explained p")).to_contain_text(
        "Outlined: the same print is seen here"
    )
    dialog.locator("#why-heat").uncheck()
    dialog.get_by_label("points of print").uncheck()
    query, reference = dialog.locator(".why-overlay").all()
    expected = truth(demo_dir, "table.jpg", "PAS-020")
    assert drawn_box(query) == pytest.approx(expected, abs=0.06)
    assert 0 < drawn_share(query) < 0.1
    assert drawn_share(reference) == 0


def test_heat_of_several_things_is_faint_and_the_words_say_why(page: Page, demo_dir: Path) -> None:
    """It hides nothing of the photo; of the catalogue's picture it is plain."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "shelf-02.jpg")
    dialog = why_of_first(page)
    expect(dialog.locator(".why-explained p")).to_have_text(
        "The whole photo was compared: where it shows several things, choose the part with one."
    )
    expect(dialog.get_by_label("points of print")).to_have_count(0)
    opacity = (
        "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)"
        ".data.reduce((most, value, at) => (at % 4 === 3 ? Math.max(most, value) : most), 0)"
    )
    faint, plain = (canvas.evaluate(opacity) for canvas in dialog.locator(".why-overlay").all())
    assert 0 < faint < 100
    assert plain > 140


def test_points_of_print_in_a_part_are_marked(page: Page, demo_dir: Path) -> None:
    """Print that agrees is told by its number, and can be shown without the heat."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "shelf-01.jpg")
    answered(page, lambda: drag(page, truth(demo_dir, "shelf-01.jpg", "TEA-004")))
    dialog = why_of_first(page)
    expect(dialog.locator(".why-explained p")).to_contain_text("points agree")
    expect(dialog.get_by_label("points of print")).to_be_checked()
    dialog.locator("#why-heat").uncheck()
    for overlay in dialog.locator(".why-overlay").all():
        assert 0 < drawn_share(overlay) < 0.2
    outline = drawn_box(dialog.locator(".why-overlay").first)
    assert min(outline[:2]) > 0  # what is around the part is shown, so that all of it is in sight
    assert max(outline[2:]) < 0.999


def test_a_model_without_places_is_said(page: Page, demo_dir: Path) -> None:
    """Print is outlined all the same, and no heat is offered."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "table.jpg")

    def without_maps(ranked: list[dict[str, Any]]) -> None:
        for one in ranked:
            told = one["explanation"]
            told |= {"width": 0, "height": 0, "query_map": [], "reference_map": []}
            del told["query_area"], told["reference_area"]

    changed(page, without_maps)
    dialog = why_of_first(page)
    said = dialog.locator(".why-explained p")
    expect(said).to_contain_text("Outlined: the same print is seen here")
    expect(said).to_contain_text(
        "The whole photo was compared; this model does not tell which places count."
    )
    expect(dialog.locator("#why-heat")).to_have_count(0)
    assert 0 < drawn_share(dialog.locator(".why-overlay").first) < 0.2


def test_a_match_that_is_not_explained_says_so(page: Page, demo_dir: Path) -> None:
    """Its picture left the catalogue after the search: no empty panel."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "armchair.jpg")
    changed(page, lambda ranked: ranked[0].pop("explanation"))
    said = why_of_first(page).locator(".why-explained p")
    expect(said).to_contain_text("only the 20 best are explained")


def test_what_was_compared_is_named_when_it_was_a_part(page: Page, demo_dir: Path) -> None:
    """Not the whole photo then."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "wearables.jpg")
    answered(page, lambda: drag(page, (0.02, 0.02, 0.98, 0.9)))

    def all_over(ranked: list[dict[str, Any]]) -> None:
        for one in ranked:
            told = one["explanation"]
            told |= {"query_map": [1.0] * len(told["query_map"]), "query_points": []}
            told["reference_points"] = []

    changed(page, all_over)
    said = why_of_first(page).locator(".why-explained p")
    expect(said).to_contain_text("The whole part that you chose was compared: where it shows")


def test_the_dialog_fits_a_phone(new_page: Opened, demo_dir: Path) -> None:
    """The photo is as wide as the dialog, nothing sticks out, the words are German."""
    page = new_page(viewport=PHONE, locale="de")
    page.goto("/search")
    expect(page.locator(".facet-list").first).to_be_attached()
    drop_photo(page, demo_dir / "photos" / "table.jpg")
    results(page).first.get_by_role("button", name="Warum").click()
    expect(page.locator("#why .why-explained p")).to_contain_text(
        "Umrandet: Hier ist derselbe Aufdruck zu sehen"
    )
    assert page.evaluate("document.querySelector('#why').scrollWidth <= innerWidth")
    shown = page.locator(".why-overlay").first.bounding_box()
    assert shown is not None
    assert shown["width"] > 0.7 * PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_dialog(
    new_page: Opened, axe: Axe, demo_dir: Path, scheme: str
) -> None:
    """Names, contrast, roles, structure: nothing serious or critical."""
    page = new_page(color_scheme=scheme)
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "table.jpg")
    why_of_first(page)
    assert axe(page) == []
