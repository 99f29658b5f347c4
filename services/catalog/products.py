"""What the catalogue knows about a product. Values only; the rules are in product_rules."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final


class ProductStatus(StrEnum):
    """Whether a product is shown. Archived products are found by code only."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class TryOnKind(StrEnum):
    """What kind of thing is worn, which decides where a try-on places it."""

    GLASSES = "glasses"
    HAT = "hat"
    EARRINGS = "earrings"
    NECKLACE = "necklace"
    WATCH = "watch"
    RING = "ring"
    BRACELET = "bracelet"
    TOP = "top"
    DRESS = "dress"
    TROUSERS = "trousers"
    SHOES = "shoes"
    LIPSTICK = "lipstick"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: ISO 4217 code and millionths of the unit (4.99 EUR is 4990000)."""

    currency_code: str
    amount_micros: int


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Physical size in millimetres; 0 = not known."""

    width_mm: float = 0.0
    height_mm: float = 0.0
    depth_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class TryOnAsset:
    """What a try-on draws.

    Attributes:
        kind: what is worn.
        uri: the picture or glTF; empty for lipstick.
        width_mm: real width of the opaque part; 0 = not known.
        points: named points (x, y), normalised to the picture.
        color: for lipstick, ``#rrggbb``.
    """

    kind: TryOnKind
    uri: str = ""
    width_mm: float = 0.0
    points: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    color: str = ""


def image_id(data: bytes) -> str:
    """Name an image: hex SHA-256 of its bytes.

    >>> image_id(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class ReferenceImage:
    """A picture of a product. ``id`` is the hex SHA-256 of its bytes."""

    id: str
    sku: str
    view: str
    mime_type: str
    size_wh: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Product:
    """Something the shop sells, as a retailer describes it.

    ``gtins`` have 14 digits once ``product_rules.checked`` has passed it.
    """

    sku: str
    title: str = ""
    gtins: tuple[str, ...] = ()
    brand: str = ""
    description: str = ""
    category_path: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    price: Money | None = None
    item_group_id: str = ""
    dimensions: Dimensions = field(default_factory=Dimensions)
    try_on_asset: TryOnAsset | None = None
    status: ProductStatus = ProductStatus.ACTIVE
    link: str = ""


PRODUCT_FIELDS = frozenset(entry.name for entry in fields(Product))
"""Names that an update mask may carry."""


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products to list: those that match all of it.

    Attributes:
        query: what SKU, title or brand contains, in any case; empty = anything.
        category_path: how the category path begins.
        try_on_kinds: as what they can be tried on; empty = whether or not.
    """

    query: str = ""
    category_path: tuple[str, ...] = ()
    try_on_kinds: frozenset[TryOnKind] = frozenset()


EVERYTHING: Final = ProductFilter()


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """A product as the catalogue holds it: with its images, at its last revision."""

    product: Product
    images: tuple[ReferenceImage, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A product that was deleted, and the revision that did it."""

    sku: str
    revision: int


@dataclass(frozen=True, slots=True)
class ProductChange:
    """One product to create or change.

    Attributes:
        index: its position in the stream, from 0.
        product: the product, or the part of it that ``fields`` names.
        fields: names of the fields to change; None = replace the whole product.
    """

    index: int
    product: Product
    fields: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class NewImage:
    """One reference image to add; an empty view is named after the image's id."""

    index: int
    sku: str
    view: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why one item of a stream was not stored; ``index`` is its position, from 0."""

    index: int
    sku: str
    reason: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a stream of products or images."""

    stored: int = 0
    unchanged: int = 0
    rejections: tuple[Rejection, ...] = ()
    revision: int = 0

    def plus(self, later: Outcome) -> Outcome:
        """Add what became of a later part of the same stream."""
        return Outcome(
            self.stored + later.stored,
            self.unchanged + later.unchanged,
            self.rejections + later.rejections,
            max(self.revision, later.revision),
        )
