"""Start scanning: ``python -m services.scanning``. Composition, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial

import cv2

from services.scanning.answers import Answers
from services.scanning.clients import CatalogClient, VisualSearchClient
from services.scanning.scanner import Scanner
from services.scanning.service import NAME, ScanningService
from shared.cache import make_cache
from shared.config import Settings, read_settings
from shared.image import Limits
from shared.rpc import Servicer, open_channel, serve
from shared.telemetry import configure_logging
from vitrine.v1 import scanning_pb2_grpc


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[Servicer]:
    """Open the channels and the cache; yield the service, ready to be added to a server."""
    limits = Limits(settings.max_image_bytes, int(settings.max_image_megapixels * 1e6))
    cache = make_cache(settings.redis_url.get_secret_value())
    threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="scan")
    async with (
        open_channel(settings.catalog_address) as to_catalog,
        open_channel(settings.search_address) as to_search,
    ):
        catalog, search = CatalogClient(to_catalog), VisualSearchClient(to_search)
        scanner = Scanner(catalog, search, threads, limits)
        answers = Answers(scanner, catalog, search, cache, limits)
        service = ScanningService(scanner, answers, settings.max_in_flight)
        try:
            yield Servicer(
                NAME,
                lambda server: scanning_pb2_grpc.add_ScanningServiceServicer_to_server(
                    service, server
                ),
                catalog.is_there,
            )
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            await cache.close()


def main() -> None:
    """Read the settings and serve until a signal."""
    settings = read_settings()
    configure_logging(settings.log_level, json=settings.log_json)
    cv2.setNumThreads(1)
    composition = partial(open_service, settings)
    asyncio.run(serve(settings.scanning_listen, composition, max_in_flight=settings.max_in_flight))


if __name__ == "__main__":
    main()
