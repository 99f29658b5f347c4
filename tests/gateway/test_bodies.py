"""Bodies: bounded in size, time and number, and kept in memory."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.gateway.bodies import Bodies, Upload
from services.gateway.places import Places
from shared.errors import InvalidInput, Overloaded
from tests.gateway.conftest import Shop
from tests.gateway.contents import picture

LIMIT = 1000
FORM = "multipart/form-data; boundary=x"


def _bodies(count: int = 2) -> Bodies:
    return Bodies(LIMIT, Places(count, "places"), chunk_timeout_s=0.1, body_timeout_s=0.5)


def _request(
    kind: str, chunks: Sequence[bytes], *, pause_s: float = 0.0, **headers: str
) -> Request:
    told = {"content-type": kind, **headers}
    raw = [(name.encode(), value.encode()) for name, value in told.items()]
    waiting = list(chunks)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause_s)
        body = waiting.pop(0) if waiting else b""
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    return Request({"type": "http", "method": "POST", "headers": raw, "path": "/"}, receive)


async def _read(request: Request, bodies: Bodies | None = None) -> Upload:
    async with (bodies or _bodies()).upload(request) as upload:
        return upload


def _part(name: str, content: bytes, kind: str = "", file: bool = True) -> bytes:
    disposition = f'form-data; name="{name}"' + ('; filename="a.jpg"' if file else "")
    head = f"--x\r\nContent-Disposition: {disposition}\r\n"
    head += f"Content-Type: {kind}\r\n" if kind else ""
    return head.encode() + b"\r\n" + content + b"\r\n"


@pytest.mark.parametrize(
    "kind", ["image/jpeg", "image/png", "IMAGE/WEBP; q=1", "application/octet-stream"]
)
async def test_a_file_is_taken_as_it_is(kind: str) -> None:
    """In however many pieces it comes."""
    assert await _read(_request(kind, [b"ab", b"", b"c"])) == Upload(image=b"abc")


async def test_an_empty_body_is_an_empty_image() -> None:
    """What reads it says that it is empty; nothing here guesses."""
    assert await _read(_request("image/jpeg", [])) == Upload(image=b"")


async def test_a_form_has_an_image_and_a_request() -> None:
    """The request may be a field or a file."""
    for file in (True, False):
        body = _part("image", b"jpeg") + _part("request", b"{}", file=file) + b"--x--\r\n"
        assert await _read(_request(FORM, [body])) == Upload(b"jpeg", b"{}")


async def test_a_form_is_never_written_to_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture of a person lives in memory only."""

    def forbidden(*_: Any, **__: Any) -> Any:
        raise AssertionError("a temporary file was opened")

    monkeypatch.setattr(tempfile, "TemporaryFile", forbidden)
    large = bytes(3 << 20)
    bodies = Bodies(8 << 20, Places(1, "places"))
    body = _part("image", large) + b"--x--\r\n"
    pieces = [body[start : start + 65536] for start in range(0, len(body), 65536)]
    assert await _read(_request(FORM, pieces), bodies) == Upload(image=large)


@pytest.mark.parametrize("body", [b"no boundary", b"--x\r\n\r\nno name\r\n--x--\r\n"])
async def test_a_broken_form_is_refused(body: bytes) -> None:
    """It cannot be read: 400."""
    with pytest.raises(HTTPException) as refused:
        await _read(_request(FORM, [body]))
    assert refused.value.status_code == 400


@pytest.mark.parametrize("body", [b"", _part("image", b"x")[:-10]])
async def test_a_form_that_ends_early_has_no_image(body: bytes) -> None:
    """Half a picture is none."""
    assert await _read(_request(FORM, [body])) == Upload()


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary="])
async def test_a_form_without_a_boundary_is_refused(kind: str) -> None:
    """It cannot be read."""
    with pytest.raises(HTTPException) as refused:
        await _read(_request(kind, [b"--x--"]))
    assert refused.value.status_code == 400


async def test_a_form_with_another_part_is_refused() -> None:
    """A mistyped name must not pass for a missing image."""
    with pytest.raises(InvalidInput, match="photo"):
        await _read(_request(FORM, [_part("photo", b"x") + b"--x--\r\n"]))


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "image/gif", "nonsense", "application/x-www-form-urlencoded"]
)
async def test_another_type_is_not_understood(kind: str) -> None:
    """415 names the types that are."""
    with pytest.raises(HTTPException) as refused:
        await _read(_request(kind, [b"x"]))
    assert refused.value.status_code == 415
    assert "image/jpeg" in refused.value.detail


@pytest.mark.parametrize("headers", [{}, {"content-length": "1001"}])
async def test_a_body_over_the_limit_is_too_large(headers: dict[str, str]) -> None:
    """Whether it says so or not; exactly the limit is not."""
    with pytest.raises(HTTPException) as refused:
        await _read(_request("image/jpeg", [bytes(600), bytes(401)], **headers))
    assert refused.value.status_code == 413
    assert await _read(_request("image/jpeg", [bytes(LIMIT)])) == Upload(image=bytes(LIMIT))


async def test_a_body_without_end_is_given_up() -> None:
    """What is over the limit is read on for a moment only, and not kept."""
    endless = _request("image/jpeg", [bytes(600)] * 1_000_000, pause_s=0.01)
    with pytest.raises(HTTPException) as refused:
        async with asyncio.timeout(5):
            await _read(endless)
    assert refused.value.status_code == 413


@pytest.mark.parametrize(("pause_s", "pieces"), [(0.3, 2), (0.06, 100)])
async def test_a_slow_body_is_given_up(pause_s: float, pieces: int) -> None:
    """After a long pause, or when the whole takes too long."""
    with pytest.raises(HTTPException) as refused:
        await _read(_request("image/jpeg", [b"x"] * pieces, pause_s=pause_s))
    assert refused.value.status_code == 408


async def test_bodies_over_the_number_are_told_to_come_back() -> None:
    """A place is held until the answer is there, and then given back."""
    bodies = _bodies(1)
    async with bodies.upload(_request("image/jpeg", [b"a"])):
        with pytest.raises(Overloaded) as refused:
            await _read(_request("image/jpeg", [b"b"]), bodies)
    assert refused.value.retry_after_ms == 1000
    assert await _read(_request("image/jpeg", [b"c"]), bodies) == Upload(image=b"c")


async def test_a_refused_body_gives_its_place_back() -> None:
    """However it ends."""
    bodies = _bodies(1)
    for _ in range(3):
        with pytest.raises(HTTPException):
            await _read(_request("image/jpeg", [bytes(2000)]), bodies)


@pytest.mark.parametrize("declared", [True, False])
def test_a_huge_upload_gets_its_answer(client: httpx.Client, declared: bool) -> None:
    """Over a real connection the client reads the refusal, not a reset."""
    huge = bytes(20 << 20) if declared else (bytes(1 << 20) for _ in range(20))
    response = client.post("/v1/scan", content=huge, headers={"content-type": "image/jpeg"})
    assert (response.status_code, response.json()["reason"]) == (413, "BODY_TOO_LARGE")


def test_a_tab_closed_while_it_uploads_harms_nobody(shop: Shop, client: httpx.Client) -> None:
    """Half a body and a closed connection, more often than there are places."""
    host, _, port = shop.url.removeprefix("http://").partition(":")
    for _ in range(shop.settings.gateway_max_uploads + 2):
        with socket.create_connection((host, int(port))) as half:
            half.sendall(
                b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\n"
                b"Content-Length: 1000\r\n\r\nhalf"
            )
    for _ in range(200):
        response = client.post(
            "/v1/search", content=picture(0), headers={"content-type": "image/jpeg"}
        )
        if response.status_code != 429:
            break
    assert response.status_code != 429
