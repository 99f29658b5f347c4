"""What a feed reader yields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from services.catalog.product_rules import checked
from services.catalog.products import Product
from shared.errors import InvalidInput

MAX_IMAGES: Final = 50
NO_COLUMNS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class ImageRef:
    """Where a picture is: http(s) URL or path, and the column that said so."""

    href: str
    column: str
    view: str = ""


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """What a reader needs to know beside the file.

    Attributes:
        folder: where the feed lies; what it names is relative to that. None when the feed
            came alone: then it can name no files.
        now: decides which sale prices hold; with a time zone.
        currency: ISO 4217 code of prices that name none; empty = they are refused.
        allow_outside: whether a path may leave the folder.
    """

    folder: Path | None
    now: datetime
    currency: str = ""
    allow_outside: bool = False


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One product of a feed.

    Attributes:
        line: where it begins in the file, from 1.
        product: checked against all rules that need no database.
        images: the main picture first.
        quantity: pieces, if the feed says so.
        in_stock: availability, if the feed says so.
    """

    line: int
    product: Product
    images: tuple[ImageRef, ...] = ()
    quantity: int | None = None
    in_stock: bool | None = None


@dataclass(frozen=True, slots=True)
class RowRejected:
    """Why the row that begins on a line cannot be imported.

    Attributes:
        line: from 1.
        reason: a sentence for a person.
        sku: the row's, where it is known.
        word: stable UPPER_SNAKE word for a program.
    """

    line: int
    reason: str
    sku: str = ""
    word: str = "ROW_UNREADABLE"


@dataclass(frozen=True, slots=True)
class Warned:
    """Something odd that stopped nothing."""

    line: int
    message: str


Entry = FeedRow | RowRejected | Warned
Entries = Iterator[Entry]


def told(error: InvalidInput, columns: Mapping[str, str]) -> str:
    """Say what is wrong in the feed's own words.

    Args:
        error: about one field.
        columns: the feed's name for a field, by the catalogue's.

    >>> told(InvalidInput.of("gtins[0]", "96385075: check digit is 5, expected 4"),
    ...      {"gtins": "gtin"})
    'gtin 96385075: check digit is 5, expected 4'
    """
    if not error.violations:
        return error.message
    violation = error.violations[0]
    head, _, _ = violation.field.replace("[", ".").partition(".")
    return f"{columns.get(head, violation.field)} {violation.description}"


def refused(
    line: int, error: InvalidInput, columns: Mapping[str, str] = NO_COLUMNS, sku: str = ""
) -> RowRejected:
    """The rejection that an error stands for; ``columns`` as in ``told``."""
    return RowRejected(line, told(error, columns), sku, error.reason)


def checked_row(row: FeedRow, columns: Mapping[str, str]) -> FeedRow | RowRejected:
    """Check a row's product and count its images."""
    if len(row.images) > MAX_IMAGES:
        reason = f"has {len(row.images)} images, at most {MAX_IMAGES}"
        return RowRejected(row.line, reason, row.product.sku, "TOO_MANY_IMAGES")
    try:
        product = checked(row.product)
    except InvalidInput as error:
        return refused(row.line, error, columns, row.product.sku)
    return FeedRow(row.line, product, row.images, row.quantity, row.in_stock)
