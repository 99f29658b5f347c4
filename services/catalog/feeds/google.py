"""Google Merchant feed: what each attribute means for the catalogue.

Specification: Google Merchant Center, product data specification. Names are compared in
lower case, without the ``g:`` prefix and with underscores for blanks. Beyond it, every
column ``custom_attribute:NAME`` carries an attribute, and the columns of ``feeds.try_on``
a try-on asset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from services.catalog.feeds.fields import is_within, read_length_mm, read_path, read_price
from services.catalog.feeds.lines import Line
from services.catalog.feeds.rows import (
    Entries,
    FeedRow,
    FeedSettings,
    ImageRef,
    RowRejected,
    checked_row,
    refused,
)
from services.catalog.feeds.tables import Record, read_records, require_columns
from services.catalog.feeds.try_on import read_columns, read_file
from services.catalog.products import Dimensions, Money, Product, TryOnAsset
from shared.errors import InvalidInput

REQUIRED: Final = ("id", "title")
_COLUMNS: Final = {
    "sku": "id",
    "gtins": "gtin",
    "category_path": "product_type",
    "dimensions": "product_width",
    "try_on_asset": "try_on_kind",
}
_ATTRIBUTES: Final = (
    "color",
    "size",
    "material",
    "pattern",
    "gender",
    "age_group",
    "condition",
    "size_type",
    "size_system",
    *(f"custom_label_{i}" for i in range(5)),
)
_OWN_ATTRIBUTE: Final = "custom_attribute:"
_IN_STOCK: Final = {
    "in_stock": True,
    "out_of_stock": False,
    "preorder": False,
    "backorder": False,
    "available_for_order": True,
}

Values = Mapping[str, Sequence[str]]
"""All values of one item by attribute; several where an attribute is repeated."""


def read_table(
    lines: Iterator[Line], columns: Sequence[str], delimiter: str, settings: FeedSettings
) -> Entries:
    """Read the rows below the header of a tab- or comma-separated feed.

    Raises:
        InvalidInput: the header lacks a column that is needed.
    """
    names = [plain_name(column) for column in columns]
    require_columns(names, REQUIRED, "a Google Merchant feed")
    for entry in read_records(lines, names, delimiter):
        if isinstance(entry, Record):
            values = {name: [value] for name, value in entry.values.items()}
            yield read_item(entry.line, values, settings)
        else:
            yield entry


def plain_name(column: str) -> str:
    """Normalise the name of an attribute.

    >>> [plain_name(name) for name in ("g:image_link", "Image Link", "GTIN")]
    ['image_link', 'image_link', 'gtin']
    """
    return re.sub(r"\s+", "_", column.strip().lower()).removeprefix("g:")


def read_item(line: int, values: Values, settings: FeedSettings) -> FeedRow | RowRejected:
    """Turn one item into a product, or say what is wrong with it."""
    try:
        row = FeedRow(
            line,
            _product(values, settings),
            tuple(_images(values)),
            _quantity(values),
            _IN_STOCK.get(_first(values, "availability").lower().replace(" ", "_")),
        )
    except InvalidInput as error:
        return refused(line, error, _COLUMNS, _first(values, "id"))
    return checked_row(row, _COLUMNS)


def _product(values: Values, settings: FeedSettings) -> Product:
    return Product(
        sku=_first(values, "id"),
        title=_first(values, "title"),
        gtins=tuple(_listed(values, "gtin")),
        brand=_first(values, "brand"),
        description=_first(values, "description"),
        category_path=_category(values),
        attributes=_attributes(values),
        price=_price(values, settings),
        item_group_id=_first(values, "item_group_id"),
        dimensions=_dimensions(values),
        try_on_asset=_try_on(values, settings),
        link=_first(values, "link"),
    )


def _first(values: Values, name: str) -> str:
    return next(iter(values.get(name, ())), "").strip()


def _listed(values: Values, name: str) -> list[str]:
    """All values of an attribute, which a table separates by commas."""
    pieces = (piece.strip() for value in values.get(name, ()) for piece in value.split(","))
    return [piece for piece in pieces if piece]


def _category(values: Values) -> tuple[str, ...]:
    own = _first(values, "product_type")
    if own:
        return read_path(own)
    googles = _first(values, "google_product_category")
    return () if googles.isdigit() else read_path(googles)


def _attributes(values: Values) -> dict[str, str]:
    attributes = {name: _first(values, name) for name in _ATTRIBUTES}
    for detail in _listed(values, "product_detail"):
        # section_name:attribute_name:attribute_value
        _, name, value = ("", *detail.split(":", 2))[-3:] if ":" in detail else ("", "", "")
        attributes.setdefault(name.strip().lower(), value.strip())
    for name in values:
        if name.startswith(_OWN_ATTRIBUTE):
            attributes[name.removeprefix(_OWN_ATTRIBUTE)] = _first(values, name)
    return {name: value for name, value in attributes.items() if name and value}


def _price(values: Values, settings: FeedSettings) -> Money | None:
    sale, period = _first(values, "sale_price"), _first(values, "sale_price_effective_date")
    if sale and (not period or is_within(period, settings.now)):
        return read_price(sale, "sale_price", settings.currency)
    price = _first(values, "price")
    return read_price(price, "price", settings.currency) if price else None


def _dimensions(values: Values) -> Dimensions:
    columns = ("product_width", "product_height", _depth_column(values))
    sizes = ((name, _first(values, name)) for name in columns)
    return Dimensions(*(read_length_mm(size, name) if size else 0.0 for name, size in sizes))


def _depth_column(values: Values) -> str:
    """Google's name for the depth is the length."""
    return "product_depth" if "product_depth" in values else "product_length"


def _images(values: Values) -> Iterator[ImageRef]:
    main = _first(values, "image_link")
    further = _listed(values, "additional_image_link")
    if main:
        yield ImageRef(main, "image_link")
    for href in dict.fromkeys(further):
        if href != main:
            yield ImageRef(href, "additional_image_link")


def _quantity(values: Values) -> int | None:
    text = _first(values, "quantity") or _first(values, "sell_on_google_quantity")
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}", text):
        raise InvalidInput.of("quantity", f"is {text[:20]!r}, must be a number, 0 or more")
    return int(text)


def _try_on(values: Values, settings: FeedSettings) -> TryOnAsset | None:
    if _first(values, "try_on_kind"):
        return read_columns({name: _first(values, name) for name in values})
    path = _first(values, "tryon_asset")
    if not path:
        return None
    return read_file(settings.folder, path, allow_outside=settings.allow_outside)
