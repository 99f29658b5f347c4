"""A catalogue on each database, in this process and over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.catalog.__main__ import open_service
from services.catalog.catalogue import Catalogue
from services.catalog.images import FolderBlobs
from services.catalog.offer_book import OfferBook
from services.catalog.store.database import Database
from shared.config import read_settings
from shared.rpc import open_channel, socket_path, start_server
from tests.catalog.making import Clock
from vitrine.v1.catalog_pb2_grpc import CatalogServiceStub


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalog.sqlite'}"
    return str(request.getfixturevalue("fresh_postgres_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database."""
    opened = Database(database_url)
    await opened.migrate()
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    """A folder of images."""
    return FolderBlobs(tmp_path / "images")


@pytest.fixture
async def catalogue(
    database: Database, blobs: FolderBlobs, clock: Clock
) -> AsyncIterator[Catalogue]:
    """An empty catalogue."""
    opened = Catalogue(database, blobs, clock_us=clock)
    yield opened
    opened.close()


@pytest.fixture
def offer_book(database: Database, clock: Clock) -> OfferBook:
    """Stores, stock and prices of the same database."""
    return OfferBook(database, clock)


@pytest.fixture
async def stub(database_url: str, tmp_path: Path) -> AsyncIterator[CatalogServiceStub]:
    """A client of the whole service over a real channel."""
    settings = read_settings(state_dir=tmp_path, catalog_url=database_url)
    async with open_service(settings) as servicer:
        server = await start_server(socket_path(tmp_path, "catalog"), [servicer])
        async with open_channel(server.address) as channel:
            yield CatalogServiceStub(channel)
        await server.stop(0)


@pytest.fixture
def feed_dir(tmp_path: Path) -> Path:
    """Where the feed lies."""
    folder = tmp_path / "feed"
    folder.mkdir()
    return folder
