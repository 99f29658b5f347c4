"""Answers to searches, kept for a while.

What is kept is the ranking with its products, under the model and its calibration (which
weighs print against looks), the index generation, the catalogue revisions of its vectors
and of its local features, and the request; never what was ranked for one shopper, and never
offers: price and stock are read anew each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.visual_search import messages
from services.visual_search.explaining.explainer import Explainer, Explanation
from services.visual_search.explanation_messages import with_explanations
from services.visual_search.following.catalog_client import CatalogClient
from services.visual_search.following.generations import Generation
from services.visual_search.searching.queries import Group, Indexed, Query, search
from services.visual_search.searching.retrieval import Stock
from shared.cache import ResultCache, cache_key
from shared.image import DEFAULT_LIMITS, Limits
from shared.telemetry import Stages
from vitrine.v1 import visual_search_pb2 as pb

_CONTRACT = "vitrine.v1.Search"


class Answers:
    """Computes, keeps and completes answers.

    Args:
        catalog: where stock and offers are read.
        cache: where rankings are kept.
        limits: of the image gate.
    """

    def __init__(
        self, catalog: CatalogClient, cache: ResultCache, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self._catalog, self._cache, self._limits = catalog, cache, limits
        self._explainer = Explainer(catalog.reference_image, limits)

    async def search(
        self, generation: Generation, request: pb.SearchRequest, query: Query
    ) -> pb.SearchResponse:
        """Answer a search.

        Raises:
            VitrineError: see ``searching.queries.search``.
        """
        stages = Stages()
        if not request.image or request.shopper_id or query.in_stock:
            reply = await self._compute(generation, request, query, stages)
        else:
            reply = await self._kept(generation, request, query, stages)
        if request.store_id or request.channel:
            with stages("offers"):
                await self._add_offers(reply, request)
        del reply.provenance.timings[:]
        reply.provenance.timings.extend(messages.timing_messages(stages.as_ms()))
        return reply

    async def _kept(
        self, generation: Generation, request: pb.SearchRequest, query: Query, stages: Stages
    ) -> pb.SearchResponse:
        async def compute() -> bytes:
            return (await self._compute(generation, request, query, stages)).SerializeToString()

        key = _key(generation, request)
        value, cached = await self._cache.get_or_compute(key, compute, _found_nothing)
        reply = pb.SearchResponse.FromString(value)
        reply.provenance.cached = cached
        return reply

    async def _compute(
        self, generation: Generation, request: pb.SearchRequest, query: Query, stages: Stages
    ) -> pb.SearchResponse:
        index, card = generation.index, generation.embedder.card
        revision = index.revision  # read first: the answer reflects at least this one
        indexed = Indexed(index, generation.embedder, generation.local)
        stock = self._stock(request.store_id)
        groups = await search(indexed, query, stock, stages, self._limits)
        why = await self._explain(generation, groups, stages)
        skus = [found.sku for group in groups for found in group.found]
        documents = await asyncio.to_thread(index.documents, skus)
        return pb.SearchResponse(
            groups=[
                with_explanations(messages.group_message(group, documents), own)
                for group, own in zip(groups, why, strict=True)
            ],
            provenance=messages.provenance(card, generation.name, revision, {}),
        )

    async def _explain(
        self, generation: Generation, groups: Sequence[Group], stages: Stages
    ) -> list[dict[str, Explanation]]:
        pictures = [group.picture for group in groups if group.picture is not None]
        if not pictures:
            return [{} for _ in groups]
        found = [group.found for group in groups]
        with stages("explain"):
            return await self._explainer.explain(generation.embedder, pictures, found)

    async def _add_offers(self, reply: pb.SearchResponse, request: pb.SearchRequest) -> None:
        results = [result for group in reply.groups for result in group.results]
        skus = list(dict.fromkeys(result.product.sku for result in results))
        offers = await self._catalog.offers(skus, request.store_id, request.channel)
        for result in results:
            if result.product.sku in offers:
                result.offer.CopyFrom(offers[result.product.sku])

    def _stock(self, store_id: str) -> Stock:
        return Stock(
            in_stock=lambda skus: self._catalog.in_stock(skus, store_id),
            stocked=lambda: self._catalog.stocked(store_id),
        )


def _key(generation: Generation, request: pb.SearchRequest) -> str:
    options = pb.SearchRequest()
    options.CopyFrom(request)
    for field in ("image", "store_id", "channel", "min_revision", "max_wait"):
        options.ClearField(field)
    printed = generation.local.revision if generation.local else 0
    card = generation.embedder.card
    return cache_key(
        f"{_CONTRACT} {generation.name} {printed} {sorted(card.calibration.items())}",
        card.sha256,
        generation.index.revision,
        options.SerializeToString(deterministic=True),
        request.image,
    )


def _found_nothing(value: bytes) -> bool:
    reply = pb.SearchResponse.FromString(value)
    return not any(group.results for group in reply.groups)
