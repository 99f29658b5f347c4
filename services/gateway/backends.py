"""The services behind the door: one channel each, calls with deadlines and request ids."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import Message

from services.gateway.contracts import Rpc
from shared.config import Settings
from shared.errors import TooSlow, Unavailable, VitrineError
from shared.rpc import is_serving, open_channel
from shared.status import DETAILS_KEY, from_rpc_error

TIMEOUT_S = 10.0
RETRY_AFTER_MS = 1000

NAMES = {
    "catalog": "vitrine.v1.CatalogService",
    "visual_search": "vitrine.v1.VisualSearchService",
    "scanning": "vitrine.v1.ScanningService",
    "pose": "vitrine.v1.PoseService",
    "shopper": "vitrine.v1.ShopperService",
}
"""The services by the names that answers give them (``degraded``, ``/v1/status``)."""

_BY_FULL_NAME = {full: name for name, full in NAMES.items()}


def as_error(failure: grpc.aio.AioRpcError, service: str) -> VitrineError:
    """The error that a failed call stands for, without the addresses that gRPC names.

    Args:
        failure: what the call raised.
        service: full name of the service called.
    """
    name = _BY_FULL_NAME[service]
    if DETAILS_KEY in dict(failure.trailing_metadata() or ()):
        error = from_rpc_error(failure)
        return VitrineError(error.message) if failure.code() is grpc.StatusCode.INTERNAL else error
    if failure.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
        return TooSlow(f"the service {name} did not answer in time")
    if failure.code() is grpc.StatusCode.UNIMPLEMENTED:
        return Unavailable(f"the service {name} does not offer this yet", reason="UNIMPLEMENTED")
    return Unavailable(f"the service {name} does not answer", retry_after_ms=RETRY_AFTER_MS)


class Backends:
    """Calls into the services, by RPC of the contracts.

    Args:
        channels: by the services' names.
        health_names: full names to ask the health of, where they are not the services' own.
    """

    def __init__(
        self,
        channels: Mapping[str, grpc.aio.Channel],
        health_names: Mapping[str, str] | None = None,
    ) -> None:
        self._channels = {NAMES[name]: channel for name, channel in channels.items()}
        self._health_names = dict(health_names or {})

    async def call(
        self, rpc: Rpc, request: Message, request_id: str, timeout_s: float = TIMEOUT_S
    ) -> Any:
        """Call a unary RPC; returns its response.

        Raises:
            VitrineError: what the service said, or that it does not answer.
        """
        unary = self._channels[rpc.service].unary_unary(
            rpc.path,
            request_serializer=rpc.request.SerializeToString,
            response_deserializer=rpc.response.FromString,
        )
        try:
            return await unary(request, timeout=timeout_s, metadata=_metadata(request_id))
        except grpc.aio.AioRpcError as failure:
            raise as_error(failure, rpc.service) from failure

    def follow(self, rpc: Rpc, request: Message, request_id: str) -> Any:
        """Start a server stream; returns the call. Reading it raises ``AioRpcError``."""
        stream = self._channels[rpc.service].unary_stream(
            rpc.path,
            request_serializer=rpc.request.SerializeToString,
            response_deserializer=rpc.response.FromString,
        )
        return stream(request, metadata=_metadata(request_id))

    def converse(self, rpc: Rpc, request_id: str) -> Any:
        """Start a bidirectional stream; returns the call. It raises ``AioRpcError``."""
        stream = self._channels[rpc.service].stream_stream(
            rpc.path,
            request_serializer=rpc.request.SerializeToString,
            response_deserializer=rpc.response.FromString,
        )
        return stream(metadata=_metadata(request_id))

    async def serving(self, name: str) -> bool:
        """Whether a service says that it serves."""
        full_name = NAMES[name]
        return await is_serving(self._channels[full_name], self._health_names.get(name, full_name))


def _metadata(request_id: str) -> grpc.aio.Metadata:
    return grpc.aio.Metadata(("x-request-id", request_id))


@asynccontextmanager
async def open_backends(settings: Settings) -> AsyncIterator[Backends]:
    """Open the channels of all services; they connect when first used."""
    addresses = {
        "catalog": settings.catalog_address,
        "visual_search": settings.search_address,
        "scanning": settings.scanning_address,
        "pose": settings.pose_address,
        "shopper": settings.shopper_address or settings.pose_address,
    }
    async with AsyncExitStack() as stack:
        channels = {
            name: await stack.enter_async_context(open_channel(address))
            for name, address in addresses.items()
        }
        guest = {} if settings.shopper_address else {"shopper": NAMES["pose"]}
        yield Backends(channels, guest)
