"""Google Merchant tables: what each attribute becomes, and why a row is rejected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.catalog.feeds.rows import ImageRef
from services.catalog.products import Dimensions, Money, TryOnAsset, TryOnKind
from tests.catalog.feeds.reading import one, why


def test_google_attributes_become_a_product(tmp_path: Path) -> None:
    """Every attribute that the catalogue knows."""
    row = one(
        tmp_path,
        description="D",
        link="https://shop.example/a",
        image_link="images/a.jpg",
        additional_image_link="images/b.jpg, https://x.example/c.jpg,images/a.jpg",
        availability="in stock",
        price="15.00 EUR",
        brand="B",
        gtin="4006381333931",
        mpn="ignored",
        product_type="Home > Kitchen",
        google_product_category="166",
        item_group_id="G",
        color="red",
        size="XL",
        material="wool",
        gender="female",
        age_group="adult",
        product_width="12 cm",
        product_height="4.5 in",
        product_length="30 mm",
        product_detail="General:Net weight:35 g,Other:bags:20",
        custom_attribute__flavour="mint",
        quantity="7",
    )
    product = row.product
    assert product.price == Money("EUR", 15_000_000)
    assert product.category_path == ("Home", "Kitchen")
    assert product.dimensions == Dimensions(120.0, 114.3, 30.0)
    assert product.gtins == ("04006381333931",)
    assert (product.item_group_id, product.brand) == ("G", "B")
    assert product.attributes == {
        "color": "red",
        "size": "XL",
        "material": "wool",
        "gender": "female",
        "age_group": "adult",
        "net weight": "35 g",
        "bags": "20",
        "flavour": "mint",
    }
    assert row.images == (
        ImageRef("images/a.jpg", "image_link"),
        ImageRef("images/b.jpg", "additional_image_link"),
        ImageRef("https://x.example/c.jpg", "additional_image_link"),
    )
    assert (row.quantity, row.in_stock) == (7, True)


def test_googles_category_serves_where_there_is_no_own(tmp_path: Path) -> None:
    """As a path; its number says nothing to us."""
    path = one(tmp_path, google_product_category="Food > Tea").product.category_path
    assert path == ("Food", "Tea")
    assert one(tmp_path, google_product_category="2073").product.category_path == ()


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("15.00 EUR", 15_000_000),
        ("EUR 15", 15_000_000),
        ("15,00 EUR", 15_000_000),
        ("1,299.50 EUR", 1_299_500_000),
        ("1.299,50 EUR", 1_299_500_000),
        ("0 eur", 0),
        ("0.000001EUR", 1),
    ],
)
def test_prices_are_read_as_written(tmp_path: Path, text: str, micros: int) -> None:
    """Exactly, whatever the separators."""
    assert one(tmp_path, price=text).product.price == Money("EUR", micros)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"price": "-3.00 EUR"}, "price is -3.00 EUR, must be 0 or more"),
        (
            {"price": "99999999999999 EUR"},
            "price is '99999999999999 EUR', must be at most 9,000,000,000,000",
        ),
        ({"price": "15.00"}, "price is '15.00', without a currency; write '15.00 EUR'"),
        ({"price": "cheap"}, "price is 'cheap', must look like '15.00 EUR'"),
        ({"sale_price": "free"}, "sale_price is 'free', must look like '15.00 EUR'"),
        ({"price": "1e400 EUR"}, "price is '1e400 EUR', must look like '15.00 EUR'"),
        ({"gtin": "4006381333933"}, "gtin 4006381333933: check digit is 3, expected 1"),
        ({"gtin": "abc"}, "gtin 'abc' is not a number of 8, 12, 13 or 14 digits"),
        ({"id": "a b"}, "id is 'a b', must be 1 to 100 characters without white space"),
        ({"title": " "}, "title is missing"),
        ({"product_width": "12"}, "product_width is '12', must be a number with mm, cm, m, in"),
        ({"product_width": "wide"}, "product_width is 'wide', must be"),
        ({"quantity": "-1"}, "quantity is '-1', must be a number, 0 or more"),
        ({"link": "x"}, "link is 'x', must be an http(s) URL"),
        ({"try_on_kind": "tail"}, "try_on_kind must be one of glasses, hat"),
        ({"try_on_kind": "hat", "try_on_points": "{"}, "try_on_points must be JSON"),
        ({"tryon_asset": "no.json"}, "tryon_asset no.json: no such file"),
        ({"tryon_asset": "../x.json"}, "tryon_asset ../x.json: lies outside the feed's folder"),
        ({"additional_image_link": ",".join(map(str, range(56)))}, "has 56 images, at most 50"),
    ],
)
def test_a_wrong_value_is_told_in_the_feeds_words(
    tmp_path: Path, values: dict[str, str], reason: str
) -> None:
    """The column by the feed's name for it, what is wrong, what would be right."""
    assert why(tmp_path, **values).startswith(reason)


@pytest.mark.parametrize(
    ("period", "micros"),
    [
        ("", 2_000_000),
        ("2026-02-24T11:07+0100/2026-03-07T23:07+0100", 2_000_000),
        ("2026-01-01T00:00Z / 2026-02-01T00:00Z", 3_000_000),
        ("soon", 3_000_000),
        ("2026-01-01/2026-12-31", 3_000_000),
    ],
)
def test_a_sale_price_holds_in_its_period(tmp_path: Path, period: str, micros: int) -> None:
    """Always without a period; never with one that cannot be read."""
    values = {"price": "3 EUR", "sale_price": "2 EUR", "sale_price_effective_date": period}
    assert one(tmp_path, **values).product.price == Money("EUR", micros)


def test_a_try_on_asset_comes_from_columns_or_a_file(tmp_path: Path) -> None:
    """The picture beside the file is named by its whole path."""
    (tmp_path / "tryon").mkdir()
    asset = {"kind": "shoe", "image": "s.png", "width_mm": 290, "points": {"toe": [0.9, 1.0]}}
    (tmp_path / "tryon" / "s.json").write_text(json.dumps(asset))
    expected = TryOnAsset(
        TryOnKind.SHOES, str(tmp_path.resolve() / "tryon" / "s.png"), 290.0, {"toe": (0.9, 1.0)}
    )
    assert one(tmp_path, tryon_asset="tryon/s.json").product.try_on_asset == expected
    columns = {
        "try_on_kind": "Glasses",
        "try_on_uri": "https://x.example/g.glb",
        "try_on_width_mm": "142",
        "try_on_points": '{"bridge": [0.5, 0.4]}',
    }
    assert one(tmp_path, **columns).product.try_on_asset == TryOnAsset(
        TryOnKind.GLASSES, "https://x.example/g.glb", 142.0, {"bridge": (0.5, 0.4)}
    )
