"""What can be tried on: the catalogue's word on a product, and its asset read and checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.pose.messages import read_asset
from services.pose.tryon_asset import AssetShelf, LoadedAsset
from shared.errors import NotFound, Resource
from vitrine.v1 import catalog_pb2

DEFAULT_TIMEOUT_S = 5.0


class Wardrobe:
    """Try-on assets by SKU.

    Args:
        catalog: a ``CatalogServiceStub``.
        shelf: loads and keeps assets.
    """

    def __init__(self, catalog: Any, shelf: AssetShelf) -> None:
        self._catalog = catalog
        self._shelf = shelf

    async def assets(
        self, skus: Sequence[str], timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> list[LoadedAsset]:
        """The assets of products, in the order asked.

        Raises:
            NotFound: the catalogue does not know a SKU (``PRODUCT_NOT_FOUND``).
            NotReady: a product has no asset, or one that cannot be used.
        """
        request = catalog_pb2.BatchGetProductsRequest(skus=skus)
        reply = await self._catalog.BatchGetProducts(request, timeout=timeout_s)
        products = {product.sku: product for product in reply.products}
        for sku in skus:
            if sku not in products:
                raise NotFound.of("product", sku)
        return [self._shelf.load(read_asset(products[sku])) for sku in skus]

    async def texture(
        self, sku: str, texture_id: str, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> LoadedAsset:
        """The asset that a texture belongs to; an empty id = the product's present one.

        Raises:
            NotFound: there is no such product, or it has no such texture
                (``TEXTURE_NOT_FOUND``).
            NotReady: the product has no asset, or one that cannot be used.
        """
        (loaded,) = await self.assets([sku], timeout_s)
        present = loaded.item.asset.texture_id
        if not present or texture_id not in {"", present}:
            raise NotFound(
                f"{sku} has no texture {texture_id[:64]!r}; its present one is {present!r}",
                reason="TEXTURE_NOT_FOUND",
                resource=Resource("texture", texture_id[:64]),
            )
        return loaded
