"""The retailer's own catalogue as training data: reference images by SKU."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from shared.errors import InvalidInput
from vitrine.v1 import catalog_pb2

_PAGE = 1000
_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


async def download_references(catalog: Any, folder: Path, on_product: Callable[[], None]) -> Path:
    """Fetch every reference image and list them in ``folder/catalogue.csv``.

    The label is the SKU, the coarse label the last step of the category path. Images
    that are there already are not fetched again, since their name is their hash.

    Args:
        catalog: a ``CatalogServiceStub``.
        folder: where images and CSV go; it exists.
        on_product: called after each product.

    Returns:
        The CSV, as ``dataset.read_photos`` takes it.

    Raises:
        InvalidInput: fewer than two products have a reference image
            (``TRAINING_DATA_INVALID``).
    """
    known = _names_in(folder)
    rows = []
    async for product in _products(catalog):
        coarse = product.category_path[-1] if product.category_path else ""
        for image in product.reference_images:
            path = folder / f"{image.id}{_SUFFIXES[image.mime_type]}"
            await _fetch(catalog, image.id, path, known)
            rows.append((path.name, product.sku, coarse))
        on_product()
    if len({sku for _, sku, _ in rows}) < 2:
        raise InvalidInput(
            "the catalogue has reference images of fewer than two products; "
            "import some with `vitrine import`",
            reason="TRAINING_DATA_INVALID",
        )
    return _write(rows, folder / "catalogue.csv")


def _names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def _products(catalog: Any) -> AsyncIterator[Any]:
    token = ""
    while True:
        request = catalog_pb2.ListProductsRequest(page_size=_PAGE, page_token=token)
        page = await catalog.ListProducts(request)
        for product in page.products:
            yield product
        token = page.next_page_token
        if not token:
            return


async def _fetch(catalog: Any, image_id: str, path: Path, known: set[str]) -> None:
    if path.name in known:
        return
    reply = await catalog.GetReferenceImage(catalog_pb2.GetReferenceImageRequest(id=image_id))
    beside = path.with_name(f"writing-{path.name}")
    beside.write_bytes(reply.data)
    beside.replace(path)


def _write(rows: list[tuple[str, str, str]], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("image", "label", "coarse"))
        writer.writerows(rows)
    return path
