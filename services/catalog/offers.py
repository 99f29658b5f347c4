"""Stores, stock and prices: what a product costs and whether it is here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.catalog.product_rules import check_currency, check_key, check_money, check_text
from services.catalog.products import Money
from shared.errors import InvalidInput

MAX_QUANTITY: Final = 2**31 - 1
MAX_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Store:
    """A place where things are sold."""

    id: str
    name: str = ""
    currency_code: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class StockLevel:
    """How many pieces of a product a store has, and when it said so (Unix time in µs)."""

    sku: str
    store_id: str
    quantity: int
    reported_us: int = 0


@dataclass(frozen=True, slots=True)
class ChannelPrice:
    """A price that holds in one store, on one channel, or both; None takes it away."""

    sku: str
    store_id: str
    channel: str
    price: Money | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a product costs and whether it is here; ``stock`` None = never reported."""

    sku: str
    price: Money | None
    stock: StockLevel | None


PriceTable = Mapping[tuple[str, str], Money]
"""The entries of one product, by (store id, channel); "" = every."""


def price_that_holds(
    prices: PriceTable, store_id: str, channel: str, list_price: Money | None
) -> Money | None:
    """Choose the most specific price: store and channel, store, channel, list price.

    >>> eur = {("", "app"): Money("EUR", 3), ("berlin-1", ""): Money("EUR", 2)}
    >>> price_that_holds(eur, "berlin-1", "app", Money("EUR", 9)).amount_micros
    2
    >>> price_that_holds(eur, "munich-1", "kiosk", None) is None
    True
    """
    for key in ((store_id, channel), (store_id, ""), ("", channel)):
        if key in prices:
            return prices[key]
    return list_price


def check_store(index: int, store: Store) -> None:
    """Check one store of a request.

    Raises:
        InvalidInput: a field is wrong; the error names it.
    """
    field = f"stores[{index}]"
    check_key(f"{field}.id", store.id)
    check_text(f"{field}.name", store.name, MAX_NAME)
    check_text(f"{field}.time_zone", store.time_zone, MAX_NAME)
    if store.currency_code:
        check_currency(f"{field}.currency_code", store.currency_code)


def check_level(index: int, level: StockLevel) -> None:
    """Check one stock level of a request.

    Raises:
        InvalidInput: the quantity is negative (``QUANTITY_NEGATIVE``).
    """
    if level.quantity < 0:
        raise InvalidInput.of(
            f"levels[{index}].quantity",
            f"is {level.quantity}, must be 0 or more",
            reason="QUANTITY_NEGATIVE",
        )


def check_channel_price(index: int, entry: ChannelPrice) -> None:
    """Check one price of a request.

    Raises:
        InvalidInput: the amount or the currency is wrong, or the entry says neither
            store nor channel (``PRICE_SCOPE_MISSING``): that is the list price.
    """
    field = f"prices[{index}]"
    check_text(f"{field}.channel", entry.channel, 100)
    if not entry.store_id and not entry.channel:
        raise InvalidInput.of(
            field,
            "names neither a store nor a channel; change the product's own price instead",
            reason="PRICE_SCOPE_MISSING",
        )
    if entry.price is not None:
        check_money(f"{field}.price", entry.price)
