"""Start visual search: ``python -m services.visual_search``. Composition, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import cv2

from services.visual_search.answers import Answers
from services.visual_search.embedding.choosing import follow_choice
from services.visual_search.embedding.embedder import (
    Embedder,
    open_by_generation,
    open_embedder,
)
from services.visual_search.following.catalog_client import CatalogClient
from services.visual_search.following.changes import Source
from services.visual_search.following.generations import Serving
from services.visual_search.index.vector_store import Generations
from services.visual_search.recognition.reference_features import ReferenceFeatures
from services.visual_search.service import NAME, VisualSearchService
from shared.cache import make_cache
from shared.config import Settings, read_settings
from shared.errors import NotReady
from shared.image import Limits
from shared.models.embedder_choice import choice_of, embedder_in_use, model_folders
from shared.rpc import Servicer, open_channel, serve
from shared.telemetry import configure_logging
from vitrine.v1 import visual_search_pb2_grpc

INDEX_PATIENCE_S: Final = 5.0
_TRY_AGAIN_S: Final = 0.1


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[Servicer]:
    """Open the embedder, the index and the channel to the catalogue; follow it meanwhile."""
    limits = Limits(settings.max_image_bytes, int(settings.max_image_megapixels * 1e6))
    cache = make_cache(settings.redis_url.get_secret_value())
    async with open_channel(settings.catalog_address) as channel:
        catalog = CatalogClient(channel)
        serving = await _open_serving(settings, catalog, limits)
        references = ReferenceFeatures(catalog.reference_image, limits)
        service = VisualSearchService(serving, Answers(catalog, cache, limits), references, limits)
        chosen = partial(configured_embedder, settings)
        following = asyncio.create_task(
            follow_choice(choice_of(settings).history, chosen, serving.switch_to)
        )
        add = visual_search_pb2_grpc.add_VisualSearchServiceServicer_to_server
        try:
            await serving.start(chosen(), partial(_before, settings))
            yield Servicer(NAME, partial(add, service), serving.is_ready)
        finally:
            following.cancel()
            await asyncio.wait({following})
            await serving.close()
            await cache.close()


async def _open_serving(settings: Settings, catalog: CatalogClient, limits: Limits) -> Serving:
    return Serving(
        await open_patiently(partial(open_generations, settings)),
        Source(catalog.identity, catalog.watch, catalog.reference_images),
        limits,
        settings.index_dir / "local_features",
    )


def open_generations(settings: Settings) -> Generations:
    """Open the place of the indexes: Qdrant Edge in a folder, or a Qdrant cluster by URL.

    Raises:
        NotReady: another process has the folder open (``INDEX_IN_USE``).
        Unavailable: the cluster does not answer.
    """
    if settings.qdrant_url:
        from services.visual_search.index.remote import open_remote

        return open_remote(settings.qdrant_url, settings.qdrant_api_key.get_secret_value())
    from services.visual_search.index.edge import EdgeGenerations

    return EdgeGenerations(settings.index_dir)


async def open_patiently(
    open_now: Callable[[], Generations], patience_s: float = INDEX_PATIENCE_S
) -> Generations:
    """Open the place of the indexes; while another process holds it, wait a little.

    Two commands typed one after the other, or at the same time, are both answered.

    Raises:
        NotReady: it is still held (``INDEX_IN_USE``), or cannot be opened at all.
    """
    clock = asyncio.get_running_loop().time
    latest = clock() + patience_s
    while True:
        try:
            return await asyncio.to_thread(open_now)
        except NotReady as error:
            if error.reason != "INDEX_IN_USE" or clock() >= latest:
                raise
        await asyncio.sleep(_TRY_AGAIN_S)


def configured_embedder(settings: Settings) -> Embedder:
    """Open the embedder that the settings name, else the one that was put in use last.

    Raises:
        NotReady: it is missing or broken.
    """
    return open_embedder(
        embedder_in_use(settings), model_folders(settings), threads=settings.threads
    )


def _before(settings: Settings, generation: str) -> Embedder | None:
    return open_by_generation(generation, model_folders(settings), threads=settings.threads)


def main() -> None:
    """Read the settings and serve until a signal."""
    settings = read_settings()
    configure_logging(settings.log_level, json=settings.log_json)
    cv2.setNumThreads(1)
    composition = partial(open_service, settings)
    asyncio.run(serve(settings.search_listen, composition, max_in_flight=settings.max_in_flight))


if __name__ == "__main__":
    main()
