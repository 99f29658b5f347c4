"""The operations on stores, stock and prices. They take no revision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from services.catalog.catalogue import MAX_SKUS, now_us
from services.catalog.offers import (
    ChannelPrice,
    Offer,
    StockLevel,
    Store,
    check_channel_price,
    check_level,
    check_store,
)
from services.catalog.product_rules import check_count
from services.catalog.store import offers
from services.catalog.store.database import Database

MAX_STORES: Final = 1000
MAX_LEVELS: Final = 10_000
MAX_PRICES: Final = 10_000


class OfferBook:
    """What products cost where, and how many are there.

    Args:
        database: where it is kept.
        clock_us: Unix time in microseconds; the time at which stock was reported.
    """

    def __init__(self, database: Database, clock_us: Callable[[], int] = now_us) -> None:
        self._database = database
        self._clock_us = clock_us

    async def upsert_stores(self, stores: Sequence[Store]) -> int:
        """Create or change stores, all or none; return how many.

        Raises:
            InvalidInput: a store is wrong, or there are more than 1000.
        """
        check_count("stores", stores, MAX_STORES)
        for i, store in enumerate(stores):
            check_store(i, store)
        await self._database.write(lambda tx: offers.write_stores(tx, stores))
        return len(stores)

    async def list_stores(self) -> list[Store]:
        """Read all stores by id."""
        return await self._database.read(offers.read_stores)

    async def set_stock(self, levels: Sequence[StockLevel]) -> int:
        """Set stock, all or none; return how many levels.

        Raises:
            InvalidInput: a quantity is negative, or there are more than 10000 levels.
            NotFound: a store or a SKU does not exist.
        """
        check_count("levels", levels, MAX_LEVELS)
        for i, level in enumerate(levels):
            check_level(i, level)
        reported = [replace(level, reported_us=self._clock_us()) for level in levels]
        await self._database.write(lambda tx: offers.write_stock(tx, reported))
        return len(levels)

    async def list_stock(self, store_id: str, after: str, limit: int) -> list[StockLevel]:
        """Read the next levels above 0 of a store, by SKU.

        Raises:
            NotFound: the store does not exist.
        """
        return await self._database.read(lambda tx: offers.list_stock(tx, store_id, after, limit))

    async def set_prices(self, prices: Sequence[ChannelPrice]) -> int:
        """Set prices or take them away, all or none; return how many entries.

        Raises:
            InvalidInput: a price is wrong, or there are more than 10000.
            NotFound: a store or a SKU does not exist.
        """
        check_count("prices", prices, MAX_PRICES)
        for i, entry in enumerate(prices):
            check_channel_price(i, entry)
        await self._database.write(lambda tx: offers.write_prices(tx, prices))
        return len(prices)

    async def get_offers(self, skus: Sequence[str], store_id: str, channel: str) -> list[Offer]:
        """Say what products cost and whether they are here, in the order asked.

        Raises:
            InvalidInput: more than 1000 SKUs.
            NotFound: the store does not exist.
        """
        check_count("skus", skus, MAX_SKUS)
        return await self._database.read(lambda tx: offers.read_offers(tx, skus, store_id, channel))
