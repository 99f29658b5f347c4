"""The application: routes made from the table of operations, behind the middleware."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.requests import Request
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from services.gateway import pages, problems
from services.gateway.answers import Endpoint, endpoint
from services.gateway.backends import Backends
from services.gateway.bodies import Bodies
from services.gateway.door import REQUEST_ID, Door
from services.gateway.live import imports, sockets
from services.gateway.live.changes import Changes
from services.gateway.live.imports import Imports
from services.gateway.lookup import Lookups
from services.gateway.openapi.document import Document
from services.gateway.operations import OPERATIONS
from services.gateway.places import Places
from services.gateway.status import Status
from shared.config import Settings
from shared.errors import VitrineError

GZIP_LEVEL = 5
SHARED_HEADERS = ["Authorization", "Content-Type", "If-None-Match", "Last-Event-ID", REQUEST_ID]


@dataclass(frozen=True, slots=True)
class Handlers:
    """Everything that answers."""

    backends: Backends
    bodies: Bodies
    lookups: Lookups
    changes: Changes
    imports: Imports
    status: Status
    sockets: sockets.Sockets
    samples: pages.Samples
    document: Document


def make_app(settings: Settings, backends: Backends) -> Starlette:
    """The ASGI application on given backends."""
    bodies = Bodies(
        settings.max_image_bytes, Places(settings.gateway_max_uploads, "places for uploads")
    )
    streams = Places(settings.gateway_max_streams, "streams")
    handlers = Handlers(
        backends,
        bodies,
        Lookups(backends, bodies),
        Changes(backends, streams),
        Imports(backends, bodies, settings),
        Status(backends),
        sockets.Sockets(backends, streams, settings.allowed_origins),
        pages.Samples(settings.samples_dir),
        Document(),
    )
    app = Starlette(
        routes=[*_rest(handlers), *_live(handlers), *_static(settings)],
        middleware=_middleware(settings.allowed_origins),
        exception_handlers={
            VitrineError: problems.tell_error,
            HTTPException: problems.tell_error,
        },
    )
    return app


def _middleware(allowed_origins: tuple[str, ...]) -> list[Middleware]:
    cors = Middleware(
        CORSMiddleware,
        allow_origins=allowed_origins,
        allow_methods=["GET", "POST"],
        allow_headers=SHARED_HEADERS,
        expose_headers=["ETag", "Retry-After", REQUEST_ID],
    )
    return [
        Middleware(Door, shared=bool(allowed_origins)),
        *([cors] if allowed_origins else []),
        Middleware(
            GZipMiddleware,
            minimum_size=1000,
            compresslevel=GZIP_LEVEL,
            exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, imports.MEDIA_TYPE),
        ),
    ]


def _rest(handlers: Handlers) -> list[BaseRoute]:
    answers: dict[str, dict[str, Endpoint]] = {}
    for operation in OPERATIONS:
        handler = endpoint(operation, handlers.backends, handlers.bodies)
        answers.setdefault(operation.path, {})[operation.method] = handler
    joined: dict[str, dict[str, Endpoint]] = {
        "/v1/lookup": {"GET": handlers.lookups.one},
        "/v1/lookup:batch": {"POST": handlers.lookups.batch},
        "/v1/lookup/{code:path}": {"GET": handlers.lookups.one},
        "/v1/availability": {"GET": handlers.lookups.availability},
        "/v1/changes": {"GET": handlers.changes.feed},
        "/v1/import": {"GET": handlers.imports.told, "POST": handlers.imports.start},
        "/v1/status": {"GET": handlers.status.status},
        "/v1/samples": {"GET": handlers.samples.listed},
        "/v1/openapi.json": {"GET": handlers.document.served},
        "/healthz": {"GET": handlers.status.healthy},
        "/readyz": {"GET": handlers.status.ready},
    }
    return [_route(path, by_method) for path, by_method in (answers | joined).items()]


def _route(path: str, by_method: dict[str, Endpoint]) -> Route:
    return Route(path, Resource(by_method))


class Resource:
    """Everything that one path answers, so that a 405 names every method that is allowed."""

    def __init__(self, by_method: dict[str, Endpoint]) -> None:
        self._by_method = dict(by_method)
        if "GET" in by_method:
            self._by_method["HEAD"] = by_method["GET"]

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that are allowed."""
        return tuple(self._by_method)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        handler = self._by_method.get(scope["method"])
        if handler is None:
            allowed = ", ".join(self.methods)
            raise HTTPException(
                405, f"{scope['method']} is not for this; use {allowed}", {"Allow": allowed}
            )
        response = await handler(Request(scope, receive))
        await response(scope, receive, send)


def _live(handlers: Handlers) -> Iterable[BaseRoute]:
    return (
        WebSocketRoute("/v1/scan", handlers.sockets.endpoint(sockets.SCAN)),
        WebSocketRoute("/v1/tryon", handlers.sockets.endpoint(sockets.TRY_ON)),
    )


def _static(settings: Settings) -> Iterable[BaseRoute]:
    found = [Route("/v1/{rest:path}", _NothingHere())]
    if settings.samples_dir is not None:
        found.append(Route("/samples/{name}", pages.SampleFiles(settings.samples_dir, "samples")))
    if pages.FOLDER.is_dir():
        found.append(Route("/{path:path}", pages.Pages(pages.FOLDER)))
    return found


class _NothingHere:
    """Below ``/v1`` there are no pages."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise HTTPException(404, "there is no such resource; GET /v1/openapi.json lists them")
