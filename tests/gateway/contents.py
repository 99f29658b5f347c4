"""What the gateway's tests find in the shop."""

from __future__ import annotations

from pathlib import Path

import cv2
import httpx
import numpy as np

from shared.demo.drawing.barcode_drawing import draw_barcode
from shared.rpc import open_channel
from tests.pose.assets import glasses_png
from vitrine.v1 import catalog_pb2, catalog_pb2_grpc, types_pb2

TEA_GTIN = "04006381333931"


def picture(seed: int, *, size_wh: tuple[int, int] = (320, 320)) -> bytes:
    """A JPEG of coloured shapes that differ by seed."""
    noise = np.random.default_rng(seed)
    image = np.full((size_wh[1], size_wh[0], 3), noise.integers(40, 215, 3), np.uint8)
    for _ in range(24):
        corner, size = noise.integers(0, 300, 2), noise.integers(10, 120, 2)
        colour = tuple(int(value) for value in noise.integers(0, 255, 3))
        cv2.rectangle(image, corner.tolist(), (corner + size).tolist(), colour, -1)
    return cv2.imencode(".jpg", image)[1].tobytes()


def barcode(gtin: str = TEA_GTIN[1:]) -> bytes:
    """A JPEG of a product's barcode on a white ground."""
    drawn = np.pad(draw_barcode(gtin), ((60, 60), (80, 80), (0, 0)), constant_values=255)
    return cv2.imencode(".jpg", np.ascontiguousarray(drawn[..., ::-1]))[1].tobytes()


def products(asset: Path) -> list[catalog_pb2.Product]:
    """A tea with a code, four cups, and glasses that can be tried on."""
    tea = catalog_pb2.Product(
        sku="TEA-1",
        gtins=[TEA_GTIN],
        title="Green tea",
        brand="Leaf",
        category_path=["Groceries", "Tea"],
        price=types_pb2.Money(currency_code="EUR", amount_micros=4_990_000),
    )
    points = {
        "bridge": types_pb2.Point(x=0.5, y=0.35),
        "left_hinge": types_pb2.Point(x=0.02, y=0.25),
        "right_hinge": types_pb2.Point(x=0.98, y=0.25),
    }
    worn = catalog_pb2.TryOnAsset(
        kind=catalog_pb2.TRY_ON_KIND_GLASSES, uri=str(asset), width_mm=140, points=points
    )
    glasses = catalog_pb2.Product(sku="GLS-1", title="Glasses", try_on_asset=worn)
    others = [
        catalog_pb2.Product(sku=f"CUP-{n}", title=f"Cup {n}", brand="Clay") for n in range(1, 5)
    ]
    return [tea, *others, glasses]


async def fill(address: str, folder: Path) -> None:
    """Bring products, pictures, two stores, stock and a price into the catalogue."""
    asset = folder / "glasses.png"
    asset.write_bytes(glasses_png())
    entries = products(asset)
    async with open_channel(address) as channel:
        stub = catalog_pb2_grpc.CatalogServiceStub(channel)
        await stub.UpsertProducts(
            catalog_pb2.UpsertProductsRequest(product=product) for product in entries
        )
        await stub.UpsertReferenceImages(
            catalog_pb2.UpsertReferenceImagesRequest(sku=item.sku, view="front", data=picture(seed))
            for seed, item in enumerate(entries[:-1])
        )
        stores = [
            catalog_pb2.Store(id=name, name=name, currency_code="EUR")
            for name in ("berlin-1", "munich-1")
        ]
        await stub.UpsertStores(catalog_pb2.UpsertStoresRequest(stores=stores))
        level = catalog_pb2.StockLevel(sku="TEA-1", store_id="berlin-1", quantity=7)
        await stub.SetStock(catalog_pb2.SetStockRequest(levels=[level]))
        price = catalog_pb2.ChannelPrice(
            sku="TEA-1",
            store_id="berlin-1",
            price=types_pb2.Money(currency_code="EUR", amount_micros=4_490_000),
        )
        await stub.SetPrices(catalog_pb2.SetPricesRequest(prices=[price]))


def found_sku(response: httpx.Response) -> str:
    """SKU of the first product found; empty when none was."""
    results = response.json()["groups"][0]["results"]
    return results[0]["product"]["sku"] if results else ""
