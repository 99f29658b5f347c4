"""The gRPC adapter of visual search: unpack, call, pack."""

from __future__ import annotations

import asyncio
from typing import Any

from services.visual_search import messages
from services.visual_search.answers import Answers
from services.visual_search.following.generations import Serving
from services.visual_search.recognition.recognizer import How, Recognizer
from services.visual_search.recognition.reference_features import ReferenceFeatures
from services.visual_search.searching.queries import REGION_SIDE
from shared.errors import InvalidInput
from shared.image import DEFAULT_LIMITS, Limits, decode
from shared.image_pixels import Rgb
from shared.telemetry import Stages
from vitrine.v1 import visual_search_pb2 as pb
from vitrine.v1 import visual_search_pb2_grpc

NAME = "vitrine.v1.VisualSearchService"


class VisualSearchService(visual_search_pb2_grpc.VisualSearchServiceServicer):
    """``vitrine.v1.VisualSearchService``; the contract's comments say what each RPC does."""

    def __init__(
        self,
        serving: Serving,
        answers: Answers,
        references: ReferenceFeatures,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._serving, self._answers = serving, answers
        self._references, self._limits = references, limits

    async def Search(self, request: pb.SearchRequest, context: Any) -> pb.SearchResponse:
        """Rank products."""
        query, wait_s = messages.to_query(request), messages.wait_s(request)
        async with self._serving.active.used() as generation:
            if request.min_revision > generation.index.revision:
                await generation.follower.wait_for(request.min_revision, wait_s)
            return await self._answers.search(generation, request, query)

    async def RecognizeRegions(
        self, request: pb.RecognizeRegionsRequest, context: Any
    ) -> pb.RecognizeRegionsResponse:
        """Say which products regions may show."""
        stages = Stages()
        regions, top_k = messages.to_regions(request), messages.candidate_count(request)
        with stages("decode"):
            image_rgb = await self._pixels(request)
        async with self._serving.active.used() as generation:
            revision, card = generation.index.revision, generation.embedder.card
            recognizer = Recognizer(
                generation.index, generation.embedder, self._references, local=generation.local
            )
            how = How(verify=not request.skip_verification, find=request.find_regions)
            answers = await recognizer.recognize(image_rgb, regions, top_k, stages, how)
        return pb.RecognizeRegionsResponse(
            regions=map(messages.region_message, answers),
            provenance=messages.provenance(card, generation.name, revision, stages.as_ms()),
        )

    async def GetIndexStatus(
        self, request: pb.GetIndexStatusRequest, context: Any
    ) -> pb.GetIndexStatusResponse:
        """Say how far the index has followed the catalogue."""
        async with self._serving.active.used() as generation:
            counts = await asyncio.to_thread(generation.index.counts)
            return messages.status_message(generation, self._serving.building, counts)

    async def _pixels(self, request: pb.RecognizeRegionsRequest) -> Rgb:
        source = request.WhichOneof("source")
        if source == "raw_image":
            return messages.raw_pixels(request.raw_image, self._limits.max_pixels)
        if source is None:
            raise InvalidInput.of("image", "is absent; send image or raw_image")
        decoded = await asyncio.to_thread(decode, request.image, self._limits, max_side=REGION_SIDE)
        return decoded.image_rgb
