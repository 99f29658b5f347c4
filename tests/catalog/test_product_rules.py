"""Every limit that the contract states for a product."""

from __future__ import annotations

from typing import Any

import pytest

from services.catalog.product_rules import applied, checked
from services.catalog.products import (
    Dimensions,
    Money,
    ProductChange,
    StoredProduct,
    TryOnAsset,
    TryOnKind,
)
from shared.errors import InvalidInput
from tests.catalog.making import product

WRONG: list[tuple[str, Any, str, str]] = [
    ("sku", "", "sku", "SKU_MALFORMED"),
    ("sku", "A B", "sku", "SKU_MALFORMED"),
    ("sku", "A" * 101, "sku", "SKU_MALFORMED"),
    ("sku", "A\0", "sku", "SKU_MALFORMED"),
    ("title", "", "title", "TITLE_REQUIRED"),
    ("title", " ", "title", "TITLE_REQUIRED"),
    ("title", "x" * 501, "title", "TITLE_TOO_LONG"),
    ("title", "a\0b", "title", "TITLE_MALFORMED"),
    ("brand", "x" * 201, "brand", "BRAND_TOO_LONG"),
    ("description", "x" * 10_001, "description", "DESCRIPTION_TOO_LONG"),
    ("gtins", ("4006381333930",), "gtins[0]", "GTIN_CHECK_DIGIT"),
    ("gtins", ("4006381333931", "12"), "gtins[1]", "GTIN_MALFORMED"),
    ("gtins", ("4006381333931",) * 101, "gtins", "GTINS_TOO_MANY"),
    ("category_path", ("a",) * 11, "category_path", "CATEGORY_PATH_TOO_MANY"),
    ("category_path", ("a", ""), "category_path[1]", "CATEGORY_PATH_REQUIRED"),
    ("attributes", {"Color": "red"}, "attributes['Color']", "ATTRIBUTES_MALFORMED"),
    ("attributes", {"": "red"}, "attributes", "ATTRIBUTES_REQUIRED"),
    ("attributes", {str(i): "" for i in range(101)}, "attributes", "ATTRIBUTES_TOO_MANY"),
    ("price", Money("EUR", -1), "price.amount_micros", "PRICE_NEGATIVE"),
    ("price", Money("eur", 1), "price.currency_code", "CURRENCY_MALFORMED"),
    ("price", Money("", 1), "price.currency_code", "CURRENCY_MALFORMED"),
    ("item_group_id", "x" * 101, "item_group_id", "ITEM_GROUP_ID_TOO_LONG"),
    ("dimensions", Dimensions(-1.0), "dimensions.width_mm", "DIMENSIONS_OUT_OF_RANGE"),
    ("dimensions", Dimensions(0, float("nan")), "dimensions.height_mm", "DIMENSIONS_OUT_OF_RANGE"),
    ("dimensions", Dimensions(0, 0, 2e5), "dimensions.depth_mm", "DIMENSIONS_OUT_OF_RANGE"),
    ("link", "ftp://x", "link", "LINK_MALFORMED"),
    ("try_on_asset", TryOnAsset(TryOnKind.HAT), "try_on_asset.uri", "TRY_ON_ASSET_MALFORMED"),
    (
        "try_on_asset",
        TryOnAsset(TryOnKind.LIPSTICK, color="red"),
        "try_on_asset.color",
        "TRY_ON_ASSET_MALFORMED",
    ),
    (
        "try_on_asset",
        TryOnAsset(TryOnKind.HAT, "hat.png", 10, {"band": (0.0, float("inf"))}),
        "try_on_asset.points['band']",
        "TRY_ON_ASSET_MALFORMED",
    ),
]


@pytest.mark.parametrize(("name", "value", "field", "reason"), WRONG)
def test_a_broken_rule_names_the_field(name: str, value: Any, field: str, reason: str) -> None:
    """The error says which field is wrong and carries a stable reason."""
    with pytest.raises(InvalidInput) as refused:
        checked(product(**{name: value}) if name != "sku" else product(value))
    assert refused.value.reason == reason
    assert refused.value.violations[0].field == field


def test_the_largest_allowed_values_pass() -> None:
    """Each limit is inclusive."""
    largest = product(
        "A" * 100,
        title="x" * 500,
        brand="x" * 200,
        description="x" * 10_000,
        category_path=("a",) * 10,
        attributes={str(i): "" for i in range(100)},
        price=Money("EUR", 2**63 - 1),
        link="https://shop.example/p",
        try_on_asset=TryOnAsset(TryOnKind.LIPSTICK, color="#a8525c"),
    )
    assert checked(largest) == largest


def test_gtins_come_out_with_fourteen_digits_and_once() -> None:
    """The 12- and the 13-digit form of one number are one number."""
    found = checked(product(gtins=("036000291452", "0036000291452", "96385074")))
    assert found.gtins == ("00036000291452", "00000096385074")


def test_a_mask_changes_only_what_it_names() -> None:
    """Fields outside the mask keep their stored values."""
    stored = StoredProduct(product(brand="Old", description="kept"), (), 3)
    change = ProductChange(0, product(brand="New", description="lost"), frozenset({"brand"}))
    assert applied(change, stored) == product(brand="New", description="kept")


def test_a_mask_can_clear_a_field() -> None:
    """Naming a field and leaving it empty empties it."""
    stored = StoredProduct(product(price=Money("EUR", 1)), (), 3)
    assert applied(ProductChange(0, product(), frozenset({"price"})), stored).price is None


def test_a_mask_with_an_unknown_field_is_refused() -> None:
    """A nested path is no field; the message lists those that are."""
    change = ProductChange(0, product(), frozenset({"price.amount_micros"}))
    with pytest.raises(InvalidInput, match="fields are attributes, brand") as refused:
        applied(change, StoredProduct(product(), (), 1))
    assert refused.value.reason == "UPDATE_MASK_MALFORMED"


def test_a_mask_wants_a_product_that_exists() -> None:
    """A partial change cannot create a product."""
    with pytest.raises(InvalidInput) as refused:
        applied(ProductChange(0, product(), frozenset({"title"})), None)
    assert refused.value.reason == "PRODUCT_NOT_FOUND"
