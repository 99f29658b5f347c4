"""A gateway in front of a scanning service that obeys the test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from shared.config import read_settings
from shared.errors import NotFound
from shared.rpc import RunningServer, Servicer, socket_path, start_server
from tests.gateway.conftest import Shop, gateway
from vitrine.v1 import scanning_pb2, scanning_pb2_grpc

STREAMS = 8
SECONDS = 10.0


class Peer(scanning_pb2_grpc.ScanningServiceServicer):
    """A scanning service that notes what it gets and answers when the test lets it."""

    def __init__(self) -> None:
        self.stores: list[str] = []
        self.frames: list[Any] = []
        self.request_ids: list[str] = []
        self.ended = 0
        self.free = asyncio.Event()

    async def ScanStream(
        self, request_iterator: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[Any]:
        self.request_ids.append(dict(context.invocation_metadata())["x-request-id"])
        try:
            async for request in request_iterator:
                if request.HasField("options"):
                    self.stores.append(request.options.store_id)
                    if request.options.store_id == "nowhere":
                        raise NotFound.of("store", "nowhere")
                    continue
                self.frames.append(request.frame)
                await self.free.wait()
                yield scanning_pb2.ScanStreamResponse(
                    seq=request.frame.seq, capture_time_us=request.frame.capture_time_us
                )
        finally:
            self.ended += 1


class Door(Shop):
    """A gateway whose scanning service is ``peer``."""

    peer: Peer
    server: RunningServer

    def socket(self, path: str = "/v1/scan", **options: Any) -> ClientConnection:
        return connect(self.url.replace("http", "ws") + path, **options)

    def hold(self) -> None:
        """Let the peer answer nothing until ``release``."""
        self.loop.call_soon_threadsafe(self.peer.free.clear)

    def release(self) -> None:
        self.loop.call_soon_threadsafe(self.peer.free.set)

    def until(self, true: Callable[[], bool]) -> None:
        """Wait until something is true of the peer."""

        async def wait() -> None:
            async with asyncio.timeout(SECONDS):
                while not true():
                    await asyncio.sleep(0.005)

        self.run(wait())


async def serve_peer(folder: Path, door: Door) -> str:
    door.peer = Peer()
    door.peer.free.set()
    servicer = Servicer(
        "vitrine.v1.ScanningService",
        lambda server: scanning_pb2_grpc.add_ScanningServiceServicer_to_server(door.peer, server),
    )
    door.server = await start_server(socket_path(folder, "scanning"), [servicer])
    return door.server.address


@asynccontextmanager
async def scan_door(folder: Path, door: Door) -> AsyncIterator[None]:
    settings = read_settings(
        gateway_listen="127.0.0.1:0",
        scanning_address=await serve_peer(folder, door),
        catalog_address=socket_path(folder, "nobody"),
        pose_address=socket_path(folder, "nobody"),
        gateway_max_streams=STREAMS,
        cors_origins="https://kiosk.example",
    )
    async with gateway(settings) as door.url:
        yield
    await door.server.stop(0.1)


def frame(seq: Any, image: bytes = b"jpeg", **header: Any) -> bytes:
    """A binary message as the package describes it."""
    text = json.dumps({"seq": seq, "capture_time_us": 1000, **header}).encode()
    return len(text).to_bytes(4) + text + image


def told(socket: ClientConnection) -> dict[str, Any]:
    """The next message."""
    return json.loads(socket.recv(timeout=SECONDS))


def closed(socket: ClientConnection) -> tuple[int, str]:
    """The code and reason of the close that comes next."""
    with pytest.raises(ConnectionClosed) as end:
        socket.recv(timeout=SECONDS)
    assert end.value.rcvd is not None
    return end.value.rcvd.code, end.value.rcvd.reason
