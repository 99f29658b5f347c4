"""products, images, stores, stock, prices

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _key(length: int = 100) -> sa.String:
    """A key that compares by code point on both databases."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "product",
        sa.Column("sku", _key(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category_path", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=True),
        sa.Column("amount_micros", sa.BigInteger(), nullable=True),
        sa.Column("item_group_id", _key(), nullable=False),
        sa.Column("width_mm", sa.Float(precision=53), nullable=False),
        sa.Column("height_mm", sa.Float(precision=53), nullable=False),
        sa.Column("depth_mm", sa.Float(precision=53), nullable=False),
        sa.Column("try_on_asset", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sku", name="pk_product"),
    )
    op.create_index("ix_product_revision", "product", ["revision"], unique=True)
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
    )
    op.create_table(
        "store",
        sa.Column("id", _key(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_store"),
    )
    op.create_table(
        "tombstone",
        sa.Column("sku", _key(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sku", name="pk_tombstone"),
    )
    op.create_index("ix_tombstone_revision", "tombstone", ["revision"], unique=True)
    op.create_table(
        "unused_blob",
        sa.Column("id", _key(64), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unused_blob"),
    )
    op.create_table(
        "channel_price",
        sa.Column("sku", _key(), nullable=False),
        sa.Column("store_id", _key(), nullable=False),
        sa.Column("channel", _key(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("amount_micros", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_micros >= 0", name="amount_not_negative"),
        sa.ForeignKeyConstraint(
            ["sku"], ["product.sku"], name="fk_channel_price_sku", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sku", "store_id", "channel", name="pk_channel_price"),
    )
    op.create_table(
        "product_gtin",
        sa.Column("gtin", _key(14), nullable=False),
        sa.Column("sku", _key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sku"], ["product.sku"], name="fk_product_gtin_sku", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("gtin", name="pk_product_gtin"),
    )
    op.create_index("ix_product_gtin_sku", "product_gtin", ["sku"], unique=False)
    op.create_table(
        "reference_image",
        sa.Column("sku", _key(), nullable=False),
        sa.Column("id", _key(64), nullable=False),
        sa.Column("view", _key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("mime_type", sa.String(length=20), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sku"], ["product.sku"], name="fk_reference_image_sku", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sku", "id", name="pk_reference_image"),
        sa.UniqueConstraint("sku", "view", name="uq_reference_image_sku_view"),
    )
    op.create_index("ix_reference_image_id", "reference_image", ["id"], unique=False)
    op.create_table(
        "stock",
        sa.Column("store_id", _key(), nullable=False),
        sa.Column("sku", _key(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reported_us", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name="fk_stock_sku", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name="fk_stock_store_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("store_id", "sku", name="pk_stock"),
    )
    op.create_index("ix_stock_sku", "stock", ["sku"], unique=False)
    op.execute("INSERT INTO revision (id, value) VALUES (1, 0)")


def downgrade() -> None:
    op.drop_index("ix_stock_sku", table_name="stock")
    op.drop_table("stock")
    op.drop_index("ix_reference_image_id", table_name="reference_image")
    op.drop_table("reference_image")
    op.drop_index("ix_product_gtin_sku", table_name="product_gtin")
    op.drop_table("product_gtin")
    op.drop_table("channel_price")
    op.drop_table("unused_blob")
    op.drop_index("ix_tombstone_revision", table_name="tombstone")
    op.drop_table("tombstone")
    op.drop_table("store")
    op.drop_table("revision")
    op.drop_index("ix_product_revision", table_name="product")
    op.drop_table("product")
