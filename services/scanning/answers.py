"""The answer to one picture: from the cache where it is known, with today's offers.

What a picture shows depends on its bytes, the embedder, the index, and the revisions of
the catalogue and of the print that is indexed: that is kept. What it costs here is read
anew each time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from services.scanning import messages
from services.scanning.asking import Source
from services.scanning.clients import CatalogClient, VisualSearchClient
from services.scanning.decision import decide
from services.scanning.options import Options
from services.scanning.scanner import Scanner
from services.scanning.session import FrameAnswer
from shared.cache import ResultCache, cache_key
from shared.errors import VitrineError
from shared.image import DEFAULT_LIMITS, Limits, inspect
from shared.telemetry import Stages
from vitrine.v1 import catalog_pb2
from vitrine.v1 import scanning_pb2 as pb

CONTRACT = "vitrine.v1.ScanImage"
OFFERS_HOLD_US: Final = 1_000_000
"""How old, by capture time, the offers of an unchanged frame may be."""


class Answers:
    """Answers ``ScanImage``.

    Args:
        scanner: says what a picture shows.
        catalog: says what it costs.
        visual_search: says which index answers.
        cache: keeps answers.
        limits: of the image gate.
    """

    def __init__(
        self,
        scanner: Scanner,
        catalog: CatalogClient,
        visual_search: VisualSearchClient,
        cache: ResultCache,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._scanner, self._catalog, self._visual_search = scanner, catalog, visual_search
        self._cache, self._limits = cache, limits

    async def scan_image(self, image: bytes, options: Options) -> pb.ScanImageResponse:
        """Say what a picture shows and what that costs here.

        Raises:
            ImageRefused: the image gate said no.
            NotFound: the store is unknown.
            Unavailable: the catalogue does not answer.
        """
        stages = Stages()
        inspect(image, self._limits)
        source = await self._source()
        if source is None:
            reply, cached = await self._scan(image, options), False
        else:
            packed, cached = await self._cache.get_or_compute(
                key_of(source, options, image),
                lambda: self._packed(image, options),
                _is_negative,
            )
            reply = pb.ScanImageResponse.FromString(packed)
        with stages("offers"):
            await self.add_offers(reply.items, options)
        _finish(reply, stages, cached=cached)
        return reply

    async def add_offers(self, items: Collection[pb.ScannedItem], options: Options) -> None:
        """Add price and stock to what is identified.

        Raises:
            NotFound: the store is unknown, whether or not anything is identified.
        """
        skus = messages.identified_skus(items)
        if skus or options.store_id:
            offers = await self._catalog.offers(skus, options.store_id, options.channel)
            messages.add_offers(items, offers)

    def of_stream(self) -> StreamOffers:
        """What adds offers to the frames of one stream."""
        return StreamOffers(self._catalog)

    async def _source(self) -> Source | None:
        """Which index would answer; None when it cannot be told, so nothing is kept."""
        try:
            return await self._visual_search.state()
        except VitrineError:
            return None

    async def _packed(self, image: bytes, options: Options) -> bytes:
        return (await self._scan(image, options)).SerializeToString()

    async def _scan(self, image: bytes, options: Options) -> pb.ScanImageResponse:
        stages = Stages()
        scene = await self._scanner.scan(
            image, options.max_items, stages, look=not options.codes_only
        )
        with stages("decide"):
            verdicts = [decide(item.look, item.codes, scene.skus_with_gtin) for item in scene.items]
        return pb.ScanImageResponse(
            items=[
                messages.item_message(item, verdict, scene.products)
                for item, verdict in zip(scene.items, verdicts, strict=True)
            ],
            provenance=messages.provenance(scene.source, stages.as_ms()),
            degraded=scene.degraded,
            width_px=scene.size_wh[0],
            height_px=scene.size_wh[1],
        )


@dataclass(slots=True)
class StreamOffers:
    """The offers of one stream: a frame that has not changed asks at most once a second.

    Args:
        catalog: says what products cost and whether they are here.
    """

    catalog: CatalogClient
    _offers: Mapping[str, catalog_pb2.Offer] = field(default_factory=dict, init=False)
    _asked: tuple[list[str], Options] | None = field(default=None, init=False)
    _time_us: int = field(default=0, init=False)

    async def add(self, items: Collection[pb.ScannedItem], answer: FrameAnswer) -> None:
        """Add price and stock to what a frame identifies.

        Raises:
            NotFound: the store is unknown, whether or not anything is identified.
        """
        skus, options = messages.identified_skus(items), answer.frame.options
        if not (skus or options.store_id):
            return
        time_us = answer.frame.capture_time_us
        fresh = answer.unchanged and time_us - self._time_us < OFFERS_HOLD_US
        if not (fresh and self._asked == (skus, options)):
            self._offers = await self.catalog.offers(skus, options.store_id, options.channel)
            self._asked, self._time_us = (skus, options), time_us
        messages.add_offers(items, self._offers)


def key_of(source: Source, options: Options, image: bytes) -> str:
    """Under which an answer is kept: it stands for the same picture, options and index."""
    index = f"{source.index_generation}@{source.print_revision} {source.calibration}"
    options_bytes = options.regardless_of_place + index.encode()
    return cache_key(CONTRACT, source.model_sha256, source.catalog_revision, options_bytes, image)


def _is_negative(packed: bytes) -> bool:
    """Whether an answer is kept only briefly: it found nothing, or not all parts answered."""
    reply = pb.ScanImageResponse.FromString(packed)
    return not reply.items or bool(reply.degraded)


def _finish(reply: pb.ScanImageResponse, stages: Stages, *, cached: bool) -> None:
    """Say whether the answer was kept, and how long this call took."""
    own = stages.as_ms()
    if cached:
        del reply.provenance.timings[:]
    else:
        kept = [timing for timing in reply.provenance.timings if timing.stage != "total"]
        del reply.provenance.timings[:]
        reply.provenance.timings.extend(kept)
    reply.provenance.cached = cached
    reply.provenance.timings.extend(messages.timing_messages(own))
