"""One database: its engine, its threads, its transactions, its migrations.

SQLAlchemy runs in threads of its own, so that a slow query never holds up the event
loop. On SQLite one thread writes, since there can be only one writer anyway; readers see
the last commit (WAL). On PostgreSQL readers get a snapshot (REPEATABLE READ), writers
READ COMMITTED and a row lock (see ``revisions``).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.engine import URL, make_url

from shared.errors import InvalidInput, NotReady, Unavailable

Result = TypeVar("Result")
Transaction = Connection
"""What the functions of this package work on; opaque to everybody else."""

READERS: Final = 4
BUSY_TIMEOUT_S: Final = 30
CONNECT_TIMEOUT_S: Final = 5
READ_TIMEOUT_S: Final = 10.0
_SQLITE_READ: Final = {"vitrine_read": True}
_POSTGRES_READ: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_MIGRATIONS = Path(__file__).parent.parent / "migrations"
_MIGRATION_LOCK: Final = 0x76697472  # "vitr": PostgreSQL advisory lock of start-up


class Database:
    """Transactions on one database, each in a thread.

    Args:
        url: SQLAlchemy URL; ``sqlite:///path`` or ``postgresql://...``.

    Raises:
        NotReady: the URL names another kind of database (``DATABASE_URL_UNKNOWN``), or
            its folder cannot be made (``STATE_DIR_UNUSABLE``).
    """

    def __init__(self, url: str) -> None:
        self._url = _checked_url(url)
        self._engine = _open(self._url)
        writers = 1 if self.is_sqlite else READERS
        self._writers = ThreadPoolExecutor(writers, "catalog-write")
        self._readers = ThreadPoolExecutor(READERS, "catalog-read")

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite."""
        return self._url.get_backend_name() == "sqlite"

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` on a snapshot of the database.

        Raises:
            Unavailable: the database does not answer within ``READ_TIMEOUT_S``.
        """
        async with answered_in_time():
            return await self._run(self._readers, self.read_here, work)

    def read_here(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` on a snapshot in this thread, which must not be the event loop's.

        Raises:
            Unavailable: the database does not answer.
        """
        return self._transact(work, _SQLITE_READ if self.is_sqlite else _POSTGRES_READ)

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` in a transaction that is committed when it returns.

        A caller that is cancelled does not undo it: the transaction ends as it would.

        Raises:
            Unavailable: the database does not answer; nothing was changed.
        """
        return await self._run(self._writers, self._transact, work, {})

    async def migrate(self) -> None:
        """Bring the database to the present schema; several processes may try at once.

        Raises:
            NotReady: the database was made by a later version (``DATABASE_TOO_NEW``).
            Unavailable: the database does not answer.
        """
        await self.write(self._upgrade)

    async def close(self) -> None:
        """Wait for what runs, then close the connections."""
        for pool in (self._writers, self._readers):
            await asyncio.to_thread(pool.shutdown)
        self._engine.dispose()

    async def _run(
        self, pool: ThreadPoolExecutor, work: Callable[..., Result], *arguments: object
    ) -> Result:
        return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)

    def _transact(self, work: Callable[[Connection], Result], options: Mapping[str, Any]) -> Result:
        with _told_as_unavailable(), self._engine.connect() as connection:
            connection.execution_options(**options)  # sets them on this very connection
            with connection.begin():
                return work(connection)

    def _upgrade(self, connection: Connection) -> None:
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        present = _present(connection)
        known = {script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}
        if present is not None and present not in known:
            raise NotReady(
                f"the catalogue's database has schema {present}, which this version does not "
                "know; run the version that made it, or a later one",
                reason="DATABASE_TOO_NEW",
            )
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def alembic_config() -> Config:
    """Alembic's configuration without a file; also for ``alembic upgrade --sql``."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _checked_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise NotReady(
            "the catalogue's database URL cannot be read; it looks like "
            "postgresql://user@host/name or sqlite:///folder/catalog.sqlite",
            reason="DATABASE_URL_UNKNOWN",
        ) from error
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed
    raise NotReady(
        f"the catalogue cannot live in {parsed.render_as_string()}; "
        "use a SQLite file or PostgreSQL",
        reason="DATABASE_URL_UNKNOWN",
    )


def _open(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_size=2 * READERS,
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
        )
    _make_folder(Path(url.database or "").parent)
    engine = create_engine(url, pool_size=READERS + 1, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotReady(
            f"cannot make the folder {folder}: {error.strerror}; "
            "choose another with VITRINE_STATE_DIR or --state-dir",
            reason="STATE_DIR_UNUSABLE",
        ) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite alone
    for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {setting}")


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("vitrine_read")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _present(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@asynccontextmanager
async def answered_in_time() -> AsyncIterator[None]:
    """Bound how long the block may wait for the database.

    Raises:
        Unavailable: it took longer than ``READ_TIMEOUT_S``.
    """
    try:
        async with asyncio.timeout(READ_TIMEOUT_S):
            yield
    except TimeoutError as error:
        raise _unavailable(error) from error


@contextmanager
def _told_as_unavailable() -> Iterator[None]:
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
        raise _unavailable(error) from error
    except exc.DataError as error:
        raise InvalidInput("a text holds a NUL character, or a number is out of range") from error
    except exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    cause = getattr(error, "orig", None) or error
    return Unavailable(
        f"the catalogue's database does not answer: {type(cause).__name__}",
        reason="DATABASE_UNAVAILABLE",
    )
