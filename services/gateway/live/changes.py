"""The change feed as server-sent events (WHATWG HTML, 9.2), resumed by ``Last-Event-ID``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import grpc.aio
from starlette.requests import Request
from starlette.responses import Response

from services.gateway import problems
from services.gateway.answers import query_values
from services.gateway.backends import Backends, as_error
from services.gateway.contracts import rpc
from services.gateway.json_mapping import to_object
from services.gateway.live.streaming import HeldStream, first_answer, following
from services.gateway.places import Places
from services.gateway.transcoding import set_parameter, to_json
from vitrine.v1 import catalog_pb2

WATCH = rpc("CatalogService", "WatchChanges")
STATUS = rpc("CatalogService", "GetCatalogStatus")
MEDIA_TYPE = "text/event-stream"
HEARTBEAT_S = 15.0
RETRY_MS = 2000


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
        if request.method == "HEAD":
            return Response(media_type=MEDIA_TYPE)
        request_id = request.state.request_id
        with ExitStack() as held:
            held.enter_context(self._places.taken())
            status = await self._backends.call(STATUS, STATUS.request(), request_id)
            call = self._backends.follow(WATCH, message, request_id)
            held.callback(call.cancel)
            first = await first_answer(call, WATCH.service)
            events = self._events(call, first, status.catalog_id, request_id)
            return HeldStream(events, MEDIA_TYPE, held.pop_all())

    async def _events(
        self, call: Any, first: Any, catalog_id: str, request_id: str
    ) -> AsyncIterator[bytes]:
        try:
            yield f"retry: {RETRY_MS}\n\n".encode() + event(first, catalog_id)
            async for change in following(call, self._heartbeat_s):
                yield event(change, catalog_id) if change else b": still here\n\n"
        except grpc.aio.AioRpcError as failure:
            problem = problems.of_error(as_error(failure, WATCH.service))
            yield b"event: problem\ndata: " + to_json(problem.as_json(request_id)) + b"\n\n"


def _since(request: Request) -> catalog_pb2.WatchChangesRequest:
    """Where to begin; what a browser resumes by goes before what its page asked for."""
    asked = query_values(request, ("since_revision", "catalog_id"))
    if resumed := request.headers.get("last-event-id"):
        revision, _, catalog_id = resumed.partition("-")
        asked = {"since_revision": [revision], "catalog_id": [catalog_id]}
    message = catalog_pb2.WatchChangesRequest()
    for name, values in asked.items():
        set_parameter(message, name, name, values)
    return message


def event(change: Any, catalog_id: str) -> bytes:
    """One change as a server-sent event, which resumes in this catalogue only.

    >>> change = catalog_pb2.WatchChangesResponse(revision=7, deleted_sku="TEA-1")
    >>> event(change, "a1").splitlines()
    [b'id: 7-a1', b'event: deleted', b'data: {"sku":"TEA-1"}', b'']
    """
    kind = change.WhichOneof("change")
    if kind == "product":
        name, data = "product", to_object(change.product)
    elif kind == "deleted_sku":
        name, data = "deleted", {"sku": change.deleted_sku}
    else:
        name, data = "caught_up", {"revision": str(change.revision), "catalog_id": catalog_id}
    head = f"id: {change.revision}-{catalog_id}\nevent: {name}\ndata: "
    return head.encode() + to_json(data) + b"\n\n"
