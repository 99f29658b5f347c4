"""The one sequence of changes.

A transaction that changes products locks the counter before it reads anything, and keeps
the lock until it commits. So revisions become visible in order and without a gap: who
sees n + 1 has seen n.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from services.catalog.store.schema import revision

_READ = select(revision.c.value)
_LOCK = _READ.with_for_update()


class Revisions:
    """The counter, locked by this transaction. Create it first, ``save`` it last."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._loaded = connection.execute(_LOCK).scalar_one()
        self.current: int = self._loaded

    def take(self) -> int:
        """Return the next revision."""
        self.current += 1
        return self.current

    def save(self) -> int:
        """Write the counter and return it."""
        if self.current != self._loaded:
            self._connection.execute(update(revision).values(value=self.current))
        return self.current


def read_catalog_id(connection: Connection) -> str:
    """Return the name of this catalogue, which its database was given when it was made."""
    name: str = connection.execute(select(revision.c.catalog_id)).scalar_one()
    return name


def read_revision(connection: Connection) -> int:
    """Return the last revision of this snapshot; 0 = nothing ever happened."""
    value: int = connection.execute(_READ).scalar_one()
    return value
