"""The mirror of single photos: drawn as the service draws, with and without WebGL."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.mirroring import (
    GLASSES,
    Wire,
    agreed,
    as_shown,
    change,
    drawn_at,
    likeness,
    offset_px,
    shown,
    with_and_without,
)

pytestmark = pytest.mark.usefixtures("pose_is_there")


def test_a_snapshot_stays_on_the_device(page: Page, portrait: Path) -> None:
    """It is shown and can be saved, without any request; closing forgets it."""
    agreed(page, GLASSES)
    page.locator("#photo-file").set_input_files(portrait)
    drawn_at(page)
    page.wait_for_timeout(500)
    wire = Wire.of(page)
    page.locator("[data-does='mirror.snapshot']").click()
    expect(page.locator("#snapshot-picture")).to_be_visible()
    with page.expect_download() as saved:
        page.locator("#snapshot-save").click()
    assert saved.value.suggested_filename == "vitrine.jpg"
    assert Path(saved.value.path()).read_bytes().startswith(b"\xff\xd8")
    page.keyboard.press("Escape")
    expect(page.locator("#snapshot")).to_be_hidden()
    expect(page.locator("#snapshot-picture")).not_to_have_attribute("src", re.compile(""))
    assert [request.url for request in wire.requests if not request.url.startswith("blob:")] == []
    assert wire.frames == 0


def test_two_products_are_worn_at_once(page: Page, portrait: Path) -> None:
    """Lipstick joins the glasses, a second tap takes the glasses off again."""
    agreed(page, GLASSES)
    page.locator("#photo-file").set_input_files(portrait)
    first = drawn_at(page)
    glasses, plain = with_and_without(page)
    page.locator("#kinds [data-kind=LIPSTICK]").click()
    page.locator("#strip [data-sku=LIP-350]").click()
    expect(page.locator("#picture")).to_have_attribute("data-seq", str(first + 1))
    both = shown(page)
    page.locator(f"#worn [data-sku={GLASSES}] button").click()
    expect(page.locator("#picture")).to_have_attribute("data-seq", str(first + 2))
    lips = shown(page)
    eyes, mouth = change(glasses, plain) > 12, change(lips, plain) > 12
    assert eyes.sum() > 200
    assert mouth.sum() > 40
    assert np.argwhere(mouth)[:, 0].min() > np.argwhere(eyes)[:, 0].mean()
    assert change(both, plain)[eyes].mean() > 12
    assert change(both, plain)[mouth].mean() > 12
    assert not (change(both, glasses)[eyes & ~mouth] > 12).any()


def test_a_photo_is_drawn_as_the_service_draws_it(page: Page, portrait: Path) -> None:
    """The mirror's picture of a photo is the one of RenderTryOn, but for its shadows."""
    agreed(page, GLASSES)
    with page.expect_request("**/v1/tryon:place*") as asked:
        page.locator("#photo-file").set_input_files(portrait)
    drawn_at(page)
    drawn, plain = with_and_without(page)
    url = asked.value.url.replace("tryon:place", "tryon:render")
    headers = {"Authorization": asked.value.headers["authorization"], "Accept": "image/*"}
    headers["Content-Type"] = "image/jpeg"
    answer = httpx.post(url, headers=headers, content=portrait.read_bytes(), timeout=60)
    rendered = as_shown(answer.content, drawn)
    rows, columns = np.nonzero(change(drawn, plain) > 40)
    box = np.s_[rows.min() : rows.max(), columns.min() : columns.max()]
    theirs, ours = change(rendered, plain)[box], change(drawn, plain)[box]
    assert likeness(theirs, ours) > 0.9
    assert change(rendered, drawn)[box].mean() < 0.4 * ours.mean()
    assert offset_px(theirs, ours) < 2


def test_without_webgl_the_server_draws_photos(page: Page, portrait: Path) -> None:
    """No camera is offered; a photo comes back drawn, with its scale."""
    page.add_init_script("""
      const get = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...all) {
        return kind === "webgl2" ? null : get.call(this, kind, ...all);
      };
    """)
    agreed(page, GLASSES)
    expect(page.locator("#flat-words")).to_be_visible()
    expect(page.locator("#open-camera")).to_be_hidden()
    with page.expect_request("**/v1/tryon:render*"):
        page.locator("#photo-file").set_input_files(portrait)
    drawn_at(page)
    drawn, plain = with_and_without(page)
    assert (change(drawn, plain) > 25).sum() > 200
    expect(page.locator("#scale")).to_contain_text("mm either way")


def test_a_lost_graphics_card_is_told_and_comes_back(page: Page, portrait: Path) -> None:
    """The same picture stands again after the context was lost and restored."""
    agreed(page, GLASSES)
    page.locator("#photo-file").set_input_files(portrait)
    drawn_at(page)
    before = shown(page)
    page.evaluate("""() => {
      window.lost = document.getElementById("picture").getContext("webgl2")
        .getExtension("WEBGL_lose_context");
      lost.loseContext();
    }""")
    expect(page.locator("#told")).to_contain_text("comes back")
    page.evaluate("lost.restoreContext()")
    expect(page.locator("#told")).to_be_empty()
    assert change(shown(page), before).max() < 30
