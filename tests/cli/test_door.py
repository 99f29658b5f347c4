"""The address that is printed can be opened."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from services.cli.door import door, door_from_outside, opens
from shared.config import read_settings


class Ready(BaseHTTPRequestHandler):
    """A gateway that is ready, as far as a probe can see."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class UnixServer(HTTPServer):
    address_family = socket.AF_UNIX

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)


@pytest.mark.parametrize(
    ("listen", "opened"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("0.0.0.0:8080", "http://localhost:8080"),
        ("[::]:8080", "http://localhost:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("shop.local:80", "http://shop.local:80"),
        ("unix:/run/gateway.sock", "unix:/run/gateway.sock"),
    ],
)
def test_a_browser_can_open_the_address(listen: str, opened: str) -> None:
    """An address that means "all" is none to open: it becomes this machine's name."""
    assert door(read_settings(gateway_listen=listen)) == opened


def test_with_a_certificate_it_is_https() -> None:
    """As phones want it for their camera."""
    settings = read_settings(gateway_listen="0.0.0.0:8443", gateway_tls_cert=Path("cert.pem"))
    assert door(settings) == "https://localhost:8443"


def test_other_devices_are_given_an_address_only_where_they_reach_it() -> None:
    """On loopback there is none; on all interfaces it is not the word for "all"."""
    assert door_from_outside(read_settings(gateway_listen="127.0.0.1:8080")) == ""
    told = door_from_outside(read_settings(gateway_listen="0.0.0.0:8080"))
    assert "0.0.0.0" not in told
    assert told == "" or told.endswith(":8080")


async def test_a_gateway_on_a_socket_is_seen_to_be_ready(tmp_path: Path) -> None:
    """`unix:PATH` is an address of the gateway like any other."""
    path = tmp_path / "gateway.sock"
    settings = read_settings(gateway_listen=f"unix:{path}")
    assert not await opens(settings)
    server = UnixServer(str(path), Ready)  # type: ignore[arg-type]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert await opens(settings)
    finally:
        server.shutdown()
        server.server_close()
