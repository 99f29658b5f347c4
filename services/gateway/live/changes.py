"""The change feed as server-sent events (WHATWG HTML, 9.2), resumed by ``Last-Event-ID``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import grpc.aio
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from services.gateway import problems
from services.gateway.answers import query_values
from services.gateway.backends import Backends, as_error
from services.gateway.contracts import rpc
from services.gateway.json_mapping import to_object
from services.gateway.places import Places
from services.gateway.transcoding import set_parameter, to_json
from vitrine.v1 import catalog_pb2

WATCH = rpc("CatalogService", "WatchChanges")
HEARTBEAT_S = 15.0
RETRY_MS = 2000


class _Feed(StreamingResponse):
    """A stream that gives back what it held, however it ends."""

    def __init__(self, events: AsyncIterator[bytes], held: ExitStack) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._held:
            await super().__call__(scope, receive, send)


class Changes:
    """The handler of ``GET /v1/changes``."""

    def __init__(
        self, backends: Backends, places: Places, heartbeat_s: float = HEARTBEAT_S
    ) -> None:
        self._backends = backends
        self._places = places
        self._heartbeat_s = heartbeat_s

    async def feed(self, request: Request) -> Response:
        """Replay the changes after a revision, then follow until the caller goes."""
        message = _since(request)
        request_id = request.state.request_id
        with ExitStack() as held:
            held.enter_context(self._places.taken())
            call = self._backends.follow(WATCH, message, request_id)
            held.callback(call.cancel)
            first = await _read(call)
            return _Feed(self._events(call, first, request_id), held.pop_all())

    async def _events(self, call: Any, first: Any, request_id: str) -> AsyncIterator[bytes]:
        try:
            yield f"retry: {RETRY_MS}\n\n".encode() + event(first)
            async for told in self._following(call):
                yield told
        except grpc.aio.AioRpcError as failure:
            problem = problems.of_error(as_error(failure, WATCH.service))
            yield b"event: problem\ndata: " + to_json(problem.as_json(request_id)) + b"\n\n"

    async def _following(self, call: Any) -> AsyncIterator[bytes]:
        reading = asyncio.ensure_future(call.read())
        try:
            while True:
                await asyncio.wait((reading,), timeout=self._heartbeat_s)
                if not reading.done():
                    yield b": still here\n\n"
                    continue
                change = reading.result()
                if change is grpc.aio.EOF:
                    return
                reading = asyncio.ensure_future(call.read())
                yield event(change)
        finally:
            reading.cancel()


def _since(request: Request) -> catalog_pb2.WatchChangesRequest:
    """Where to begin; what a browser resumes by goes before what its page asked for."""
    asked = query_values(request, ("since_revision",)).get("since_revision", ["0"])
    resumed = request.headers.get("last-event-id")
    message = catalog_pb2.WatchChangesRequest()
    values = [resumed] if resumed else asked
    set_parameter(message, "since_revision", "since_revision", values)
    return message


async def _read(call: Any) -> Any:
    """The first change, so that a refusal is still an HTTP answer of its own."""
    try:
        async with asyncio.timeout(10.0):
            return await call.read()
    except grpc.aio.AioRpcError as failure:
        raise as_error(failure, WATCH.service) from failure


def event(change: Any) -> bytes:
    """One change as a server-sent event.

    >>> event(catalog_pb2.WatchChangesResponse(revision=7, deleted_sku="TEA-1")).splitlines()
    [b'id: 7', b'event: deleted', b'data: {"sku":"TEA-1"}', b'']
    """
    kind = change.WhichOneof("change")
    if kind == "product":
        name, data = "product", to_object(change.product)
    elif kind == "deleted_sku":
        name, data = "deleted", {"sku": change.deleted_sku}
    else:
        name, data = "caught_up", {"revision": str(change.revision)}
    return f"id: {change.revision}\nevent: {name}\ndata: ".encode() + to_json(data) + b"\n\n"
