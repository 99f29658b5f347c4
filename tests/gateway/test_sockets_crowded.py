"""WebSockets in number, in size and in silence: what a door that is open to the world must bear."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from websockets.exceptions import ConnectionClosed

from services.gateway.backends import open_backends
from services.gateway.door import Door as Guard
from services.gateway.live.sockets import SCAN, Sockets
from services.gateway.places import Places
from shared.config import read_settings
from tests.gateway.conftest import running, serving
from tests.gateway.scan_door import (
    SECONDS,
    STREAMS,
    Door,
    closed,
    frame,
    serve_peer,
    told,
)


def test_two_hundred_sockets_at_once_each_get_an_answer(door: Door) -> None:
    """As many as there are places work; the others are told to come back, and can."""
    with ExitStack() as opened:
        sockets = [opened.enter_context(door.socket()) for _ in range(200)]
        for socket in sockets[:STREAMS]:
            socket.send("{}")
            socket.send(frame(1))
        served = [told(socket) for socket in sockets[:STREAMS]]
        assert all("answer" in message for message in served)
        refused = [told(socket)["problem"]["reason"] for socket in sockets[STREAMS:]]
        assert refused == ["OVERLOADED"] * (200 - STREAMS)
        assert closed(sockets[-1]) == (1013, "OVERLOADED")
    door.until(lambda: door.peer.ended == STREAMS)
    with door.socket() as socket:
        socket.send("{}")
        socket.send(frame(2))
        assert told(socket)["answer"]["seq"] == "2"


def test_memory_stays_flat_while_sockets_come_and_go(door: Door) -> None:
    """What two hundred of them held is given back: the third round costs no more than the first."""

    def crowd() -> int:
        with ExitStack() as opened:
            sockets = [opened.enter_context(door.socket()) for _ in range(200)]
            for socket in sockets[:STREAMS]:
                socket.send("{}")
                socket.send(frame(1, bytes(100_000)))
                assert "answer" in told(socket)
        door.until(lambda: door.peer.ended == len(door.peer.request_ids))
        door.peer.frames.clear()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    first, _, third = (crowd() for _ in range(3))
    tracemalloc.stop()
    assert third - first < 2_000_000


def test_a_frame_over_the_limit_closes_the_socket(door: Door) -> None:
    """More than 8 MiB and its header is not even read; 1009 where the client still listens."""
    with door.socket() as socket:
        socket.send("{}")
        with suppress(ConnectionClosed):
            socket.send(frame(1, bytes(9 << 20)))
        with pytest.raises(ConnectionClosed) as end:
            socket.recv(timeout=SECONDS)
    assert end.value.rcvd is None or end.value.rcvd.code == 1009
    assert door.peer.frames == []


def test_memory_stays_flat_while_frames_pour_in(door: Door) -> None:
    """A service that does not keep up costs a frame or two, not all that were sent."""
    image = bytes(500_000)
    door.hold()
    tracemalloc.start()
    with door.socket() as socket:
        socket.send("{}")
        for seq in range(1, 60):
            socket.send(frame(seq, image))
        socket.ping().wait(SECONDS)
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        door.release()
    assert held < 20 * len(image)


@asynccontextmanager
async def _impatient(folder: Path, door: Door) -> AsyncIterator[None]:
    """A gateway that waits a tenth of a second for a message."""
    settings = read_settings(
        gateway_listen="127.0.0.1:0", scanning_address=await serve_peer(folder, door)
    )
    async with open_backends(settings) as backends:
        kept = Sockets(backends, Places(1, "places"), config_timeout_s=0.1, idle_timeout_s=0.1)
        route = WebSocketRoute("/v1/scan", kept.endpoint(SCAN))
        app = Starlette(routes=[route], middleware=[Middleware(Guard)])
        async with serving(app, settings) as door.url:
            yield
    await door.server.stop(0.1)


@pytest.mark.parametrize("config", [None, "{}"])
def test_a_socket_that_says_nothing_is_closed(tmp_path: Path, config: str | None) -> None:
    """Before its configuration, and after: places are few."""
    with (
        running(lambda found: _impatient(tmp_path, found), Door()) as door,
        door.socket() as socket,
    ):
        if config:
            socket.send(config)
        assert told(socket)["problem"]["reason"] == "SOCKET_IDLE"
        assert closed(socket) == (1013, "SOCKET_IDLE")
