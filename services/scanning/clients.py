"""The catalogue and visual search over gRPC, as ``services.scanning.asking`` wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import grpc.aio

from services.scanning.asking import Named, Product, Recognition, Source
from services.scanning.evidence import Candidate, Look
from services.scanning.items import Box
from shared.status import from_rpc_error
from vitrine.v1 import (
    catalog_pb2,
    catalog_pb2_grpc,
    types_pb2,
    visual_search_pb2,
    visual_search_pb2_grpc,
)

TIMEOUT_S: Final = 15.0
"""For one question; far above what one takes, far below what a person waits."""
_STATUS_TIMEOUT_S: Final = 1.0
_CANDIDATES: Final = 5


class CatalogClient:
    """The catalogue. Every method raises the error that the call's status stands for."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = catalog_pb2_grpc.CatalogServiceStub(channel)

    async def look_up(self, code: str) -> Named:
        """Say what a code names."""
        reply = await _call(self._stub.LookupCode, catalog_pb2.LookupCodeRequest(code=code))
        product = to_product(reply.product) if reply.HasField("product") else None
        return Named(reply.gtin, product)

    async def products(self, skus: Sequence[str]) -> list[Product]:
        """Read products; unknown SKUs are left out."""
        request = catalog_pb2.BatchGetProductsRequest(skus=skus)
        reply = await _call(self._stub.BatchGetProducts, request)
        return [to_product(message) for message in reply.products]

    async def offers(
        self, skus: Sequence[str], store_id: str, channel: str
    ) -> dict[str, catalog_pb2.Offer]:
        """Say what products cost and whether they are here, by SKU.

        Raises:
            NotFound: the store is unknown; also when there are no SKUs.
        """
        request = catalog_pb2.GetOffersRequest(skus=skus, store_id=store_id, channel=channel)
        reply = await _call(self._stub.GetOffers, request)
        return {offer.sku: offer for offer in reply.offers}

    async def is_there(self) -> bool:
        """Whether the catalogue answers."""
        request = catalog_pb2.GetCatalogStatusRequest()
        try:
            await self._stub.GetCatalogStatus(request, timeout=_STATUS_TIMEOUT_S)
        except grpc.aio.AioRpcError:
            return False
        return True


class VisualSearchClient:
    """Visual search. Every method raises the error that the call's status stands for."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = visual_search_pb2_grpc.VisualSearchServiceStub(channel)

    async def recognize(
        self,
        image: bytes,
        regions: Sequence[tuple[Box, Sequence[str]]],
        *,
        verify: bool,
        find: bool,
    ) -> Recognition:
        """Say what regions show, each given with the SKUs that its codes suggest.

        ``verify``: compare local features where that can change the answer. ``find``:
        find further regions by the local features of the whole picture.
        """
        asked = [
            visual_search_pb2.RecognizeRegion(box=to_box(box), suggested_skus=skus)
            for box, skus in regions
        ]
        request = visual_search_pb2.RecognizeRegionsRequest(
            image=image,
            regions=asked,
            top_k=_CANDIDATES,
            skip_verification=not verify,
            find_regions=find,
        )
        reply = await _call(self._stub.RecognizeRegions, request)
        timings = {item.stage: item.duration_ms for item in reply.provenance.timings}
        return Recognition(
            tuple(_look(region) for region in reply.regions if not region.found),
            _source(reply.provenance),
            timings,
            tuple((_from_box(one.box), _look(one)) for one in reply.regions if one.found),
        )

    async def state(self) -> Source:
        """Say which embedder, index and revision would answer now."""
        request = visual_search_pb2.GetIndexStatusRequest()
        reply = await _call(self._stub.GetIndexStatus, request, _STATUS_TIMEOUT_S)
        return Source(
            reply.model.id,
            reply.model.sha256,
            max(reply.applied_revision, reply.catalog_revision),
            reply.index_generation,
            reply.local_features_revision,
            reply.calibration_digest,
        )


async def _call(method: Any, request: Any, timeout_s: float = TIMEOUT_S) -> Any:
    try:
        return await method(request, timeout=timeout_s)
    except grpc.aio.AioRpcError as failure:
        raise from_rpc_error(failure) from failure


def to_product(message: catalog_pb2.Product) -> Product:
    """Unpack a product as far as decisions need it."""
    return Product(message.sku, tuple(message.gtins), message.SerializeToString())


def to_box(box: Box) -> types_pb2.Box:
    """Pack a box."""
    return types_pb2.Box(x_min=box[0], y_min=box[1], x_max=box[2], y_max=box[3])


def _from_box(box: types_pb2.Box) -> Box:
    return box.x_min, box.y_min, box.x_max, box.y_max


def _look(region: visual_search_pb2.RecognizedRegion) -> Look:
    candidates = tuple(_candidate(one) for one in region.candidates)
    return Look(candidates, region.unknown_probability)


def _candidate(message: visual_search_pb2.Candidate) -> Candidate:
    compared = message.HasField("verification")
    check = message.verification
    corners = tuple((point.x, point.y) for point in check.outline.corners)
    return Candidate(
        message.sku,
        message.probability,
        message.similarity,
        check.inliers if compared else None,
        verified=check.verified,
        outline=corners if len(corners) == 4 else None,
    )


def _source(provenance: types_pb2.Provenance) -> Source:
    model = provenance.models[0] if provenance.models else types_pb2.ModelRef()
    return Source(model.id, model.sha256, provenance.catalog_revision, provenance.index_generation)
