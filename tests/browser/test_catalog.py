"""The catalogue page: what the shop sells, what recognition knows of it, and how it gets there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import KIOSK, PHONE
from tests.browser.conftest import Watch
from tests.browser.dropping import drop_file

BOTH = pytest.mark.parametrize("viewport", [PHONE, KIOSK], ids=["phone", "kiosk"])
COLUMNS = "id title description availability price brand gtin product_type"
GOOD = "{sku}|Kandis rock sugar, 250 g|For tea|in stock|1.99 EUR|Kandishof||Groceries > Tea"
WRONG = "{sku}-X|Wrong mug|A mug|in stock|5.00 EUR|Clay|4006381333932|Home > Mugs"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed of one good row and one whose code is wrong; its products are in no other feed."""

    path: Path
    sku: str


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    """A feed of its own for each test, for what it imports stays in the shop."""
    made = Feed(tmp_path / "feed.tsv", f"NEW-{uuid4().hex[:8]}")
    rows = [row.format(sku=made.sku).replace("|", "\t") for row in (GOOD, WRONG)]
    made.path.write_text("\n".join([COLUMNS.replace(" ", "\t"), *rows]) + "\n")
    return made


def rows(page: Page) -> Locator:
    return page.locator("#rows .product-row")


@BOTH
def test_products_are_listed_with_what_recognition_thinks(
    new_page: Callable[..., Page], viewport: Any
) -> None:
    """Picture, price, photos and "Recognised"; a page at a time; nothing sticks out."""
    page = new_page(viewport=viewport)
    page.goto("/catalog")
    expect(rows(page)).to_have_count(24)
    first = rows(page).first
    expect(first).to_contain_text("Wohnwerk Lund armchair, petrol")
    expect(first).to_contain_text("€289.00")
    expect(first).to_contain_text("4 photos")
    expect(first.locator("[data-state]")).to_have_text("Recognised")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_list_is_paged_there_and_back(page: Page) -> None:
    """Next shows others and says which; back shows the first again."""
    page.goto("/catalog")
    expect(page.locator("#listed")).to_have_text("1 to 24")
    expect(page.locator("#previous")).to_be_hidden()
    first = rows(page).first.get_attribute("data-sku")
    page.locator("#next").click()
    expect(page.locator("#listed")).to_have_text("25 to 48")
    assert rows(page).first.get_attribute("data-sku") != first
    page.locator("#previous").click()
    expect(rows(page).first).to_have_attribute("data-sku", str(first))


def test_the_list_is_narrowed_and_the_link_carries_it(page: Page) -> None:
    """By words and by category; the address alone shows the same."""
    page.goto("/catalog")
    page.locator("#query").fill("earl grey")
    expect(rows(page)).to_have_count(1)
    page.locator("#query").fill("")
    page.locator("#category").select_option("Furniture > Lamps")
    expect(rows(page)).to_have_count(2)
    page.goto(page.url)
    expect(rows(page)).to_have_count(2)
    page.locator("#query").fill("nothing like this")
    expect(page.locator("#listed")).to_have_text("No product fits.")


def test_words_typed_before_the_page_is_ready_count(page: Page) -> None:
    """A slow phone shows the field before its script has come."""
    page.route("**/catalog.js", lambda route: (page.wait_for_timeout(1500), route.continue_()))
    page.goto("/catalog", wait_until="commit")
    page.locator("#query").fill("earl grey")
    expect(rows(page)).to_have_count(1)
    assert "query=earl" in page.url


def test_a_product_shows_its_photos_its_look_alikes_and_where_it_is(page: Page) -> None:
    """Photos, the nearest others, price and stock of each store; closing clears the address."""
    page.goto("/catalog?query=TEA-001")
    rows(page).first.get_by_role("link").click()
    drawer = page.locator("#product")
    expect(drawer.locator(".photo-item")).to_have_count(5)
    expect(drawer.locator(".neighbour")).to_have_count(6)
    expect(drawer.locator(".neighbour").first).to_contain_text("Nordlicht")
    expect(drawer.locator(".neighbour-list")).not_to_contain_text("Earl Grey")
    expect(drawer.locator("tr", has_text="Berlin")).to_contain_text("24 here")
    expect(drawer.locator("tr", has_text="München")).to_contain_text("Not in this store")
    expect(drawer).to_contain_text("02041700001377")
    expect(drawer.locator("[data-state=ready]")).to_be_visible()
    assert "sku=TEA-001" in page.url
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(page).not_to_have_url(re.compile("sku="))


def test_a_look_alike_leads_to_itself(page: Page) -> None:
    """A link within the product opens the other in its place; back returns."""
    page.goto("/catalog?sku=TEA-001")
    page.locator("#product .neighbour a").first.click()
    expect(page.locator("#product-title")).not_to_have_text("Nordlicht Earl Grey, 20 bags")
    page.go_back()
    expect(page.locator("#product-title")).to_have_text("Nordlicht Earl Grey, 20 bags")


def test_an_unknown_product_says_so(page: Page) -> None:
    """A link to what is not there shows a problem, and the list stays."""
    page.goto("/catalog?sku=NO-SUCH")
    expect(page.locator("#product").get_by_role("alert")).to_be_visible()
    page.locator("#product").get_by_role("button", name="Close").click()
    expect(rows(page)).to_have_count(24)


def test_recognition_names_its_model_and_how_far_it_is(page: Page) -> None:
    """Embedder with its hash, the catalogue's revision and the index's own."""
    page.goto("/catalog?tab=recognition")
    status = page.request.get("/v1/index-status").json()
    panel = page.locator("#recognition")
    expect(panel).to_contain_text(status["model"]["id"])
    expect(panel).to_contain_text(status["model"]["sha256"])
    expect(panel).to_contain_text(status["index_generation"])
    expect(panel).to_contain_text("It follows the catalogue.")
    expect(panel.locator("progress")).to_have_count(2)
    expect(panel).not_to_contain_text("undefined")


def test_a_store_lists_its_stock(page: Page) -> None:
    """Each store's own pieces; what it has none of is not there."""
    page.goto("/catalog?tab=stores")
    page.locator(".store", has_text="München").click()
    table = page.locator("#stores table")
    expect(table.locator("tr", has_text="TEA-002")).to_contain_text("9")
    expect(table.locator("tr", has_text="TEA-001")).to_have_count(0)


@BOTH
def test_an_import_shows_its_rejected_row_and_its_product_appears_by_itself(
    new_page: Callable[..., Page], feed: Feed, viewport: Any
) -> None:
    """Line and reason of what was refused, the revision; an open list elsewhere gains the rest."""
    elsewhere = new_page()
    elsewhere.goto(f"/catalog?query={feed.sku}")
    expect(elsewhere.locator("#listed")).to_have_text("No product fits.")
    expect(elsewhere.locator(".live")).to_be_visible()
    page = new_page(viewport=viewport)
    ended: list[str] = []
    page.on("requestfinished", lambda one: ended.append(one.method))
    page.on("requestfailed", lambda one: ended.append(f"failed: {one.method} {one.url}"))
    page.goto("/catalog?tab=import")
    page.locator("#feed-drop").wait_for()
    drop_file(page, "#import", feed.path, "text/tab-separated-values")
    report = page.locator(".report[data-state=done]")
    expect(report).to_contain_text("Taken over from this feed: 1 product, 0 photos.")
    refused = report.locator(".rejections tbody tr")
    expect(refused).to_have_count(1)
    expect(refused.locator("td").nth(0)).to_have_text("3")
    expect(refused.locator("td").nth(1)).to_have_text(f"{feed.sku}-X")
    expect(refused.locator("td").nth(2)).to_have_text("GTIN_CHECK_DIGIT")
    expect(refused.locator("td").nth(3)).to_contain_text("check digit is 2, expected 1")
    revision = int(page.request.get("/v1/catalog-status").json()["revision"])
    expect(report).to_contain_text(f"Revision {revision:,}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.wait_for_timeout(500)
    assert ended.count("POST") == 1, "the answer was read to its end"
    assert [one for one in ended if one.startswith("failed")] == []
    expect(rows(elsewhere)).to_have_count(1)
    expect(rows(elsewhere).first).to_contain_text("Kandis rock sugar, 250 g")
    expect(rows(elsewhere).first.locator("[data-state]")).to_have_text("No photo")


def test_a_feed_of_wrong_rows_only_says_that_nothing_came_of_it(
    new_page: Callable[..., Page], tmp_path: Path
) -> None:
    """In German too; what the catalogue had before is another figure."""
    (tmp_path / "feed.tsv").write_text("id\ttitle\tprice\nBAD-1\t\t1 EUR\nBAD-2\t\t1 EUR\n")
    page = new_page(locale="de-DE")
    page.goto("/catalog?tab=import")
    page.locator("#feed").set_input_files(tmp_path / "feed.tsv")
    report = page.locator(".report[data-state=done]")
    expect(report).to_contain_text("Aus diesem Feed übernommen: 0 Produkte, 0 Fotos.")
    expect(report).to_contain_text("2 Zeilen oder Fotos abgelehnt")


def test_an_import_that_is_stopped_says_so(page: Page, feed: Feed) -> None:
    """While it is still being sent, too; the next one can begin."""
    page.goto("/catalog?tab=import")
    page.locator("#feed-drop").wait_for()
    page.route("**/v1/import?*", lambda _: None)  # it is never answered
    page.locator("#feed").set_input_files(feed.path)
    page.locator(".report[data-state=sending] button").click()
    expect(page.locator(".report")).to_contain_text("Stopped.")
    expect(page.locator("#feed")).to_be_enabled()


def test_an_import_without_a_server_says_so(page: Page, feed: Feed) -> None:
    """In words, not as an error of the browser's."""
    page.goto("/catalog?tab=import")
    page.locator("#feed-drop").wait_for()
    page.route("**/v1/import?*", lambda route: route.abort())
    page.locator("#feed").set_input_files(feed.path)
    expect(page.locator(".report").get_by_role("alert")).to_contain_text("does not answer")


def test_what_is_no_feed_is_refused_in_words(page: Page, tmp_path: Path) -> None:
    """A problem in the report, and the next feed can be chosen."""
    (tmp_path / "noise.tsv").write_bytes(bytes(range(256)) * 4)
    page.goto("/catalog?tab=import")
    page.locator("#feed").set_input_files(tmp_path / "noise.tsv")
    expect(page.locator(".report[data-state=failed]").get_by_role("alert")).to_be_visible()
    expect(page.locator("#feed")).to_be_enabled()


def test_where_import_is_off_the_page_says_how_to_turn_it_on(
    new_page: Callable[..., Page], shop_url: str, watch: Watch
) -> None:
    """Asked for by another name than this machine's, the door takes no feeds: the page says so."""
    elsewhere = shop_url.replace("127.0.0.1", "shop.localhost")
    watch.origin = elsewhere.removeprefix("http://")
    page = new_page()
    page.goto(f"{elsewhere}/catalog?tab=import")
    panel = page.locator("#import")
    expect(panel).to_contain_text("Import is off here")
    expect(panel).to_contain_text("VITRINE_GATEWAY_IMPORT=on")
    expect(panel).to_contain_text("vitrine import feed.tsv")
    expect(page.locator("#feed-drop")).to_have_count(0)


def test_the_tabs_are_walked_with_the_keyboard(page: Page) -> None:
    """Arrows move between them, the address follows, the others are not in the way of Tab."""
    page.goto("/catalog")
    expect(rows(page).first).to_be_visible()
    page.locator("#tab-products").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-stores")).to_be_focused()
    expect(page.locator("#stores")).to_be_visible()
    assert "tab=stores" in page.url
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#tab-import")).to_have_attribute("aria-selected", "true")
    expect(page.locator("[role=tab][tabindex='0']")).to_have_count(1)


def test_the_page_speaks_german(new_page: Callable[..., Page]) -> None:
    """Words and prices as Germans write them."""
    page = new_page(locale="de-DE")
    page.goto("/catalog")
    expect(rows(page).first).to_contain_text("289,00\u00a0€")
    expect(rows(page).first.locator("[data-state]")).to_have_text("Erkannt")
    expect(page.locator("#tab-stores")).to_have_text("Läden")
