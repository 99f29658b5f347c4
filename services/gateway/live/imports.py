"""A product feed from a browser into the catalogue: the one thing that this door lets write.

Only this door's own pages may ask for it, and unless the settings say otherwise only on the
machine that the gateway runs on: it is asked for at a loopback address by a loopback name
(a page elsewhere whose name is made to resolve to this machine has another), and by nobody
on behalf of another (a proxy names whom it asks for).
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import grpc.aio
from starlette.requests import Request
from starlette.responses import Response

from services.gateway import problems
from services.gateway.answers import query_values, respond
from services.gateway.backends import Backends, as_error
from services.gateway.bodies import FEED_TYPES, Bodies
from services.gateway.contracts import rpc
from services.gateway.json_mapping import to_object
from services.gateway.live.sockets import is_own_origin
from services.gateway.live.streaming import HeldStream, first_answer, following
from services.gateway.operation import Cache
from services.gateway.places import Places
from services.gateway.problems import Forbidden
from services.gateway.transcoding import set_parameter, to_json
from shared.config import Settings
from vitrine.v1 import catalog_pb2

IMPORT = rpc("CatalogService", "ImportFeed")
MEDIA_TYPE = "application/x-ndjson"
OPTIONS = {"store": "store_id", "currency": "currency_code", "file_name": "file_name"}
"""The query's parameters, and the fields of ``ImportFeedOptions`` that they set."""
HEARTBEAT_S = 10.0
AT_ONCE = 2
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Imports:
    """The handlers of ``/v1/import``.

    Args:
        backends: the services.
        bodies: reads the feeds.
        settings: who may import, and how much.
        heartbeat_s: after how long a silence the last progress is told again.
    """

    def __init__(
        self,
        backends: Backends,
        bodies: Bodies,
        settings: Settings,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._backends = backends
        self._bodies = bodies
        self._settings = settings
        self._places = Places(AT_ONCE, "imports")
        self._heartbeat_s = heartbeat_s

    async def told(self, request: Request) -> Response:
        """``GET /v1/import``: whether the caller may import, and what."""
        query_values(request, ())
        refusal = self._refusal(request)
        told = {
            "allowed": refusal is None,
            "reason": refusal.detail if refusal else "",
            "max_bytes": str(self._settings.max_feed_bytes),
            "content_types": [*FEED_TYPES, "multipart/form-data"],
        }
        return respond(request, to_json(told), "application/json", Cache.NEVER)

    async def start(self, request: Request) -> Response:
        """``POST /v1/import``: send the feed on, then tell how its import goes."""
        if refusal := self._refusal(request):
            raise refusal
        opening = _options(request)
        request_id = request.state.request_id
        with ExitStack() as held:
            held.enter_context(self._places.taken())
            async with self._bodies.feed(request, self._settings.max_feed_bytes) as pieces:
                call = self._backends.converse(IMPORT, request_id)
                held.callback(call.cancel)
                await _send(call, opening, pieces)
            first = await first_answer(call, IMPORT.service)
            return HeldStream(self._lines(call, first, request_id), MEDIA_TYPE, held.pop_all())

    def _refusal(self, request: Request) -> Forbidden | None:
        """Why a request may not import; None = it may."""
        if not is_own_origin(request, self._settings.allowed_origins):
            return Forbidden("ORIGIN_FOREIGN", "pages of this origin may not import here")
        if self._settings.gateway_import == "on":
            return None
        if self._settings.gateway_import == "local" and _is_local(request, self._settings):
            return None
        return Forbidden(
            "IMPORT_OFF",
            "importing is off here: run `vitrine import`, or set VITRINE_GATEWAY_IMPORT=on on a "
            "gateway that only staff can reach",
        )

    async def _lines(self, call: Any, first: Any, request_id: str) -> AsyncIterator[bytes]:
        last = first
        try:
            yield _line(to_object(first))
            async for reply in following(call, self._heartbeat_s):
                last = reply if reply and reply.HasField("progress") else last
                yield _line(to_object(reply or last))
        except grpc.aio.AioRpcError as failure:
            problem = problems.of_error(as_error(failure, IMPORT.service))
            yield _line({"problem": problem.as_json(request_id)})


def _line(told: dict[str, Any]) -> bytes:
    return to_json(told) + b"\n"


def _options(request: Request) -> Any:
    message = catalog_pb2.ImportFeedRequest(options=catalog_pb2.ImportFeedOptions())
    for name, values in query_values(request, tuple(OPTIONS)).items():
        set_parameter(message.options, OPTIONS[name], name, values)
    return message


async def _send(call: Any, opening: Any, pieces: AsyncIterator[bytes]) -> None:
    """Send options and feed; a refusal on the way is left to who reads the answers."""
    try:
        await call.write(opening)
        async for piece in pieces:
            await call.write(catalog_pb2.ImportFeedRequest(chunk=piece))
        await call.done_writing()
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
        return


def _is_local(request: Request, settings: Settings) -> bool:
    if any(name in request.headers for name in _PROXY_HEADERS):
        return False
    return _is_loopback(settings.gateway_listen) and _is_loopback(request.headers.get("host", ""))


def _is_loopback(address: str) -> bool:
    """Whether ``host`` or ``host:port`` can only mean this machine.

    >>> [_is_loopback(one) for one in ("localhost:80", "127.0.0.1", "[::1]:80", "shop.de", "[")]
    [True, True, True, False, False]
    """
    try:
        host = urlsplit(f"//{address}").hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
