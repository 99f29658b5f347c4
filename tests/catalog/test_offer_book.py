"""Stores, stock and prices, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest

from services.catalog.catalogue import Catalogue
from services.catalog.offer_book import OfferBook
from services.catalog.offers import ChannelPrice, StockLevel, Store
from services.catalog.products import Money
from shared.errors import InvalidInput, NotFound
from tests.catalog.making import Clock, product, put


def eur(amount: int) -> Money:
    """Whole euros."""
    return Money("EUR", amount * 1_000_000)


@pytest.fixture
async def book(catalogue: Catalogue, offer_book: OfferBook) -> OfferBook:
    """Two products, the first with a list price, and two stores."""
    await put(catalogue, product("A", price=eur(9)), product("B"))
    await offer_book.upsert_stores([Store("berlin"), Store("hamburg", "Hamburg", "EUR", "CET")])
    return offer_book


async def test_stores_are_listed_by_id_in_their_last_state(book: OfferBook) -> None:
    """An upsert replaces the whole store."""
    await book.upsert_stores([Store("hamburg", "Altona"), Store("aachen")])
    found = await book.list_stores()
    assert found == [Store("aachen"), Store("berlin"), Store("hamburg", "Altona")]


@pytest.mark.parametrize(
    ("store", "field"),
    [
        (Store(""), "stores[1].id"),
        (Store("a b"), "stores[1].id"),
        (Store("a", currency_code="euro"), "stores[1].currency_code"),
        (Store("a", name="x" * 201), "stores[1].name"),
    ],
)
async def test_one_wrong_store_stops_all(book: OfferBook, store: Store, field: str) -> None:
    """All or none."""
    with pytest.raises(InvalidInput) as refused:
        await book.upsert_stores([Store("new"), store])
    assert refused.value.violations[0].field == field
    assert len(await book.list_stores()) == 2


async def test_stock_is_here_or_not_or_never_reported(book: OfferBook, clock: Clock) -> None:
    """Zero pieces is a report; no report is none."""
    await book.set_stock([StockLevel("A", "berlin", 3), StockLevel("B", "berlin", 0)])
    a, b = await book.get_offers(["A", "B"], "berlin", "")
    assert a.stock == StockLevel("A", "berlin", 3, clock.now_us)
    assert b.stock == StockLevel("B", "berlin", 0, clock.now_us)
    (elsewhere,) = await book.get_offers(["A"], "hamburg", "")
    assert elsewhere.stock is None
    (nowhere,) = await book.get_offers(["A"], "", "")
    assert nowhere.stock is None


async def test_the_last_level_of_a_request_wins(book: OfferBook) -> None:
    """Equal keys are set in the order sent."""
    assert await book.set_stock([StockLevel("A", "berlin", n) for n in (1, 2, 7)]) == 3
    assert [level.quantity for level in await book.list_stock("berlin", "", 10)] == [7]


@pytest.mark.parametrize(
    ("level", "error"),
    [
        (StockLevel("nope", "berlin", 1), NotFound),
        (StockLevel("A", "nope", 1), NotFound),
        (StockLevel("A", "", 1), NotFound),
        (StockLevel("A", "berlin", -1), InvalidInput),
    ],
)
async def test_one_wrong_level_stops_all(
    book: OfferBook, level: StockLevel, error: type[Exception]
) -> None:
    """All or none: unknown stores and SKUs, negative quantities."""
    with pytest.raises(error):
        await book.set_stock([StockLevel("A", "hamburg", 1), level])
    assert await book.list_stock("hamburg", "", 10) == []


async def test_a_missing_store_is_named(book: OfferBook) -> None:
    """The error carries the resource."""
    for call in (
        book.get_offers(["A"], "nope", ""),
        book.list_stock("nope", "", 1),
        book.set_prices([ChannelPrice("A", "nope", "", eur(1))]),
    ):
        with pytest.raises(NotFound, match="no store 'nope'") as missing:
            await call
        assert missing.value.reason == "STORE_NOT_FOUND"


async def test_stock_is_listed_in_pages_without_what_is_gone(book: OfferBook) -> None:
    """By SKU, only quantities above 0."""
    await book.set_stock([StockLevel("B", "berlin", 2), StockLevel("A", "berlin", 1)])
    assert [level.sku for level in await book.list_stock("berlin", "", 1)] == ["A"]
    assert [level.sku for level in await book.list_stock("berlin", "A", 1)] == ["B"]
    await book.set_stock([StockLevel("A", "berlin", 0)])
    assert [level.sku for level in await book.list_stock("berlin", "", 9)] == ["B"]


@pytest.mark.parametrize(
    ("store", "channel", "amount"),
    [
        ("berlin", "app", 1),
        ("berlin", "", 2),
        ("berlin", "kiosk", 2),
        ("", "app", 3),
        ("hamburg", "app", 3),
        ("hamburg", "kiosk", 9),
        ("", "", 9),
    ],
)
async def test_the_most_specific_price_holds(
    book: OfferBook, store: str, channel: str, amount: int
) -> None:
    """Store and channel, then store, then channel, then the list price."""
    await book.set_prices(
        [
            ChannelPrice("A", "berlin", "app", eur(1)),
            ChannelPrice("A", "berlin", "", eur(2)),
            ChannelPrice("A", "", "app", eur(3)),
        ]
    )
    (offer,) = await book.get_offers(["A"], store, channel)
    assert offer.price == eur(amount)


async def test_a_price_can_be_taken_away(book: OfferBook) -> None:
    """Then the next specific one holds; taking away twice is no error."""
    entry = ChannelPrice("B", "berlin", "", eur(2))
    gone = ChannelPrice("B", "berlin", "", None)
    await book.set_prices([entry])
    assert await book.set_prices([gone, gone]) == 2
    (offer,) = await book.get_offers(["B"], "berlin", "")
    assert offer.price is None


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (ChannelPrice("A", "berlin", "", Money("EUR", -1)), "PRICE_NEGATIVE"),
        (ChannelPrice("A", "berlin", "", Money("", 1)), "CURRENCY_MALFORMED"),
        (ChannelPrice("A", "", "", eur(1)), "PRICE_SCOPE_MISSING"),
    ],
)
async def test_one_wrong_price_stops_all(book: OfferBook, entry: ChannelPrice, reason: str) -> None:
    """All or none; a price for everywhere is the product's own."""
    with pytest.raises(InvalidInput) as refused:
        await book.set_prices([ChannelPrice("A", "", "app", eur(1)), entry])
    assert refused.value.reason == reason
    (offer,) = await book.get_offers(["A"], "", "app")
    assert offer.price == eur(9)


async def test_offers_come_in_the_order_asked(book: OfferBook) -> None:
    """Unknown SKUs are left out."""
    found = await book.get_offers(["B", "nope", "A", "B"], "", "")
    assert [offer.sku for offer in found] == ["B", "A", "B"]


async def test_stock_and_prices_take_no_revision(book: OfferBook, catalogue: Catalogue) -> None:
    """They never make an index follow."""
    before = (await catalogue.status()).revision
    await book.set_stock([StockLevel("A", "berlin", 3)])
    await book.set_prices([ChannelPrice("A", "", "app", eur(1))])
    assert (await catalogue.status()).revision == before


async def test_a_deleted_product_takes_its_stock_and_prices_along(
    book: OfferBook, catalogue: Catalogue
) -> None:
    """The SKU may be used again, with nothing left of the old one."""
    await book.set_stock([StockLevel("A", "berlin", 3)])
    await book.set_prices([ChannelPrice("A", "", "app", eur(1))])
    await catalogue.delete_products(["A"])
    await put(catalogue, product("A"))
    (offer,) = await book.get_offers(["A"], "berlin", "app")
    assert (offer.price, offer.stock) == (None, None)


async def test_writers_of_the_same_stock_do_not_wait_in_a_circle(
    book: OfferBook, catalogue: Catalogue
) -> None:
    """Two requests that name the same levels in opposite orders both succeed."""
    skus = [f"S{i}" for i in range(50)]
    await put(catalogue, *(product(sku) for sku in skus))
    levels = [StockLevel(sku, "berlin", 1) for sku in skus]
    await asyncio.gather(*(book.set_stock(levels[:: 1 if i % 2 else -1]) for i in range(10)))
    assert len(await book.list_stock("berlin", "", 100)) == 50
