"""The search page's words, filters and what is said when nothing fits."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import PHONE
from tests.browser.searcher import (
    answered,
    open_search,
    results,
    skus,
)


def test_words_alone_find_and_the_link_carries_them(page: Page) -> None:
    """What was searched is in the address; the address alone shows it again."""
    open_search(page)
    page.locator("#text").fill("sencha")
    answered(page, lambda: page.keyboard.press("Enter"))
    assert skus(page)[0] == "TEA-004"
    expect(results(page).first).to_contain_text("Found by your words")
    open_search(page, page.url)
    expect(results(page).first).to_have_attribute("data-sku", "TEA-004")
    expect(page.locator("#text")).to_have_value("sencha")


def test_filters_narrow_the_answer_and_the_link_carries_them(page: Page) -> None:
    """Category, brand, price and stock hold for every result; the chips take them away."""
    open_search(page, "/search?sku=TEA-001")
    facets = page.locator("#facets")
    found = answered(page, page.locator("[id='category-Groceries']").check)["groups"][0]["results"]
    assert {one["product"]["category_path"][0] for one in found} == {"Groceries"}
    found = answered(page, lambda: facets.get_by_label("To", exact=True).fill("3"))
    prices = [
        int(one["product"]["price"]["amount_micros"]) for one in found["groups"][0]["results"]
    ]
    assert prices
    assert max(prices) <= 3_000_000
    found = answered(page, page.locator("#facet-stock").check)["groups"][0]["results"]
    assert found
    assert {one["offer"]["availability"] for one in found} == {"AVAILABILITY_IN_STOCK"}
    page.locator(".facet-rest summary").first.click()
    brand = page.locator("[id='brand-Nordlicht']")
    found = answered(page, brand.check)["groups"][0]["results"]
    assert {one["product"]["brand"] for one in found} == {"Nordlicht"}
    link = page.url
    assert all(
        part in link for part in ("category=Groceries", "max=3", "brand=Nordlicht", "in_stock=true")
    )
    answered(page, page.get_by_role("button", name="Remove filter Nordlicht").click)
    assert "brand=" not in page.url
    answered(page, page.go_back)
    assert page.url == link
    expect(brand).to_be_checked()


def test_an_attribute_narrows_the_answer(page: Page) -> None:
    """A value of an attribute holds for every result."""
    open_search(page, "/search?sku=TSH-101")
    expect(results(page)).not_to_have_count(0)
    colours = page.locator("#facets details", has=page.get_by_text("Color", exact=True))
    colours.locator("summary").first.click()
    first = colours.locator("label").first
    colour = first.locator("span").first.inner_text()
    found = answered(page, first.click)["groups"][0]["results"]
    assert found
    assert {one["product"]["attributes"]["color"] for one in found} == {colour}
    assert "attr=color" in page.url


def test_filters_narrow_the_catalogue_before_anything_is_asked(page: Page) -> None:
    """Without a question the page shows the catalogue, and filters narrow it too."""
    open_search(page)
    expect(results(page)).to_have_count(24)
    page.locator("[id='category-Furniture']").check()
    expect(results(page)).to_have_count(7)
    page.locator("[id='category-Furniture > Lamps']").check()
    expect(results(page)).to_have_count(2)
    assert re.search("category=Furniture.*Lamps", page.url)


def cut_after_forty(route: Route) -> None:
    """Answer as if the catalogue went on after forty products."""
    answer = route.fetch()
    told = answer.json()
    route.fulfill(
        response=answer, json={"products": told["products"][:40], "next_page_token": "more"}
    )


def test_filters_of_a_part_of_the_catalogue_say_so(page: Page) -> None:
    """No count and no range is claimed that was not counted; a small catalogue has both."""
    open_search(page)
    panel = page.locator("#facets")
    expect(panel.locator(".choice-count").first).to_be_visible()
    expect(panel).to_contain_text("in the catalogue")
    expect(panel).not_to_contain_text("of the first")
    page.route("**/v1/products?page_size=1000", cut_after_forty)
    open_search(page)
    expect(panel).to_contain_text("The choices are those of the first 40 products")
    expect(page.locator("#status")).to_contain_text("From the first 40 products")
    expect(panel.locator(".choice-count")).to_have_count(0)
    expect(panel).not_to_contain_text("in the catalogue")


def test_a_cleared_store_offers_no_stock(page: Page) -> None:
    """Without a store no stock is claimed, and the stock filter says why it is off."""
    open_search(page, "/search?text=tea")
    expect(results(page).first.locator(".badge")).to_be_visible()
    answered(page, lambda: page.locator(".store-picker").select_option(""))
    expect(results(page).first.locator(".badge")).to_have_count(0)
    expect(page.get_by_label("In stock (choose a store above)")).to_be_disabled()


def test_folded_variants_are_counted_and_shown(page: Page) -> None:
    """One of a design stands for all; the others come at a tap."""
    open_search(page, "/search?text=nordlicht")
    more = page.get_by_role("button", name="+2 variants")
    more.click()
    expect(page.locator(".variant")).to_have_count(2)
    expect(more).to_have_attribute("aria-expanded", "true")


def test_nothing_found_says_what_to_try(page: Page) -> None:
    """A kind sentence, and a button that takes the filters away."""
    open_search(page, "/search?text=tea&brand=Fjell")
    expect(page.locator("#nothing")).to_contain_text("We have nothing that fits.")
    answered(page, page.get_by_role("button", name="Without filters").click)
    expect(page.locator("#nothing")).to_be_hidden()
    assert any(sku.startswith("TEA") for sku in skus(page))


def test_a_link_with_an_unknown_product_says_so(page: Page) -> None:
    """A problem in words and a way to go on, not an empty page."""
    open_search(page, "/search?sku=NO-SUCH")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.get_by_role("button", name="End").click()
    expect(results(page)).to_have_count(24)


def test_on_a_phone_the_filters_are_a_sheet(new_page: Callable[..., Page]) -> None:
    """It opens, filters, closes, and the focus comes back to its button."""
    page = new_page(viewport=PHONE)
    open_search(page, "/search?text=tea")
    expect(page.locator("#facets")).to_be_hidden()
    page.locator("#open-facets").click()
    expect(page.locator("#close-facets")).to_be_focused()
    answered(page, page.locator("[id='category-Groceries']").check)
    page.keyboard.press("Escape")
    expect(page.locator("#facets")).to_be_hidden()
    expect(page.locator("#open-facets")).to_be_focused()
    expect(page.locator("#open-facets")).to_have_text("Filters (1)")
    assert "TEA-004" in skus(page)


def test_the_page_speaks_german(new_page: Callable[..., Page]) -> None:
    """Words, prices and numbers as Germans write them; switching keeps what was found."""
    page = new_page(locale="de-DE")
    open_search(page, "/search?text=sencha")
    expect(results(page).first.locator(".price")).to_have_text("8,49\u00a0€")
    expect(page.locator("#status")).to_contain_text("Produkt")
    page.locator("[data-tool=language]").click()
    expect(results(page).first.locator(".price")).to_have_text("€8.49")
    expect(page.locator("#status")).to_contain_text("product")
