"""Live frames: a WebSocket on one side, a bidirectional stream on the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import grpc.aio
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from services.gateway import problems
from services.gateway.backends import Backends, as_error
from services.gateway.contracts import Rpc, rpc
from services.gateway.json_mapping import to_object
from services.gateway.live.mailbox import Mailbox
from services.gateway.places import Places
from services.gateway.problems import Problem
from services.gateway.transcoding import merge, parse_json, to_json
from shared.errors import ConsentRequired, InvalidInput, TooSlow, VitrineError

CONFIG_TIMEOUT_S = 10.0
IDLE_TIMEOUT_S = 120.0
MOST_HEADER_BYTES = 4096
_LENGTH_BYTES = 4
_HEADER_FIELDS = frozenset(("seq", "capture_time_us"))

UNREADABLE, REFUSED, INTERNAL, TRY_LATER = 1007, 1008, 1011, 1013
_CLOSE_CODES = {400: UNREADABLE, 429: TRY_LATER, 500: INTERNAL, 503: TRY_LATER, 504: TRY_LATER}
"""WebSocket close codes (IANA registry) by the problem's HTTP status; else 1008."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What a socket speaks to.

    Attributes:
        rpc: the bidirectional RPC.
        config_field: the field of its request that holds the configuration.
        check: refuses a configuration that must not reach the service.
    """

    rpc: Rpc
    config_field: str
    check: Callable[[Any], None]


def _wants_consent(config: Any) -> None:
    if not config.consent_token:
        raise ConsentRequired(
            "frames of a person need a consent token: send it as consent_token",
            reason="CONSENT_MISSING",
        )


def _anything(_config: Any) -> None:
    """Scanning sees products: no consent is asked."""


SCAN = Feed(rpc("ScanningService", "ScanStream"), "options", _anything)
TRY_ON = Feed(rpc("PoseService", "TrackProducts"), "config", _wants_consent)


class Sockets:
    """The handlers of WebSockets.

    Args:
        backends: the services.
        places: how many sockets and change feeds there may be.
        allowed_origins: origins beside our own whose pages may open one.
        config_timeout_s: how long a new socket may stay silent.
        idle_timeout_s: how long an open one may.
    """

    def __init__(
        self,
        backends: Backends,
        places: Places,
        allowed_origins: tuple[str, ...] = (),
        config_timeout_s: float = CONFIG_TIMEOUT_S,
        idle_timeout_s: float = IDLE_TIMEOUT_S,
    ) -> None:
        self._backends = backends
        self._places = places
        self._allowed_origins = allowed_origins
        self._config_timeout_s = config_timeout_s
        self._idle_timeout_s = idle_timeout_s

    def endpoint(self, feed: Feed) -> Callable[[WebSocket], Any]:
        """The handler of one kind of socket."""

        async def serve(socket: WebSocket) -> None:
            if not is_own_origin(socket, self._allowed_origins):
                foreign = HTTPException(403, "pages of this origin may not open a socket here")
                await socket.send_denial_response(await problems.tell_error(socket, foreign))
                return
            await socket.accept()
            with contextlib.suppress(WebSocketDisconnect):
                await self._attend(socket, feed)

        return serve

    async def _attend(self, socket: WebSocket, feed: Feed) -> None:
        try:
            with self._places.taken():
                await self._bridge(socket, feed)
        except VitrineError as error:
            await _refuse(socket, problems.of_error(error))
        except HTTPException as error:
            await _refuse(socket, problems.of_http(error))
        except grpc.aio.AioRpcError as failure:
            await _refuse(socket, problems.of_error(as_error(failure, feed.rpc.service)))

    async def _bridge(self, socket: WebSocket, feed: Feed) -> None:
        first = await _message(socket, self._config_timeout_s)
        if not isinstance(first, str):
            raise InvalidInput(
                "the first message is a frame, must be the configuration as text",
                reason="STREAM_CONFIG_MISSING",
            )
        mailbox = Mailbox()
        mailbox.put_config(_config(feed, first))
        call = self._backends.converse(feed.rpc, socket.state.request_id)
        try:
            await _first_to_end(
                self._receive(socket, feed, mailbox),
                _forward(call, mailbox),
                _answer(socket, call, mailbox),
            )
        finally:
            call.cancel()

    async def _receive(self, socket: WebSocket, feed: Feed, mailbox: Mailbox) -> None:
        while True:
            told = await _message(socket, self._idle_timeout_s)
            if isinstance(told, str):
                mailbox.put_config(_config(feed, told))
            else:
                message = read_frame(feed, told)
                mailbox.put_frame(message.frame.seq, message)


async def _first_to_end(*work: Any) -> None:
    """Run coroutines side by side until one ends; then end the others and tell its error."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _forward(call: Any, mailbox: Mailbox) -> None:
    while True:
        message = await mailbox.take()
        try:
            await call.write(message)
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            await asyncio.Event().wait()  # the reader of answers learns why and tells it


async def _answer(socket: WebSocket, call: Any, mailbox: Mailbox) -> None:
    async for reply in call:
        reply.frames_dropped += mailbox.answered(reply.seq)
        await socket.send_text(to_json({"answer": to_object(reply)}).decode())
    await socket.close(1000)


async def _message(socket: WebSocket, timeout_s: float) -> str | bytes:
    try:
        async with asyncio.timeout(timeout_s):
            event = await socket.receive()
    except TimeoutError:
        raise TooSlow(f"no message within {timeout_s:.0f} s", reason="SOCKET_IDLE") from None
    if event["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(event.get("code", 1000))
    text = event.get("text")
    return text if text is not None else bytes(event.get("bytes") or b"")


def _config(feed: Feed, text: str) -> Any:
    message: Any = feed.rpc.request()
    config = getattr(message, feed.config_field)
    config.SetInParent()
    merge(config, parse_json(text.encode()), "config")
    feed.check(config)
    return message


def read_frame(feed: Feed, told: bytes) -> Any:
    """The request that a binary message stands for.

    Raises:
        HTTPException: 400, there is no header as described in the package.
        InvalidInput: the header's fields do not fit.
    """
    length = int.from_bytes(told[:_LENGTH_BYTES])
    start = _LENGTH_BYTES + length
    if len(told) < _LENGTH_BYTES or not 0 < length <= min(MOST_HEADER_BYTES, len(told)):
        raise HTTPException(400, "the message does not begin with the length of its header")
    header = parse_json(told[_LENGTH_BYTES:start])
    if unknown := sorted(set(header) - _HEADER_FIELDS):
        raise InvalidInput.of(unknown[0], "is no field of a frame's header: seq, capture_time_us")
    message: Any = feed.rpc.request()
    message.frame.SetInParent()
    merge(message.frame, header, "header")
    message.frame.image = told[start:]
    return message


async def _refuse(socket: WebSocket, problem: Problem) -> None:
    told = to_json({"problem": problem.as_json(socket.state.request_id)})
    await socket.send_text(told.decode())
    await socket.close(_CLOSE_CODES.get(problem.status, REFUSED), problem.reason)


def is_own_origin(asker: HTTPConnection, allowed: tuple[str, ...]) -> bool:
    """Whether the page that asks is ours; programs send no origin."""
    origin = asker.headers.get("origin")
    if origin is None or origin in allowed:
        return True
    try:
        return urlsplit(origin).netloc == asker.headers.get("host")
    except ValueError:  # brackets that hold no address
        return False
