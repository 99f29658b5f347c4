"""The contract's messages to and from the domain's values, with every check of a request."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from services.visual_search.following.follower import FollowState
from services.visual_search.following.generations import Generation
from services.visual_search.index.product_filter import ProductFilter
from services.visual_search.index.ranking import Found
from services.visual_search.recognition.region_answers import Recognized, Region, RegionAnswer
from services.visual_search.searching.queries import Box, Group, Query
from services.visual_search.searching.retrieval import MAX_TOP_K
from shared.errors import InvalidInput
from shared.geometry import WHOLE_IMAGE, Floats
from shared.image_pixels import Rgb
from shared.models.card import ModelCard
from vitrine.v1 import catalog_pb2, types_pb2
from vitrine.v1 import visual_search_pb2 as pb

MAX_REGIONS: Final = 16
MAX_RECOGNIZED_REGIONS: Final = 32
MAX_CANDIDATES: Final = 100
MAX_TEXT: Final = 500
MAX_WAIT_S: Final = 30.0
DEFAULT_WAIT_S: Final = 1.0
_STATES: Final = {
    FollowState.CATCHING_UP: pb.INDEX_STATE_CATCHING_UP,
    FollowState.READY: pb.INDEX_STATE_READY,
    FollowState.UNREACHABLE: pb.INDEX_STATE_CATALOG_UNREACHABLE,
}


def to_query(request: pb.SearchRequest) -> Query:
    """Check a search and take it apart.

    Raises:
        InvalidInput: names the field that is wrong.
    """
    _check_what(request)
    if request.filter.in_stock and not request.store_id:
        raise InvalidInput.of("store_id", "is empty; filter.in_stock needs a store")
    if len(request.text) > MAX_TEXT:
        raise InvalidInput.of("text", f"has {len(request.text)} characters, at most {MAX_TEXT}")
    return Query(
        image=request.image,
        regions=tuple(_boxes(request.regions, MAX_REGIONS)),
        sku=request.sku,
        text=request.text.strip(),
        wanted=to_filter(request.filter),
        in_stock=request.filter.in_stock,
        top_k=_count("top_k", request.top_k, 10, MAX_TOP_K),
        keep_variants=request.keep_variants,
        explain=request.explain,
    )


def to_filter(message: pb.SearchFilter) -> ProductFilter:
    """Check a filter and take it apart.

    Raises:
        InvalidInput: names the field that is wrong.
    """
    low = message.min_price if message.HasField("min_price") else None
    high = message.max_price if message.HasField("max_price") else None
    attributes: dict[str, tuple[str, ...]] = {}
    for position, wanted in enumerate(message.attributes):
        if not wanted.name or not wanted.values:
            field = f"filter.attributes[{position}]"
            raise InvalidInput.of(field, "needs a name and at least one value")
        attributes[wanted.name] = attributes.get(wanted.name, ()) + tuple(wanted.values)
    return ProductFilter(
        categories=tuple(message.categories),
        brands=tuple(message.brands),
        currency=_currency(low, high),
        min_price_micros=low.amount_micros if low else None,
        max_price_micros=high.amount_micros if high else None,
        attributes=attributes,
    )


def wait_s(request: pb.SearchRequest) -> float:
    """How long the caller waits for ``min_revision``, in seconds.

    Raises:
        InvalidInput: it is negative or over 30 s, or the revision is negative.
    """
    if request.min_revision < 0:
        raise InvalidInput.of("min_revision", f"is {request.min_revision}, must be 0 or more")
    if not request.HasField("max_wait"):
        return DEFAULT_WAIT_S
    seconds = request.max_wait.seconds + request.max_wait.nanos / 1e9
    if not 0 <= seconds <= MAX_WAIT_S:
        raise InvalidInput.of("max_wait", f"is {seconds:g} s, must be 0 to {MAX_WAIT_S:g} s")
    return seconds


def to_regions(request: pb.RecognizeRegionsRequest) -> list[Region]:
    """Check where to look; nowhere in particular is the whole image.

    Raises:
        InvalidInput: names the field that is wrong.
    """
    boxes = _boxes([region.box for region in request.regions], MAX_RECOGNIZED_REGIONS, ".box")
    suggested = [tuple(region.suggested_skus) for region in request.regions]
    regions = [Region(box, skus) for box, skus in zip(boxes, suggested, strict=True)]
    return regions or [Region(WHOLE_IMAGE)]


def candidate_count(request: pb.RecognizeRegionsRequest) -> int:
    """How many candidates a region is to have.

    Raises:
        InvalidInput: not 0 to 100.
    """
    return _count("top_k", request.top_k, 5, MAX_CANDIDATES)


def raw_pixels(message: types_pb2.RawImage, max_pixels: int) -> Rgb:
    """Pixels (H, W, 3) uint8 of an image that the caller had decoded.

    Raises:
        InvalidInput: the sizes do not fit each other or the limit.
    """
    width, height = message.width_px, message.height_px
    if not 0 < width * height <= max_pixels:
        raise InvalidInput.of(
            "raw_image", f"is {width} x {height} pixels, must be 1 to {max_pixels} in all"
        )
    if len(message.rgb) != width * height * 3:
        raise InvalidInput.of(
            "raw_image.rgb", f"has {len(message.rgb)} bytes, must be {width * height * 3}"
        )
    return np.frombuffer(message.rgb, np.uint8).reshape(height, width, 3)


def group_message(group: Group, documents: Mapping[str, bytes]) -> pb.SearchResultGroup:
    """Pack the results of one region; a product deleted meanwhile is left out."""
    results = [_result(one, documents[one.sku]) for one in group.found if one.sku in documents]
    message = pb.SearchResultGroup(results=results)
    if group.box is not None:
        message.box.CopyFrom(box_message(group.box))
    return message


def points_message(points: Floats) -> list[types_pb2.Point]:
    """Pack points (N, 2)."""
    return [types_pb2.Point(x=x, y=y) for x, y in points.tolist()]


def region_message(answer: RegionAnswer) -> pb.RecognizedRegion:
    """Pack what one region may show."""
    return pb.RecognizedRegion(
        box=box_message(answer.box),
        candidates=[_candidate(one) for one in answer.candidates],
        unknown_probability=answer.unknown,
        found=answer.found,
    )


def box_message(box: Box) -> types_pb2.Box:
    """Pack a box."""
    return types_pb2.Box(x_min=box[0], y_min=box[1], x_max=box[2], y_max=box[3])


def provenance(
    card: ModelCard, generation: str, revision: int, timings_ms: Mapping[str, float]
) -> types_pb2.Provenance:
    """Pack where an answer comes from."""
    return types_pb2.Provenance(
        models=[model_message(card)],
        catalog_revision=revision,
        index_generation=generation,
        timings=timing_messages(timings_ms),
    )


def timing_messages(timings_ms: Mapping[str, float]) -> list[types_pb2.StageTiming]:
    """Pack durations, in their order."""
    return [types_pb2.StageTiming(stage=stage, duration_ms=ms) for stage, ms in timings_ms.items()]


def model_message(card: ModelCard) -> types_pb2.ModelRef:
    """Pack which model it is."""
    return types_pb2.ModelRef(id=card.id, sha256=card.sha256)


def status_message(
    active: Generation, building: Generation | None, counts: tuple[int, int]
) -> pb.GetIndexStatusResponse:
    """Pack the state of the index."""
    message = pb.GetIndexStatusResponse(
        state=_STATES[active.follower.state],
        applied_revision=active.index.revision,
        local_features_revision=active.local.revision if active.local else 0,
        catalog_revision=active.follower.catalog_revision,
        products=counts[0],
        reference_images=counts[1],
        model=model_message(active.embedder.card),
        index_generation=active.name,
        calibration_digest=_digest(active.embedder.card.calibration),
        problems=[
            pb.IndexProblem(sku=one.sku, reference_image_id=one.image_id, message=one.message)
            for one in active.follower.problems
        ],
    )
    if building is not None:
        message.building_model.CopyFrom(model_message(building.embedder.card))
        message.building_revision = building.index.revision
    return message


def _digest(calibration: Mapping[str, float]) -> str:
    numbers = json.dumps(calibration, sort_keys=True)
    return hashlib.sha256(numbers.encode()).hexdigest()[:16]


def _check_what(request: pb.SearchRequest) -> None:
    if request.sku and (request.image or request.text):
        raise InvalidInput.of("sku", "excludes image and text; send one or the other")
    if not (request.image or request.sku or request.text.strip()):
        raise InvalidInput.of("image", "is empty; send an image, a sku or a text")
    if request.regions and not request.image:
        raise InvalidInput.of("regions", "need an image")


def _count(field: str, value: int, default: int, most: int) -> int:
    if not 0 <= value <= most:
        raise InvalidInput.of(field, f"is {value}, must be 1 to {most}, or 0 for {default}")
    return value or default


def _boxes(messages: Sequence[types_pb2.Box], most: int, suffix: str = "") -> list[Box]:
    if len(messages) > most:
        raise InvalidInput.of("regions", f"are {len(messages)}, at most {most}")
    return [_box(f"regions[{i}]{suffix}", message) for i, message in enumerate(messages)]


def _box(field: str, message: types_pb2.Box) -> Box:
    box = (message.x_min, message.y_min, message.x_max, message.y_max)
    inside = all(math.isfinite(value) and 0 <= value <= 1 for value in box)
    if not inside or box[0] >= box[2] or box[1] >= box[3]:
        shown = ", ".join(f"{value:g}" for value in box)
        raise InvalidInput.of(
            field,
            f"is ({shown}), must be 0 <= x_min < x_max <= 1 and 0 <= y_min < y_max <= 1",
            reason="BOX_INVALID",
        )
    return box


def _currency(low: types_pb2.Money | None, high: types_pb2.Money | None) -> str:
    bounds = {"filter.min_price": low, "filter.max_price": high}
    for field, money in bounds.items():
        if money and money.amount_micros < 0:
            raise InvalidInput.of(field, "is negative, must be 0 or more")
    if low and high and low.currency_code != high.currency_code:
        raise InvalidInput.of("filter.max_price", "must be in the currency of min_price")
    if low and high and low.amount_micros > high.amount_micros:
        raise InvalidInput.of("filter.max_price", "is less than min_price")
    return next((money.currency_code.upper() for money in (low, high) if money), "")


def _result(found: Found, document: bytes) -> pb.SearchResult:
    return pb.SearchResult(
        product=catalog_pb2.Product.FromString(document),
        score=found.score,
        similarity=found.similarity,
        reference_image_id=found.image_id,
        folded_skus=found.folded,
    )


def _candidate(one: Recognized) -> pb.Candidate:
    message = pb.Candidate(
        sku=one.found.sku,
        probability=one.probability,
        similarity=one.found.similarity,
        reference_image_id=one.found.image_id,
    )
    if one.agreement is not None:
        message.verification.reference_image_id = one.found.image_id
        message.verification.inliers = one.agreement.inliers
        message.verification.matches = one.agreement.matches
        message.verification.verified = one.agreement.verified
    if one.outline is not None:
        message.verification.outline.corners.extend(points_message(one.outline))
    return message
