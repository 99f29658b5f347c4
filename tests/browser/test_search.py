"""The search page: photos, parts of them, words, filters, and what is said when nothing fits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.browser.chromium import KIOSK, PHONE
from tests.browser.dropping import drop_file

BOTH = pytest.mark.parametrize("viewport", [PHONE, KIOSK], ids=["phone", "kiosk"])


def results(page: Page) -> Locator:
    return page.locator("#results .result")


def skus(page: Page) -> list[str]:
    return [str(one.get_attribute("data-sku")) for one in results(page).all()]


def open_search(page: Page, path: str = "/search") -> None:
    """Open the page and wait until it has chosen a store and shows what the address asks for."""
    page.goto(path)
    expect(page.locator(".store-picker")).to_be_visible()
    expect(page.locator(".facet-list").first).to_be_attached()
    expect(page.locator("#status")).not_to_have_text("Searching…")
    expect(page.locator("#results.stale")).to_have_count(0)


def answered(page: Page, act: Callable[[], object]) -> Any:
    """What the gateway answered to the search that an act started, once it is shown."""
    with page.expect_response(lambda told: "/v1/search" in told.url and told.ok) as told:
        act()
    answer = told.value.json()
    count = len(answer["groups"][0]["results"])
    expect(results(page)).to_have_count(count)
    expect(page.locator("#results.stale")).to_have_count(0)
    return answer


def drop_photo(page: Page, photo: Path) -> Any:
    return answered(page, lambda: drop_file(page, "#photo", photo, "image/jpeg"))


def drawn_share(canvas: Locator) -> float:
    """How much of a canvas is drawn on, 0..1."""
    return float(
        canvas.evaluate(
            "(canvas) => { const { width, height } = canvas;"
            " const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;"
            " return pixels.filter((value, index) => index % 4 === 3 && value > 0).length"
            " / (width * height); }"
        )
    )


def truth(demo_dir: Path, photo: str, sku: str) -> tuple[float, float, float, float]:
    """Where a product stands in a photo: left, top, right, bottom, 0..1."""
    told = json.loads((demo_dir / "photos" / "truth.json").read_text())
    boxes = [item["box_xyxy"] for item in told[photo]["items"] if item["sku"] == sku]
    left, top, right, bottom = boxes[0]
    return left, top, right, bottom


def drag(page: Page, box: tuple[float, float, float, float]) -> None:
    """Drag over a part of the photo with the mouse."""
    surface = page.locator("#surface")
    surface.scroll_into_view_if_needed()
    bounds = surface.bounding_box()
    assert bounds is not None

    def at(x: float, y: float) -> tuple[float, float]:
        return bounds["x"] + x * bounds["width"], bounds["y"] + y * bounds["height"]

    left, top, right, bottom = box
    page.mouse.move(*at(left, top))
    page.mouse.down()
    page.mouse.move(*at((left + right) / 2, (top + bottom) / 2))
    page.mouse.move(*at(right, bottom))
    page.mouse.up()


@BOTH
def test_a_dropped_photo_finds_its_product(
    new_page: Callable[..., Page], demo_dir: Path, viewport: Any
) -> None:
    """The armchair of the photo comes first, with price and stock, and nothing sticks out."""
    page = new_page(viewport=viewport)
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "armchair.jpg")
    first = results(page).first
    expect(first).to_have_attribute("data-sku", "ARM-501")
    expect(first).to_contain_text("Likeness 0.")
    expect(first.locator(".price")).to_have_text("€289.00")
    expect(first.locator(".badge")).to_have_text("2 here")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_photo_without_orientation_is_sent_upright_and_small(
    page: Page, demo_dir: Path, tmp_path: Path
) -> None:
    """What goes over the network is a JPEG of at most 1600 pixels, whatever was dropped."""
    image = cv2.imread(str(demo_dir / "photos" / "armchair.jpg"))
    assert image is not None
    large = tmp_path / "large.png"
    cv2.imwrite(str(large), cv2.resize(image, (3000, 2000)))
    open_search(page)
    with page.expect_request(lambda sent: sent.method == "POST" and "/v1/search" in sent.url):
        drop_file(page, "#photo", large, "image/png")
    assert page.evaluate("document.getElementById('picture').naturalWidth") == 1600
    expect(results(page).first).to_have_attribute("data-sku", "ARM-501")


@BOTH
def test_a_dragged_region_changes_the_answer(
    new_page: Callable[..., Page], demo_dir: Path, viewport: Any
) -> None:
    """Of a whole shelf the page finds something; of a pack unlike the others that pack."""
    page = new_page(viewport=viewport)
    open_search(page)
    whole = drop_photo(page, demo_dir / "photos" / "shelf-01.jpg")
    box = truth(demo_dir, "shelf-01.jpg", "TEA-004")
    page.locator(".proposal").first.wait_for(state="attached")
    answer = answered(page, lambda: drag(page, box))
    found = answer["groups"][0]
    assert found["box"] == pytest.approx(
        dict(zip(("x_min", "y_min", "x_max", "y_max"), box, strict=True)), abs=0.01
    )
    assert skus(page)[0] == "TEA-004"
    assert found["results"] != whole["groups"][0]["results"]
    back = answered(page, page.locator("#whole").click)
    assert back["groups"][0]["box"] == whole["groups"][0]["box"]


def test_a_region_is_moved_and_resized_by_its_inside_and_its_corners(
    page: Page, demo_dir: Path
) -> None:
    """Dragging inside moves it, a corner resizes it; it stays inside the photo."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "armchair.jpg")
    answered(page, lambda: drag(page, (0.3, 0.3, 0.6, 0.6)))
    moved = answered(page, lambda: drag(page, (0.4, 0.55, 0.5, 0.65)))["groups"][0]["box"]
    assert moved == pytest.approx(
        {"x_min": 0.4, "y_min": 0.4, "x_max": 0.7, "y_max": 0.7}, abs=0.01
    )
    corner = answered(page, lambda: drag(page, (0.7, 0.7, 0.9, 0.8)))["groups"][0]["box"]
    assert corner == pytest.approx(
        {"x_min": 0.4, "y_min": 0.4, "x_max": 0.9, "y_max": 0.8}, abs=0.01
    )
    outside = answered(page, lambda: drag(page, (0.5, 0.55, 0.95, 0.55)))["groups"][0]["box"]
    assert outside == pytest.approx(
        {"x_min": 0.5, "y_min": 0.4, "x_max": 1.0, "y_max": 0.8}, abs=0.01
    )


def test_a_region_is_chosen_with_the_keyboard_alone(page: Page, demo_dir: Path) -> None:
    """A button makes one, arrows move it, with Shift they resize it, Escape takes it away."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "armchair.jpg")
    page.locator("#begin-region").focus()
    begun = answered(page, lambda: page.keyboard.press("Enter"))["groups"][0]["box"]
    assert begun == {"x_min": 0.25, "y_min": 0.25, "x_max": 0.75, "y_max": 0.75}
    expect(page.locator(".region")).to_be_focused()
    moved = answered(page, lambda: page.keyboard.press("ArrowLeft"))["groups"][0]["box"]
    assert moved["x_min"] == pytest.approx(0.23)
    assert moved["x_max"] == pytest.approx(0.73)
    larger = answered(page, lambda: page.keyboard.press("Shift+ArrowDown"))["groups"][0]["box"]
    assert larger["y_min"] == 0.25
    assert larger["y_max"] == pytest.approx(0.77)
    whole = answered(page, lambda: page.keyboard.press("Escape"))["groups"][0]["box"]
    assert whole == {"x_min": 0.0, "y_min": 0.0, "x_max": 1.0, "y_max": 1.0}
    expect(page.locator("#begin-region")).to_be_focused()


def test_a_proposed_part_is_searched(page: Page, demo_dir: Path) -> None:
    """The photo's things are offered by name; one tap searches that thing."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "shelf-01.jpg")
    chip = page.locator(".proposal-list .chip", has_text="Sencha").first
    answered(page, chip.click)
    assert skus(page)[0] == "TEA-004"


def test_photo_and_words_are_asked_together(page: Page, demo_dir: Path) -> None:
    """Words beside a photo change what it finds; without them the first answer is back."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "armchair.jpg")
    alone = skus(page)
    page.locator("#text").fill("lamp")
    answered(page, lambda: page.keyboard.press("Enter"))
    assert set(skus(page)[:4]) & {"LMP-520", "LMP-521"}
    assert skus(page) != alone
    assert "text=lamp" in page.url
    expect(page.locator("#chosen")).to_be_visible()


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


def test_more_like_a_result(page: Page, demo_dir: Path) -> None:
    """A result leads to what looks like it: not itself, the photo gone, a link to share."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "armchair.jpg")
    link = results(page).first.get_by_role(
        "link", name="More like this: Wohnwerk Lund armchair, petrol"
    )
    answered(page, link.click)
    assert "ARM-501" not in skus(page)
    assert skus(page)[0] in {"ARM-502", "ARM-503"}
    assert "sku=ARM-501" in page.url
    expect(page.locator("#like")).to_contain_text("More like Wohnwerk Lund armchair, petrol")
    expect(page.locator("#drop")).to_be_visible()


def test_folded_variants_are_counted_and_shown(page: Page) -> None:
    """One of a design stands for all; the others come at a tap."""
    open_search(page, "/search?text=nordlicht")
    more = page.get_by_role("button", name="+2 variants")
    more.click()
    expect(page.locator(".variant")).to_have_count(2)
    expect(more).to_have_attribute("aria-expanded", "true")


def test_why_compares_photo_and_reference_side_by_side(page: Page, demo_dir: Path) -> None:
    """Both pictures with heat over them, as the gateway explained it; it can be turned off."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "armchair.jpg")
    with page.expect_response(lambda told: "/v1/search" in told.url) as told:
        results(page).first.get_by_role("button", name="Why").click()
    dialog = page.locator("#why")
    expect(dialog.locator("figure")).to_have_count(2)
    expect(dialog.locator("#why-heat")).to_be_checked()
    assert told.value.json()["groups"][0]["results"][0]["explanation"]["query_map"]
    assert [drawn_share(overlay) > 0.9 for overlay in dialog.locator(".why-overlay").all()] == [
        True,
        True,
    ]
    dialog.locator("#why-heat").uncheck()
    assert drawn_share(dialog.locator(".why-overlay").first) == 0
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_details_found_in_both_are_marked(page: Page, demo_dir: Path) -> None:
    """Print that agrees is told by its number, and can be shown without the heat."""
    open_search(page)
    drop_photo(page, demo_dir / "photos" / "shelf-01.jpg")
    answered(page, lambda: drag(page, truth(demo_dir, "shelf-01.jpg", "TEA-004")))
    results(page).first.get_by_role("button", name="Why").click()
    dialog = page.locator("#why")
    expect(dialog.get_by_label("details found in both")).to_be_checked()
    dialog.locator("#why-heat").uncheck()
    assert 0 < drawn_share(dialog.locator(".why-overlay").first) < 0.2


def test_nothing_found_says_what_to_try(page: Page) -> None:
    """A kind sentence, and a button that takes the filters away."""
    open_search(page, "/search?text=tea&brand=Fjell")
    expect(page.locator("#nothing")).to_contain_text("We have nothing that fits.")
    answered(page, page.get_by_role("button", name="Without filters").click)
    expect(page.locator("#nothing")).to_be_hidden()
    assert any(sku.startswith("TEA") for sku in skus(page))


def test_a_file_that_is_no_picture_is_refused_in_plain_words(page: Page, tmp_path: Path) -> None:
    """Nothing is sent; the page says what would be right and goes on working."""
    (tmp_path / "notes.txt").write_text("milk, eggs")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    sent: list[Request] = []
    page.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
    open_search(page)
    drop_file(page, "#photo", tmp_path / "notes.txt", "text/plain")
    expect(page.get_by_role("alert")).to_contain_text("not a JPEG, PNG or WebP")
    drop_file(page, "#photo", tmp_path / "broken.jpg", "image/jpeg")
    expect(page.get_by_role("alert")).to_contain_text("cannot be opened")
    assert sent == []


def test_a_link_with_an_unknown_product_says_so(page: Page) -> None:
    """A problem in words and a way to go on, not an empty page."""
    open_search(page, "/search?sku=NO-SUCH")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.get_by_role("button", name="End").click()
    expect(results(page)).to_have_count(24)


def test_a_photo_is_taken_with_the_camera(camera_page: Callable[..., Page], demo_dir: Path) -> None:
    """The camera's picture is searched, and the camera is given back."""
    frame = cv2.imread(str(demo_dir / "photos" / "armchair.jpg"))
    assert frame is not None
    page = camera_page([cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)] * 2)
    open_search(page)
    page.locator("#open-camera").click()
    expect(page.locator("#take")).to_be_enabled()
    answered(page, page.locator("#take").click)
    assert skus(page)[0] == "ARM-501"
    expect(page.locator("#camera video")).to_have_count(0)


def test_without_a_camera_the_dialog_says_so(page: Page) -> None:
    """A plain sentence in the dialog, which closes by its button."""
    open_search(page)
    page.locator("#open-camera").click()
    expect(page.locator("#camera").get_by_role("alert")).to_contain_text("no camera")
    page.locator("#camera").get_by_role("button", name="Close").click()
    expect(page.locator("#camera")).to_be_hidden()


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
