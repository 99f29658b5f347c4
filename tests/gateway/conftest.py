"""A real gateway on real services, in a thread of their own, reached over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from services.gateway.__main__ import bind, make_server, open_gateway
from shared.config import Settings, read_settings
from shared.rpc import open_channel, socket_path, start_server
from tests.gateway.contents import fill, picture
from tests.mediapipe_models import models_dir
from vitrine.v1 import catalog_pb2, catalog_pb2_grpc

__all__ = ["models_dir"]

PACKAGES = {
    "catalog": "services.catalog",
    "search": "services.visual_search",
    "scanning": "services.scanning",
    "pose": "services.pose",
    "shopper": "services.shopper",
}
READY_S = 60.0


def is_there(name: str) -> bool:
    """Whether a service can be started from this tree."""
    package = importlib.util.find_spec(PACKAGES[name])
    return (
        package is not None and importlib.util.find_spec(f"{PACKAGES[name]}.__main__") is not None
    )


@dataclass
class Shop:
    """Running services and a gateway on them."""

    url: str = ""
    folder: Path = Path()
    models: Path | None = None
    running: list[str] = field(default_factory=list)
    settings: Settings = field(default_factory=read_settings)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def run(self, work: Any) -> Any:
        """Run a coroutine in the services' thread; returns what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(READY_S)

    async def upsert(self, products: list[catalog_pb2.Product]) -> None:
        """Put products into the catalogue."""
        async with open_channel(self.settings.catalog_address) as channel:
            stub = catalog_pb2_grpc.CatalogServiceStub(channel)
            requests = [catalog_pb2.UpsertProductsRequest(product=item) for item in products]
            await stub.UpsertProducts(iter(requests))

    async def delete(self, skus: list[str]) -> None:
        """Take products out of the catalogue."""
        async with open_channel(self.settings.catalog_address) as channel:
            stub = catalog_pb2_grpc.CatalogServiceStub(channel)
            await stub.DeleteProducts(catalog_pb2.DeleteProductsRequest(skus=skus))

    @contextlib.contextmanager
    def with_backends_away(self) -> Iterator[str]:
        """A second gateway, whose services do not answer; yields its URL."""
        nobody = {f"{name}_address": f"unix:{self.folder}/nobody" for name in PACKAGES}
        with self.another(**nobody) as url:
            yield url

    @contextlib.contextmanager
    def another(self, **changes: Any) -> Iterator[str]:
        """A second gateway with other settings; yields its URL."""
        settings = self.settings.model_copy(update=changes)
        stack = AsyncExitStack()
        url = self.run(stack.enter_async_context(gateway(settings)))
        try:
            yield url
        finally:
            self.run(stack.aclose())

    def client(self, **options: Any) -> httpx.Client:
        """An HTTP client of the gateway."""
        return httpx.Client(base_url=self.url, timeout=30, **options)


@asynccontextmanager
async def _service(name: str, settings: Settings, folder: Path) -> AsyncIterator[None]:
    entry = importlib.import_module(f"{PACKAGES[name]}.__main__")
    async with entry.open_service(settings) as servicer:
        server = await start_server(socket_path(folder, name), [servicer])
        async with asyncio.timeout(READY_S):
            while not await servicer.ready():
                await asyncio.sleep(0.02)
        try:
            yield
        finally:
            await server.stop(0.2)


@asynccontextmanager
async def serving(app: Starlette, settings: Settings) -> AsyncIterator[str]:
    """An application on a free port, served as the gateway is; yields its URL."""
    server = make_server(app, settings)
    with bind(settings.gateway_listen) as listener:
        running_server = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await running_server


@asynccontextmanager
async def gateway(settings: Settings) -> AsyncIterator[str]:
    """A gateway on a free port; yields its URL."""
    async with open_gateway(settings) as app, serving(app, settings) as url:
        yield url


@asynccontextmanager
async def _shop(folder: Path, shop: Shop) -> AsyncIterator[None]:
    shop.folder = folder
    addresses = {f"{name}_address": socket_path(folder, name) for name in PACKAGES}
    shop.running = [name for name in PACKAGES if is_there(name)]
    if shop.models is None:
        shop.running.remove("pose")
    else:
        (folder / "state").mkdir()
        (folder / "state" / "models").symlink_to(shop.models)
    if "shopper" not in shop.running:
        addresses["shopper_address"] = ""
    samples = folder / "samples"
    samples.mkdir()
    (samples / "shelf 01.jpg").write_bytes(picture(1))
    shop.settings = read_settings(
        state_dir=folder / "state",
        gateway_listen="127.0.0.1:0",
        samples_dir=samples,
        gateway_max_streams=8,
        gateway_max_uploads=4,
        **addresses,
    )
    async with AsyncExitStack() as stack:
        for name in shop.running:
            await stack.enter_async_context(_service(name, shop.settings, folder))
        await fill(shop.settings.catalog_address, folder)
        shop.url = await stack.enter_async_context(gateway(shop.settings))
        yield


@contextlib.contextmanager
def running(work: Callable[[Shop], Any], shop: Shop) -> Iterator[Shop]:
    """Keep an async context manager open in a thread with a loop of its own."""
    started: Any = threading.Event()
    failed: list[BaseException] = []
    stop = asyncio.Event()

    async def whole() -> None:
        async with work(shop):
            started.set()
            await stop.wait()

    def thread() -> None:
        asyncio.set_event_loop(shop.loop)
        try:
            shop.loop.run_until_complete(whole())
        except BaseException as error:  # noqa: BLE001 - told to the test that waits
            failed.append(error)
        finally:
            started.set()

    runner = threading.Thread(target=thread, daemon=True)
    runner.start()
    started.wait()
    try:
        if failed:
            raise failed[0]
        yield shop
    finally:
        if runner.is_alive():
            shop.loop.call_soon_threadsafe(stop.set)
        runner.join(READY_S)
    if failed:
        raise failed[0]


@pytest.fixture(scope="session")
def shop(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Shop]:
    """A small shop with every service that this tree has, and a gateway on it.

    Pose is left out where its models cannot be had.
    """
    folder = tmp_path_factory.mktemp("shop")
    found = Shop()
    with contextlib.suppress(pytest.skip.Exception):
        found.models = request.getfixturevalue("models_dir")
    with running(lambda filled: _shop(folder, filled), found) as found:
        yield found


@pytest.fixture
def client(shop: Shop) -> Iterator[httpx.Client]:
    """A client of the shop's gateway."""
    with shop.client() as opened:
        yield opened


@pytest.fixture
def needs(shop: Shop) -> Callable[[str], None]:
    """Skips a test when a service does not run here."""

    def wanted(name: str) -> None:
        if name not in shop.running:
            pytest.skip(f"services.{name} does not run here")

    return wanted


@pytest.fixture
def until() -> Callable[..., None]:
    """Waits until something is true: an index follows its catalogue in its own time."""

    def wait(true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_S
        while not true():
            if time.monotonic() > deadline:
                pytest.fail(f"not true after {READY_S:.0f} s")
            time.sleep(0.05)

    return wait


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Any]:
    """A gateway in front of a peer that obeys the test."""
    from tests.gateway.scan_door import Door, scan_door  # it is made of this file

    with running(lambda found: scan_door(tmp_path, found), Door()) as found:
        yield found
