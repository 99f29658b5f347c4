"""The change log, a page at a time: present states and tombstones by revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from services.catalog.products import StoredProduct, Tombstone
from services.catalog.store.products import read_products_after, read_tombstones_after
from services.catalog.store.revisions import read_revision

PAGE: Final = 100

Change = StoredProduct | Tombstone


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes in the order of their revisions.

    Attributes:
        changes: the first of what happened after the revision asked for.
        revision: the catalogue's own when the page was read.
        is_last: whether nothing else had happened by then.
    """

    changes: tuple[Change, ...]
    revision: int
    is_last: bool


def read_changes(connection: Connection, since: int) -> ChangePage:
    """Read the first changes after a revision from one snapshot of the database."""
    found: list[Change] = [
        *read_products_after(connection, since, PAGE),
        *read_tombstones_after(connection, since, PAGE),
    ]
    found.sort(key=lambda change: change.revision)
    return ChangePage(tuple(found[:PAGE]), read_revision(connection), len(found) < PAGE)
