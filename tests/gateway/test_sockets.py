"""WebSockets: frames in, answers out, through a real gateway to a peer that obeys the test."""

from __future__ import annotations

import asyncio
import gc
import json
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from socket import SHUT_RDWR
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from services.gateway.backends import open_backends
from services.gateway.door import Door as Guard
from services.gateway.live.sockets import SCAN, Sockets
from services.gateway.places import Places
from shared.config import read_settings
from shared.errors import NotFound
from shared.rpc import RunningServer, Servicer, socket_path, start_server
from tests.gateway.conftest import Shop, gateway, picture, running, serving
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


async def _serve_peer(folder: Path, door: Door) -> str:
    door.peer = Peer()
    door.peer.free.set()
    servicer = Servicer(
        "vitrine.v1.ScanningService",
        lambda server: scanning_pb2_grpc.add_ScanningServiceServicer_to_server(door.peer, server),
    )
    door.server = await start_server(socket_path(folder, "scanning"), [servicer])
    return door.server.address


@asynccontextmanager
async def _door(folder: Path, door: Door) -> AsyncIterator[None]:
    settings = read_settings(
        gateway_listen="127.0.0.1:0",
        scanning_address=await _serve_peer(folder, door),
        catalog_address=socket_path(folder, "nobody"),
        pose_address=socket_path(folder, "nobody"),
        gateway_max_streams=STREAMS,
        cors_origins="https://kiosk.example",
    )
    async with gateway(settings) as door.url:
        yield
    await door.server.stop(0.1)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Any]:
    """A gateway in front of a peer that obeys the test."""
    with running(lambda found: _door(tmp_path, found), Door()) as found:
        yield found


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


def test_a_frame_is_answered_with_its_own_number(door: Door) -> None:
    """The number and the capture time come back, and the bytes arrive as they were sent."""
    image = picture(1)
    with door.socket() as socket:
        socket.send('{"store_id": "berlin-1"}')
        socket.send(frame(7, image, capture_time_us=123456789))
        answer = told(socket)["answer"]
    assert (answer["seq"], answer["capture_time_us"]) == ("7", "123456789")
    assert answer["items"] == []
    assert door.peer.frames[0].image == image
    assert door.peer.stores == ["berlin-1"]


def test_the_newest_frame_wins_while_two_are_in_flight(door: Door) -> None:
    """Frames that waited are dropped and counted; the last is answered."""
    door.hold()
    with door.socket() as socket:
        socket.send("{}")
        for seq in (1, 2):
            socket.send(frame(seq))
            door.until(lambda seq=seq: len(door.peer.frames) >= min(seq, 1))
        for seq in range(3, 20):
            socket.send(frame(seq))
        socket.ping().wait(SECONDS)
        door.release()
        answers = [told(socket)["answer"] for _ in range(3)]
    assert [answer["seq"] for answer in answers] == ["1", "2", "19"]
    assert sum(answer["frames_dropped"] for answer in answers) == 16


def test_a_new_configuration_reaches_the_open_stream(door: Door) -> None:
    """The shopper may change the store without a new socket."""
    with door.socket() as socket:
        socket.send('{"store_id": "berlin-1"}')
        socket.send(frame(1))
        told(socket)
        socket.send('{"store_id": "munich-1"}')
        socket.send(frame(2))
        told(socket)
    assert door.peer.stores == ["berlin-1", "munich-1"]


def test_a_closed_tab_ends_the_stream_behind_it(door: Door) -> None:
    """Nothing stays open at the service, in mid-frame too."""
    door.hold()
    with door.socket() as socket:
        socket.send("{}")
        socket.send(frame(1))
        door.until(lambda: len(door.peer.frames) == 1)
    door.until(lambda: door.peer.ended == 1)


def test_a_tab_that_vanishes_ends_the_stream_behind_it(door: Door) -> None:
    """A connection that breaks without a goodbye is the same."""
    with door.socket() as socket:
        socket.send("{}")
        socket.send(frame(1))
        told(socket)
        socket.socket.shutdown(SHUT_RDWR)
        door.until(lambda: door.peer.ended == 1)


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        ("not json", 1007, "BODY_UNREADABLE"),
        ("[]", 1007, "BODY_UNREADABLE"),
        ("[" * 10_000, 1007, "BODY_UNREADABLE"),
        ('{"stor_id": "x"}', 1008, "INVALID_INPUT"),
        ('{"max_items": "many"}', 1008, "INVALID_INPUT"),
        (b"frame before configuration", 1008, "STREAM_CONFIG_MISSING"),
        (b"", 1008, "STREAM_CONFIG_MISSING"),
    ],
)
def test_a_first_message_that_is_no_configuration_is_refused(
    door: Door, message: Any, code: int, reason: str
) -> None:
    """The problem is told, then the socket closes."""
    with door.socket() as socket:
        socket.send(message)
        assert told(socket)["problem"]["reason"] == reason
        assert closed(socket) == (code, reason)


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        (b"", 1007, "BODY_UNREADABLE"),
        (b"\0\0\0", 1007, "BODY_UNREADABLE"),
        (b"\0\0\0\0", 1007, "BODY_UNREADABLE"),
        (b"\xff\xff\xff\xff{}", 1007, "BODY_UNREADABLE"),
        (b"\0\0\0\x09{}", 1007, "BODY_UNREADABLE"),
        (b"\0\0\0\x02[]", 1007, "BODY_UNREADABLE"),
        (b"\0\0\0\x02\xff\xfe", 1007, "BODY_UNREADABLE"),
        (frame("x"), 1008, "INVALID_INPUT"),
        (frame(-1), 1008, "INVALID_INPUT"),
        (frame(2**64), 1008, "INVALID_INPUT"),
        (frame(1.5), 1008, "INVALID_INPUT"),
        (frame(1, image_too="x"), 1008, "INVALID_INPUT"),
    ],
)
def test_a_frame_that_cannot_be_read_is_refused(
    door: Door, message: bytes, code: int, reason: str
) -> None:
    """A bad header is a client's mistake: told, and the socket closes."""
    with door.socket() as socket:
        socket.send("{}")
        socket.send(message)
        assert told(socket)["problem"]["reason"] == reason
        assert closed(socket) == (code, reason)
    assert door.peer.frames == []


def test_what_the_service_refuses_is_told_with_its_reason(door: Door) -> None:
    """An error of the stream is the same problem as over REST."""
    with door.socket() as socket:
        socket.send('{"store_id": "nowhere"}')
        problem = told(socket)["problem"]
        assert (problem["status"], problem["reason"]) == (404, "STORE_NOT_FOUND")
        assert closed(socket) == (1008, "STORE_NOT_FOUND")


def test_frames_of_a_person_without_consent_go_nowhere(door: Door) -> None:
    """The mirror is refused before any service is called."""
    with door.socket("/v1/tryon") as socket:
        socket.send('{"options": {"skus": ["GLS-104"]}}')
        assert told(socket)["problem"]["reason"] == "CONSENT_MISSING"
        assert closed(socket) == (1008, "CONSENT_MISSING")


def test_a_service_that_is_away_asks_to_come_back_later(door: Door) -> None:
    """1013, so that a page tries again."""
    with door.socket("/v1/tryon") as socket:
        socket.send('{"consent_token": "x", "options": {"skus": ["GLS-104"]}}')
        assert told(socket)["problem"]["reason"] == "UNAVAILABLE"
        assert closed(socket) == (1013, "UNAVAILABLE")


def test_pages_of_other_origins_may_not_open_a_socket(door: Door) -> None:
    """CORS does not guard WebSockets, so the gateway does; configured origins may."""
    with pytest.raises(InvalidStatus) as refused:
        door.socket(origin="https://evil.example")
    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body)["reason"] == "ORIGIN_FOREIGN"
    for origin in (door.url, "https://kiosk.example"):
        with door.socket(origin=origin) as socket:
            socket.send("{}")
            socket.send(frame(1))
            assert told(socket)["answer"]["seq"] == "1"


def test_the_request_id_reaches_the_service(door: Door) -> None:
    """One id follows a session through all logs."""
    with door.socket(additional_headers={"X-Request-Id": "kiosk-7"}) as socket:
        socket.send("{}")
        socket.send(frame(1))
        told(socket)
    assert door.peer.request_ids == ["kiosk-7"]


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
        gateway_listen="127.0.0.1:0", scanning_address=await _serve_peer(folder, door)
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
