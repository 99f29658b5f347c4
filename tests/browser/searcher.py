"""The search page, used as a person uses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import KIOSK, PHONE
from tests.browser.dropping import drop_file

BOTH = pytest.mark.parametrize("viewport", [PHONE, KIOSK], ids=["phone", "kiosk"])


def results(page: Page) -> Locator:
    """What is found, in its order."""
    return page.locator("#results .result")


def skus(page: Page) -> list[str]:
    """SKUs of what is found, in its order."""
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
    """Drop a photo; what the gateway answered to it."""
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
