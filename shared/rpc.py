"""The gRPC plumbing that all services share: servers, channels, errors on the wire.

A server answers ``grpc.health.v1`` with real readiness, speaks reflection, and
turns every ``VitrineError`` into a ``google.rpc.Status`` with typed details. An
exception that is not ours is logged with its request id and told as INTERNAL
without its text.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from shared.errors import NotReady, Overloaded, VitrineError
from shared.status import DETAILS_KEY, from_rpc_error, status_code, to_status

MAX_MESSAGE_BYTES = 80 << 20
"""Room for one decoded 25-megapixel image (75 MB) beside its request."""

RETRY_AFTER_MS = 250
READINESS_INTERVAL_S = 0.2
GRACE_S = 3.0
DEFAULT_TIMEOUT_S = 10.0

_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
]
_KEEPALIVE_MS = 20_000  # a peer that vanished without a word is noticed after two of these
_SERVER_OPTIONS = [
    *_OPTIONS,
    ("grpc.so_reuseport", 0),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", _KEEPALIVE_MS // 2),
    ("grpc.http2.max_ping_strikes", 0),
]
_CHANNEL_OPTIONS = [
    *_OPTIONS,
    ("grpc.lb_policy_name", "round_robin"),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.enable_http_proxy", 0),
    ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
    ("grpc.keepalive_timeout_ms", _KEEPALIVE_MS),
    ("grpc.http2.max_pings_without_data", 0),
]

_log = structlog.get_logger()


async def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Servicer:
    """One service to serve.

    Attributes:
        name: full name, for example ``vitrine.v1.CatalogService``.
        add: registers the implementation, ``lambda server: add_X_to_server(x, server)``.
        ready: whether it can answer now; asked several times a second.
    """

    name: str
    add: Callable[[grpc.aio.Server], None]
    ready: Callable[[], Awaitable[bool]] = field(default=_always)


async def _abort(context: Any, error: VitrineError) -> None:
    trailers = ((DETAILS_KEY, to_status(error).SerializeToString()),)
    await context.abort(status_code(error), error.message, trailing_metadata=trailers)


@asynccontextmanager
async def _errors_told(method: str, context: Any) -> AsyncIterator[None]:
    try:
        yield
    except VitrineError as error:
        await _abort(context, error)
    except grpc.aio.AioRpcError as failure:
        await _abort(context, from_rpc_error(failure))
    except (grpc.aio.AbortError, asyncio.CancelledError):
        raise
    except NotImplementedError:  # what the generated stubs raise for an RPC left out
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{method} is not offered here")
    except Exception:  # noqa: BLE001 - the last boundary: logged, told as INTERNAL
        metadata = dict(context.invocation_metadata() or ())
        request_id = metadata.get("x-request-id", "")
        _log.exception("rpc failed", method=method, request_id=request_id)
        await _abort(context, VitrineError("internal error; the log of this service says more"))


class _Boundary(grpc.aio.ServerInterceptor):
    """Admission, and errors turned into statuses, around every RPC of ours."""

    def __init__(self, max_in_flight: int) -> None:
        self._free = max_in_flight

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or not method.startswith("/vitrine."):
            return handler
        if handler.response_streaming:
            return self._streaming(handler, method)
        return self._unary(handler, method)

    def _take(self) -> None:
        if self._free <= 0:
            raise Overloaded(
                "too many requests at once; try again shortly", retry_after_ms=RETRY_AFTER_MS
            )
        self._free -= 1

    def _unary(self, handler: Any, method: str) -> Any:
        inner = handler.stream_unary if handler.request_streaming else handler.unary_unary

        async def answer(request: Any, context: Any) -> Any:
            async with _errors_told(method, context):
                self._take()
                try:
                    return await inner(request, context)
                finally:
                    self._free += 1

        kind = (
            grpc.stream_unary_rpc_method_handler
            if handler.request_streaming
            else grpc.unary_unary_rpc_method_handler
        )
        return kind(answer, handler.request_deserializer, handler.response_serializer)

    def _streaming(self, handler: Any, method: str) -> Any:
        inner = handler.stream_stream if handler.request_streaming else handler.unary_stream

        async def answer(request: Any, context: Any) -> AsyncIterator[Any]:
            async with _errors_told(method, context):
                async for reply in inner(request, context):
                    yield reply

        kind = (
            grpc.stream_stream_rpc_method_handler
            if handler.request_streaming
            else grpc.unary_stream_rpc_method_handler
        )
        return kind(answer, handler.request_deserializer, handler.response_serializer)


@dataclass(slots=True)
class RunningServer:
    """A server that listens. ``address`` is where a client reaches it."""

    address: str
    grpc_server: grpc.aio.Server
    health: health.aio.HealthServicer
    _watch: asyncio.Task[None]

    async def stop(self, grace_s: float = GRACE_S) -> None:
        """Report NOT_SERVING, let running calls finish within ``grace_s``, then close."""
        self._watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._watch
        await self.health.enter_graceful_shutdown()
        await self.grpc_server.stop(grace_s)


async def _is_ready(servicer: Servicer) -> bool:
    try:
        return await servicer.ready()
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is "not ready"
        _log.warning("readiness check failed", service=servicer.name, error=repr(error))
        return False


async def _watch_readiness(servicers: Sequence[Servicer], told: health.aio.HealthServicer) -> None:
    serving = health_pb2.HealthCheckResponse.SERVING
    not_serving = health_pb2.HealthCheckResponse.NOT_SERVING
    while True:
        for servicer in servicers:
            ready = await _is_ready(servicer)
            await told.set(servicer.name, serving if ready else not_serving)
        await asyncio.sleep(READINESS_INTERVAL_S)


def _bind(server: grpc.aio.Server, listen: str) -> str:
    try:
        port = server.add_insecure_port(listen)
    except RuntimeError:
        port = 0
    if not port:
        raise NotReady(
            f"cannot listen on {listen}: is it taken by another process?", reason="ADDRESS_IN_USE"
        )
    return listen if listen.startswith("unix:") else f"{listen.rpartition(':')[0]}:{port}"


async def start_server(
    listen: str, servicers: Sequence[Servicer], *, max_in_flight: int = 64
) -> RunningServer:
    """Start serving on ``listen`` (``host:port``, port 0 = any free, or ``unix:PATH``).

    Raises:
        NotReady: the address is taken (``ADDRESS_IN_USE``).
    """
    server = grpc.aio.server(interceptors=[_Boundary(max_in_flight)], options=_SERVER_OPTIONS)
    for servicer in servicers:
        servicer.add(server)
    told = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(told, server)
    names = [servicer.name for servicer in servicers]
    reflection.enable_server_reflection(
        [*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server
    )
    address = _bind(server, listen)
    await server.start()
    watch = asyncio.create_task(_watch_readiness(servicers, told))
    return RunningServer(address, server, told, watch)


async def until_signal() -> None:
    """Wait for SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def open_channel(address: str) -> grpc.aio.Channel:
    """A channel to ``address``; DNS names are spread over all their hosts, round robin."""
    return grpc.aio.insecure_channel(address, options=_CHANNEL_OPTIONS)


def remaining_s(context: Any, default_s: float = DEFAULT_TIMEOUT_S) -> float:
    """Seconds that the caller still waits: the deadline for calls made on its behalf."""
    left = context.time_remaining()
    return default_s if left is None else min(float(left), default_s)


async def is_serving(channel: grpc.aio.Channel, service: str, timeout_s: float = 1.0) -> bool:
    """Whether the peer's health check says SERVING for ``service``."""
    request = health_pb2.HealthCheckRequest(service=service)
    try:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        reply = await stub.Check(request, timeout=timeout_s)
    except grpc.aio.AioRpcError:
        return False
    return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)


def socket_path(folder: Path, name: str) -> str:
    """A ``unix:`` address in ``folder``, for services that run embedded in one process."""
    return f"unix:{folder / (name + '.sock')}"


Composition = Callable[[], AbstractAsyncContextManager[Servicer]]
"""What a service's ``__main__`` offers: resources opened, servicer ready to be added."""


async def serve(listen: str, composition: Composition, *, max_in_flight: int) -> None:
    """Open a composition, serve it until a signal, close it: the body of each ``__main__``."""
    async with composition() as servicer:
        server = await start_server(listen, [servicer], max_in_flight=max_in_flight)
        _log.info("serving", service=servicer.name, address=server.address)
        try:
            await until_signal()
        finally:
            await server.stop()
            _log.info("stopped", service=servicer.name)
