"""Scanning and the mirror over WebSocket, on the real services."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
import skimage.data
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from services.gateway.live.sockets import TRY_ON, read_frame
from tests.gateway.conftest import Shop
from tests.gateway.contents import barcode, picture
from tests.gateway.test_sockets import frame, told

MOST_FRAMES = 40


@contextmanager
def opened(shop: Shop, path: str, config: dict[str, Any]) -> Iterator[ClientConnection]:
    """A socket with its configuration sent."""
    with connect(shop.url.replace("http", "ws") + path) as socket:
        socket.send(json.dumps(config))
        yield socket


@pytest.fixture(scope="module")
def portrait() -> bytes:
    """Eileen Collins (NASA, public domain) as a JPEG."""
    image = cv2.cvtColor(np.ascontiguousarray(skimage.data.astronaut()), cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", image)[1].tobytes()


@pytest.fixture
def consent(client: httpx.Client, needs: Callable[[str], None]) -> str:
    """A token as the page gets it."""
    needs("pose")
    granted = client.post("/v1/consent", json={"scopes": ["CONSENT_SCOPE_POSE"]})
    assert granted.status_code == 200, granted.text
    return granted.json()["consent_token"]


def test_a_scanned_stream_names_the_product(shop: Shop, needs: Callable[[str], None]) -> None:
    """Within some frames it is identified, with the store's price."""
    needs("scanning")
    with opened(shop, "/v1/scan", {"store_id": "berlin-1"}) as socket:
        for seq in range(1, MOST_FRAMES):
            socket.send(frame(seq, barcode(), capture_time_us=seq * 100_000))
            answer = told(socket)["answer"]
            assert answer["seq"] == str(seq)
            items = [item for item in answer["items"] if "product" in item]
            if items:
                break
    assert items[0]["product"]["sku"] == "TEA-1"
    assert items[0]["offer"]["price"]["amount_micros"] == "4490000"


def test_a_frame_that_is_no_picture_is_refused_and_the_next_is_not(
    shop: Shop, needs: Callable[[str], None]
) -> None:
    """The stream goes on: a camera may send one bad frame."""
    needs("scanning")
    with opened(shop, "/v1/scan", {}) as socket:
        socket.send(frame(1, b"not a picture"))
        assert told(socket)["answer"]["refusal"]["reason"].startswith("IMAGE_")
        socket.send(frame(2, picture(0)))
        assert "refusal" not in told(socket)["answer"]


def test_the_mirror_places_glasses_on_a_face(shop: Shop, consent: str, portrait: bytes) -> None:
    """With triangles ready to draw, on the frame they were computed for."""
    config = {"consent_token": consent, "options": {"skus": ["GLS-1"], "screen_mesh": True}}
    with opened(shop, "/v1/tryon", config) as socket:
        socket.send(frame(5, portrait, capture_time_us=99))
        answer = told(socket)["answer"]
    assert (answer["seq"], answer["capture_time_us"]) == ("5", "99")
    (placement,) = answer["placements"]
    assert placement["sku"] == "GLS-1"
    assert len(placement["camera_from_item"]) == 16
    assert len(placement["mesh"]["vertices"]) % 3 == 0
    assert placement["mesh"]["triangles"]


@pytest.mark.parametrize("token", ["forged", "a.b.c"])
def test_the_mirror_refuses_a_token_that_is_none(
    shop: Shop, needs: Callable[[str], None], portrait: bytes, token: str
) -> None:
    """Pose says why; the socket closes as refused."""
    needs("pose")
    config = {"consent_token": token, "options": {"skus": ["GLS-1"]}}
    with opened(shop, "/v1/tryon", config) as socket:
        socket.send(frame(1, portrait))
        assert told(socket)["problem"]["reason"] == "CONSENT_INVALID"
        with pytest.raises(ConnectionClosed) as end:
            socket.recv(timeout=10)
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == 1008


def test_a_photo_is_tried_on(client: httpx.Client, consent: str, portrait: bytes) -> None:
    """Placements as JSON; the picture itself when a picture is wanted."""
    headers = {"Authorization": f"Bearer {consent}", "Content-Type": "image/jpeg"}
    placed = client.post("/v1/tryon:place?sku=GLS-1", content=portrait, headers=headers)
    assert placed.status_code == 200, placed.text
    assert placed.json()["placements"][0]["sku"] == "GLS-1"
    wanted = headers | {"Accept": "image/jpeg"}
    drawn = client.post("/v1/tryon:render?sku=GLS-1", content=portrait, headers=wanted)
    assert drawn.headers["content-type"] == "image/jpeg"
    assert drawn.headers["cache-control"] == "no-store"
    image = cv2.imdecode(np.frombuffer(drawn.content, np.uint8), cv2.IMREAD_COLOR)
    assert image.shape == (512, 512, 3)
    told = client.post("/v1/tryon:render?sku=GLS-1", content=portrait, headers=headers).json()
    assert told["mime_type"] == "image/jpeg"
    assert told["image"]


def test_a_product_that_cannot_be_tried_on_is_said(
    client: httpx.Client, consent: str, portrait: bytes
) -> None:
    """409: nothing is broken, the product has no asset."""
    headers = {"Authorization": f"Bearer {consent}", "Content-Type": "image/jpeg"}
    response = client.post("/v1/tryon:place?sku=TEA-1", content=portrait, headers=headers)
    assert (response.status_code, response.json()["reason"]) == (409, "TRY_ON_ASSET_MISSING")


def test_a_frame_is_read_as_it_was_written() -> None:
    """Header and picture, with nothing between."""
    message = read_frame(TRY_ON, frame(2**63, b"picture", capture_time_us=-5))
    assert (message.frame.seq, message.frame.capture_time_us) == (2**63, -5)
    assert message.frame.image == b"picture"
