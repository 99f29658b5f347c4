"""The search page: photos, parts of them, words, filters, and what is said when nothing fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.dropping import drop_file
from tests.browser.searcher import (
    BOTH,
    answered,
    drag,
    drop_photo,
    open_search,
    results,
    skus,
    truth,
)


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
