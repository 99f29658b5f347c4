"""How to import a feed, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from services.catalog.feeds.rows import RowRejected, Warned
from shared.image_gate import DEFAULT_LIMITS, Limits

MAX_WARNINGS: Final = 20


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import.

    Attributes:
        currency: ISO 4217 code of prices that name none.
        store_id: the store whose stock the feed's availability and quantity set;
            empty = they are left alone.
        allow_outside: whether image paths may leave the feed's folder.
        allow_private: whether images may come from private addresses.
        alone: whether the feed came without its folder; then it can name no files.
        memory: file in which to remember what image URLs answered; None = do not.
        limits: the image gate's.
        now: decides which sale prices hold; None = the time of the import.
    """

    currency: str = ""
    store_id: str = ""
    allow_outside: bool = False
    allow_private: bool = False
    alone: bool = False
    memory: Path | None = None
    limits: Limits = DEFAULT_LIMITS
    now: datetime | None = None


@dataclass(slots=True)
class ImportReport:
    """What became of a feed.

    Attributes:
        products: rows whose product is now in the catalogue as the feed says.
        images: their pictures that are now in the catalogue.
        rows_read: rows that were read, the rejected among them.
        rejected: line and reason of every row, or picture of a row, that is not.
        revision: the catalogue's revision afterwards.
        warnings: what was odd but stopped nothing.
        bytes_read: how far the reading is.
        bytes_total: the size of the feed.
    """

    products: int = 0
    images: int = 0
    rows_read: int = 0
    rejected: list[RowRejected] = field(default_factory=list)
    revision: int = 0
    warnings: list[Warned] = field(default_factory=list)
    bytes_read: int = 0
    bytes_total: int = 0

    def as_json(self) -> dict[str, Any]:
        """The report in the shape that ``vitrine import --json`` prints."""
        ordered = sorted(self.rejected, key=lambda entry: entry.line)
        return {
            "products": self.products,
            "images": self.images,
            "rejected": [{"line": entry.line, "reason": entry.reason} for entry in ordered],
            "revision": self.revision,
        }

    def warn(self, warning: Warned) -> None:
        """Keep a warning, up to a number that somebody would read."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(warning)
