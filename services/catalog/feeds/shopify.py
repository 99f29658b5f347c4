"""Shopify's product export: one or more lines a product, one product a variant.

Lines of one ``Handle`` follow each other: the first carries what the variants share,
each line with a price or a SKU is a variant, and any line may bring a picture.
Specification: Shopify Help Center, "Using CSV files to import and export products".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from services.catalog.feeds.fields import read_html, read_path, read_price
from services.catalog.feeds.lines import Line
from services.catalog.feeds.rows import (
    Entries,
    Entry,
    FeedRow,
    FeedSettings,
    ImageRef,
    RowRejected,
    checked_row,
    refused,
)
from services.catalog.feeds.tables import Record, read_records, require_columns
from services.catalog.products import Money, Product, ProductStatus
from shared.errors import InvalidInput

REQUIRED: Final = ("Handle", "Title")
_COLUMNS: Final = {
    "sku": "Variant SKU",
    "gtins": "Variant Barcode",
    "title": "Title",
    "brand": "Vendor",
    "category_path": "Product Category",
    "item_group_id": "Handle",
    "attributes": "Tags",
}
_MAX_LINES_A_PRODUCT: Final = 4096  # twice the variants that Shopify allows
_GOOGLE: Final = "Google Shopping / "
_NO_OPTION: Final = "Default Title"


def read_table(
    lines: Iterator[Line], columns: Sequence[str], delimiter: str, settings: FeedSettings
) -> Entries:
    """Read the rows below the header of an export.

    Raises:
        InvalidInput: the header lacks a column that is needed, or prices have no
            currency: the export names none (``CURRENCY_REQUIRED``).
    """
    names = [column.strip() for column in columns]
    require_columns(names, REQUIRED, "a Shopify export")
    if "Variant Price" in names and not settings.currency:
        raise InvalidInput.of(
            "currency",
            "is missing: Shopify's export does not say in which currency its prices are; "
            "say it with --currency, for example --currency EUR",
            reason="CURRENCY_REQUIRED",
        )
    for key, entries in groupby(read_records(lines, names, delimiter), key=_handle):
        if key is None:
            yield from (entry for entry in entries if not isinstance(entry, Record))
        else:
            yield from _read_product(key, entries, settings)


def _handle(entry: Record | Entry) -> str | None:
    return entry.values.get("Handle", "") if isinstance(entry, Record) else None


def _read_product(
    handle: str, entries: Iterator[Record | Entry], settings: FeedSettings
) -> Iterator[FeedRow | RowRejected]:
    records: list[Record] = []
    for entry in entries:
        if len(records) < _MAX_LINES_A_PRODUCT and isinstance(entry, Record):
            records.append(entry)
        else:
            line = entry.line
            yield RowRejected(line, f"more than {_MAX_LINES_A_PRODUCT} lines of one Handle")
    if not handle:
        yield from (RowRejected(record.line, "Handle is missing") for record in records)
        return
    variants = [record for record in records if _is_variant(record)] or records[:1]
    for variant in variants:
        yield _read_variant(handle, records, variant, len(variants) > 1, settings)


def _is_variant(record: Record) -> bool:
    return any(name in record.values for name in ("Variant SKU", "Variant Price"))


def _read_variant(
    handle: str,
    records: Sequence[Record],
    variant: Record,
    one_of_many: bool,
    settings: FeedSettings,
) -> FeedRow | RowRejected:
    shared, own = records[0].values, variant.values
    options = _options(shared, own)
    try:
        product = Product(
            sku=own.get("Variant SKU", "").lstrip("'") or _made_up_sku(handle, options),
            title=_title(shared.get("Title", ""), options if one_of_many else {}),
            gtins=tuple(filter(None, [own.get("Variant Barcode", "").lstrip("'")])),
            brand=shared.get("Vendor", ""),
            description=read_html(shared.get("Body (HTML)", "")),
            category_path=read_path(shared.get("Product Category") or shared.get("Type", "")),
            attributes={**_shared_attributes(shared), **options},
            price=_price(own, settings),
            item_group_id=handle if one_of_many else "",
            status=_status(shared),
        )
    except InvalidInput as error:
        return refused(variant.line, error, _COLUMNS, own.get("Variant SKU", ""))
    images = tuple(_images(records, variant))
    row = FeedRow(variant.line, product, images, _quantity(own))
    return checked_row(row, _COLUMNS)


def _options(shared: dict[str, str], own: dict[str, str]) -> dict[str, str]:
    """Option values of a variant by name; the names stand on the first line only."""
    options = {}
    for i in (1, 2, 3):
        value = own.get(f"Option{i} Value", "")
        name = own.get(f"Option{i} Name") or shared.get(f"Option{i} Name", f"option{i}")
        if value and value != _NO_OPTION:
            options[name.lower()] = value
    return options


def _made_up_sku(handle: str, options: dict[str, str]) -> str:
    """Name a variant that has no SKU by its handle and options.

    >>> _made_up_sku("tea", {"size": "20 bags"})
    'tea-20-bags'
    """
    return "-".join([handle, *(re.sub(r"\s+", "-", value.lower()) for value in options.values())])


def _title(title: str, options: dict[str, str]) -> str:
    return f"{title} - {' / '.join(options.values())}" if options else title


def _shared_attributes(shared: dict[str, str]) -> dict[str, str]:
    attributes = {
        name.removeprefix(_GOOGLE).lower().replace(" ", "_"): value
        for name, value in shared.items()
        if name in {f"{_GOOGLE}Gender", f"{_GOOGLE}Age Group", f"{_GOOGLE}Condition"}
    }
    return {**attributes, **({"tags": shared["Tags"]} if "Tags" in shared else {})}


def _price(own: dict[str, str], settings: FeedSettings) -> Money | None:
    text = own.get("Variant Price", "")
    return read_price(text, "Variant Price", settings.currency) if text else None


def _status(shared: dict[str, str]) -> ProductStatus:
    hidden = shared.get("Published", "").lower() == "false"
    inactive = shared.get("Status", "active").lower() != "active"
    return ProductStatus.ARCHIVED if hidden or inactive else ProductStatus.ACTIVE


def _images(records: Sequence[Record], variant: Record) -> Iterator[ImageRef]:
    """The variant's own picture, then those of the product that are no other variant's."""
    own = variant.values.get("Variant Image", "")
    others = {record.values.get("Variant Image", "") for record in records} - {own}
    placed = [record.values for record in records if "Image Src" in record.values]
    placed.sort(key=lambda values: _position(values.get("Image Position", "")))
    if own:
        yield ImageRef(own, "Variant Image")
    for href in dict.fromkeys(values["Image Src"] for values in placed):
        if href not in {own, *others}:
            yield ImageRef(href, "Image Src")


def _position(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,6}", text) else 10**6


def _quantity(own: dict[str, str]) -> int | None:
    text = own.get("Variant Inventory Qty", "")
    if not re.fullmatch(r"-?\d{1,9}", text):
        return None
    return max(0, int(text))  # Shopify counts oversold pieces below zero
