"""Alembic's entry: online with the connection it is given, offline as SQL text."""

from alembic import context

from services.catalog.store.schema import metadata


def run_offline() -> None:
    """Print the SQL for the database kind in ``-x dialect=`` (default PostgreSQL)."""
    dialect = context.get_x_argument(as_dictionary=True).get("dialect", "postgresql")
    context.configure(dialect_name=dialect, target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Migrate inside the transaction that is open on the given connection."""
    context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
    context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
