"""Stores, stock and prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from services.catalog.offers import (
    ChannelPrice,
    Offer,
    PriceTable,
    StockLevel,
    Store,
    price_that_holds,
)
from services.catalog.products import Money
from services.catalog.store.schema import channel_price, product, stock, store
from shared.errors import NotFound

_CHUNK = 1000  # keeps statements far below the databases' limits of bound parameters


def write_stores(connection: Connection, stores: Iterable[Store]) -> None:
    """Create or change stores."""
    _upsert(connection, store, [asdict(entry) for entry in stores])


def read_stores(connection: Connection) -> list[Store]:
    """Read all stores by id."""
    rows = connection.execute(select(store).order_by(store.c.id))
    return [Store(row.id, row.name, row.currency_code, row.time_zone) for row in rows]


def count_stores(connection: Connection) -> int:
    """Count the stores."""
    count: int = connection.execute(select(func.count()).select_from(store)).scalar_one()
    return count


def write_stock(connection: Connection, levels: Sequence[StockLevel]) -> None:
    """Set stock.

    Raises:
        NotFound: a store or a SKU does not exist; nothing is set.
    """
    require_stores(connection, {level.store_id for level in levels})
    require_products(connection, {level.sku for level in levels})
    _upsert(connection, stock, [asdict(level) for level in levels])


def list_stock(connection: Connection, store_id: str, after: str, limit: int) -> list[StockLevel]:
    """Read the first ``limit`` levels above 0 of a store, by SKU after ``after``.

    Raises:
        NotFound: the store does not exist.
    """
    require_stores(connection, {store_id})
    chosen = and_(stock.c.store_id == store_id, stock.c.quantity > 0, stock.c.sku > after)
    rows = connection.execute(select(stock).where(chosen).order_by(stock.c.sku).limit(limit))
    return [StockLevel(row.sku, row.store_id, row.quantity, row.reported_us) for row in rows]


def write_prices(connection: Connection, prices: Sequence[ChannelPrice]) -> None:
    """Set prices; an entry without a price is taken away.

    Raises:
        NotFound: a store or a SKU does not exist; nothing is set.
    """
    require_stores(connection, {entry.store_id for entry in prices} - {""})
    require_products(connection, {entry.sku for entry in prices})
    latest = {(entry.sku, entry.store_id, entry.channel): entry.price for entry in prices}
    for key in sorted(key for key, price in latest.items() if price is None):
        columns = zip(("sku", "store_id", "channel"), key, strict=True)
        matches = [channel_price.c[name] == value for name, value in columns]
        connection.execute(delete(channel_price).where(*matches))
    rows = [
        {"sku": sku, "store_id": store_id, "channel": channel, **asdict(price)}
        for (sku, store_id, channel), price in latest.items()
        if price is not None
    ]
    _upsert(connection, channel_price, rows)


def read_offers(
    connection: Connection, skus: Sequence[str], store_id: str, channel: str
) -> list[Offer]:
    """Read what products cost and whether they are here, in the order asked.

    Raises:
        NotFound: the store does not exist.
    """
    require_stores(connection, {store_id} - {""})
    listed, levels = _list_prices(connection, skus), _levels(connection, skus, store_id)
    prices = _prices(connection, skus, store_id, channel)
    return [
        Offer(sku, price_that_holds(prices[sku], store_id, channel, listed[sku]), levels.get(sku))
        for sku in skus
        if sku in listed
    ]


def require_stores(connection: Connection, ids: Collection[str]) -> None:
    """Check that stores exist.

    Raises:
        NotFound: names one that does not (``STORE_NOT_FOUND``).
    """
    _require(connection, store.c.id, ids, "store")


def require_products(connection: Connection, skus: Collection[str]) -> None:
    """Check that products exist.

    Raises:
        NotFound: names one that does not (``PRODUCT_NOT_FOUND``).
    """
    _require(connection, product.c.sku, skus, "product")


def _require(connection: Connection, key: Any, wanted: Collection[str], kind: str) -> None:
    names = sorted(wanted)
    for start in range(0, len(names), _CHUNK):
        chunk = names[start : start + _CHUNK]
        found = set(connection.execute(select(key).where(key.in_(chunk))).scalars())
        missing = next((name for name in chunk if name not in found), None)
        if missing is not None:
            raise NotFound.of(kind, missing)


def _list_prices(connection: Connection, skus: Sequence[str]) -> dict[str, Money | None]:
    query = select(product.c.sku, product.c.currency_code, product.c.amount_micros)
    return {
        row.sku: None if row.amount_micros is None else Money(row.currency_code, row.amount_micros)
        for row in connection.execute(query.where(product.c.sku.in_(skus)))
    }


def _levels(connection: Connection, skus: Sequence[str], store_id: str) -> dict[str, StockLevel]:
    query = select(stock).where(stock.c.store_id == store_id, stock.c.sku.in_(skus))
    return {
        row.sku: StockLevel(row.sku, row.store_id, row.quantity, row.reported_us)
        for row in connection.execute(query)
    }


def _prices(
    connection: Connection, skus: Sequence[str], store_id: str, channel: str
) -> dict[str, PriceTable]:
    tables: dict[str, dict[tuple[str, str], Money]] = defaultdict(dict)
    here = or_(channel_price.c.store_id == store_id, channel_price.c.store_id == "")
    this = or_(channel_price.c.channel == channel, channel_price.c.channel == "")
    query = select(channel_price).where(channel_price.c.sku.in_(skus), here, this)
    for row in connection.execute(query):
        tables[row.sku][row.store_id, row.channel] = Money(row.currency_code, row.amount_micros)
    return defaultdict(dict, tables)


def _upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows or overwrite those with the same key; the last of equal keys wins.

    Rows go in by key, so that two writers can never wait for each other in a circle.
    """
    keys = [column.name for column in table.primary_key]
    latest = {tuple(row[key] for key in keys): row for row in rows}
    if not latest:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    names = [column.name for column in table.columns]
    changed = {name: statement.excluded[name] for name in names if name not in keys}
    statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    connection.execute(statement, [latest[key] for key in sorted(latest)])
