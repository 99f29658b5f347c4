"""The catalogue's reference images as labelled photos: label = SKU, group = last category."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from services.visual_search.evaluation.photos import Photo
from shared.errors import NotReady
from vitrine.v1 import catalog_pb2

_PAGE: Final = 1000
_TIMEOUT_S: Final = 60.0


async def reference_photos(stack: Any, folder: Path) -> list[Photo]:
    """Fetch every reference image into ``folder``.

    Raises:
        NotReady: the catalogue has no reference images (``CATALOG_EMPTY``).
    """
    found: list[Photo] = []
    async with stack.catalog() as catalog:
        request = catalog_pb2.ListProductsRequest(page_size=_PAGE)
        while True:
            page = await catalog.ListProducts(request, timeout=_TIMEOUT_S)
            for product in page.products:
                found += await _of_product(catalog, product, folder)
            request.page_token = page.next_page_token
            if not page.next_page_token:
                break
    if not found:
        raise NotReady(
            "the catalogue has no reference images; import some with `vitrine import`",
            reason="CATALOG_EMPTY",
        )
    return found


async def _of_product(catalog: Any, product: catalog_pb2.Product, folder: Path) -> list[Photo]:
    group = product.category_path[-1] if product.category_path else ""
    photos = []
    for image in product.reference_images:
        path = folder / image.id
        if not path.exists():  # its name is its hash: products may share it
            request = catalog_pb2.GetReferenceImageRequest(id=image.id)
            reply = await catalog.GetReferenceImage(request, timeout=_TIMEOUT_S)
            path.write_bytes(reply.data)
        photos.append(Photo(path, product.sku, group))
    return photos
