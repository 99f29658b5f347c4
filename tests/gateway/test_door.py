"""Every answer has its id and its security headers; errors of ours stay in the log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from services.gateway.door import Door
from tests.gateway.conftest import Shop


@pytest.mark.parametrize("path", ["/v1/stores", "/v1/nothing", "/healthz", "/nothing"])
def test_every_answer_is_guarded(client: httpx.Client, path: str) -> None:
    """A strict policy, no sniffing, no referrer, on errors too."""
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("kiosk-7.a_b", True), ("a" * 64, True), ("a" * 65, False), ("a b", False), ("", False)],
)
def test_a_request_id_is_kept_when_it_is_one(client: httpx.Client, sent: str, kept: bool) -> None:
    """Else a new one is given: an id goes into logs and metadata."""
    told = client.get("/healthz", headers={"X-Request-Id": sent}).headers["x-request-id"]
    assert (told == sent) is kept
    assert told


def test_text_is_compressed_and_pictures_are_not(client: httpx.Client) -> None:
    """The document shrinks; a JPEG would not."""
    document = client.get("/v1/openapi.json")
    assert document.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get("/samples/shelf%2001.jpg").headers


def test_other_origins_may_not_read_by_default(client: httpx.Client) -> None:
    """No CORS header unless it is configured."""
    headers = client.get("/v1/stores", headers={"Origin": "https://shop.example"}).headers
    assert not [name for name in headers if name.startswith("access-control")]


@pytest.fixture
def shared_client(shop: Shop) -> Iterator[httpx.Client]:
    """A client of a gateway that lets one other origin read."""
    with ExitStack() as opened:
        url = opened.enter_context(shop.another(cors_origins="https://shop.example"))
        yield opened.enter_context(httpx.Client(base_url=url))


def test_configured_origins_may_read(shared_client: httpx.Client) -> None:
    """That origin, and no other."""
    ours = shared_client.get("/v1/stores", headers={"Origin": "https://shop.example"}).headers
    assert ours["access-control-allow-origin"] == "https://shop.example"
    assert ours["cross-origin-resource-policy"] == "cross-origin"
    other = shared_client.get("/v1/stores", headers={"Origin": "https://evil.example"}).headers
    assert "access-control-allow-origin" not in other


def test_configured_origins_may_ask_first(shared_client: httpx.Client) -> None:
    """A preflight for an image upload with a consent token is answered."""
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    response = shared_client.options("/v1/tryon:place", headers=asked)
    assert response.status_code == 200
    assert "POST" in response.headers["access-control-allow-methods"]


async def test_an_error_that_is_not_ours_is_told_without_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """500 for the caller, the traceback with the request's id for the log."""

    async def broken(*_: Any) -> None:
        raise RuntimeError("the secret of the inside")

    transport = httpx.ASGITransport(app=Door(broken))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        response = await client.get("/v1/stores", headers={"X-Request-Id": "trace-me"})
    assert (response.status_code, response.json()["reason"]) == (500, "INTERNAL")
    assert "secret" not in response.text
    assert "secret" in (logged := capsys.readouterr().out)
    assert "trace-me" in logged


def test_the_log_says_whether_a_socket_was_opened(
    shop: Shop, capfd: pytest.CaptureFixture[str]
) -> None:
    """101 as HTTP has it, or why not; nothing of what was said over it."""
    url = shop.url.replace("http", "ws") + "/v1/scan"
    with connect(url) as socket:
        socket.send('{"store_id": "her-own-store"}')
    with pytest.raises(InvalidStatus):
        connect(url, origin=Origin("https://evil.example")).__enter__()
    until_logged(capfd, "status=101", "status=403")


def until_logged(capfd: pytest.CaptureFixture[str], *wanted: str) -> None:
    logged = ""
    deadline = time.monotonic() + 30
    while not all(text in logged for text in wanted):
        assert time.monotonic() < deadline, logged
        time.sleep(0.05)
        logged += capfd.readouterr().out
    assert "her-own-store" not in logged


def test_the_log_says_the_route_but_not_what_was_written_into_it(
    client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    """A code may be a customer's; a query may hold her id."""
    client.get("/v1/lookup/LOYALTY-4711?store=berlin-1")
    client.get("/v1/search?text=gift&shopper=anna")
    client.get("/healthz")
    logged = capfd.readouterr().out
    assert "/v1/lookup/{code:path}" in logged
    assert "LOYALTY-4711" not in logged
    assert "anna" not in logged
