"""What every page has: the header, its language, its theme, its store."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_the_language_is_switched_and_stays(page: Page) -> None:
    """German words and `lang`, after a reload too."""
    page.goto("/")
    expect(page.locator("nav")).to_contain_text("Catalogue")
    page.locator("[data-tool=language]").click()
    expect(page.locator("nav")).to_contain_text("Katalog")
    page.reload()
    expect(page.locator("nav")).to_contain_text("Katalog")
    assert page.locator("html").get_attribute("lang") == "de"


def test_a_german_browser_is_answered_in_german(new_page) -> None:
    """The browser's own preference counts until something is chosen."""
    page = new_page(locale="de-DE")
    page.goto("/")
    expect(page.locator("nav")).to_contain_text("Katalog")


def test_the_theme_is_switched_and_is_there_before_the_first_paint(page: Page) -> None:
    """Dark after the tap; after a reload the attribute stands before any module runs."""
    page.goto("/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("[data-tool=theme]").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.reload(wait_until="commit")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_store_is_chosen_and_told_to_the_page(page: Page) -> None:
    """The first store at first; a choice is kept and told by `storechange`."""
    page.goto("/")
    picker = page.locator(".store-picker")
    expect(picker).to_have_value("berlin-1")
    page.evaluate("addEventListener('storechange', (event) => { window.told = event.detail; })")
    picker.select_option("munich-1")
    assert page.evaluate("window.told") == "munich-1"
    page.reload()
    expect(picker).to_have_value("munich-1")


def test_the_keyboard_skips_to_the_content(page: Page) -> None:
    """The first stop is a link to the content."""
    page.goto("/")
    expect(page.locator(".skip")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
