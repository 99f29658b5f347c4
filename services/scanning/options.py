"""How to scan, as a caller wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DEFAULT_ITEMS: Final = 32


@dataclass(frozen=True, slots=True)
class Options:
    """How to scan; see ``ScanOptions`` in the contract."""

    store_id: str = ""
    channel: str = ""
    max_items: int = DEFAULT_ITEMS
    codes_only: bool = False

    @property
    def regardless_of_place(self) -> bytes:
        """What the answer depends on besides price and stock, as bytes for a cache key."""
        return f"max_items={self.max_items} codes_only={self.codes_only}".encode()
