"""Conversions between the contract's messages and stores, stock, prices and offers."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from services.catalog.messages import money_message, read_money
from services.catalog.offers import ChannelPrice, Offer, StockLevel, Store
from vitrine.v1 import catalog_pb2 as pb


def read_store(message: pb.Store) -> Store:
    """Turn a message into a store."""
    return Store(message.id, message.name, message.currency_code, message.time_zone)


def store_message(store: Store) -> pb.Store:
    """Turn a store into a message."""
    return pb.Store(
        id=store.id,
        name=store.name,
        currency_code=store.currency_code,
        time_zone=store.time_zone,
    )


def read_level(message: pb.StockLevel) -> StockLevel:
    """Turn a message into a stock level."""
    return StockLevel(message.sku, message.store_id, message.quantity)


def level_message(level: StockLevel) -> pb.StockLevel:
    """Turn a stock level into a message."""
    return pb.StockLevel(sku=level.sku, store_id=level.store_id, quantity=level.quantity)


def read_channel_price(message: pb.ChannelPrice) -> ChannelPrice:
    """Turn a message into a price of a part of the shop."""
    price = read_money(message.price) if message.HasField("price") else None
    return ChannelPrice(message.sku, message.store_id, message.channel, price)


def offer_message(offer: Offer, store_id: str, channel: str) -> pb.Offer:
    """Turn an offer into a message."""
    message = pb.Offer(
        sku=offer.sku, store_id=store_id, channel=channel, price=money_message(offer.price)
    )
    if offer.stock is not None:
        here = offer.stock.quantity > 0
        message.availability = pb.AVAILABILITY_IN_STOCK if here else pb.AVAILABILITY_OUT_OF_STOCK
        message.quantity = offer.stock.quantity
        message.stock_time.CopyFrom(_timestamp(offer.stock.reported_us))
    return message


def _timestamp(unix_us: int) -> Timestamp:
    time = Timestamp()
    time.FromMicroseconds(unix_us)
    return time
