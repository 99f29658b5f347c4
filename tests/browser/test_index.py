"""The first page: what the shop is, whether it runs, and how little it costs to look."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from services.gateway.pages import FOLDER
from tests.browser.chromium import until
from tests.browser.conftest import Opened

BUDGET_BYTES = 150_000
_LOADED = """() => [...performance.getEntriesByType("navigation"),
  ...performance.getEntriesByType("resource")].map((one) => [one.name, one.encodedBodySize])"""


def test_every_service_is_listed_with_its_state(page: Page, shop_url: str) -> None:
    """What `/v1/status` says, in words."""
    told = httpx.get(f"{shop_url}/v1/status", timeout=30).json()
    page.goto("/")
    for service in told["services"]:
        shown = page.locator(f"[data-service={service['name']}]")
        expect(shown).to_contain_text("Running" if service["state"] == "serving" else "Not running")
    expect(page.locator("#counts")).to_contain_text(f"{told['catalog']['products']} products")


def test_a_service_that_is_away_is_said_so(page: Page) -> None:
    """A gateway that answers that scanning is not there: the page says it and keeps the rest."""

    def without_scanning(route) -> None:
        answer = route.fetch()
        told = answer.json()
        for service in told["services"]:
            service["state"] = "not_serving" if service["name"] == "scanning" else service["state"]
        route.fulfill(response=answer, json=told)

    page.route("**/v1/status", without_scanning)
    page.goto("/")
    expect(page.locator("[data-service=scanning]")).to_contain_text("Not running")
    expect(page.locator("[data-service=catalog]")).to_contain_text("Running")


def test_a_gateway_that_is_gone_is_told_of(page: Page) -> None:
    """One notice, in words."""
    page.route("**/v1/status", lambda route: route.abort())
    page.goto("/")
    expect(page.get_by_role("alert")).to_contain_text("does not answer")


def test_a_product_of_the_shop_is_shown_with_its_price(page: Page) -> None:
    """A real picture has come, and a price stands beside it."""
    page.goto("/")
    finder = page.locator("#finder")
    expect(finder).to_contain_text("€")
    until(page, "document.querySelector('#finder img')?.naturalWidth > 100")


def test_the_check_that_the_page_proposes_shows_the_policy(page: Page, shop_url: str) -> None:
    """The command names this shop, and the header that it looks for is there."""
    page.goto("/")
    expect(page.locator("#policy-command")).to_contain_text(f"curl -sI {shop_url}/scan")
    policy = httpx.head(f"{shop_url}/scan", timeout=30).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_the_first_page_is_small(new_page: Opened) -> None:
    """Everything that the first view loads, a product's picture among it: under 150 kB."""
    page = new_page(service_workers="block")
    page.goto("/", wait_until="networkidle")
    until(page, "document.querySelector('#finder img')?.complete")
    loaded = page.evaluate(_LOADED)
    assert len(loaded) > 8
    assert sum(size for _, size in loaded) < BUDGET_BYTES, sorted(loaded, key=lambda one: -one[1])


def kept_files() -> list[Path]:
    """The files that the service worker keeps."""
    listed = re.search(r"const FILES = \[(.*?)\]", (FOLDER / "sw.js").read_text(), re.DOTALL)
    assert listed
    paths = re.findall(r'"(/[^"]*)"', listed.group(1))
    return [FOLDER / (path[1:] or "index.html") for path in paths]


def test_the_service_worker_keeps_only_files_of_ours_and_few(page: Page) -> None:
    """Each file is there, none is an answer of the API, all together are under 150 kB."""
    files = [one if one.suffix else one.with_suffix(".html") for one in kept_files()]
    assert [str(one) for one in files if not one.is_file()] == []
    assert sum(len(gzip.compress(one.read_bytes())) for one in files) < BUDGET_BYTES


def test_the_page_opens_again_without_the_network_and_keeps_no_answer(page: Page) -> None:
    """The service worker serves the shell; what the API said is nowhere in the cache."""
    page.goto("/", wait_until="networkidle")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.context.set_offline(True)
    page.goto("/")
    expect(page.locator("h1")).to_contain_text("can I have it here")
    kept = page.evaluate("""async () => {
      const cached = [];
      for (const name of await caches.keys()) {
        const requests = await (await caches.open(name)).keys();
        cached.push(...requests.map((one) => new URL(one.url).pathname));
      }
      return cached;
    }""")
    assert "/scan" in kept
    assert [path for path in kept if path.startswith(("/v1", "/samples"))] == []


def test_the_app_can_be_installed(page: Page) -> None:
    """A manifest with a name, a start and icons that load in the sizes it says."""
    page.goto("/")
    manifest = page.evaluate("fetch('/manifest.webmanifest').then((answer) => answer.json())")
    assert (manifest["name"], manifest["display"]) == ("Vitrine", "standalone")
    for icon in manifest["icons"]:
        size = page.evaluate(
            """async (src) => {
              const image = Object.assign(new Image(), { src });
              await image.decode();
              return `${image.naturalWidth}x${image.naturalHeight}`;
            }""",
            icon["src"],
        )
        assert icon["sizes"] in {"any", size}
