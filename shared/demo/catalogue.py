"""The demo catalogue as values: 64 products of a small department store, and its three stores.

The table itself is ``products.toml`` beside this file. Everything that is drawn,
written or composed in ``shared.demo`` starts from a `Product` of this module.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal, get_args

from shared.errors import NotFound

Kind = Literal[
    "pack",
    "pouch",
    "can",
    "bottle",
    "carton",
    "top",
    "dress",
    "trousers",
    "glasses",
    "hat",
    "earrings",
    "necklace",
    "ring",
    "watch",
    "bracelet",
    "lipstick",
    "shoe",
    "furniture",
]
"""What a product is, as far as drawing and trying on are concerned."""

KINDS: tuple[Kind, ...] = get_args(Kind)
PACKAGED: frozenset[Kind] = frozenset({"pack", "pouch", "can", "bottle", "carton"})
"""Kinds with printed packaging: these carry their barcode on the back or side."""
WEARABLE: frozenset[Kind] = frozenset(KINDS) - PACKAGED - {"furniture"}
"""Kinds that can be tried on."""


@dataclass(frozen=True, slots=True)
class Store:
    """One shop: id, name and city as a person reads them, position in degrees (WGS 84)."""

    id: str
    name: str
    city: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Product:
    """One product of the demo catalogue.

    Attributes:
        sku: the retailer's own number, for example ``GLS-104``.
        kind: what it is, which decides how it is drawn and tried on.
        gtin: GTIN-13, or GTIN-8 for a few small items, from the prefixes that GS1
            leaves to retailers (General Specifications 2.1.11), check digit right.
        category: path from the widest to the narrowest category.
        price_eur: price in euro.
        size_mm: real width, height and depth in millimetres, as it stands or hangs
            in the front view. Of glasses the width is hinge to hinge, of shoes the length.
        item_group_id: shared by the variants of one product, None where there are none.
        attributes: flavour, colour, size, material and so on.
        stock: pieces at hand by store id; 0 means sold out.
        look: colours and forms for the drawing code.
    """

    sku: str
    kind: Kind
    gtin: str
    brand: str
    title: str
    description: str
    category: tuple[str, ...]
    price_eur: Decimal
    size_mm: tuple[int, int, int]
    item_group_id: str | None
    attributes: Mapping[str, str]
    stock: Mapping[str, int]
    look: Mapping[str, str]

    @property
    def wearable(self) -> bool:
        """Whether the product has a try-on asset."""
        return self.kind in WEARABLE

    @property
    def packaged(self) -> bool:
        """Whether the product is printed packaging with a barcode on it."""
        return self.kind in PACKAGED


@cache
def stores() -> tuple[Store, ...]:
    """List the stores.

    >>> [store.id for store in stores()]
    ['berlin-1', 'hamburg-1', 'munich-1']
    """
    return tuple(Store(**row) for row in _table()["store"])


@cache
def products() -> tuple[Product, ...]:
    """List all products in the order of the table.

    >>> len(products())
    64
    """
    return tuple(_product(row) for row in _table()["product"])


def product(sku: str) -> Product:
    """Look one product up by its SKU.

    Raises:
        NotFound: the catalogue has no such SKU.

    >>> product("GLS-104").size_mm[0]
    142
    """
    if sku not in _by_sku():
        raise NotFound.of("product", sku)
    return _by_sku()[sku]


@cache
def strangers() -> tuple[Product, ...]:
    """List things that no store sells: for photos in which nothing must be found."""
    return tuple(_product(row) for row in _table()["stranger"])


def drawable(sku: str) -> Product:
    """Look up a product or a stranger.

    Raises:
        NotFound: there is neither.
    """
    others = {item.sku: item for item in strangers()}
    return others[sku] if sku in others else product(sku)


@cache
def _by_sku() -> dict[str, Product]:
    return {item.sku: item for item in products()}


@cache
def _table() -> dict[str, Any]:
    text = resources.files("shared.demo").joinpath("products.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _product(row: Mapping[str, Any]) -> Product:
    store_ids = [store.id for store in stores()]
    return Product(
        sku=row["sku"],
        kind=row["kind"],
        gtin=row["gtin"],
        brand=row["brand"],
        title=row["title"],
        description=row["description"],
        category=tuple(row["category"]),
        price_eur=Decimal(row["price_eur"]),
        size_mm=(row["size_mm"][0], row["size_mm"][1], row["size_mm"][2]),
        item_group_id=row.get("item_group_id"),
        attributes=MappingProxyType(row["attributes"]),
        stock=MappingProxyType(dict(zip(store_ids, row["stock"], strict=True))),
        look=MappingProxyType(row["look"]),
    )
