"""Images from a real HTTP server: what is fetched, and what is refused."""

from __future__ import annotations

import ipaddress
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest

from services.catalog.images import image_id
from services.catalog.importing.guarded_http import Address, any_address, is_public
from services.catalog.importing.web_images import FetchMemory, Remembered, WebImages
from shared.errors import InvalidInput
from tests.catalog.making import jpeg
from tests.catalog.web_server import Answer, WebServer, web_server

MAX_BYTES = 100_000
JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A server that knows one picture."""
    with web_server() as running:
        running.answers["/a.jpg"] = Answer(jpeg(), JPEG)
        yield running


class Fetching:
    """A fetcher whose waits are recorded and not waited for."""

    def __init__(self, spool: Path, memory: FetchMemory, **options: object) -> None:
        self.waits: list[float] = []
        self.spool = spool
        options = {"allowed": any_address, **options}
        self.web = WebImages(spool, memory, MAX_BYTES, sleep=self._sleep, **options)  # type: ignore[arg-type]

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


@pytest.fixture
async def fetching(tmp_path: Path) -> AsyncIterator[Fetching]:
    """A fetcher that may connect anywhere."""
    made = Fetching(tmp_path, FetchMemory())
    async with made.web:
        yield made


async def why(web: WebImages, url: str) -> str:
    """Why a picture cannot be had."""
    with pytest.raises(InvalidInput) as refused:
        await web.fetch(url)
    return refused.value.message


async def test_a_picture_is_fetched_into_a_file(fetching: Fetching, server: WebServer) -> None:
    """With the hash of its bytes."""
    found, path = await fetching.web.fetch(server.url("/a.jpg"))
    assert found == image_id(jpeg())
    assert path is not None
    assert path.read_bytes() == jpeg()


async def test_a_missing_picture_is_not_asked_for_again(
    fetching: Fetching, server: WebServer
) -> None:
    """404 is an answer."""
    assert await why(fetching.web, server.url("/no.jpg")) == "404"
    assert len(server.asked) == 1


async def test_a_server_in_trouble_is_asked_again(fetching: Fetching, server: WebServer) -> None:
    """With growing waits; when it recovers, the picture is had."""
    server.answers["/b.jpg"] = Answer(jpeg(), JPEG, [503, 500, 200])
    assert (await fetching.web.fetch(server.url("/b.jpg")))[0] == image_id(jpeg())
    assert fetching.waits == [0.5, 1.0]


async def test_a_server_that_stays_in_trouble_is_given_up(
    fetching: Fetching, server: WebServer
) -> None:
    """The message says what it said and how often."""
    server.answers["/b.jpg"] = Answer(b"", JPEG, [503])
    assert await why(fetching.web, server.url("/b.jpg")) == "503, 3 times"


async def test_nobody_listening_is_told(fetching: Fetching) -> None:
    """A refused connection is tried again, then given up."""
    assert (await why(fetching.web, "http://127.0.0.1:9/x.jpg")).endswith(", 3 times")


async def test_a_url_without_a_host_is_not_tried_again(fetching: Fetching) -> None:
    """It will not get one by waiting."""
    assert await why(fetching.web, "http://") == "is no http(s) URL with a host"
    assert fetching.waits == []


async def test_a_host_without_an_address_is_told(fetching: Fetching) -> None:
    """By its name; ``.invalid`` never resolves (RFC 6761)."""
    assert "nowhere.invalid" in await why(fetching.web, "http://nowhere.invalid/x.jpg")


@pytest.mark.parametrize("length", [None, -1, 10**12])
async def test_a_picture_that_is_too_large_is_refused(
    fetching: Fetching, server: WebServer, length: int | None
) -> None:
    """By its declared length, and while it arrives where none is declared."""
    server.answers["/big.jpg"] = Answer(bytes(MAX_BYTES + 1), JPEG, length=length)
    reason = await why(fetching.web, server.url("/big.jpg"))
    assert "bytes" in reason
    assert str(MAX_BYTES) in reason


async def test_a_page_is_no_picture(fetching: Fetching, server: WebServer) -> None:
    """Told by its type, before the body is read."""
    server.answers["/x.jpg"] = Answer(b"<html>", {"Content-Type": "text/html; charset=utf-8"})
    assert await why(fetching.web, server.url("/x.jpg")) == "is text/html, not an image"


async def test_a_compressed_body_is_refused(fetching: Fetching, server: WebServer) -> None:
    """It could swell beyond the limit."""
    headers = {**JPEG, "Content-Encoding": "gzip"}
    server.answers["/z.jpg"] = Answer(b"x", headers)
    assert "compressed" in await why(fetching.web, server.url("/z.jpg"))


async def test_a_redirect_is_followed(fetching: Fetching, server: WebServer) -> None:
    """To the same or another host."""
    server.answers["/r"] = Answer(b"", {"Location": "/a.jpg"}, [302])
    assert (await fetching.web.fetch(server.url("/r")))[0] == image_id(jpeg())


@pytest.mark.parametrize("target", ["/r", "file:///etc/passwd", "ftp://x/y", "http://[bad"])
async def test_a_redirect_without_end_or_sense_is_refused(
    fetching: Fetching, server: WebServer, target: str
) -> None:
    """In a circle, to another scheme, to no URL."""
    server.answers["/r"] = Answer(b"", {"Location": target}, [302])
    assert await why(fetching.web, server.url("/r"))


async def test_an_unchanged_picture_is_not_sent_again(tmp_path: Path, server: WebServer) -> None:
    """By its ETag, over restarts; but only where the product still has it."""
    server.answers["/a.jpg"] = Answer(jpeg(), {**JPEG, "ETag": '"1"'})
    have = frozenset({image_id(jpeg())})
    for known, fetched in ((have, True), (have, False), (frozenset[str](), True)):
        memory = FetchMemory(tmp_path / "memory" / "fetched.sqlite")
        async with Fetching(tmp_path, memory).web as web:
            found, path = await web.fetch(server.url("/a.jpg"), known)
        memory.close()
        assert (found, path is not None) == (image_id(jpeg()), fetched)


@pytest.mark.parametrize("content", [b"no database at all" * 100, None])
async def test_a_memory_that_is_broken_is_done_without(
    tmp_path: Path, server: WebServer, content: bytes | None
) -> None:
    """Damaged, or a folder where the file should be: the picture is had all the same."""
    path = tmp_path / "fetched.sqlite"
    path.mkdir() if content is None else path.write_bytes(content)
    server.answers["/a.jpg"] = Answer(jpeg(), {**JPEG, "ETag": '"1"'})
    memory = FetchMemory(path)
    async with Fetching(tmp_path, memory).web as web:
        assert (await web.fetch(server.url("/a.jpg")))[0] == image_id(jpeg())
    memory.close()


def test_a_memory_that_another_import_holds_is_done_without(tmp_path: Path) -> None:
    """Its lock costs a moment; what was not kept is fetched the next time."""
    path = tmp_path / "fetched.sqlite"
    memory = FetchMemory(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    memory.remember("http://a.example/a.jpg", Remembered('"1"', "", "id"))
    other.execute("ROLLBACK")
    other.close()
    assert memory.recall("http://a.example/a.jpg") is None
    memory.close()


async def test_a_changed_picture_is_fetched(tmp_path: Path, server: WebServer) -> None:
    """Another ETag, another picture."""
    memory = FetchMemory()
    async with Fetching(tmp_path, memory).web as web:
        for seed in (1, 2):
            server.answers["/a.jpg"] = Answer(jpeg(seed), {**JPEG, "ETag": f'"{seed}"'})
            have = frozenset({image_id(jpeg(1))})
            assert (await web.fetch(server.url("/a.jpg"), have))[0] == image_id(jpeg(seed))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
    ],
)
def test_what_is_not_public_is_known(address: str) -> None:
    """Private, loopback, link-local, shared, multicast, and IPv4 dressed up as IPv6."""
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::6810:85e5"])
def test_what_is_public_is_known(address: str) -> None:
    """Ordinary addresses of both kinds."""
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/a.jpg",
        "http://localhost:{port}/a.jpg",
        "http://[::ffff:127.0.0.1]:{port}/a.jpg",
        "http://2130706433:{port}/a.jpg",
        "http://0x7f.1:{port}/a.jpg",
    ],
)
async def test_a_private_address_is_refused(tmp_path: Path, server: WebServer, url: str) -> None:
    """However it is written; nothing is asked of it."""
    async with Fetching(tmp_path, FetchMemory(), allowed=is_public).web as web:
        assert await why(web, url.format(port=server.port))
    assert server.asked == []


async def test_a_name_that_resolves_to_a_private_address_is_refused(
    tmp_path: Path, server: WebServer
) -> None:
    """The check comes after resolution, and before the connection."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    made = Fetching(tmp_path, FetchMemory(), allowed=is_public, resolve_host=resolve)
    async with made.web as web:
        reason = await why(web, server.url("/a.jpg", "shop.example"))
    assert reason.startswith("shop.example is at the private address 127.0.0.1")
    assert server.asked == []


async def test_a_redirect_to_a_private_address_is_refused(
    tmp_path: Path, server: WebServer
) -> None:
    """Each hop is checked: here only the first host stands for a public one."""
    server.answers["/r"] = Answer(b"", {"Location": server.url("/a.jpg", "inside.example")}, [302])
    addresses = {"shop.example": "127.0.0.1", "inside.example": "127.0.0.2"}

    async def resolve(host: str, port: int) -> Sequence[str]:
        return [addresses[host]]

    def first_only(address: Address) -> bool:
        return str(address) == "127.0.0.1"

    made = Fetching(tmp_path, FetchMemory(), allowed=first_only, resolve_host=resolve)
    async with made.web as web:
        assert "private address 127.0.0.2" in await why(web, server.url("/r", "shop.example"))
    assert [path for path, _ in server.asked] == ["/r"]


async def test_the_name_is_not_resolved_twice(tmp_path: Path, server: WebServer) -> None:
    """What was checked is what is connected to, so that a name cannot change in between."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    async with Fetching(tmp_path, FetchMemory(), resolve_host=resolve).web as web:
        await web.fetch(server.url("/a.jpg", "shop.example"))
    assert asked == ["shop.example"]
    assert server.asked[0][1]["Host"] == f"shop.example:{server.port}"
