"""Take the README's pictures: every page, on a real shop with the demo catalogue.

``python -m tests.browser.screenshots services/gateway/pictures`` starts a shop in a temporary
folder, photographs its pages and stops it. ``--shop URL --demo FOLDER`` takes a running one.
The photos are the demo's own; the only person is NASA's public-domain portrait.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from shared.config import read_settings
from shared.errors import NotReady
from shared.models.mediapipe_sources import PinnedWheel, install_bundles
from tests.browser.chromium import KIOSK, LAPTOP, PHONE, context_options, launched, until
from tests.shop import running_shop

SLOW_MS = 120_000
LARGEST_BYTES = 150_000
WEBP_QUALITY = 82
WIDEST_PX = 1280


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture to take.

    Attributes:
        name: of the file.
        path: of the page.
        prepare: brings the page into the state that is to be seen; gets the demo folder.
        viewport: the window's size.
        scheme: light or dark.
    """

    name: str
    path: str
    prepare: Callable[[Page, Path], None]
    viewport: dict[str, int]
    scheme: str = "light"


def first_page(page: Page, demo: Path) -> None:
    """The product has come, the services are known."""
    until(page, "document.querySelector('#finder img')?.naturalWidth > 0")
    expect(page.locator("#services li").first).to_be_attached()


def scanned(photo: str, taken: int = 0) -> Callable[[Page, Path], None]:
    """A photo was scanned, and some of what it shows put into the basket."""

    def prepare(page: Page, demo: Path) -> None:
        page.locator("#file").set_input_files(demo / "photos" / photo)
        answered = page.locator(".result, [role=alert]").first
        expect(answered).to_be_visible(timeout=SLOW_MS)
        while page.get_by_role("alert").count():  # the machine is busy: ask again
            page.get_by_role("button", name="Try again").click()
            expect(answered).to_be_visible(timeout=SLOW_MS)
        for index in range(taken):
            page.locator(".take").nth(index).click()
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")

    return prepare


def explained(page: Page, demo: Path) -> None:
    """A swapped label, with the reasons open."""
    scanned("conflict.jpg")(page, demo)
    page.locator(".why summary").click()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


def tried_on(page: Page, demo: Path) -> None:
    """Glasses and earrings on the portrait, drawn."""
    page.locator("#agree").click()
    expect(page.locator("#choose")).to_be_visible()  # before, no photo is taken
    page.locator("#photo-file").set_input_files(demo / "photos" / "portrait.jpg")
    expect(page.locator("#scale")).to_be_visible(timeout=SLOW_MS)
    page.wait_for_timeout(1500)  # the meshes' textures come after their places


def searched(photo: str) -> Callable[[Page, Path], None]:
    """A photo was searched, and the things in it were found."""

    def prepare(page: Page, demo: Path) -> None:
        page.locator("#file").set_input_files(demo / "photos" / photo)
        expect(page.locator("#proposals .proposal-list li").first).to_be_visible(timeout=SLOW_MS)
        answer = page.locator("#results:not(.stale) .result .likeness")  # the catalogue has none
        expect(answer.first).to_be_visible(timeout=SLOW_MS)

    return prepare


def why_it_matches(page: Page, demo: Path) -> None:
    """Where the first match is seen in the photo, and what speaks for it in both pictures."""
    searched("table.jpg")(page, demo)
    page.locator("#results .result").first.get_by_role("button", name="Why").click()
    expect(page.locator("#why .why-explained p")).to_be_visible(timeout=SLOW_MS)
    page.evaluate("document.activeElement.blur()")


FEED = """id,title,price,gtin,image_link
MUG-900,"Tonart Mug, sage",14.00 EUR,2041700009007,
MUG-901,"Tonart Mug, sand",14.00,2041700009014,
MUG-902,,14.00 EUR,,
MUG-903,"Tonart Mug, ink",14.00 EUR,4006381333932,
MUG-904,"Tonart Bowl, ink",18.00 EUR,,bowl.jpg
"""
"""One row is well, each other is wrong in its own way."""


def imported(page: Page, demo: Path) -> None:
    """A feed was imported; what was wrong with its rows is told."""
    page.locator("#tab-import").click()
    feed = {"name": "mugs.csv", "mimeType": "text/csv", "buffer": FEED.encode()}
    page.locator("#feed").set_input_files(feed)
    expect(page.locator(".report[data-state=done]")).to_be_visible(timeout=SLOW_MS)
    page.evaluate("document.activeElement.blur(); scrollTo(0, document.body.scrollHeight)")


def settled(page: Page, demo: Path) -> None:
    """The page as it opens."""


PICTURES = (
    Picture("index", "/", first_page, LAPTOP),
    Picture("scan", "/scan", scanned("shelf-03.jpg", 2), LAPTOP),
    Picture("scan-conflict", "/scan", explained, LAPTOP, "dark"),
    Picture("scan-phone", "/scan", scanned("table.jpg", 2), PHONE),
    Picture("scan-kiosk", "/scan", scanned("table.jpg", 2), KIOSK, "dark"),
    Picture("mirror", "/mirror?sku=GLS-104", tried_on, LAPTOP),
    Picture("search", "/search", searched("armchair.jpg"), LAPTOP),
    Picture("search-why", "/search", why_it_matches, LAPTOP),
    Picture("catalog", "/catalog", settled, LAPTOP),
    Picture("docs", "/docs", settled, LAPTOP),
    Picture("import", "/catalog", imported, LAPTOP),
)


@contextmanager
def demo_shop() -> Iterator[tuple[str, Path]]:
    """A shop of its own: its address and its demo folder."""
    with tempfile.TemporaryDirectory(prefix="vitrine-screenshots-") as name:
        folder = Path(name)
        models = read_settings().state_dir / "models"
        (folder / "state").mkdir()
        if models.is_dir():
            (folder / "state" / "models").symlink_to(models)
        else:
            _get_models(folder / "state" / "models")
        with running_shop(folder, "--demo", "demo") as shop:
            yield f"http://{shop.environment['VITRINE_GATEWAY_LISTEN']}", shop.demo


def _get_models(folder: Path) -> None:
    folder.mkdir()
    with contextlib.closing(PinnedWheel()) as wheel:
        try:
            install_bundles(folder, [wheel])
        except NotReady as error:
            print(f"no picture of the mirror: {error.message}")


def quiet(page: Page) -> None:
    """Wait until every picture in view has come and nothing is asked any more."""
    page.wait_for_load_state("networkidle")
    until(
        page,
        "[...document.images].every((one) => !one.src || one.complete || one.loading === 'lazy')",
    )
    page.wait_for_timeout(500)


def save(png: bytes, path: Path) -> int:
    """Write a screenshot as WebP, not wider than a laptop's window; returns its size in bytes."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.thumbnail((WIDEST_PX, 2 * WIDEST_PX), Image.Resampling.LANCZOS)
    image.save(path, "WEBP", quality=WEBP_QUALITY, method=6)
    return path.stat().st_size


def take(picture: Picture, page: Page, demo: Path, out: Path) -> None:
    """Take one picture and say how large it is.

    Raises:
        SystemExit: it is too large to be kept in the repository.
    """
    page.set_default_timeout(SLOW_MS)
    page.goto(picture.path)
    expect(page.locator("#shell nav")).to_be_visible()
    picture.prepare(page, demo)
    quiet(page)
    size = save(page.screenshot(), out / f"{picture.name}.webp")
    print(f"{picture.name:<16} {size / 1000:5.0f} kB")
    if size > LARGEST_BYTES:
        raise SystemExit(f"{picture.name} is larger than {LARGEST_BYTES // 1000} kB")


def take_all(url: str, demo: Path, out: Path, only: set[str]) -> None:
    """Take the pictures that are wanted, each in a fresh profile."""
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, launched(playwright) as browser:
        for picture in PICTURES:
            if only and picture.name not in only:
                continue
            options = context_options(
                base_url=url, viewport=picture.viewport, color_scheme=picture.scheme
            )
            with contextlib.closing(browser.new_context(**options)) as context:
                take(picture, context.new_page(), demo, out)


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("names", nargs="*", help="pictures to take; default: all")
    parser.add_argument("--shop", help="address of a running shop with the demo catalogue")
    parser.add_argument("--demo", type=Path, default=Path("demo"), help="its demo folder")
    chosen = parser.parse_args()
    running = contextlib.nullcontext((chosen.shop, chosen.demo)) if chosen.shop else demo_shop()
    with running as (url, demo):
        take_all(url, demo, chosen.out, set(chosen.names))


if __name__ == "__main__":
    main()
