"""Products, images, streams and feeds for the tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from services.catalog.catalogue import Catalogue
from services.catalog.products import NewImage, Outcome, Product, ProductChange
from shared.image import encode_jpeg
from tests.catalog.feeds.reading import tsv
from vitrine.v1 import catalog_pb2 as pb

Item = TypeVar("Item")

HOUR_US = 3600 * 1_000_000


class Clock:
    """Unix time in microseconds that moves only when told."""

    def __init__(self) -> None:
        self.now_us = 1_800_000_000_000_000

    def __call__(self) -> int:
        return self.now_us


def jpeg(seed: int = 0, size_wh: tuple[int, int] = (48, 32)) -> bytes:
    """A small JPEG, another one for each seed."""
    width, height = size_wh
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return encode_jpeg(pixels)


def product(sku: str = "TEA-1", **fields: Any) -> Product:
    """A product that breaks no rule."""
    return Product(**{"sku": sku, "title": f"Product {sku}", **fields})


async def stream(items: Iterable[Item]) -> AsyncIterator[Item]:
    """The items as a stream."""
    for item in items:
        yield item


async def put(catalogue: Catalogue, *products: Product) -> Outcome:
    """Create or replace products."""
    changes = [ProductChange(i, entry) for i, entry in enumerate(products)]
    return await catalogue.upsert_products(stream(changes))


async def put_images(catalogue: Catalogue, *images: tuple[str, str, bytes]) -> Outcome:
    """Add images, each as (SKU, view, bytes)."""
    items = [NewImage(i, *image) for i, image in enumerate(images)]
    return await catalogue.upsert_images(stream(items))


async def send_products(stub: Any, *products: pb.Product) -> pb.UpsertProductsResponse:
    """Create or replace products over the wire."""
    requests = [pb.UpsertProductsRequest(product=entry) for entry in products]
    reply: pb.UpsertProductsResponse = await stub.UpsertProducts(stream(requests))
    return reply


async def send_images(
    stub: Any, *images: tuple[str, str, bytes]
) -> pb.UpsertReferenceImagesResponse:
    """Add images over the wire, each as (SKU, view, bytes)."""
    requests = [
        pb.UpsertReferenceImagesRequest(sku=sku, view=view, data=data) for sku, view, data in images
    ]
    reply: pb.UpsertReferenceImagesResponse = await stub.UpsertReferenceImages(stream(requests))
    return reply


def write_feed(folder: Path, *rows: dict[str, str], **images: bytes) -> Path:
    """Write a feed and the pictures beside it."""
    for name, data in images.items():
        (folder / f"{name}.jpg").write_bytes(data)
    path = folder / "feed.tsv"
    path.write_text(tsv(*rows), encoding="utf-8")
    return path


def row(sku: str, *images: str, **values: str) -> dict[str, str]:
    """A row of a Google feed."""
    links = {"image_link": "".join(images[:1]), "additional_image_link": ",".join(images[1:])}
    return {"id": sku, "title": f"Product {sku}", **links, **values}


async def products(stub: Any) -> dict[str, pb.Product]:
    """All products of the catalogue."""
    reply = await stub.ListProducts(pb.ListProductsRequest(page_size=1000))
    return {product.sku: product for product in reply.products}


async def views(stub: Any, sku: str) -> dict[str, str]:
    """The views of a product by the id of their image."""
    return {image.id: image.view for image in (await products(stub))[sku].reference_images}
