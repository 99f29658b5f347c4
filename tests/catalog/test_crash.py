"""kill -9 in the middle of writing: what is there afterwards is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from services.catalog.catalogue import Catalogue
from services.catalog.images import FolderBlobs, image_id
from services.catalog.products import StoredProduct
from services.catalog.store.database import Database
from services.catalog.watching import CaughtUp
from tests.catalog.making import HOUR_US, Clock

WRITER = """
import asyncio, itertools, sys
from pathlib import Path
from services.catalog.catalogue import Catalogue
from services.catalog.images import FolderBlobs
from services.catalog.store.database import Database
from tests.catalog.making import jpeg, product, put, put_images

async def main(url, folder):
    database = Database(url)
    await database.migrate()
    catalogue = Catalogue(database, FolderBlobs(Path(folder)))
    for i in itertools.count():
        skus = [f"S{i}-{k}" for k in range(5)]
        outcome = await put(catalogue, *(product(sku, gtins=()) for sku in skus))
        outcome = await put_images(catalogue, *((sku, "front", jpeg(i)) for sku in skus))
        _, revision = await catalogue.delete_products(skus[:2])
        print(i, revision, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def write_and_kill(url: str, folder: Path, rounds: int) -> tuple[int, int]:
    """Let another process write, kill it; return the last round and revision it told."""
    command = [sys.executable, "-c", WRITER, url, str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(rounds)]
        time.sleep(0.003 * rounds)  # somewhere inside a later round
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()
    complete = [line for line in told if line.endswith("\n")]
    last_round, revision = complete[-1].split()
    return int(last_round), int(revision)


@pytest.mark.parametrize("rounds", [1, 4, 9])
async def test_what_was_told_survives_and_nothing_is_half_written(
    database_url: str, tmp_path: Path, rounds: int
) -> None:
    """All that was acknowledged is there; every image that a product names has its bytes."""
    last_round, revision = write_and_kill(database_url, tmp_path / "images", rounds)
    database = Database(database_url)
    await database.migrate()
    clock = Clock()
    clock.now_us = time.time_ns() // 1000 + 2 * HOUR_US
    catalogue = Catalogue(database, FolderBlobs(tmp_path / "images"), clock_us=clock)
    assert (await catalogue.status()).revision >= revision
    state = {}
    async for change in catalogue.watch(0):
        if isinstance(change, CaughtUp):
            break
        if isinstance(change, StoredProduct):
            state[change.product.sku] = change
    expected = {f"S{i}-{k}" for i in range(last_round + 1) for k in (2, 3, 4)}
    assert expected <= set(state)
    for entry in state.values():
        for image in entry.images:
            data = (await catalogue.get_image(image.id)).data
            assert image_id(data) == image.id
    await catalogue.remove_unused_blobs()
    files = {path.name for path in (tmp_path / "images").glob("??/*")}
    assert files == {image.id for entry in state.values() for image in entry.images}
    catalogue.close()
    await database.close()
