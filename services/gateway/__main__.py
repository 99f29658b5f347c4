"""Start the gateway: ``python -m services.gateway``. Composition, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import structlog
import uvicorn
from starlette.applications import Starlette

from services.gateway.app import make_app
from services.gateway.backends import open_backends
from services.gateway.bodies import OVERHEAD_BYTES
from services.gateway.connections import Connection
from shared.config import Settings, read_settings
from shared.errors import NotReady
from shared.rpc import until_signal
from shared.telemetry import configure_logging

GRACE_S = 3
BACKLOG = 512
SILENT_READER_MS = 30_000

_log = structlog.get_logger()


@asynccontextmanager
async def open_gateway(settings: Settings) -> AsyncIterator[Starlette]:
    """Open the channels to the services; yield the ASGI application on them."""
    async with open_backends(settings) as backends:
        yield make_app(settings, backends)


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: the process has one place for them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def make_server(app: Starlette, settings: Settings) -> uvicorn.Server:
    """A server for the application; it binds nothing, ``bind`` does."""
    config = uvicorn.Config(
        app,
        http=Connection,
        ssl_certfile=settings.gateway_tls_cert,
        ssl_keyfile=settings.gateway_tls_key,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
        ws="websockets-sansio",  # it reads one message ahead, so that memory stays flat
        ws_max_size=settings.max_image_bytes + OVERHEAD_BYTES,
        ws_per_message_deflate=False,
    )
    return _Server(config)


def bind(listen: str) -> socket.socket:
    """Listen on ``host:port`` (port 0 = any free) or ``unix:PATH``.

    Raises:
        NotReady: the address is taken (``ADDRESS_IN_USE``) or none (``SETTING_INVALID``).
    """
    host, _, port = listen.rpartition(":")
    path = listen.removeprefix("unix:") if listen.startswith("unix:") else ""
    if not path and not (host and port.isdecimal()):
        raise NotReady(
            f"VITRINE_GATEWAY_LISTEN is {listen!r}, must be HOST:PORT or unix:PATH",
            reason="SETTING_INVALID",
        )
    try:
        if path:
            return socket.create_server(path, family=socket.AF_UNIX, backlog=BACKLOG)
        return _tcp(host.strip("[]"), int(port))
    except (OSError, OverflowError) as error:
        raise NotReady(f"cannot listen on {listen}: {error}", reason="ADDRESS_IN_USE") from error


def _tcp(host: str, port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only for sockets that name their protocol; with
    # it, each answer would wait 40 ms for the client's delayed acknowledgement.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: who reads nothing is let go
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_READER_MS)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener


async def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, then let running requests finish for a moment.

    Raises:
        NotReady: the address cannot be listened on.
    """
    async with open_gateway(settings) as app:
        server = make_server(app, settings)
        with bind(settings.gateway_listen) as listener:
            stop = asyncio.create_task(_stop_at_signal(server))
            _log.info("serving", service="gateway", address=settings.gateway_listen)
            try:
                await server.serve(sockets=[listener])
            finally:
                stop.cancel()
    _log.info("stopped", service="gateway")


async def _stop_at_signal(server: uvicorn.Server) -> None:
    await until_signal()
    server.should_exit = True


def main() -> None:
    """Read the settings and serve until a signal."""
    settings = read_settings()
    configure_logging(settings.log_level, json=settings.log_json)
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
