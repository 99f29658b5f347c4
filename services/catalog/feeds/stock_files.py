"""Stock and stores from comma- or tab-separated files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from services.catalog.feeds.google import plain_name
from services.catalog.feeds.lines import read_lines
from services.catalog.feeds.rows import RowRejected
from services.catalog.feeds.tables import (
    Record,
    delimiter_of,
    read_records,
    require_columns,
    split_header,
)
from services.catalog.offers import MAX_QUANTITY, StockLevel, Store
from shared.errors import InvalidInput


def read_stock(path: Path) -> list[StockLevel]:
    """Read a file with the columns ``sku``, ``store`` and ``quantity``.

    Raises:
        InvalidInput: the file cannot be read, or a line is wrong; nothing is set then.
    """
    return [
        StockLevel(_value(record, "sku"), _value(record, "store"), _whole(record, "quantity"))
        for record in _records(path, ("sku", "store", "quantity"), {"store_id": "store"})
    ]


def read_stores(path: Path) -> list[Store]:
    """Read a file with the column ``id``, and ``name``, ``currency_code``, ``time_zone``.

    Raises:
        InvalidInput: the file cannot be read, or a line is wrong.
    """
    return [
        Store(
            _value(record, "id"),
            record.values.get("name", ""),
            record.values.get("currency_code", ""),
            record.values.get("time_zone", ""),
        )
        for record in _records(path, ("id",), {"store_id": "id", "currency": "currency_code"})
    ]


def _records(path: Path, required: Sequence[str], other: Mapping[str, str]) -> Iterator[Record]:
    try:
        with path.open("rb") as file:
            lines = read_lines(file)
            header = next(lines, None)
            if header is None:
                raise InvalidInput.of("file", f"{path} is empty", reason="FILE_EMPTY")
            delimiter = delimiter_of(header.text)
            names = [plain_name(column) for column in split_header(header, delimiter)]
            columns = [other.get(name, name) for name in names]
            require_columns(columns, required, path.name)
            for entry in read_records(lines, columns, delimiter):
                if isinstance(entry, RowRejected):
                    raise InvalidInput.of("file", f"{path} line {entry.line}: {entry.reason}")
                if isinstance(entry, Record):
                    yield entry
    except OSError as error:
        raise InvalidInput.of("file", f"cannot read {path}: {error.strerror}") from error


def _value(record: Record, column: str) -> str:
    value = record.values.get(column, "")
    if not value:
        raise InvalidInput.of(column, f"is missing on line {record.line}")
    return value


def _whole(record: Record, column: str) -> int:
    text = _value(record, column)
    if not re.fullmatch(r"\d{1,10}", text) or int(text) > MAX_QUANTITY:
        raise InvalidInput.of(
            column,
            f"is {text[:20]!r} on line {record.line}, must be a number, 0 to {MAX_QUANTITY}",
        )
    return int(text)
