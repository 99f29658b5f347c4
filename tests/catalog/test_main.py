"""The catalogue as a process: readiness, and a clean end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc.aio
import pytest

from services.catalog.__main__ import open_service
from shared.config import read_settings
from shared.errors import NotReady, Unavailable
from shared.rpc import is_serving, open_channel
from shared.status import from_rpc_error
from tests.servers import free_port, postgres_database
from vitrine.v1 import catalog_pb2 as pb
from vitrine.v1.catalog_pb2_grpc import CatalogServiceStub

NAME = "vitrine.v1.CatalogService"


@contextmanager
def running(state: Path, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run ``python -m services.catalog``; yield its address and the process."""
    address = f"127.0.0.1:{free_port()}"
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "VITRINE_STATE_DIR": str(state),
        "VITRINE_CATALOG_LISTEN": address,
        **settings,
    }
    with subprocess.Popen([sys.executable, "-m", "services.catalog"], env=environment) as process:
        try:
            yield address, process
        finally:
            process.kill()


async def until(address: str, serving: bool) -> None:
    """Wait until the health check says so."""
    async with asyncio.timeout(60), open_channel(address) as channel:
        while await is_serving(channel, NAME) != serving:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_and_ends_cleanly_with_a_watcher(tmp_path: Path, number: int) -> None:
    """A stream that never ends does not keep the process."""
    with running(tmp_path) as (address, process):
        await until(address, serving=True)
        async with open_channel(address) as channel:
            watch = CatalogServiceStub(channel).WatchChanges(pb.WatchChangesRequest())
            assert (await watch.read()).caught_up
            process.send_signal(number)
            assert await asyncio.to_thread(process.wait, 30) == 0
    assert (tmp_path / "catalog" / "catalog.sqlite").is_file()


async def test_it_says_when_its_database_goes_away(tmp_path: Path, postgres_url: str) -> None:
    """NOT_SERVING, and UNAVAILABLE to who calls all the same."""
    with ExitStack() as database:
        url = database.enter_context(postgres_database(postgres_url))
        with running(tmp_path, VITRINE_CATALOG_URL=url) as (address, _):
            await until(address, serving=True)
            database.close()  # dropped by force, under its feet
            await until(address, serving=False)
            async with open_channel(address) as channel:
                stub = CatalogServiceStub(channel)
                with pytest.raises(grpc.aio.AioRpcError) as failure:
                    await stub.GetCatalogStatus(pb.GetCatalogStatusRequest())
            error = from_rpc_error(failure.value)
            assert isinstance(error, Unavailable)
            assert error.reason == "DATABASE_UNAVAILABLE"


async def test_a_wrong_setting_stops_the_start(tmp_path: Path) -> None:
    """Before anything is served, with the reason."""
    for wrong in ({"catalog_url": "mysql://x/y"}, {"images_url": "nonsense://x"}):
        settings = read_settings(state_dir=tmp_path, **wrong)
        with pytest.raises(NotReady):
            async with open_service(settings):
                pass
