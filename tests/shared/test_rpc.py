"""Servers and channels: errors cross the wire whole, readiness is told, load is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from shared.errors import FieldViolation, InvalidInput, NotFound, NotReady, Overloaded
from shared.rpc import Servicer, is_serving, open_channel, start_server
from shared.status import from_rpc_error
from vitrine.v1 import catalog_pb2, catalog_pb2_grpc

Behaviour = Callable[[], Awaitable[Any]]
NAME = "vitrine.v1.CatalogService"


class Catalog(catalog_pb2_grpc.CatalogServiceServicer):
    """Answers GetCatalogStatus by a given behaviour, WatchChanges by failing after one."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour

    async def GetCatalogStatus(self, request: Any, context: Any) -> Any:
        return await self.behaviour()

    async def WatchChanges(self, request: Any, context: Any) -> AsyncIterator[Any]:
        yield catalog_pb2.WatchChangesResponse(revision=1)
        await self.behaviour()


async def serving(behaviour: Behaviour, **options: Any) -> Any:
    ready = options.pop("ready", None)
    servicer = Servicer(
        NAME,
        lambda server: catalog_pb2_grpc.add_CatalogServiceServicer_to_server(
            Catalog(behaviour), server
        ),
        **({"ready": ready} if ready else {}),
    )
    return await start_server("127.0.0.1:0", [servicer], **options)


async def call(server: Any) -> Any:
    async with open_channel(server.address) as channel:
        stub = catalog_pb2_grpc.CatalogServiceStub(channel)
        return await stub.GetCatalogStatus(catalog_pb2.GetCatalogStatusRequest())


def raising(error: Exception) -> Behaviour:
    async def behaviour() -> Any:
        raise error

    return behaviour


async def test_an_error_of_ours_arrives_with_reason_violations_resource_and_retry() -> None:
    """What the service raised is what the client rebuilds, nothing lost."""
    sent = InvalidInput(
        "top_k: is 0",
        reason="TOP_K",
        violations=[FieldViolation("top_k", "is 0")],
        metadata={"limit": "1000"},
        retry_after_ms=1500,
    )
    server = await serving(raising(sent))
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call(server)
    got = from_rpc_error(failure.value)
    assert isinstance(got, InvalidInput)
    assert (got.message, got.reason, got.violations) == (sent.message, "TOP_K", sent.violations)
    assert (got.metadata, got.retry_after_ms) == ({"limit": "1000"}, 1500)
    await server.stop(0)


async def test_an_error_in_the_middle_of_a_stream_arrives_whole() -> None:
    """Messages before the error are delivered, then its status."""
    server = await serving(raising(NotFound.of("store", "x")))
    async with open_channel(server.address) as channel:
        stub = catalog_pb2_grpc.CatalogServiceStub(channel)
        stream = stub.WatchChanges(catalog_pb2.WatchChangesRequest())
        assert (await stream.read()).revision == 1
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await stream.read()
    got = from_rpc_error(failure.value)
    assert got.reason == "STORE_NOT_FOUND"
    assert got.resource is not None
    assert got.resource.name == "x"
    await server.stop(0)


async def test_an_unexpected_exception_tells_nothing_of_its_text() -> None:
    """Internals stay inside: code INTERNAL, no message of the exception."""
    server = await serving(raising(RuntimeError("password=hunter2")))
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call(server)
    assert failure.value.code() is grpc.StatusCode.INTERNAL
    assert "hunter2" not in str(failure.value.details())
    await server.stop(0)


async def test_an_rpc_that_is_left_out_is_told_as_unimplemented() -> None:
    """A method of the contract that a server does not offer is no internal error."""
    server = await serving(raising(RuntimeError("not asked")))
    async with open_channel(server.address) as channel:
        stub = catalog_pb2_grpc.CatalogServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await stub.ListStores(catalog_pb2.ListStoresRequest())
    assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "ListStores" in str(failure.value.details())
    await server.stop(0)


async def test_a_call_beyond_the_limit_is_told_when_to_come_back() -> None:
    """Overload is RESOURCE_EXHAUSTED with RetryInfo, and capacity returns afterwards."""
    gate = asyncio.Event()

    async def slow() -> Any:
        await gate.wait()
        return catalog_pb2.GetCatalogStatusResponse(revision=7)

    server = await serving(slow, max_in_flight=1)
    first = asyncio.create_task(call(server))
    await asyncio.sleep(0.2)
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call(server)
    got = from_rpc_error(failure.value)
    assert isinstance(got, Overloaded)
    assert got.retry_after_ms
    gate.set()
    assert (await first).revision == 7
    assert (await call(server)).revision == 7
    await server.stop(0)


async def test_health_follows_readiness() -> None:
    """NOT_SERVING until the service is ready, SERVING after."""
    state = {"ready": False}

    async def ready() -> bool:
        return state["ready"]

    server = await serving(raising(NotFound("x")), ready=ready)
    async with open_channel(server.address) as channel:
        await asyncio.sleep(0.3)
        assert not await is_serving(channel, NAME)
        state["ready"] = True
        await asyncio.sleep(0.5)
        assert await is_serving(channel, NAME)
    await server.stop(0)


async def test_reflection_lists_the_service() -> None:
    """A client such as grpcurl finds the service without our files."""
    server = await serving(raising(NotFound("x")))
    async with open_channel(server.address) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        stream = stub.ServerReflectionInfo(iter([request]))
        reply = await stream.read()
    names = [service.name for service in reply.list_services_response.service]
    assert NAME in names
    await server.stop(0)


async def test_a_taken_address_is_named() -> None:
    """A second server on one port says which address and what to ask."""
    server = await serving(raising(NotFound("x")))
    with pytest.raises(NotReady, match=server.address):
        await start_server(server.address, [])
    await server.stop(0)


async def test_a_dead_peer_is_unavailable() -> None:
    """Nobody listening maps to the tree's Unavailable."""
    server = await serving(raising(NotFound("x")))
    await server.stop(0)
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call(server)
    assert from_rpc_error(failure.value).status == "UNAVAILABLE"
