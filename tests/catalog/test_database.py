"""Migrations, and what a caller is told when the database is wrong or away."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from services.catalog.store.database import Database, alembic_config
from services.catalog.store.schema import metadata
from shared.errors import InvalidInput, NotReady, Unavailable
from tests.servers import free_port


async def test_migrations_lead_to_the_tables_of_the_schema(database: Database) -> None:
    """What the migrations make and what the code expects are the same."""

    def differences(connection: Any) -> Any:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    assert await database.read(differences) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """With the reason and what to set; no traceback of the file system."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotReady, match=r"file/catalog: Not a directory.*VITRINE_STATE_DIR"):
        Database(f"sqlite:///{tmp_path / 'file' / 'catalog' / 'x.sqlite'}")


async def test_constraints_have_the_names_of_the_schema(database: Database) -> None:
    """So that a later migration can drop them by name on both databases."""

    def names(connection: Any) -> set[str]:
        found = inspect(connection)
        return {c["name"] for t in metadata.tables for c in found.get_check_constraints(t)}

    assert await database.read(names) == {
        "ck_revision_one_row",
        "ck_stock_quantity_not_negative",
        "ck_channel_price_amount_not_negative",
    }


async def test_migrating_again_changes_nothing(database: Database) -> None:
    """Every start-up migrates."""
    await database.migrate()
    count = text("SELECT count(*) FROM revision")
    assert await database.read(lambda connection: connection.execute(count).scalar()) == 1


async def test_a_migration_can_be_undone(database: Database) -> None:
    """Downgrading leaves no table behind."""

    def down(connection: Any) -> set[str]:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        return set(inspect(connection).get_table_names())

    assert await database.write(down) == {"alembic_version"}


async def test_an_older_database_keeps_its_data(database_url: str) -> None:
    """From the first schema to the present one, whatever is in it."""
    database = Database(database_url)

    def first(connection: Any) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("UPDATE revision SET value = 42"))

    await database.write(first)
    await database.migrate()
    query = text("SELECT value, length(catalog_id) FROM revision")
    found = await database.read(lambda connection: tuple(connection.execute(query).one()))
    assert found == (42, 32)
    await database.close()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_migrations_can_be_printed_without_a_database(dialect: str) -> None:
    """``alembic upgrade --sql``, for who must hand SQL to somebody else."""
    config, printed = alembic_config(), io.StringIO()
    config.output_buffer = printed
    config.cmd_opts = type("Options", (), {"x": [f"dialect={dialect}"]})()
    command.upgrade(config, "head", sql=True)
    assert "CREATE TABLE reference_image" in printed.getvalue()
    assert "INSERT INTO revision" in printed.getvalue()


async def test_a_database_of_a_later_version_is_left_alone(database: Database) -> None:
    """An old program refuses to start on it, and says which schema it found."""
    later = text("UPDATE alembic_version SET version_num = '9999'")
    await database.write(lambda connection: connection.execute(later) and None)
    with pytest.raises(NotReady, match="9999") as refused:
        await database.migrate()
    assert refused.value.reason == "DATABASE_TOO_NEW"


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://u:secret@h/d", "sqlite://", "sqlite:///:memory:"]
)
def test_another_kind_of_database_is_refused(url: str) -> None:
    """The message says what would be right and keeps the password to itself."""
    with pytest.raises(NotReady, match=r"PostgreSQL|postgresql") as refused:
        Database(url)
    assert refused.value.reason == "DATABASE_URL_UNKNOWN"
    assert "secret" not in refused.value.message


async def test_a_plain_postgresql_url_is_enough(fresh_postgres_url: str) -> None:
    """The driver need not be named."""
    database = Database(fresh_postgres_url.replace("+psycopg", ""))
    await database.migrate()
    await database.close()


async def test_what_fails_is_rolled_back(database: Database) -> None:
    """An exception inside a transaction leaves nothing behind."""

    def fail(connection: Any) -> None:
        connection.execute(text("UPDATE revision SET value = 99"))
        raise InvalidInput("no")

    with pytest.raises(InvalidInput):
        await database.write(fail)
    value = text("SELECT value FROM revision")
    assert await database.read(lambda connection: connection.execute(value).scalar()) == 0


async def test_a_reader_sees_one_state(database: Database) -> None:
    """What is committed while it reads does not show."""
    reading, written = threading.Event(), threading.Event()
    query = text("SELECT value FROM revision")

    def read(connection: Any) -> list[int]:
        before = connection.execute(query).scalar()
        reading.set()
        assert written.wait(30)
        return [before, connection.execute(query).scalar()]

    task = asyncio.create_task(database.read(read))
    await asyncio.to_thread(reading.wait, 30)
    change = text("UPDATE revision SET value = 7")
    await database.write(lambda connection: connection.execute(change) and None)
    written.set()
    assert await task == [0, 0]


async def test_an_absent_server_is_unavailable() -> None:
    """Told as such, with a reason, and not as an internal error."""
    database = Database(f"postgresql://vitrine@127.0.0.1:{free_port()}/x")
    with pytest.raises(Unavailable) as away:
        await database.migrate()
    assert away.value.reason == "DATABASE_UNAVAILABLE"
    await database.close()


async def test_a_server_that_hangs_is_unavailable() -> None:
    """A port that accepts and never answers does not hold a caller up for ever."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = Database(f"postgresql://vitrine@127.0.0.1:{silent.getsockname()[1]}/x")
        with pytest.raises(Unavailable):
            await database.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
        await database.close()


async def test_a_text_that_postgresql_cannot_hold_is_an_input_error(
    fresh_postgres_url: str,
) -> None:
    """A NUL character in a look-up is the caller's mistake."""
    database = Database(fresh_postgres_url)
    with pytest.raises(InvalidInput, match="NUL"):
        await database.read(
            lambda connection: connection.execute(text("SELECT :x"), {"x": "a\0b"}).scalar()
        )
    await database.close()


def test_a_folder_for_sqlite_is_made(tmp_path: Path) -> None:
    """The state folder need not exist."""
    Database(f"sqlite:///{tmp_path / 'a' / 'b' / 'catalog.sqlite'}")
    assert (tmp_path / "a" / "b").is_dir()
