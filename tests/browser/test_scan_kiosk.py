"""The scanner at a kiosk: hand scanner, basket, stores, sound, keyboard, languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import KIOSK, PHONE, until
from tests.browser.conftest import Axe, Opened
from tests.browser.scanner import COFFEE, TEA, burst, card, opened, show


def test_a_hand_scanner_finds_a_product(scan: Page) -> None:
    """A burst of keys with Enter, typed nowhere in particular."""
    burst(scan, TEA.gtin)
    found = card(scan, TEA.title)
    expect(found).to_contain_text(f"€{TEA.price_eur}")
    expect(found).to_contain_text(f"{TEA.stock['berlin-1']} here")


def test_a_hand_scanner_does_not_press_the_button_that_has_the_focus(scan: Page) -> None:
    """Its Enter belongs to the code."""
    scan.locator("[data-tool=language]").focus()
    burst(scan, TEA.gtin)
    expect(card(scan, TEA.title)).to_be_visible()
    assert scan.locator("html").get_attribute("lang") == "en"


def test_slow_keys_are_a_person(scan: Page) -> None:
    """Typing is no scan: nothing is looked up."""
    asked: list[str] = []
    scan.on("request", lambda request: asked.append(request.url))
    for key in TEA.gtin[-8:]:
        scan.keyboard.press(key)
        scan.wait_for_timeout(120)
    scan.keyboard.press("Enter")
    scan.wait_for_timeout(300)
    assert [url for url in asked if "/v1/lookup" in url] == []


def test_a_typed_code_is_looked_up_and_an_unknown_one_is_said(scan: Page) -> None:
    """The field, by keyboard alone."""
    field = scan.get_by_label("Code", exact=True)
    field.fill(COFFEE.gtin)
    field.press("Enter")
    expect(card(scan, COFFEE.title)).to_be_visible()
    field.fill("4006381333931")
    field.press("Enter")
    expect(scan.locator(".result").first).to_contain_text("No product here has this code")


def test_the_basket_counts_totals_and_survives_a_reload(scan: Page) -> None:
    """Two teas and a coffee; one tea taken back; everything is still there after a reload."""
    for code in (TEA.gtin, COFFEE.gtin):
        burst(scan, code)
    for one in (TEA, TEA, COFFEE):
        card(scan, one.title).get_by_role("button", name="Add").click()
    basket = scan.locator("#basket")
    expect(basket).to_contain_text("€15.88")
    basket.get_by_role("button", name="Basket").click()
    basket.get_by_role("button", name=f"One {TEA.title} less").click()
    expect(basket).to_contain_text("€12.89")
    scan.reload()
    expect(basket).to_contain_text("€12.89")
    basket.get_by_role("button", name="Basket").click()
    basket.get_by_role("button", name=f"Take {COFFEE.title} out").click()
    expect(basket).to_contain_text("€2.99")
    assert scan.evaluate("localStorage.getItem('vitrine.basket')") is None


IDLE_MS = 180_000


@pytest.mark.parametrize("kiosk", ["shape", "asked for", "no"])
def test_a_kiosk_forgets_who_has_left(new_page: Opened, kiosk: str) -> None:
    """Three minutes without a touch; a touch begins them anew; elsewhere the basket stays."""
    page = new_page(viewport=KIOSK) if kiosk == "shape" else new_page()
    page.clock.install()
    page.goto("/scan?kiosk" if kiosk == "asked for" else "/scan")
    expect(page.locator(".store-picker")).to_have_value("berlin-1")
    basket = page.locator("#basket")
    if kiosk != "no":
        expect(basket).to_contain_text("emptied when nobody")
    burst(page, TEA.gtin)
    card(page, TEA.title).get_by_role("button", name="Add").click()
    expect(basket).to_contain_text("€2.99")
    page.clock.fast_forward(IDLE_MS - 5_000)
    page.mouse.click(5, 5)
    page.clock.fast_forward(IDLE_MS - 5_000)
    expect(basket).to_contain_text("€2.99")
    page.clock.fast_forward(10_000)
    if kiosk == "no":
        expect(basket).to_contain_text("€2.99")
        return
    expect(basket).not_to_contain_text("€2.99")
    expect(page.locator(".result")).to_have_count(0)


def test_another_store_has_other_stock(scan: Page) -> None:
    """What was looked up is asked about again."""
    burst(scan, TEA.gtin)
    expect(card(scan, TEA.title)).to_contain_text("11 here")
    scan.locator(".store-picker").select_option("hamburg-1")
    expect(card(scan, TEA.title)).to_contain_text("Not in this store")


def test_results_are_read_out_once(scan: Page) -> None:
    """Name and price in the live region; nothing else on the page is one."""
    burst(scan, TEA.gtin)
    expect(scan.locator("#spoken")).to_have_text(f"{TEA.title}, €{TEA.price_eur}.")
    assert scan.locator("[aria-live=polite]").count() == 1


def test_sound_is_off_until_asked_for(scan: Page) -> None:
    """No audio is made before; after the tap one tone a find."""
    scan.evaluate("""() => {
      window.tones = 0;
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (...at) {
        window.tones += 1;
        start.apply(this, at);
      };
    }""")
    burst(scan, TEA.gtin)
    expect(card(scan, TEA.title)).to_be_visible()
    assert scan.evaluate("tones") == 0
    scan.get_by_role("button", name="Sound").click()
    assert scan.evaluate("tones") == 1
    burst(scan, COFFEE.gtin)
    expect(card(scan, COFFEE.title)).to_be_visible()
    until(scan, "tones === 2")


@pytest.mark.parametrize("viewport", [PHONE, KIOSK], ids=["phone", "kiosk"])
def test_a_scan_fits_a_phone_and_a_kiosk(
    new_page: Opened, demo_dir: Path, viewport: dict[str, int]
) -> None:
    """A full shelf: nothing scrolls sideways; picture, first result and basket are in view."""
    page = opened(new_page(viewport=viewport))
    show(page, demo_dir / "photos" / "shelf-03.jpg")
    expect(page.locator(".result").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    for main in ("#stage canvas", ".result h3 >> nth=0", ".basket-head", "#stop"):
        expect(page.locator(main)).to_be_in_viewport()


def test_everything_is_done_by_keyboard(scan: Page) -> None:
    """Tab reaches the camera, the file, the code field, the toggles, a result and the basket."""
    burst(scan, TEA.gtin)
    expect(card(scan, TEA.title)).to_be_visible()
    reached = set()
    for _ in range(60):
        scan.keyboard.press("Tab")
        reached.add(scan.evaluate("document.activeElement.id || document.activeElement.className"))
    wanted = {"camera", "file", "code", "sound", "button primary take", "basket-head", "sample"}
    assert wanted <= reached


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_results(
    new_page: Opened, axe: Axe, demo_dir: Path, scheme: str
) -> None:
    """Cards of what is known, open and refused, reasons unfolded, a basket with something."""
    page = opened(new_page(color_scheme=scheme))
    show(page, demo_dir / "photos" / "conflict.jpg")
    page.get_by_text("Why?").click()
    burst(page, TEA.gtin)
    burst(page, "4006381333931")
    card(page, TEA.title).get_by_role("button", name="Add").click()
    page.locator(".basket-head").click()
    assert axe(page) == []


def test_a_switch_of_language_keeps_the_results(scan: Page) -> None:
    """The same card in German, with the German price."""
    burst(scan, TEA.gtin)
    expect(card(scan, TEA.title)).to_be_visible()
    scan.locator("[data-tool=language]").click()
    expect(card(scan, TEA.title)).to_contain_text("11 vorrätig")
    expect(card(scan, TEA.title)).to_contain_text("2,99")
