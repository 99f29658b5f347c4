"""Start the catalogue: ``python -m services.catalog``. Composition, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import cv2
import structlog

from services.catalog.catalogue import Catalogue
from services.catalog.images import open_blobs
from services.catalog.importing.report import ImportOptions
from services.catalog.importing.uploads import UploadSettings
from services.catalog.offer_book import OfferBook
from services.catalog.service import NAME, CatalogService
from services.catalog.store.database import Database
from shared.config import Settings, read_settings
from shared.errors import Unavailable
from shared.image import Limits
from shared.rpc import Servicer, serve
from shared.telemetry import configure_logging
from vitrine.v1 import catalog_pb2_grpc

TIDY_EVERY_S = 600.0

_log = structlog.get_logger()


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[Servicer]:
    """Open the database and the images; yield the service, ready to be added to a server.

    Raises:
        NotReady: a setting is wrong, or the database is of a later version.
        Unavailable: the database does not answer.
    """
    database = Database(settings.catalog_database_url)
    limits = Limits(settings.max_image_bytes, int(settings.max_image_megapixels * 1e6))
    catalogue = Catalogue(database, open_blobs(settings.reference_images_url), limits)
    service = CatalogService(catalogue, OfferBook(database), _uploads(settings, limits))
    try:
        await database.migrate()
        async with _running(catalogue.signal.poll()), _running(_tidy(catalogue)):
            yield Servicer(
                NAME,
                lambda server: catalog_pb2_grpc.add_CatalogServiceServicer_to_server(
                    service, server
                ),
                catalogue.is_ready,
            )
    finally:
        catalogue.close()
        await database.close()


def _uploads(settings: Settings, limits: Limits) -> UploadSettings:
    options = ImportOptions(
        alone=True,
        allow_private=settings.import_private,
        memory=settings.state_dir / "catalog" / "fetched.sqlite",
        limits=limits,
    )
    return UploadSettings(options, settings.max_feed_bytes)


async def _tidy(catalogue: Catalogue) -> None:
    while True:
        try:
            removed = await catalogue.remove_unused_blobs()
        except Unavailable as error:
            _log.warning("unused images not removed", reason=error.reason)
        else:
            if removed:
                _log.info("unused images removed", count=removed)
        await asyncio.sleep(TIDY_EVERY_S)


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def main() -> None:
    """Read the settings and serve until a signal."""
    settings = read_settings()
    configure_logging(settings.log_level, json=settings.log_json)
    cv2.setNumThreads(1)
    composition = partial(open_service, settings)
    asyncio.run(serve(settings.catalog_listen, composition, max_in_flight=settings.max_in_flight))


if __name__ == "__main__":
    main()
