"""Answers a search: decode, embed the whole image or its regions, rank, group."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from services.visual_search.embedding.embedder import EmbedderQueue, Places, Vectors
from services.visual_search.explaining.detail import Detail
from services.visual_search.explaining.explainer import Picture
from services.visual_search.index.product_filter import ProductFilter
from services.visual_search.index.products import ProductIndex
from services.visual_search.index.ranking import Found
from services.visual_search.local_features.index import LocalIndex
from services.visual_search.recognition.calibration import Calibration
from services.visual_search.searching import retrieval
from services.visual_search.searching.print_ranking import PrintRanking
from services.visual_search.searching.retrieval import Reorder, Stock, Wanted
from shared.geometry import WHOLE_IMAGE
from shared.image import DEFAULT_LIMITS, Limits, crop, decode
from shared.image_pixels import Rgb
from shared.telemetry import Stages

Box = tuple[float, float, float, float]

REGION_SIDE: Final = 1600
"""Longer side, in pixels, at which an image is decoded to take regions from it."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. See ``SearchRequest`` in the contract.

    Attributes:
        image: encoded; empty = none.
        regions: boxes normalised to the upright image; none = the whole.
        sku: "more like this"; empty = none.
        text: words; empty = none.
        wanted: which products may be found.
        in_stock: only what the store has.
        top_k: results a group.
        keep_variants: do not fold item groups.
        explain: keep what is needed to say why a picture matches.
    """

    image: bytes = b""
    regions: tuple[Box, ...] = ()
    sku: str = ""
    text: str = ""
    wanted: ProductFilter = field(default_factory=ProductFilter)
    in_stock: bool = False
    top_k: int = 10
    keep_variants: bool = False
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The products found for one region.

    Attributes:
        box: the region; None when the query had no image.
        found: best first.
        picture: the region itself, when the query is to be explained.
    """

    box: Box | None
    found: list[Found]
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Indexed:
    """What is searched.

    Attributes:
        index: products.
        embedder: the embedder that made the index.
        local: local features of the reference images; None = they are not kept.
    """

    index: ProductIndex
    embedder: EmbedderQueue
    local: LocalIndex | None = None


async def search(
    indexed: Indexed,
    query: Query,
    stock: Stock | None,
    stages: Stages,
    limits: Limits = DEFAULT_LIMITS,
) -> list[Group]:
    """Rank products for each region of a query, or for the whole.

    Raises:
        ImageRefused: the image gate said no.
        InvalidInput: an attribute that no product has.
        NotFound: the SKU is not in the index, or the store does not exist.
        Overloaded: too many images wait to be embedded.
    """
    index, embedder = indexed.index, indexed.embedder
    where = await asyncio.to_thread(index.where, query.wanted)
    wanted = Wanted(query.top_k, where, query.keep_variants, stock if query.in_stock else None)
    if not query.image:
        with stages("search"):
            return [Group(None, await _without_image(index, query, wanted))]
    boxes = query.regions or (WHOLE_IMAGE,)
    crops = await _decode(embedder, query, boxes, stages, limits)
    details = [Detail(one) for one in crops]
    with stages("embed"):
        vectors, places = await _embed(embedder, crops, explain=query.explain)
    with stages("search"):
        found = [
            await _by_image(indexed, row, query.text, wanted, detail)
            for row, detail in zip(vectors, details, strict=True)
        ]
    pictures = _pictures(crops, boxes, places, details) if query.explain else [None] * len(boxes)
    return [Group(*each) for each in zip(boxes, found, pictures, strict=True)]


async def _without_image(index: ProductIndex, query: Query, wanted: Wanted) -> list[Found]:
    if query.sku:
        return await retrieval.by_sku(index, query.sku, wanted)
    return await retrieval.by_text(index, query.text, wanted)


async def _by_image(
    indexed: Indexed, row: Vectors, text: str, wanted: Wanted, detail: Detail
) -> list[Found]:
    vectors, reorder = row[np.newaxis], _by_print(indexed, row, detail)
    if text:
        return await retrieval.by_both(indexed.index, vectors, text, wanted, reorder)
    return await retrieval.by_vectors(indexed.index, vectors, wanted, reorder)


def _by_print(indexed: Indexed, row: Vectors, detail: Detail) -> Reorder | None:
    if indexed.local is None or not indexed.local.images:
        return None
    calibration = Calibration.of(indexed.embedder.card)
    ranking = PrintRanking(indexed.index, indexed.local, calibration)
    return lambda found: ranking.order(found, detail, row)


async def _decode(
    embedder: EmbedderQueue, query: Query, boxes: Sequence[Box], stages: Stages, limits: Limits
) -> list[Rgb]:
    side = REGION_SIDE if query.regions else 2 * max(embedder.card.input_size)
    with stages("decode"):
        image = await asyncio.to_thread(decode, query.image, limits, max_side=side)
    return [crop(image.image_rgb, box) for box in boxes]


async def _embed(
    embedder: EmbedderQueue, crops: Sequence[Rgb], *, explain: bool
) -> tuple[Vectors, Places | None]:
    """Vectors of the crops; to be explained, from the same pass, what each place has in them."""
    places = await embedder.embed_places(crops) if explain else None
    if places is None:
        return await embedder.embed(crops), None
    return places.sum(axis=(1, 2)), places


def _pictures(
    crops: Sequence[Rgb], boxes: Sequence[Box], places: Places | None, details: Sequence[Detail]
) -> list[Picture]:
    told = [None] * len(crops) if places is None else list(places)
    return [Picture(*each) for each in zip(crops, boxes, told, details, strict=True)]
