"""Clients for the commands: of running services where there are any, else embedded.

An embedded service is the real one, opened in this process and served on a unix
socket in a temporary folder: the same code, the same contract, the same stores.
"""

from __future__ import annotations

import asyncio
import importlib
import signal
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import grpc.aio
import typer
from rich.console import Console

from services.cli import INTERRUPTED
from shared.config import Settings
from shared.errors import NotReady
from shared.rpc import Servicer, is_serving, open_channel, socket_path, start_server
from vitrine.v1 import (
    catalog_pb2_grpc,
    scanning_pb2_grpc,
    visual_search_pb2,
    visual_search_pb2_grpc,
)

Result = TypeVar("Result")

READY_TIMEOUT_S = 120.0
PRINT_TIMEOUT_S = 600.0
TERMINATED = 143
"""Exit code after SIGTERM, by the shell's convention (128 + its number)."""


@dataclass(frozen=True, slots=True)
class Member:
    """One service of the stack: its package and the services that it calls."""

    name: str
    package: str
    full_name: str
    needs: tuple[str, ...]


MEMBERS = {
    member.name: member
    for member in (
        Member("catalog", "services.catalog", "vitrine.v1.CatalogService", ()),
        Member("search", "services.visual_search", "vitrine.v1.VisualSearchService", ("catalog",)),
        Member(
            "scanning", "services.scanning", "vitrine.v1.ScanningService", ("catalog", "search")
        ),
    )
}

POSE = Member("pose", "services.pose", "vitrine.v1.PoseService", ("catalog",))
"""Started by `vitrine run` where the face, hand and body models are installed."""


async def _until_ready(servicer: Servicer) -> None:
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            while not await servicer.ready():
                await asyncio.sleep(0.02)
    except TimeoutError as error:
        raise NotReady(
            f"{servicer.name} was not ready after {READY_TIMEOUT_S:.0f} s", reason="NOT_READY"
        ) from error


class Stack:
    """Where a command gets its clients. One per invocation of ``vitrine``."""

    def __init__(
        self,
        settings: Settings,
        console: Console,
        *,
        embedded_only: bool = False,
        state_dir_chosen: bool = False,
    ) -> None:
        self.settings = settings
        self.console = console
        self._embedded_only = embedded_only
        self._state_dir_chosen = state_dir_chosen
        self._addresses: dict[str, str] = {}
        self._resources = AsyncExitStack()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a command's coroutine to its end, then close what was opened for it.

        Raises:
            typer.Exit: Ctrl-C or SIGTERM ended it; what was opened is closed then, too.
        """
        terminated = threading.Event()

        async def whole() -> Result:
            _end_on_sigterm(terminated)
            try:
                async with self._resources:
                    return await work
            finally:
                # Embedded services end with it; a second run opens its own.
                self._addresses.clear()

        try:
            return asyncio.run(whole())
        except (KeyboardInterrupt, asyncio.CancelledError):
            self.console.print("interrupted; nothing is left half-written")
            raise typer.Exit(TERMINATED if terminated.is_set() else INTERRUPTED) from None

    @asynccontextmanager
    async def catalog(self) -> AsyncIterator[Any]:
        """A ``CatalogServiceStub``."""
        async with self._channel("catalog") as channel:
            yield catalog_pb2_grpc.CatalogServiceStub(channel)

    @asynccontextmanager
    async def search(self, *, with_print: bool = False) -> AsyncIterator[Any]:
        """A ``VisualSearchServiceStub``; an embedded index has caught up.

        Args:
            with_print: an embedded index knows the print of every package, too.
        """
        async with self._channel("search") as channel:
            if with_print:
                await self._until_print_is_indexed()
            yield visual_search_pb2_grpc.VisualSearchServiceStub(channel)

    @asynccontextmanager
    async def scanning(self) -> AsyncIterator[Any]:
        """A ``ScanningServiceStub``; an embedded index knows the print of every package."""
        async with self._channel("scanning") as channel:
            await self._until_print_is_indexed()
            yield scanning_pb2_grpc.ScanningServiceStub(channel)

    @asynccontextmanager
    async def _channel(self, name: str) -> AsyncIterator[grpc.aio.Channel]:
        async with open_channel(await self._address(name)) as channel:
            yield channel

    async def _address(self, name: str) -> str:
        if name not in self._addresses:
            running = await self._running(name)
            self._addresses[name] = running or await self._embed(MEMBERS[name])
        return self._addresses[name]

    async def _until_print_is_indexed(self) -> None:
        """Wait for the local features of an embedded index: it ends with this command.

        Raises:
            NotReady: they take too long.
        """
        address = self._addresses.get("search", "")
        if not address.startswith("unix:"):
            return
        try:
            async with open_channel(address) as channel, asyncio.timeout(PRINT_TIMEOUT_S):
                stub = visual_search_pb2_grpc.VisualSearchServiceStub(channel)
                with self.console.status("indexing the print of the reference images, once"):
                    while not await _print_is_indexed(stub):
                        await asyncio.sleep(0.1)
        except TimeoutError as error:
            raise NotReady(
                f"the print of the reference images was not indexed after {PRINT_TIMEOUT_S:.0f} s; "
                "start `vitrine run`, which goes on with it",
                reason="NOT_READY",
            ) from error

    async def _running(self, name: str) -> str | None:
        if self._embedded_only:
            return None
        address: str = getattr(self.settings, f"{name}_address")
        async with open_channel(address) as channel:
            if not await is_serving(channel, "", timeout_s=2.0):
                return None
        if self._state_dir_chosen:
            self.console.print(
                f"{name} runs at {address}: its own stores are used, not --state-dir"
            )
        return address

    async def _embed(self, member: Member) -> str:
        needed = {f"{name}_address": await self._address(name) for name in member.needs}
        settings = self.settings.model_copy(update=needed)
        entry = importlib.import_module(f"{member.package}.__main__")
        servicer: Servicer = await self._resources.enter_async_context(entry.open_service(settings))
        folder = self._resources.enter_context(tempfile.TemporaryDirectory(prefix="vitrine-"))
        server = await start_server(socket_path(Path(folder), member.name), [servicer])
        self._resources.push_async_callback(server.stop, 0.2)
        await _until_ready(servicer)
        return server.address


def _end_on_sigterm(terminated: threading.Event) -> None:
    """Cancel the running task on SIGTERM, and say so."""
    running = asyncio.current_task()

    def end() -> None:
        terminated.set()
        if running is not None:
            running.cancel()

    if threading.current_thread() is threading.main_thread():  # others get no signals
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)


async def _print_is_indexed(stub: Any) -> bool:
    status = await stub.GetIndexStatus(visual_search_pb2.GetIndexStatusRequest(), timeout=30)
    return bool(status.local_features_revision >= status.catalog_revision)


def stderr_console() -> Console:
    """Where progress and notices go, so that stdout holds results only."""
    return Console(stderr=True, highlight=False, no_color=not sys.stderr.isatty())
