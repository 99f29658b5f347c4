"""The contract's messages to and from the domain's values, with every check of a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from services.scanning.asking import Product, Source
from services.scanning.clients import to_box
from services.scanning.codes import Quad
from services.scanning.decision import Decision, Verdict
from services.scanning.evidence import ConflictKind, EvidenceKind, NamedCode
from services.scanning.items import Item
from services.scanning.options import DEFAULT_ITEMS, Options
from services.scanning.session import FrameAnswer
from services.scanning.tracks import TrackedItem
from shared.errors import InvalidInput
from vitrine.v1 import catalog_pb2, types_pb2
from vitrine.v1 import scanning_pb2 as pb

MAX_ITEMS: Final = 32

_DECISIONS: Final = {
    Decision.IDENTIFIED: pb.DECISION_IDENTIFIED,
    Decision.AMBIGUOUS: pb.DECISION_AMBIGUOUS,
    Decision.UNKNOWN: pb.DECISION_UNKNOWN,
}
_EVIDENCE: Final = {
    EvidenceKind.CODE: pb.EVIDENCE_KIND_CODE,
    EvidenceKind.APPEARANCE: pb.EVIDENCE_KIND_APPEARANCE,
    EvidenceKind.GEOMETRY: pb.EVIDENCE_KIND_GEOMETRY,
}
_CONFLICTS: Final = {
    ConflictKind.CODE_LOOK_MISMATCH: pb.CONFLICT_KIND_CODE_LOOK_MISMATCH,
    ConflictKind.CODES_DISAGREE: pb.CONFLICT_KIND_CODES_DISAGREE,
    ConflictKind.CODE_NOT_IN_CATALOG: pb.CONFLICT_KIND_CODE_NOT_IN_CATALOG,
}


def to_options(message: pb.ScanOptions) -> Options:
    """Check how to scan.

    Raises:
        InvalidInput: ``max_items`` is not 0 to 32.
    """
    if not 0 <= message.max_items <= MAX_ITEMS:
        raise InvalidInput.of(
            "options.max_items",
            f"is {message.max_items}, must be 1 to {MAX_ITEMS}, or 0 for {DEFAULT_ITEMS}",
        )
    return Options(
        message.store_id, message.channel, message.max_items or DEFAULT_ITEMS, message.codes_only
    )


def item_message(item: Item, verdict: Verdict, products: Mapping[str, Product]) -> pb.ScannedItem:
    """Pack one thing; its offer is added later."""
    message = pb.ScannedItem(
        box=to_box(item.box_xyxy),
        decision=_DECISIONS[verdict.decision],
        probability=verdict.probability,
        gtin=_gtin(item, verdict, products),
        codes=map(_code, item.codes),
        evidence=[
            pb.Evidence(
                kind=_EVIDENCE[one.kind],
                sku=one.sku,
                log_likelihood_ratio=one.log_likelihood_ratio,
                description=one.description,
            )
            for one in verdict.evidence
        ],
        conflicts=[
            pb.Conflict(kind=_CONFLICTS[one.kind], skus=one.skus, description=one.description)
            for one in verdict.conflicts
        ],
        candidates=[
            pb.ScanCandidate(product=_product(products[sku]), probability=probability)
            for sku, probability in verdict.candidates
        ],
    )
    if verdict.sku:
        message.product.CopyFrom(_product(products[verdict.sku]))
    if item.outline:
        message.outline.CopyFrom(_quad(item.outline))
    return message


def tracked_message(tracked: TrackedItem, products: Mapping[str, Product]) -> pb.ScannedItem:
    """Pack one thing of a stream."""
    message = item_message(tracked.item, tracked.verdict, products)
    message.track_id = tracked.track_id
    message.frames_used = tracked.frames_used
    message.frames_to_decide = tracked.frames_to_decide
    return message


def frame_message(answer: FrameAnswer) -> pb.ScanStreamResponse:
    """Pack the answer to one frame; its offers are added later."""
    message = pb.ScanStreamResponse(
        seq=answer.frame.seq,
        capture_time_us=answer.frame.capture_time_us,
        items=[tracked_message(one, answer.products) for one in answer.items],
        frames_dropped=answer.dropped,
        unchanged=answer.unchanged,
        provenance=provenance(answer.source, answer.timings_ms),
        degraded=answer.degraded,
    )
    if answer.refusal:
        message.refusal.reason = answer.refusal.reason
        message.refusal.message = answer.refusal.message
    return message


def provenance(
    source: Source, timings_ms: Mapping[str, float], *, cached: bool = False
) -> types_pb2.Provenance:
    """Pack where an answer comes from."""
    models = [types_pb2.ModelRef(id=source.model_id, sha256=source.model_sha256)]
    return types_pb2.Provenance(
        models=models if source.model_id else [],
        catalog_revision=source.catalog_revision,
        index_generation=source.index_generation,
        cached=cached,
        timings=timing_messages(timings_ms),
    )


def timing_messages(timings_ms: Mapping[str, float]) -> list[types_pb2.StageTiming]:
    """Pack durations, in their order."""
    return [types_pb2.StageTiming(stage=stage, duration_ms=ms) for stage, ms in timings_ms.items()]


def identified_skus(items: Iterable[pb.ScannedItem]) -> list[str]:
    """Products whose offers are wanted."""
    return list(dict.fromkeys(item.product.sku for item in items if item.product.sku))


def add_offers(items: Iterable[pb.ScannedItem], offers: Mapping[str, catalog_pb2.Offer]) -> None:
    """Add price and stock to the items that are identified."""
    for item in items:
        if item.product.sku in offers:
            item.offer.CopyFrom(offers[item.product.sku])


def _gtin(item: Item, verdict: Verdict, products: Mapping[str, Product]) -> str:
    """The GTIN that a code gave, the identified product's own first, else the product's."""
    of_product = products[verdict.sku].gtins if verdict.sku else ()
    read = [one.gtin for one in item.codes if one.gtin]
    own = [gtin for gtin in read if gtin in of_product]
    return next(iter([*own, *of_product, *read]), "")


def _code(one: NamedCode) -> pb.ScannedCode:
    return pb.ScannedCode(
        text=one.code.text,
        symbology=one.code.symbology,
        gtin=one.gtin,
        outline=_quad(one.code.quad),
    )


def _product(product: Product) -> catalog_pb2.Product:
    return catalog_pb2.Product.FromString(product.packed)


def _quad(corners: Quad) -> types_pb2.Quad:
    return types_pb2.Quad(corners=[types_pb2.Point(x=x, y=y) for x, y in corners])
