"""The mirror: consent first, products where the service placed them, nothing kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import KIOSK, PHONE, until
from tests.browser.mirroring import (
    GLASSES,
    GLASSES_MM,
    Wire,
    agreed,
    change,
    drawn_at,
    expected_change,
    face_width_px,
    likeness,
    mesh_of,
    offset_px,
    shelf_frames,
    shown,
    standing_at,
    with_and_without,
)

Opened = Callable[..., Page]


pytestmark = pytest.mark.usefixtures("pose_is_there")


def test_without_consent_no_frame_leaves_the_page(filmed: Opened) -> None:
    """Refused: nothing is posted and no socket opened, whatever is chosen afterwards."""
    page = filmed()
    wire = Wire.of(page)
    page.goto(f"/mirror?sku={GLASSES}")
    expect(page.locator("#consent-words")).to_contain_text("nothing is stored")
    page.locator("#decline").click()
    expect(page.locator("#declined-words")).to_contain_text("Nothing was sent")
    page.locator("#strip [data-sku]").first.click()
    page.wait_for_timeout(1500)
    assert (wire.posts, wire.sockets, wire.frames) == ([], [], 0)
    expect(page.locator("#open-camera")).to_be_hidden()


def test_consent_alone_sends_no_frame(filmed: Opened) -> None:
    """With nothing to try on the camera is shown, and nothing but the consent is posted."""
    page = filmed()
    wire = Wire.of(page)
    agreed(page)
    page.locator("#open-camera").click()
    expect(page.locator("#told")).to_contain_text("no picture leaves this page")
    page.wait_for_timeout(1000)
    assert np.ptp(shown(page).astype(int)) > 100
    assert [request.url.rpartition("/")[2] for request in wire.posts] == ["consent"]
    assert wire.frames == 0


def test_glasses_are_drawn_where_they_were_placed(filmed: Opened, demo_dir: Path) -> None:
    """Within 2 % of the face's width of the mesh that the service gave for that very frame."""
    page = filmed()
    wire = Wire.of(page)
    agreed(page, GLASSES)
    page.locator("#open-camera").click()
    drawn_at(page)
    page.locator("[data-does='mirror.pause']").click()
    seq = standing_at(page, wire)
    drawn, plain = (picture[:, ::-1] for picture in with_and_without(page))  # as a mirror shows
    (placement,) = wire.answers[seq]["placements"]
    mesh = mesh_of(placement)
    expected = expected_change(mesh, demo_dir / "tryon" / f"{GLASSES}.png", plain)
    actual = change(drawn, plain)
    face_px = face_width_px(placement, mesh, plain.shape[1], GLASSES_MM)
    assert face_px > 60
    assert likeness(expected, actual) > 0.9
    assert offset_px(expected, actual) <= 0.02 * face_px


def test_true_scale_and_fit_are_told_with_their_uncertainty(filmed: Opened) -> None:
    """The face in millimetres, about so many either way; the glasses' width and fit."""
    page = filmed()
    agreed(page, GLASSES)
    page.locator("#open-camera").click()
    expect(page.locator("#scale")).to_contain_text("mm either way")
    row = page.locator(f"#worn [data-sku={GLASSES}]")
    expect(row).to_contain_text("142 mm wide")
    expect(row.locator(".fit")).to_be_visible()
    expect(row).to_contain_text("€119.00")
    expect(row).to_contain_text("Vitrine Berlin Mitte")
    assert row.locator("a").get_attribute("href") == f"/search?sku={GLASSES}"


ANSWERS = """async () => {
  let socket;
  window.WebSocket = class extends EventTarget {
    static OPEN = 1;
    readyState = 1;
    bufferedAmount = 0;
    constructor() { super(); socket = this; }
    send() {}
    close() {}
  };
  const { LiveSocket } = await import('/live.js');
  const closed = [];
  const live = new LiveSocket('/v1/tryon', {}, { onAnswer: () => undefined });
  socket.dispatchEvent(new Event('open'));
  for (const answer of [{ seq: '1' }, { seq: '2', refusal: { reason: 'X' } }, { seq: '3' }]) {
    const { seq } = answer;
    const bitmap = { close: () => closed.push(seq) };
    live.send({ bytes: new ArrayBuffer(1), captureTimeUs: 1, bitmap });
    const data = JSON.stringify({ answer });
    socket.dispatchEvent(new MessageEvent('message', { data }));
  }
  return closed;
}"""


def test_a_refused_frame_leaves_the_picture_before_it(page: Page) -> None:
    """The picture that stands stays open until another one is drawn; the refused one goes."""
    page.goto("/mirror")
    assert page.evaluate(ANSWERS) == ["2", "1"]


def test_nobody_before_the_camera_is_told(camera_page: Opened) -> None:
    """An empty room: the mirror says that no face is seen."""
    page = camera_page(shelf_frames())
    agreed(page, GLASSES)
    page.locator("#open-camera").click()
    expect(page.locator("#told")).to_contain_text("Your face is not seen")
    expect(page.locator("#scale")).to_be_hidden()


def test_withdrawing_stops_everything_at_once(filmed: Opened) -> None:
    """The camera ends, the socket closes, no frame follows, and asking starts anew."""
    page = filmed()
    page.add_init_script("""
      const open = MediaDevices.prototype.getUserMedia;
      MediaDevices.prototype.getUserMedia = async function (...all) {
        return (window.filmed = await open.apply(this, all));
      };
    """)
    wire = Wire.of(page)
    agreed(page, GLASSES)
    page.locator("#open-camera").click()
    drawn_at(page)
    page.locator("#withdraw").click()
    expect(page.locator("#declined-words")).to_contain_text("took your consent back")
    expect(page.locator("#told")).not_to_be_empty()
    sent = wire.frames
    page.wait_for_timeout(1500)
    assert wire.frames == sent > 0
    assert all(socket.is_closed() for socket in wire.sockets)
    assert page.evaluate("filmed.getTracks().map((track) => track.readyState)") == ["ended"]
    assert page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})").find("ey") < 0
    expect(page.locator("#picture")).to_be_hidden()
    page.locator("#ask-again").click()
    expect(page.locator("#agree")).to_be_visible()


def test_a_hidden_page_sends_nothing(filmed: Opened) -> None:
    """Frames stop while the page is hidden and go on when it is back."""
    page = filmed()
    wire = Wire.of(page)
    agreed(page, GLASSES)
    page.locator("#open-camera").click()
    drawn_at(page)
    hide = "Object.defineProperty(document, 'hidden', {{configurable: true, get: () => {}}})"
    page.evaluate(hide.format("true"))
    page.wait_for_timeout(2500)
    sent = wire.frames
    page.wait_for_timeout(1500)
    assert wire.frames == sent > 0
    page.evaluate(hide.format("false"))
    before = drawn_at(page)
    expect(page.locator("#picture")).not_to_have_attribute("data-seq", str(before))


def test_without_a_camera_a_clip_of_a_person_is_a_live_mirror(page: Page, demo_dir: Path) -> None:
    """It is offered with its first picture; frames are answered one after the other."""
    if not (demo_dir / "photos" / "portrait.mjpeg").is_file():
        pytest.skip("the demo has no clip of a person: scikit-image is not installed")
    agreed(page, GLASSES)
    clip = page.locator("#sample-list [data-type='video/x-motion-jpeg']")
    until(page, "document.querySelector('#sample-list [data-type^=video] img').naturalWidth > 0")
    clip.click()
    first = drawn_at(page)
    expect(page.locator("#scale")).to_contain_text("mm either way")
    until(page, f"Number(document.getElementById('picture').dataset.seq) > {first + 2}")


def test_a_camera_that_is_missing_is_told(page: Page) -> None:
    """In a sentence, with a photo as the way on."""
    agreed(page, GLASSES)
    page.locator("#open-camera").click()
    expect(page.locator("#notices [role=alert]")).to_contain_text("photo")
    expect(page.locator("#open-photo")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, KIOSK], ids=["phone", "kiosk"])
def test_it_works_on_a_phone_and_on_a_kiosk(
    new_page: Opened, portrait: Path, size: dict[str, int]
) -> None:
    """Nothing is wider than the screen; consent, picture and products are on the first screen."""
    page = new_page(viewport=size, has_touch=True)
    page.goto(f"/mirror?sku={GLASSES}")
    expect(page.locator("#agree")).to_be_in_viewport(ratio=1)
    expect(page.locator("#decline")).to_be_in_viewport(ratio=1)
    page.locator("#agree").tap()
    expect(page.locator("#open-camera")).to_be_in_viewport(ratio=1)
    page.locator("#photo-file").set_input_files(portrait)
    drawn_at(page)
    for seen in ("#withdraw", "#scale", "[data-does='mirror.snapshot']", "#kinds .chip >> nth=0"):
        expect(page.locator(seen)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    drawn, plain = with_and_without(page)
    assert (change(drawn, plain) > 25).sum() > 100


def test_the_keyboard_suffices(page: Page, portrait: Path) -> None:
    """Consent, a product and withdrawal by keys; the focus goes where the next step is."""
    page.goto("/mirror")
    expect(page.locator("#strip [data-sku]").first).to_be_visible()
    page.locator("#agree").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#open-camera")).to_be_focused()
    product = page.locator("#strip [data-sku]").first
    product.focus()
    page.keyboard.press("Space")
    expect(product).to_have_attribute("aria-pressed", "true")
    expect(product).to_be_focused()
    page.locator("#withdraw").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#ask-again")).to_be_focused()


def test_it_speaks_german(new_page: Opened) -> None:
    """All of it, with prices and kinds."""
    page = new_page(locale="de-DE")
    page.goto(f"/mirror?sku={GLASSES}")
    expect(page.locator("#consent-words")).to_contain_text("nichts wird gespeichert")
    expect(page.locator("#kinds .chip").first).to_contain_text("Brillen")
    expect(page.locator("#worn")).to_contain_text("119,00")
    assert "mirror." not in page.locator("#main").inner_text()


def test_a_product_that_cannot_be_tried_on_is_taken_off_again(filmed: Opened) -> None:
    """It is told, offered no more, and what was worn before is drawn on."""
    page = filmed()
    page.route("**/v1/products?*", with_a_product_that_is_gone)
    wire = Wire.of(page)
    agreed(page, GLASSES)
    page.locator("#open-camera").click()
    drawn_at(page)
    page.locator("#kinds [data-kind=HAT]").click()
    page.locator("#strip [data-sku=HAT-GONE]").click()
    expect(page.locator("#notices [role=alert]")).to_contain_text("HAT-GONE")
    expect(page.locator("[data-sku=HAT-GONE]")).to_have_count(0)
    expect(page.locator(f"#worn [data-sku={GLASSES}]")).to_be_visible()
    wire.answers.clear()
    for _ in range(60):
        page.wait_for_timeout(500)
        if wire.answers:
            break
    assert {one["sku"] for one in wire.answers[max(wire.answers)]["placements"]} == {GLASSES}


def with_a_product_that_is_gone(route: Route) -> None:
    """The catalogue's answer with one more hat, which has been deleted meanwhile."""
    answer = route.fetch()
    told = answer.json()
    hat = next(one for one in told["products"] if one["sku"] == "HAT-201")
    told["products"].append(hat | {"sku": "HAT-GONE"})
    route.fulfill(response=answer, json=told)
