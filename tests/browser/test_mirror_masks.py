"""The live mirror draws products behind hair, on the very frame that the hair was seen in."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, WebSocketRoute

from tests.browser.chromium import until
from tests.browser.mirroring import (
    FRAME_WH,
    GLASSES,
    Image,
    Wire,
    agreed,
    change,
    drawn_at,
    expected_change,
    face_frames,
    mesh_of,
    standing_at,
    with_and_without,
)
from tests.long_hair import camera_frame, long_haired

pytestmark = pytest.mark.usefixtures("pose_is_there")
Opened = Callable[..., Page]
COUNT_DECODED = """
  const decode = window.createImageBitmap;
  window.decoded = 0;
  window.createImageBitmap = function (source, ...all) {
    if (source instanceof Blob && source.type === "image/png" && source.size < 20000) decoded++;
    return decode.call(this, source, ...all);
  };
  window.shown = [];
  addEventListener("DOMContentLoaded", () => {
    const picture = document.getElementById("picture");
    new MutationObserver(() => shown.push(Number(picture.dataset.seq)))
      .observe(picture, { attributeFilter: ["data-seq"] });
  });
"""


def long_haired_frames(count: int = 16) -> Iterator[Image]:
    """A camera before which a person sways whose hair falls over her temples and ears."""
    image = long_haired()
    for index in range(count):
        yield camera_frame(image, FRAME_WH, 2.3, index / count)


def keep_of(placement: Any, size_wh: tuple[int, int]) -> NDArray[np.float32]:
    """The mask of a placement in JSON, 0..1, as large as the screen shows the picture."""
    data = np.frombuffer(base64.b64decode(placement["mesh"]["mask_png"]), np.uint8)
    mask = np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))
    return np.asarray(cv2.resize(mask, size_wh).astype(np.float32) / 255, np.float32)


def test_hair_hides_what_is_behind_it_in_the_live_mirror(
    camera_page: Opened, demo_dir: Path
) -> None:
    """Where the hair hides an earring the frame stays, elsewhere the earring is drawn."""
    page = camera_page(long_haired_frames())
    wire = Wire.of(page)
    seq = standing_after(page, wire, "EAR-302")
    drawn, plain = (picture[:, ::-1] for picture in with_and_without(page))  # as a mirror shows
    (placement,) = wire.answers[seq]["placements"]
    whole = expected_change(mesh_of(placement), demo_dir / "tryon" / "EAR-302.png", plain) > 30
    keep, actual = keep_of(placement, (plain.shape[1], plain.shape[0])), change(drawn, plain)
    hidden, seen = whole & (keep < 0.05), whole & (keep > 0.6)
    assert hidden.sum() > 50
    assert seen.sum() > 5
    assert actual[hidden].mean() < 5
    assert actual[seen].mean() > 25


def test_glasses_are_drawn_as_far_as_their_mask_lets_them(
    camera_page: Opened, demo_dir: Path
) -> None:
    """A mask that hides the picture's right half leaves the left half of the glasses."""
    page = camera_page(long_haired_frames())
    wire = Wire.of(page)
    page.route_web_socket("**/v1/tryon", lambda socket: half_masked(socket, wire))
    seq = standing_after(page, wire, GLASSES)
    drawn, plain = (picture[:, ::-1] for picture in with_and_without(page))
    (placement,) = wire.answers[seq]["placements"]
    whole = expected_change(mesh_of(placement), demo_dir / "tryon" / f"{GLASSES}.png", plain)
    actual, middle = change(drawn, plain), plain.shape[1] // 2
    left, right = np.s_[:, : middle - 5], np.s_[:, middle + 5 :]
    assert whole[right].sum() > 0.3 * whole[left].sum()
    assert actual[right].max() < 3
    assert actual[left][whole[left] > 30].mean() > 25


def standing_after(page: Page, wire: Wire, sku: str) -> int:
    """Wear a product before the camera for some frames, then hold still; the last one's number."""
    agreed(page, sku)
    page.locator("#open-camera").click()
    first = drawn_at(page)
    until(page, f"Number(document.getElementById('picture').dataset.seq) > {first + 5}")
    page.locator("[data-does='mirror.pause']").click()
    return standing_at(page, wire)


def half_masked(socket: WebSocketRoute, wire: Wire) -> None:
    """Pass a socket's messages on, each answer's meshes with a mask over the right half."""
    mask = np.full((144, 192), 255, np.uint8)
    mask[:, 96:] = 0
    told = base64.b64encode(cv2.imencode(".png", mask)[1].tobytes()).decode()
    server = socket.connect_to_server()

    def answered(payload: str | bytes) -> None:
        message = json.loads(payload)
        for placement in message.get("answer", {}).get("placements", []):
            placement["mesh"]["mask_png"] = told
        if "answer" in message:
            wire.answers[int(message["answer"]["seq"])] = message["answer"]
        socket.send(json.dumps(message))

    server.on_message(answered)


def test_masked_answers_are_shown_in_order(camera_page: Opened) -> None:
    """Masks are decoded beside the frame loop; no older frame follows a newer one."""
    page = camera_page(long_haired_frames())
    page.add_init_script(COUNT_DECODED)
    agreed(page, GLASSES)
    page.locator("#open-camera").click()
    drawn_at(page)
    until(page, "shown.length > 12")
    shown = page.evaluate("shown")
    assert shown == sorted(set(shown))
    assert page.evaluate("decoded") >= len(shown) - 1


def test_without_masks_nothing_is_decoded(camera_page: Opened, portrait: Path) -> None:
    """Short hair hides nothing: answers are drawn at once."""
    page = camera_page(face_frames(portrait))
    page.add_init_script(COUNT_DECODED)
    agreed(page, GLASSES)
    page.locator("#open-camera").click()
    drawn_at(page)
    until(page, "shown.length > 6")
    assert page.evaluate("decoded") == 0
