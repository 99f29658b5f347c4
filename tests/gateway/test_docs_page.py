"""The API page in a real browser: it reads the document, tries requests, asks nobody else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.gateway.conftest import Shop
from tests.gateway.contents import TEA_GTIN

_SOCKET = """async (url) => {
  return await new Promise((resolve) => {
    document.addEventListener("securitypolicyviolation", () => resolve("forbidden"));
    const socket = new WebSocket(url);
    socket.onopen = () => { socket.close(); resolve("open"); };
    socket.onerror = () => setTimeout(() => resolve("failed"), 2000);
  });
}"""


@pytest.fixture(scope="module")
def browser_page(shop: Shop) -> Iterator[Page]:
    """The page at ``/docs`` in the system's Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_page()
        page.goto(f"{shop.url}/docs")
        yield page
        browser.close()


def test_the_page_shows_every_group_and_tries_a_look_up(browser_page: Page) -> None:
    """What the backend developer does first."""
    expect(browser_page.locator("h2").first).to_be_visible(timeout=30_000)
    path = browser_page.get_by_text("/v1/lookup/{code}", exact=True)
    operation = browser_page.locator("main section > details", has=path)
    operation.locator("summary").first.click()
    operation.locator("input[name='path:code']").fill(TEA_GTIN)
    operation.locator("input[name='query:store']").fill("berlin-1")
    operation.get_by_role("button", name="Send").click()
    expect(operation.locator("output")).to_contain_text("200", timeout=30_000)
    expect(operation.locator("form pre")).to_contain_text('"sku": "TEA-1"')


def test_every_operation_of_the_document_is_there(shop: Shop, browser_page: Page) -> None:
    """Nothing ends the list before its end, and the sockets are told beside it."""
    paths = shop.client().get("/v1/openapi.json").json()["paths"]
    wanted = [f"{method.upper()} {path}" for path, by in paths.items() for method in by]
    shown = browser_page.locator("#operations section > details > summary")
    expect(shown).to_have_count(len(wanted))
    told = [" ".join(text.split()[:2]) for text in shown.all_inner_texts()]
    assert sorted(told) == sorted(wanted)
    expect(browser_page.get_by_role("alert")).to_have_count(0)
    expect(browser_page.locator(".live-frames")).to_contain_text("/v1/tryon")


def test_a_feed_is_imported_from_the_page(shop: Shop, browser_page: Page, tmp_path: Path) -> None:
    """A body that is neither picture nor JSON is a file, and its answer comes in lines."""
    (tmp_path / "feed.csv").write_text("id,title,availability\nDOC-1,,in stock\n")
    path = browser_page.get_by_text("/v1/import", exact=True)
    operation = browser_page.locator("main section > details", has=path).filter(has_text="POST")
    operation.locator("summary").first.click()
    operation.locator("input[type=file]").set_input_files(tmp_path / "feed.csv")
    operation.get_by_role("button", name="Send").click()
    expect(operation.locator("form pre")).to_contain_text('"reason":"TITLE_REQUIRED"')
    expect(operation.locator("form pre")).to_contain_text('"result"')


def test_the_page_asks_no_other_origin_and_breaks_no_rule(shop: Shop, browser_page: Page) -> None:
    """No request leaves, and the content policy has nothing to forbid."""
    asked: list[str] = []
    said: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    browser_page.on("console", lambda message: said.append(message.text))
    browser_page.on("pageerror", lambda error: said.append(str(error)))
    browser_page.reload()
    expect(browser_page.locator("h2").first).to_be_visible(timeout=30_000)
    assert [url for url in asked if not url.startswith(shop.url)] == []
    assert [text for text in said if "favicon" not in text and "404" not in text] == []


def test_the_policy_lets_our_pages_open_our_sockets(shop: Shop, browser_page: Page) -> None:
    """``connect-src 'self'`` means WebSockets of the same host too, and of no other."""
    assert browser_page.evaluate(_SOCKET, shop.url.replace("http", "ws") + "/v1/scan") == "open"
    assert browser_page.evaluate(_SOCKET, "ws://127.0.0.2:9/v1/scan") == "forbidden"
