"""One running shop for all browser tests, pages of fresh profiles, and a camera that films a clip.

Fixtures that the tests of every page use:

- ``shop_url``: the address of a real shop with the demo catalogue, every service running;
- ``demo_dir``: its demo folder (``photos/*.jpg``, ``photos/truth.json``);
- ``page``: a page of a fresh profile without a camera, English, light, 1280 x 800;
- ``new_page(**context_options)``: as many more as wanted, with other options;
- ``camera_page(frames_rgb, **context_options)``: one whose camera films the frames in a loop;
- ``axe(page)``: what axe-core finds wrong with a page as it stands, serious and critical only.

A test fails when its pages break the content policy, throw, or ask another origin.

While pages are being worked on, ``VITRINE_TEST_SHOP="URL FOLDER"`` may name one that runs already:
its address and the folder that holds ``demo``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.browser import scanner
from tests.browser.chromium import (
    ChromiumMissing,
    chromium_path,
    context_options,
    launched,
    write_mjpeg,
)
from tests.browser.mirroring import face_frames
from tests.servers import REPOSITORY
from tests.shop import running_shop

Opened = Callable[..., Page]
Axe = Callable[[Page], list[str]]
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
PATIENCE_S = 900
"""The first test waits for the whole shop to start and to draw and index its catalogue."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of this folder last, with the time that a shop and a browser take.

    Playwright keeps an event loop running in this thread, beside which no async test can run.
    """
    here = Path(__file__).parent
    items.sort(key=lambda item: item.path.is_relative_to(here))
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.timeout(PATIENCE_S))


@dataclass(frozen=True, slots=True)
class Place:
    """Where the shop is."""

    url: str
    demo: Path


@pytest.fixture(scope="session")
def demo_shop(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Place]:
    """`vitrine run --demo demo`, with the pose service where its models can be had."""
    if running := os.environ.get("VITRINE_TEST_SHOP"):
        url, place = running.split()
        yield Place(url, Path(place) / "demo")
        return
    folder = tmp_path_factory.mktemp("browser-shop")
    (folder / "state").mkdir()
    with contextlib.suppress(pytest.skip.Exception):
        models: Path = request.getfixturevalue("models_dir")
        (folder / "state" / "models").symlink_to(models)
    with running_shop(folder, "--demo", "demo") as shop:
        address = shop.environment["VITRINE_GATEWAY_LISTEN"]
        yield Place(f"http://{address}", shop.demo)


@pytest.fixture(scope="session")
def shop_url(demo_shop: Place) -> str:
    """Where the gateway of the shop answers, without a slash at the end."""
    return demo_shop.url


@pytest.fixture(scope="session")
def demo_dir(demo_shop: Place) -> Path:
    """The demo folder of the shop."""
    return demo_shop.demo


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, or a skip that says what is missing."""
    try:
        chromium_path()
    except ChromiumMissing as missing:
        pytest.skip(str(missing))
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium without a camera."""
    with launched(playwright) as opened:
        yield opened


@dataclass
class Watch:
    """What pages did that no page of ours may do."""

    origin: str
    wrong: list[str] = field(default_factory=list)

    def over(self, page: Page) -> Page:
        """Watch one more page."""
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", lambda request: self._asked(request.url))
        page.on("pageerror", lambda error: self.wrong.append(f"thrown: {error}"))
        page.on("console", self._said)
        return page

    def _asked(self, url: str) -> None:
        if url.startswith(("http", "ws")) and self.origin not in url:
            self.wrong.append(f"asked another origin: {url}")

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.wrong.append(f"console: {message.text}")


@pytest.fixture
def watch(shop_url: str) -> Iterator[Watch]:
    """Fails the test when one of its pages did what none may."""
    watching = Watch(shop_url.removeprefix("http://"))
    yield watching
    assert watching.wrong == []


@pytest.fixture
def new_page(browser: Browser, shop_url: str, watch: Watch) -> Iterator[Opened]:
    """Opens pages of fresh profiles; options as of Playwright's ``new_context``."""
    with ExitStack() as stack:

        def opened(**changes: Any) -> Page:
            options = context_options(base_url=shop_url, **changes)
            context = stack.enter_context(contextlib.closing(browser.new_context(**options)))
            return watch.over(context.new_page())

        yield opened


@pytest.fixture
def page(new_page: Opened) -> Page:
    """A page of a fresh profile without a camera."""
    return new_page()


@pytest.fixture
def camera_page(
    playwright: Playwright, shop_url: str, watch: Watch, tmp_path: Path
) -> Iterator[Opened]:
    """Opens pages whose camera films given frames, each (H, W, 3) uint8 RGB, in a loop."""
    with ExitStack() as stack:

        def opened(frames_rgb: Iterable[NDArray[np.uint8]], **changes: Any) -> Page:
            clip = write_mjpeg(tmp_path / "camera.mjpeg", frames_rgb)
            camera = stack.enter_context(launched(playwright, clip))
            options = context_options(base_url=shop_url, permissions=["camera"], **changes)
            context = stack.enter_context(contextlib.closing(camera.new_context(**options)))
            return watch.over(context.new_page())

        yield opened


AXE = Path(".tools/node_modules/axe-core/axe.min.js")


@pytest.fixture(scope="session")
def axe() -> Axe:
    """Runs axe-core, fetched as `make test` does; a sentence for each serious violation."""
    file = REPOSITORY / AXE
    if not file.is_file():
        if shutil.which("npm") is None:
            pytest.skip("axe-core is not installed and there is no npm to get it")
        subprocess.run(["make", "--silent", str(AXE)], cwd=REPOSITORY, check=True)
    source = file.read_text(encoding="utf-8")

    def found(page: Page) -> list[str]:
        page.evaluate(source)
        report = page.evaluate("axe.run()")
        assert len(report["passes"]) > 10
        return [
            f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes']]}"
            for one in report["violations"]
            if one["impact"] in {"serious", "critical"}
        ]

    return found


@pytest.fixture
def scan(page: Page) -> Page:
    """The scanner, with the store Berlin chosen."""
    return scanner.opened(page)


@pytest.fixture(scope="session")
def pose_is_there(shop_url: str) -> None:
    """Skip where the pose service has no models."""
    services = httpx.get(f"{shop_url}/v1/status", timeout=30).json()["services"]
    if {"name": "pose", "state": "serving"} not in services:
        pytest.skip("the pose service is not running: its models are not to be had")


@pytest.fixture(scope="session")
def portrait(demo_dir: Path) -> Path:
    """A public-domain portrait."""
    path = demo_dir / "photos" / "portrait.jpg"
    if not path.is_file():
        pytest.skip("the demo has no portrait: scikit-image, which carries it, is not installed")
    return path


@pytest.fixture
def filmed(camera_page: Opened, portrait: Path) -> Opened:
    """Opens pages whose camera films a person."""

    def opened(**options: Any) -> Page:
        return camera_page(face_frames(portrait), **options)

    return opened
