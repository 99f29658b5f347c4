"""The table of products: complete, valid, and as the documents promise."""

from __future__ import annotations

from collections import Counter

import pytest

from shared import gtin
from shared.demo.catalogue import KINDS, Product, drawable, product, products, stores, strangers
from shared.errors import NotFound


def test_an_unknown_sku_is_not_found() -> None:
    """A SKU that is not in the table is refused by name."""
    with pytest.raises(NotFound, match="no product 'GLS-999'"):
        product("GLS-999")


def test_there_are_64_products_in_three_stores() -> None:
    """The front door says 64 products, 3 stores."""
    assert len(products()) == 64
    assert [store.id for store in stores()] == ["berlin-1", "hamburg-1", "munich-1"]


def test_every_kind_is_there() -> None:
    """Each kind that can be drawn or tried on has a product."""
    assert {item.kind for item in products()} == set(KINDS)


def test_skus_and_gtins_are_unique() -> None:
    """No two products, strangers included, share a SKU or a GTIN."""
    everything = [*products(), *strangers()]
    for values in ([p.sku for p in everything], [p.gtin for p in everything]):
        assert [value for value, count in Counter(values).items() if count > 1] == []


@pytest.mark.parametrize("item", [*products(), *strangers()], ids=lambda item: item.sku)
def test_gtins_are_valid_and_of_restricted_circulation(item: Product) -> None:
    """Check digits are right; the prefixes are those that GS1 leaves to retailers."""
    assert gtin.is_valid(item.gtin)
    assert item.gtin.startswith("20" if len(item.gtin) == 13 else "2")


def test_some_small_items_have_a_gtin_8() -> None:
    """Both lengths of code occur."""
    assert {len(item.gtin) for item in products()} == {8, 13}


def test_every_store_lacks_something_and_has_most() -> None:
    """Stock is told for each store; each store has sold out of some products."""
    for store in stores():
        quantities = [item.stock[store.id] for item in products()]
        assert 3 <= quantities.count(0) <= len(quantities) // 2


def test_the_glasses_of_the_front_door_are_142_mm_wide() -> None:
    """GLS-104 is what the documents say it is, in two colours."""
    item = product("GLS-104")
    assert (item.kind, item.size_mm[0]) == ("glasses", 142)
    assert product("GLS-105").item_group_id == item.item_group_id


def test_armchairs_cost_less_and_more_than_300() -> None:
    """A filter on the price separates the armchairs."""
    prices = [item.price_eur for item in products() if item.category[-1] == "Armchairs"]
    assert min(prices) < 300 < max(prices)


def test_variants_of_a_group_share_brand_and_category() -> None:
    """A group is one product in several colours or flavours."""
    groups: dict[str, set[tuple[object, ...]]] = {}
    for item in products():
        if item.item_group_id:
            key = (item.brand, item.category, item.kind)
            groups.setdefault(item.item_group_id, set()).add(key)
    assert len(groups) >= 12
    assert all(len(keys) == 1 for keys in groups.values())


def test_strangers_are_not_products() -> None:
    """What no store sells can be drawn but not looked up."""
    for item in strangers():
        assert drawable(item.sku) is item
        with pytest.raises(NotFound):
            product(item.sku)
