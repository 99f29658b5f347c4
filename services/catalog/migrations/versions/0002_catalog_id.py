"""a name for each catalogue

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Made by the database, so that SQL printed once names every database differently.
_NAME = {
    "postgresql": "UPDATE revision SET catalog_id = "
    "replace(CAST(gen_random_uuid() AS text), '-', '')",
    "sqlite": "UPDATE revision SET catalog_id = lower(hex(randomblob(16)))",
}


def upgrade() -> None:
    column = sa.Column("catalog_id", sa.String(32), nullable=False, server_default="")
    op.add_column("revision", column)
    op.execute(_NAME[op.get_context().dialect.name])


def downgrade() -> None:
    op.drop_column("revision", "catalog_id")
