"""The gateway as people and probes reach it."""

from __future__ import annotations

import socket

from shared.config import Settings

_EVERYWHERE = ("0.0.0.0", "[::]", "::")  # noqa: S104 - recognised here, bound elsewhere
_DOCUMENTATION_ADDRESS = ("192.0.2.1", 9)  # RFC 5737; a UDP socket sends it nothing


def door(settings: Settings) -> str:
    """The address that a browser on this machine opens."""
    host, _, port = settings.gateway_listen.rpartition(":")
    return _url(settings, "localhost" if host in _EVERYWHERE else host, port)


def door_from_outside(settings: Settings) -> str:
    """The address that other devices open; empty where the gateway listens to none.

    It is that of the interface through which this machine reaches others.
    """
    host, _, port = settings.gateway_listen.rpartition(":")
    if host not in _EVERYWHERE:
        return ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(_DOCUMENTATION_ADDRESS)
        except OSError:  # no network at all
            return ""
        return _url(settings, asking.getsockname()[0], port)


def _url(settings: Settings, host: str, port: str) -> str:
    if settings.gateway_listen.startswith("unix:"):
        return settings.gateway_listen
    return f"{'https' if settings.gateway_tls_cert else 'http'}://{host}:{port}"


async def opens(settings: Settings, timeout_s: float = 2.0) -> bool:
    """Whether the gateway says that it is ready."""
    import httpx  # slow to load; most commands do not ask

    path = settings.gateway_listen.removeprefix("unix:")
    socket_path = path if path != settings.gateway_listen else None
    base = "http://gateway" if socket_path else door(settings)
    transport = httpx.AsyncHTTPTransport(verify=False, uds=socket_path)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        try:
            return (await client.get(f"{base}/readyz", timeout=timeout_s)).is_success
        except httpx.HTTPError:
            return False
