"""JSON Lines: one product a line, with the catalogue's own field names.

{"sku": "TEA-1", "title": "Earl Grey", "gtin": "2041700001377", "price": "2.79 EUR",
 "category_path": ["Groceries", "Tea"], "attributes": {"flavour": "bergamot"},
 "dimensions": {"width_mm": 128, "height_mm": 150, "depth_mm": 64},
 "images": ["images/tea-1.jpg", {"href": "https://...", "view": "back"}]}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from services.catalog.feeds.fields import read_price
from services.catalog.feeds.lines import MAX_LINE, Line
from services.catalog.feeds.rows import (
    Entries,
    FeedRow,
    FeedSettings,
    ImageRef,
    RowRejected,
    Warned,
    checked_row,
    refused,
)
from services.catalog.offers import MAX_QUANTITY
from services.catalog.product_rules import MAX_KEY
from services.catalog.products import (
    Dimensions,
    Money,
    Product,
    ProductStatus,
    TryOnAsset,
    TryOnKind,
)
from shared.errors import InvalidInput


def read_jsonl(lines: Iterator[Line], settings: FeedSettings) -> Entries:
    """Read the products of a file."""
    for line in lines:
        if line.too_long:
            yield RowRejected(line.number, f"the line is longer than {MAX_LINE} bytes")
            continue
        if line.guessed:
            yield Warned(line.number, "is not UTF-8; read as Windows-1252 (Latin-1)")
        if line.text.strip():
            yield _read_line(line, settings)


def _read_line(line: Line, settings: FeedSettings) -> FeedRow | RowRejected:
    try:
        values = json.loads(line.text)
        _require_characters(line.text, values)
    except (ValueError, RecursionError) as error:
        return RowRejected(line.number, f"no JSON: {error}")
    if not isinstance(values, dict):
        return RowRejected(line.number, "is no JSON object; write one {...} a line")
    try:
        row = _row(line.number, values, settings)
    except InvalidInput as error:
        return refused(line.number, error, sku=str(values.get("sku", ""))[:MAX_KEY])
    return checked_row(row, {})


def _require_characters(text: str, values: Any) -> None:
    """Refuse half a character: JSON can escape one, UTF-8 and the contract cannot hold it.

    Raises:
        ValueError: there is a lone surrogate in a text or a name.
    """
    if "\\u" not in text:
        return
    try:
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = ord(error.object[error.start])
        raise ValueError(f"\\u{half:04x} is half of a character") from error


def _row(line: int, values: Mapping[str, Any], settings: FeedSettings) -> FeedRow:
    unknown = sorted(set(values) - _KNOWN)
    if unknown:
        raise InvalidInput.of(
            unknown[0][:40], f"is unknown; fields are {', '.join(sorted(_KNOWN))}"
        )
    product = {name: read(values[name], name) for name, read in _READERS.items() if name in values}
    if "gtin" in values:
        product["gtins"] = (*product.get("gtins", ()), _text(values["gtin"], "gtin"))
    if "price" in values:
        product["price"] = _price(values["price"], settings)
    product.setdefault("sku", "")
    quantity = _whole_number(values["quantity"]) if "quantity" in values else None
    return FeedRow(line, Product(**product), tuple(_images(values.get("images", []))), quantity)


def _text(value: Any, field: str) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise InvalidInput.of(field, "must be a text")
    return value


def _texts(value: Any, field: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise InvalidInput.of(field, "must be a list of texts")
    return tuple(_text(item, field) for item in value)


def _object(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput.of(field, "must be an object")
    return value


def _attributes(value: Any, field: str) -> dict[str, str]:
    return {name: _text(item, field) for name, item in _object(value, field).items()}


def _number(value: Any, field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput.of(field, "must be a number")
    try:
        return float(value)
    except OverflowError as error:
        raise InvalidInput.of(field, "is too large a number") from error


def _whole_number(value: Any) -> int:
    if isinstance(value, bool) or not (isinstance(value, int) and 0 <= value <= MAX_QUANTITY):
        raise InvalidInput.of("quantity", f"must be a whole number, 0 to {MAX_QUANTITY}")
    return value


def _dimensions(value: Any, field: str) -> Dimensions:
    sides = ("width_mm", "height_mm", "depth_mm")
    given = _object(value, field)
    return Dimensions(*(_number(given.get(side, 0), f"{field}.{side}") for side in sides))


def _status(value: Any, field: str) -> ProductStatus:
    return ProductStatus(_choice(value, field, list(ProductStatus)))


def _try_on(value: Any, field: str) -> TryOnAsset:
    given = _object(value, field)
    points = _object(given.get("points", {}), f"{field}.points")
    return TryOnAsset(
        TryOnKind(_choice(given.get("kind"), f"{field}.kind", list(TryOnKind))),
        _text(given.get("uri", ""), f"{field}.uri"),
        _number(given.get("width_mm", 0), f"{field}.width_mm"),
        {name: _point(point, f"{field}.points") for name, point in points.items()},
        _text(given.get("color", ""), f"{field}.color"),
    )


def _choice(value: Any, field: str, known: list[Any]) -> str:
    if value not in known:
        raise InvalidInput.of(field, f"must be one of {', '.join(known)}")
    return str(value)


def _point(value: Any, field: str) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise InvalidInput.of(field, "must be lists of two numbers")
    return _number(value[0], field), _number(value[1], field)


def _price(value: Any, settings: FeedSettings) -> Money:
    if isinstance(value, dict):
        value = f"{value.get('amount', '')} {value.get('currency', '')}".strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return read_price(_text(value, "price"), "price", settings.currency)


def _images(value: Any) -> Iterator[ImageRef]:
    if not isinstance(value, list):
        raise InvalidInput.of("images", "must be a list of paths or URLs")
    for i, item in enumerate(value):
        column = f"images[{i}]"
        given = item if isinstance(item, dict) else {"href": item}
        href, view = _text(given.get("href", ""), column), _text(given.get("view", ""), column)
        if not href:
            raise InvalidInput.of(column, 'needs a path or URL, or {"href": ..., "view": ...}')
        yield ImageRef(href, column, view)


_READERS: Final[dict[str, Callable[[Any, str], Any]]] = {
    "sku": _text,
    "title": _text,
    "gtins": _texts,
    "brand": _text,
    "description": _text,
    "category_path": _texts,
    "attributes": _attributes,
    "item_group_id": _text,
    "dimensions": _dimensions,
    "try_on_asset": _try_on,
    "status": _status,
    "link": _text,
}
_KNOWN: Final = frozenset(_READERS) | {"gtin", "price", "images", "quantity"}
