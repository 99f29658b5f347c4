"""What every request passes: its id, security headers, one line of log, a last boundary."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway import problems

REQUEST_ID = "X-Request-Id"
_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""Content Security Policy Level 3: nothing inline, nothing from any other origin."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

SWITCHING_PROTOCOLS = 101
_PROBES = frozenset(("/healthz", "/readyz"))

_log = structlog.get_logger()


@dataclass(slots=True)
class _Told:
    """What was answered so far."""

    status: int = 0
    started: float = field(default=0.0)


class Door:
    """The outermost of our middleware.

    Args:
        app: what is behind.
        shared: whether other origins are allowed to read the API.
        clock: seconds, for the log.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        shared: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._app = app
        self._shared = shared
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request or socket on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        told = _Told(started=self._clock())
        sending = self._sending(scope, send, request_id, told)
        try:
            await self._app(scope, receive, sending)
        except Exception:
            _log.exception("request failed", route=_route(scope), request_id=request_id)
            if told.status or scope["type"] != "http":
                raise
            response = problems.respond(problems.internal(), request_id)
            await response(scope, receive, sending)
        finally:
            self._note(scope, request_id, told)

    def _sending(self, scope: Scope, send: Send, request_id: str, told: _Told) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "websocket.accept":
                told.status = SWITCHING_PROTOCOLS
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                told.status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                for name, value in self._headers(scope["path"]).items():
                    headers.setdefault(name, value)
            await send(message)

        return sending

    def _headers(self, path: str) -> dict[str, str]:
        api = path.startswith("/v1/")
        return {
            **_HEADERS,
            "Content-Security-Policy": API_POLICY if api else PAGE_POLICY,
            "Cross-Origin-Resource-Policy": (
                "cross-origin" if api and self._shared else "same-origin"
            ),
        }

    def _note(self, scope: Scope, request_id: str, told: _Told) -> None:
        log = _log.debug if scope["path"] in _PROBES else _log.info
        log(
            "request",
            method=scope.get("method", "WEBSOCKET"),
            route=_route(scope),
            status=told.status,
            duration_ms=round((self._clock() - told.started) * 1000, 1),
            request_id=request_id,
        )


def _request_id(scope: Scope) -> str:
    sent = Headers(scope=scope).get(REQUEST_ID, "")
    return sent if _GOOD_ID.fullmatch(sent) else uuid4().hex


def _route(scope: Scope) -> Any:
    """The route's pattern, never what a caller wrote into it."""
    return getattr(scope.get("route"), "path", "pages")
