"""The scanner, on the demo catalogue: camera, photo, codes, what is not known, the basket."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from PIL import Image
from playwright.sync_api import Page, WebSocketRoute, expect

from shared.demo.catalogue import product
from shared.demo.clips import clip
from tests.browser.chromium import until
from tests.browser.conftest import Opened
from tests.browser.scanner import CEREAL, COFFEE, SLOW_MS, card, opened, show


def test_what_the_camera_films_is_named_and_priced(camera_page: Opened) -> None:
    """The cereal of the clip: its name and the store's price and stock, in list and picture."""
    frames = (frame.image_rgb for frame in clip(3, 8, CEREAL.sku))
    page = opened(camera_page(frames))
    page.get_by_role("button", name="Use the camera").click()
    found = card(page, CEREAL.title)
    expect(found).to_be_visible(timeout=SLOW_MS)
    expect(found).to_contain_text(f"€{CEREAL.price_eur}")
    expect(found).to_contain_text(f"{CEREAL.stock['berlin-1']} here")
    mark = page.locator(".mark.identified")
    expect(mark).to_contain_text(CEREAL.title)
    expect(mark).to_contain_text(f"€{CEREAL.price_eur}")


def seen(decision: str, track_id: int, x_min: float, product: Any = None) -> dict[str, Any]:
    """A ScannedItem as JSON, in the left or the right half of the picture."""
    item: dict[str, Any] = {name: [] for name in ("candidates", "evidence", "codes", "conflicts")}
    box = {"x_min": x_min, "y_min": 0.2, "x_max": x_min + 0.4, "y_max": 0.8}
    item |= {"decision": f"DECISION_{decision}", "track_id": track_id, "box": box}
    item |= {"probability": 0.9, "frames_used": 1, "frames_to_decide": 0}
    return item | ({"product": product} if product else {})


def test_what_is_known_by_now_takes_the_place_of_what_was_not(camera_page: Opened) -> None:
    """A stranger that turns out to be known is no longer listed; another beside it lingers."""
    page = opened(camera_page([np.full((240, 320, 3), 90, np.uint8)] * 2))
    product = page.request.get(f"/v1/products/{CEREAL.sku}").json()
    told = [
        [seen("UNKNOWN", 1, 0.0), seen("UNKNOWN", 2, 0.6), seen("UNKNOWN", 3, 0.05)],
        [seen("IDENTIFIED", 1, 0.0, product)],
    ]

    def answer(socket: WebSocketRoute, message: str | bytes) -> None:
        if isinstance(message, bytes) and told:
            header = json.loads(message[4 : 4 + int.from_bytes(message[:4])])
            items = told.pop(0)
            reply = {"seq": str(header["seq"]), "items": items, "frames_dropped": 0}
            socket.send(json.dumps({"answer": reply}))

    page.route_web_socket("**/v1/scan", lambda socket: socket.on_message(partial(answer, socket)))
    page.get_by_role("button", name="Use the camera").click()
    expect(card(page, CEREAL.title)).to_be_visible()
    expect(page.locator(".result")).to_have_count(2)
    assert page.locator(".result").first.get_attribute("data-key") == "track-2"


def test_the_camera_is_given_back(camera_page: Opened) -> None:
    """After Stop no track runs and no socket is open."""
    page = opened(camera_page([np.full((240, 320, 3), 90, np.uint8)] * 2))
    page.evaluate("""() => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => (window.stream = await open(wanted));
    }""")
    with page.expect_websocket() as socket:
        page.get_by_role("button", name="Use the camera").click()
    page.get_by_role("button", name="Stop").click()
    assert page.evaluate("stream.getTracks().every((track) => track.readyState === 'ended')")
    if not socket.value.is_closed():
        socket.value.wait_for_event("close")
    expect(page.get_by_role("button", name="Use the camera")).to_be_visible()


def test_a_photo_held_still_is_asked_about_once_more(camera_page: Opened) -> None:
    """`Take a photo` ends the stream and scans one full picture."""
    frames = (frame.image_rgb for frame in clip(3, 4, CEREAL.sku))
    page = opened(camera_page(frames))
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("#stage canvas")).to_be_visible()
    with page.expect_response("**/v1/scan?*", timeout=SLOW_MS) as answer:
        page.get_by_role("button", name="Take a photo").click()
    assert answer.value.status == 200
    expect(card(page, CEREAL.title)).to_be_visible(timeout=SLOW_MS)


def test_without_a_camera_the_page_says_so_and_goes_on(scan: Page) -> None:
    """A plain sentence, and the other ways are still there."""
    scan.get_by_role("button", name="Use the camera").click()
    expect(scan.get_by_role("alert")).to_contain_text("Use a photo")
    expect(scan.get_by_text("Choose a photo")).to_be_visible()


def test_a_photo_shows_its_product_and_the_code_on_it(scan: Page, demo_dir: Path) -> None:
    """Found by its barcode: the code is part of the reason."""
    show(scan, demo_dir / "photos" / "barcode.jpg")
    found = card(scan, COFFEE.title)
    expect(found).to_contain_text(f"€{COFFEE.price_eur}")
    found.get_by_text("Why?").click()
    expect(found.locator(".why")).to_contain_text(COFFEE.gtin)


def test_why_is_told_in_the_language_of_the_page(new_page: Opened, demo_dir: Path) -> None:
    """The service's own sentences are English; a German page shows none of them."""
    page = new_page(locale="de-DE")
    opened(page)
    with page.expect_response("**/v1/scan?*", timeout=SLOW_MS) as answer:
        page.locator("#file").set_input_files(demo_dir / "photos" / "barcode.jpg")
    item = answer.value.json()["items"][0]
    page.locator(".why summary").first.click()
    why = page.locator(".why").first
    expect(why).to_contain_text(f"{item['codes'][0]['symbology']} {item['codes'][0]['text']}")
    expect(why).to_contain_text("sieht so aus")
    told = [one for one in item["evidence"] if one["kind"] != "EVIDENCE_KIND_CODE"]
    assert told
    for one in told:
        expect(why).not_to_contain_text(one["description"])
    weak = [one for one in item["evidence"] if abs(one["log_likelihood_ratio"]) < 0.5]
    expect(why.get_by_text("fügt dem Übrigen wenig hinzu")).to_have_count(len(weak))


def test_samples_are_offered_as_small_pictures(scan: Page) -> None:
    """The clip too, by its first one; all of them together weigh less than a photo."""
    pictures = scan.locator(".sample img")
    expect(pictures.first).to_be_visible()
    expect(pictures).to_have_count(scan.locator(".sample").count())
    expect(scan.locator(".sample", has_text="cereal").locator("svg")).to_be_visible()
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
    loaded = "[...document.querySelectorAll('.sample img')].every((one) => one.naturalWidth > 0)"
    until(scan, loaded)
    weighed = scan.evaluate("""() => performance.getEntriesByType("resource")
      .filter((one) => one.name.includes("/samples/")).map((one) => one.decodedBodySize)""")
    assert len(weighed) >= pictures.count()
    assert sum(weighed) < 300_000


def test_the_stream_is_all_that_is_sent_of_a_film(camera_page: Opened) -> None:
    """What looks leave open is decided by the stream itself: no picture is posted beside it."""
    asked: list[str] = []
    frames = (frame.image_rgb for frame in clip(3, 8, CEREAL.sku))
    page = opened(camera_page(frames))
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.get_by_role("button", name="Use the camera").click()
    expect(card(page, CEREAL.title)).to_contain_text(f"€{CEREAL.price_eur}", timeout=SLOW_MS)
    assert [one for one in asked if one.startswith("POST")] == []


def test_several_of_one_product_are_listed_once(scan: Page, demo_dir: Path) -> None:
    """A shelf with two packs of one cereal: one card that says two, a mark for each."""
    show(scan, demo_dir / "photos" / "shelf-03.jpg")
    found = card(scan, product("CER-011").title)
    expect(found).to_have_count(1)
    expect(found).to_contain_text("2 in view")
    assert scan.locator(".mark").count() > scan.locator(".result").count()


def test_marks_lie_on_the_things_they_name(scan: Page, demo_dir: Path) -> None:
    """The mark's place over the canvas is the answer's box, whatever the stage's shape."""
    with scan.expect_response("**/v1/scan?*", timeout=SLOW_MS) as answer:
        scan.locator("#file").set_input_files(demo_dir / "photos" / "barcode.jpg")
    box = answer.value.json()["items"][0]["box"]
    expect(scan.locator(".mark")).to_have_count(1)
    picture = scan.evaluate("""() => {
      const canvas = document.querySelector("#frame");
      const { x, y, width, height } = canvas.getBoundingClientRect();
      const scale = Math.min(width / canvas.width, height / canvas.height);
      const [w, h] = [canvas.width * scale, canvas.height * scale];
      return { x: x + (width - w) / 2, y: y + (height - h) / 2, w, h };
    }""")
    mark = scan.locator(".mark").bounding_box()
    assert mark is not None
    assert mark["x"] == pytest.approx(picture["x"] + box["x_min"] * picture["w"], abs=2)
    assert mark["y"] == pytest.approx(picture["y"] + box["y_min"] * picture["h"], abs=2)
    assert mark["width"] == pytest.approx((box["x_max"] - box["x_min"]) * picture["w"], abs=2)


def test_a_swapped_label_is_said_and_a_person_chooses(scan: Page, demo_dir: Path) -> None:
    """Code and looks disagree: candidates to tap; the one chosen gets its price."""
    show(scan, demo_dir / "photos" / "conflict.jpg")
    found = scan.locator(".result")
    expect(found).to_contain_text("Code and looks disagree")
    found.get_by_role("button", name=f"It is {CEREAL.title}").click()
    expect(found).to_contain_text("Chosen by you")
    expect(found).to_contain_text(f"€{CEREAL.price_eur}")
    expect(found).to_contain_text(f"{CEREAL.stock['berlin-1']} here")


def test_what_the_shop_does_not_sell_is_said_honestly(scan: Page) -> None:
    """A rocket: not one of ours, the nearest with how sure, and nothing to add."""
    show(
        scan, {"name": "rocket.png", "mimeType": "image/png", "buffer": png(skimage.data.rocket())}
    )
    found = scan.locator(".result")
    expect(found).to_contain_text("Not one of our products")
    expect(found.locator(".candidate")).to_have_count(3)
    expect(found.locator(".candidate").first).to_contain_text("%")
    expect(found.get_by_role("button", name="Add")).to_have_count(0)


def png(image_rgb: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image_rgb).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_file_that_is_no_picture_is_refused_in_words(scan: Page) -> None:
    """A notice, and the page is ready for the next."""
    broken = {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"not a picture"}
    scan.locator("#file").set_input_files(broken)
    expect(scan.get_by_role("alert")).to_contain_text("cannot be opened")
    expect(scan.get_by_role("button", name="Use the camera")).to_be_visible()


def test_a_sample_is_scanned(scan: Page) -> None:
    """The shop's own photos, for who has no camera."""
    scan.locator(".sample", has_text="barcode").click()
    expect(card(scan, COFFEE.title)).to_be_visible(timeout=SLOW_MS)
