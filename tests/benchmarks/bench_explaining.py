"""Explanations: what a search with `explain` costs more than without, per result.

A shop photo against ten reference images, in one warm process with one thread: processor time,
the best of several. The demo's pictures; no service, no index.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import cv2
from rich.console import Console

from services.visual_search.embedding.embedder import EmbedderQueue, open_embedder
from services.visual_search.embedding.onnx_embedder import OnnxEmbedder
from services.visual_search.explaining.detail import Detail
from services.visual_search.explaining.explainer import (
    Explainer,
    Explanation,
    Picture,
    contributions,
)
from services.visual_search.explaining.reading import read_off
from services.visual_search.index.ranking import Found
from services.visual_search.recognition.verification import compare, find_features
from shared.demo.catalogue import products
from shared.demo.scenes import scene
from shared.demo.views import views
from shared.geometry import WHOLE_IMAGE
from shared.image import decode, encode_jpeg
from shared.image_pixels import Rgb
from tests.benchmarks.tables import Bar, print_bars

EMBEDDER = "vitrine-embedder-1"
RESULTS = 10
ROUNDS = 9
SIDE = 448  # that an image is decoded at to be embedded whole


async def cpu_ms(work: Callable[[], Awaitable[object]], rounds: int = ROUNDS) -> float:
    """Processor time of one call in milliseconds, the least of several."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        await work()
        times.append(1000 * (time.process_time() - start))
    return min(times)


def references() -> dict[str, bytes]:
    """Ten reference images as the catalogue keeps them, half of them packages."""
    packed = [item for item in products() if item.packaged][: RESULTS // 2]
    others = [item for item in products() if not item.packaged][: RESULTS - len(packed)]
    return {one.sku: encode_jpeg(views(one.sku)[0].image_rgb) for one in packed + others}


class Warm:
    """A query, its ten results, and an explainer that has seen their images or not."""

    def __init__(self, queue: EmbedderQueue, image_rgb: Rgb, images: dict[str, bytes]) -> None:
        self._queue, self._image_rgb, self._images = queue, image_rgb, images
        self._found = [[Found(sku, "", 1.0, 1.0, sku) for sku in images]]
        self.kept = self.fresh()

    def fresh(self) -> Explainer:
        """An explainer that knows no image yet."""

        async def fetch(image_id: str) -> bytes:
            return self._images[image_id]

        return Explainer(fetch)

    async def embed(self) -> None:
        """Embed the query as a plain search does."""
        await self._queue.embed([self._image_rgb])

    async def embed_places(self) -> None:
        """Embed it as an explained search does."""
        await self._queue.embed_places([self._image_rgb])

    async def explain(self, explainer: Explainer) -> list[dict[str, Explanation]]:
        """Explain the ten results of the query."""
        places = await self._queue.embed_places([self._image_rgb])
        assert places is not None
        picture = Picture(self._image_rgb, WHOLE_IMAGE, places[0], Detail(self._image_rgb))
        return await explainer.explain(self._queue, [picture], self._found)


async def whole(warm: Warm) -> list[Bar]:
    """All that an explained search does more than a plain one."""
    plain, places = await cpu_ms(warm.embed), await cpu_ms(warm.embed_places)
    await warm.explain(warm.kept)
    kept = await cpu_ms(lambda: warm.explain(warm.kept)) - plain
    first = await cpu_ms(lambda: warm.explain(warm.fresh()), rounds=3) - plain
    return [
        Bar("embedding the query, ms", plain),
        Bar("places told from the same pass, ms more", places - plain),
        Bar(f"{RESULTS} results, images seen before, ms more", kept),
        Bar("    a result", kept / RESULTS),
        Bar(f"{RESULTS} results, images new, ms more", first, detail="decoded, embedded, print"),
        Bar("    a result", first / RESULTS),
    ]


async def parts(embedder: OnnxEmbedder, photo: Rgb, images: dict[str, bytes]) -> list[Bar]:
    """What the time of a warm explanation goes into."""
    pictures = [decode(data, max_side=SIDE).image_rgb for data in images.values()]
    places, vectors = embedder.embed_places([photo]), embedder.embed(pictures)
    assert places is not None
    own, features = Detail(photo), [find_features(one) for one in pictures]
    taken = own.features()

    async def maps() -> None:
        for vector in vectors:
            contributions(places[0], vector)
            contributions(places[0], vector)  # the reference image's is as large

    async def verify() -> None:
        for one in features:
            compare(taken, one)

    async def take() -> None:
        Detail(photo).features()

    return [
        Bar(f"maps of {RESULTS} results, ms", await cpu_ms(maps)),
        Bar("print of the query, ms, unless the search took it", await cpu_ms(take)),
        Bar(f"print of {RESULTS} results compared, ms", await cpu_ms(verify)),
    ]


async def reading(warm: Warm, photo: Rgb, images: dict[str, bytes]) -> Bar:
    """What `vitrine search --explain` adds to draw: where the best result is seen."""
    (told,) = await warm.explain(warm.kept)
    reference = decode(next(iter(images.values())), max_side=960).image_rgb
    why = told[next(iter(images))]

    async def read() -> None:
        read_off(photo, reference, why)

    return Bar("outline and spread of the best, ms", await cpu_ms(read))


async def measure() -> int:
    """Print the table."""
    embedder = open_embedder(EMBEDDER, threads=1)
    assert isinstance(embedder, OnnxEmbedder)
    queue, images = EmbedderQueue(embedder), references()
    photo = decode(encode_jpeg(scene(13, "shelf").image_rgb), max_side=SIDE).image_rgb
    warm = Warm(queue, photo, images)
    try:
        bars = await whole(warm) + await parts(embedder, photo, images)
        bars.append(await reading(warm, photo, images))
    finally:
        queue.close()
    return print_bars("Explanations (processor time)", bars)


def main() -> int:
    """Measure with one thread."""
    cv2.setNumThreads(1)
    missed = asyncio.run(measure())
    Console().print("maps are of 7 x 7 places; local features of at most 400 a picture")
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
