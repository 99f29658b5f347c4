"""How the services are: ``/v1/status``, ``/healthz`` and ``/readyz``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.gateway.answers import query_values, respond
from services.gateway.backends import NAMES, Backends
from services.gateway.contracts import Rpc, rpc
from services.gateway.json_mapping import to_object
from services.gateway.operation import Cache
from services.gateway.transcoding import to_json
from shared.errors import Unavailable, VitrineError

CATALOG_STATUS = rpc("CatalogService", "GetCatalogStatus")
INDEX_STATUS = rpc("VisualSearchService", "GetIndexStatus")
KEEP_S = 1.0
TIMEOUT_S = 1.0


class Status:
    """The handlers. What was found is kept for a second, so that asking often costs little."""

    def __init__(self, backends: Backends, clock: Callable[[], float] = time.monotonic) -> None:
        self._backends = backends
        self._clock = clock
        self._lock = asyncio.Lock()
        self._found: dict[str, Any] = {}
        self._until = 0.0

    async def status(self, request: Request) -> Response:
        """``GET /v1/status``: every service, and how far catalogue and index are."""
        query_values(request, ())
        async with self._lock:
            if not self._found or self._clock() >= self._until:
                self._found = await self._ask(request.state.request_id)
                self._until = self._clock() + KEEP_S
        return respond(request, to_json(self._found), "application/json", Cache.REVALIDATE)

    async def healthy(self, _request: Request) -> Response:
        """``GET /healthz``: this process answers."""
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    async def ready(self, _request: Request) -> Response:
        """``GET /readyz``: the catalogue serves, without which nothing does."""
        if not await self._backends.serving("catalog"):
            raise Unavailable("the service catalog does not serve", retry_after_ms=1000)
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    async def _ask(self, request_id: str) -> dict[str, Any]:
        *serving, catalog, index = await asyncio.gather(
            *(self._backends.serving(name) for name in NAMES),
            self._told(CATALOG_STATUS, request_id),
            self._told(INDEX_STATUS, request_id),
        )
        services = [
            {"name": name, "state": "serving" if up else "not_serving"}
            for name, up in zip(NAMES, serving, strict=True)
        ]
        return {"services": services, "catalog": catalog, "index": index}

    async def _told(self, asked: Rpc, request_id: str) -> dict[str, Any] | None:
        """An RPC's answer; none where its service does not answer, which ``state`` says."""
        try:
            reply = await self._backends.call(asked, asked.request(), request_id, TIMEOUT_S)
        except VitrineError:
            return None
        return to_object(reply)
