"""The tables. Migrations bring a database to this state; a test compares the two.

Keys compare by code point on both databases (``COLLATE "C"``), so that pages are cut in
the same places. Times are microseconds of Unix time, so that no driver turns them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(length: int = 100) -> String:
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def _sku(**options: Any) -> Column[str]:
    reference = ForeignKey("product.sku", ondelete="CASCADE")
    return Column("sku", _key(), reference, nullable=False, **options)


revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", BigInteger, nullable=False),
    Column("catalog_id", String(32), nullable=False, server_default=""),
    CheckConstraint("id = 1", name="one_row"),
)

product = Table(
    "product",
    metadata,
    Column("sku", _key(), primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("brand", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("category_path", Text, nullable=False),  # compact JSON: a prefix is a prefix
    Column("attributes", Text, nullable=False),  # JSON object
    Column("currency_code", String(3)),
    Column("amount_micros", BigInteger),
    Column("item_group_id", _key(), nullable=False),
    Column("width_mm", Float(53), nullable=False),
    Column("height_mm", Float(53), nullable=False),
    Column("depth_mm", Float(53), nullable=False),
    Column("try_on_asset", Text),  # JSON object
    Column("status", String(20), nullable=False),
    Column("link", Text, nullable=False),
    Column("search_text", Text, nullable=False),  # SKU, title, brand; case folded
    Index(None, "revision", unique=True),
)

product_gtin = Table(
    "product_gtin",
    metadata,
    Column("gtin", _key(14), primary_key=True),
    _sku(index=True),
    Column("position", Integer, nullable=False),
)

tombstone = Table(
    "tombstone",
    metadata,
    Column("sku", _key(), primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Index(None, "revision", unique=True),
)

reference_image = Table(
    "reference_image",
    metadata,
    _sku(primary_key=True),
    Column("id", _key(64), primary_key=True, index=True),
    Column("view", _key(), nullable=False),
    Column("position", Integer, nullable=False),
    Column("mime_type", String(20), nullable=False),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    UniqueConstraint("sku", "view"),
)

# Blobs that no committed row may point to: about to be used, or used no more.
unused_blob = Table(
    "unused_blob",
    metadata,
    Column("id", _key(64), primary_key=True),
    Column("since_us", BigInteger, nullable=False),
)

store = Table(
    "store",
    metadata,
    Column("id", _key(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("currency_code", String(3), nullable=False),
    Column("time_zone", Text, nullable=False),
)

stock = Table(
    "stock",
    metadata,
    Column("store_id", _key(), ForeignKey("store.id", ondelete="CASCADE"), primary_key=True),
    _sku(primary_key=True, index=True),
    Column("quantity", Integer, nullable=False),
    Column("reported_us", BigInteger, nullable=False),
    CheckConstraint("quantity >= 0", name="quantity_not_negative"),
)

# store_id and channel are '' where the price holds for every one of them.
channel_price = Table(
    "channel_price",
    metadata,
    _sku(primary_key=True),
    Column("store_id", _key(), primary_key=True),
    Column("channel", _key(), primary_key=True),
    Column("currency_code", String(3), nullable=False),
    Column("amount_micros", BigInteger, nullable=False),
    CheckConstraint("amount_micros >= 0", name="amount_not_negative"),
)
