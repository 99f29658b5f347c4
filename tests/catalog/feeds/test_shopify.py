"""Shopify's product export."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.catalog.products import Money, ProductStatus
from shared.errors import InvalidInput
from tests.catalog.feeds.reading import read

SHOPIFY = """\
Handle,Title,Body (HTML),Vendor,Product Category,Tags,Published,Option1 Name,Option1 Value,\
Option2 Name,Option2 Value,Variant SKU,Variant Inventory Qty,Variant Price,Variant Barcode,\
Image Src,Image Position,Google Shopping / Gender,Variant Image,Status
shirt,Linen shirt,"<p>Soft &amp; light</p><ul><li>linen</li></ul>",Weber,Apparel > Shirts,\
"summer, linen",TRUE,Color,Red,Size,M,SH-R-M,5,49.90,4006381333931,https://x.example/1.jpg,1,\
unisex,https://x.example/red.jpg,active
shirt,,,,,,,,Blue,,M,SH-B-M,-2,49.90,,https://x.example/red.jpg,3,,https://x.example/blue.jpg,
shirt,,,,,,,,,,,,,,,https://x.example/2.jpg,2,,,
mug,Mug,,Weber,,,FALSE,Title,Default Title,,,,3,9.00,'96385074,,,,,draft
cap,Cap,,Weber,,,TRUE,Size,One Size,,,,1,5,123,,,,,active
"""


def test_shopify_variants_become_products_of_one_group(tmp_path: Path) -> None:
    """Shared fields from the first line, options as attributes, own picture first."""
    rows, rejected, _ = read(tmp_path, SHOPIFY, "EUR")
    red, blue, mug = rows
    assert red.product.title == "Linen shirt - Red / M"
    assert red.product.description == "Soft & light\nlinen"
    assert red.product.category_path == ("Apparel", "Shirts")
    assert red.product.attributes == {
        "gender": "unisex",
        "tags": "summer, linen",
        "color": "Red",
        "size": "M",
    }
    assert red.product.price == Money("EUR", 49_900_000)
    assert red.product.item_group_id == blue.product.item_group_id == "shirt"
    assert [image.href[-7:] for image in red.images] == ["red.jpg", "e/1.jpg", "e/2.jpg"]
    assert [image.href[-8:] for image in blue.images] == ["blue.jpg", "le/1.jpg", "le/2.jpg"]
    assert (red.quantity, blue.quantity) == (5, 0)
    assert [row.line for row in rows] == [2, 3, 5]
    assert (mug.product.sku, mug.product.title) == ("mug", "Mug")
    assert mug.product.gtins == ("00000096385074",)
    assert mug.product.status is ProductStatus.ARCHIVED
    assert mug.product.item_group_id == ""
    assert [(entry.line, entry.reason[:20]) for entry in rejected] == [(6, "Variant Barcode '123")]


def test_shopify_prices_want_a_currency(tmp_path: Path) -> None:
    """The export does not name one, and guessing would be wrong."""
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path, "Handle,Title,Variant Price\nx,y,1.00\n")
    assert refused.value.reason == "CURRENCY_REQUIRED"
    assert "--currency EUR" in refused.value.message
