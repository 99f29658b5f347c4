"""The scanner's page, used as a person and a hand scanner use it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from shared.demo.catalogue import product

CEREAL, COFFEE, TEA = product("CER-010"), product("COF-040"), product("TEA-002")


SLOW_MS = 120_000
"""A scan takes a second; where every core is taken, many."""


BUSY = {429, 503, 504}


def opened(page: Page) -> Page:
    """The scanner, with the store Berlin chosen."""
    page.goto("/scan")
    expect(page.locator(".store-picker")).to_have_value("berlin-1")
    return page


def show(page: Page, file: Path | dict[str, object]) -> None:
    """Scan a photo from a file and wait until it is answered and drawn."""
    with page.expect_response("**/v1/scan?*", timeout=SLOW_MS) as answer:
        page.locator("#file").set_input_files(file)
    while answer.value.status in BUSY:  # as a person would
        with page.expect_response("**/v1/scan?*", timeout=SLOW_MS) as answer:
            page.get_by_role("button", name="Try again").click()
    expect(page.locator("#state")).to_be_hidden(timeout=SLOW_MS)


def card(page: Page, title: str) -> Locator:
    """The result of a product."""
    return page.locator(".result", has=page.get_by_role("heading", name=title))


def burst(page: Page, code: str) -> None:
    """Type as a hand scanner does: within milliseconds, then Enter."""
    page.evaluate(
        """(keys) => {
          const target = document.activeElement ?? document.body;
          for (const key of keys) {
            const options = { key, bubbles: true, cancelable: true };
            target.dispatchEvent(new KeyboardEvent("keydown", options));
          }
        }""",
        [*code, "Enter"],
    )
