"""The process: it starts, says where, serves, and ends when told."""

from __future__ import annotations

import ipaddress
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.gateway.__main__ import bind
from services.gateway.connections import Connection
from shared.errors import NotReady
from tests.gateway.conftest import Shop
from tests.servers import free_port

SECONDS = 60.0


def _start(port: int, folder: Path) -> subprocess.Popen[str]:
    settings = {
        "VITRINE_GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "VITRINE_CATALOG_ADDRESS": f"unix:{folder}/nobody",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "services.gateway"],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _until_healthy(url: str) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
        except httpx.ConnectError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the gateway did not come up")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_serves_until_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """It ends by itself, with code 0, and says so; a feed that is open does not hold it."""
    port = free_port()
    process = _start(port, tmp_path)
    try:
        _until_healthy(f"http://127.0.0.1:{port}")
        process.send_signal(number)
        output, _ = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert process.returncode == 0, output
    assert "Traceback" not in output


def test_a_taken_address_is_said(tmp_path: Path) -> None:
    """The reason names the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NotReady, match=address) as refused:
            bind(address)
    assert refused.value.reason == "ADDRESS_IN_USE"


@pytest.mark.parametrize("listen", ["", "8080", "localhost", "localhost:http", ":8080"])
def test_an_address_that_is_none_is_said(listen: str) -> None:
    """With the form that is wanted."""
    with pytest.raises(NotReady, match="HOST:PORT") as refused:
        bind(listen)
    assert refused.value.reason == "SETTING_INVALID"


def test_a_port_out_of_range_is_said() -> None:
    """Not a traceback."""
    with pytest.raises(NotReady):
        bind("127.0.0.1:99999")


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the option is Linux's")
def test_a_reader_that_reads_nothing_is_let_go() -> None:
    """The kernel ends it, and with it what waits to be sent; accepted sockets inherit that."""
    with bind("127.0.0.1:0") as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            timeout_ms = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert 0 < timeout_ms <= 60_000


def test_a_certificate_makes_it_https(shop: Shop, tmp_path: Path) -> None:
    """What a phone's browser wants before it opens the camera."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, start, start.replace(year=2099)
    )
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    cert_path, key_path = tmp_path / "cert.pem", tmp_path / "key.pem"
    encoding = serialization.Encoding.PEM
    cert_path.write_bytes(certificate.sign(key, hashes.SHA256()).public_bytes(encoding))
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key_path.write_bytes(key.private_bytes(encoding, *form))
    trusted = ssl.create_default_context(cafile=str(cert_path))
    with shop.another(gateway_tls_cert=cert_path, gateway_tls_key=key_path) as url:
        secure = url.replace("http://", "https://")
        assert httpx.get(f"{secure}/healthz", verify=trusted).json() == {"status": "ok"}


def test_a_unix_socket_is_an_address(tmp_path: Path) -> None:
    """For a proxy on the same machine."""
    with bind(f"unix:{tmp_path}/door.sock") as listener:
        assert listener.family is socket.AF_UNIX


HELD = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\n", id="half a head"),
]


def told(connection: socket.socket) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and problem of the answer after which a connection is closed."""
    head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(status.split()[1]), headers, json.loads(body)


def drip(connection: socket.socket) -> None:
    """Send a byte at a time until the other side closes."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        connection.sendall(b"x")
        time.sleep(0.02)


@pytest.fixture
def connected(shop: Shop) -> Iterator[socket.socket]:
    """A bare connection to the gateway."""
    host, _, port = shop.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
        yield connection


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that waits a fifth of a second for a head."""
    monkeypatch.setattr(Connection, "head_timeout_s", 0.2)


@pytest.mark.parametrize("begun", HELD)
def test_a_request_that_never_comes_is_given_up(
    hasty: None, connected: socket.socket, begun: bytes
) -> None:
    """A head that drips in, or none, does not hold a connection for ever."""
    connected.sendall(begun)
    status, headers, problem = told(connected)
    assert (status, problem["status"], problem["reason"]) == (408, 408, "REQUEST_TOO_SLOW")
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-request-id"] == problem["request_id"]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", id="TLS"),
        pytest.param(b"hello\r\n\r\n", id="no HTTP"),
        pytest.param(b"GET /healthz HTTP/1.1\r\n\r\n", id="no host"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000, id="huge head"),
        pytest.param(
            b"POST /v1/scan HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", id="negative length"
        ),
        pytest.param(
            b"POST /v1/scan HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\n"
            b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            id="broken chunk",
        ),
    ],
)
def test_what_is_no_http_is_a_problem_too(connected: socket.socket, sent: bytes) -> None:
    """400 with a reason, as every refusal; the connection ends."""
    connected.sendall(sent)
    status, headers, problem = told(connected)
    assert (status, problem["reason"]) == (400, "REQUEST_UNREADABLE")
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"


@pytest.mark.parametrize(
    ("begun", "status"),
    [
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"200", id="not wanted"),
        pytest.param(b"POST /healthz HTTP/1.1\r\nHost: x\r\n", b"405", id="refused"),
    ],
)
def test_the_rest_of_an_answered_body_is_not_waited_for(
    hasty: None, connected: socket.socket, begun: bytes, status: bytes
) -> None:
    """A byte at a time would hold the connection for as long as somebody likes."""
    connected.sendall(begun + b"Content-Length: 1000000\r\n\r\n")
    assert connected.recv(64).startswith(b"HTTP/1.1 " + status)
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        drip(connected)


def test_the_rest_of_an_answered_body_may_come_in_time(connected: socket.socket) -> None:
    """Then the connection serves the next request."""
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
    for body in (b"rest", b"more"):
        connected.sendall(head)
        answer = b""
        while not answer.endswith(b"}"):  # head and body may come one after the other
            answer += connected.recv(4096) or pytest.fail(f"closed after {answer!r}")
        assert answer.startswith(b"HTTP/1.1 200")
        connected.sendall(body)


def test_a_crowd_is_told_to_come_back(
    shop: Shop, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a problem as any; the same connection is served when there is room again."""
    monkeypatch.setattr(Connection, "most_connections", 0)
    crowded = client.get("/healthz")
    assert (crowded.status_code, crowded.json()["reason"]) == (429, "OVERLOADED")
    assert crowded.headers["retry-after"] == "1"
    monkeypatch.undo()
    assert client.get("/healthz").status_code == 200


def test_a_request_in_time_is_not_given_up(hasty: None, shop: Shop) -> None:
    """The clock is of the head only: an open feed goes on, and so does a connection."""
    with shop.client() as client, client.stream("GET", "/v1/changes") as feed:
        lines = feed.iter_lines()
        next(lines)
        time.sleep(0.5)
        assert client.get("/healthz").status_code == 200
        assert any(line.startswith("event:") for line in lines)
