"""Local features of the reference images on disk, and the revision that they reflect.

One SQLite file: a change and its revision are one transaction, so that a process killed
at any moment leaves the state before or after it. The write-ahead log is not synced at
each change: should the machine lose power, the last changes and their revisions are gone
together and are followed again.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

_FORMAT: Final = 2
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS images (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  sku TEXT NOT NULL,
  id TEXT NOT NULL,
  words BLOB NOT NULL,
  packed BLOB NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS images_of_products ON images (sku, id);
CREATE INDEX IF NOT EXISTS images_by_id ON images (id);
CREATE TABLE IF NOT EXISTS state (
  revision INTEGER NOT NULL,
  vocabulary TEXT NOT NULL,
  catalog TEXT NOT NULL
);
"""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StoredImage:
    """A reference image on disk.

    Attributes:
        sku: its product.
        id: the image's id; several products may share one.
        words: its features for the inverted file, as bytes.
        packed: all that verifying needs, as bytes.
    """

    sku: str
    id: str
    words: bytes
    packed: bytes


class FeatureStore:
    """Reference images by number. Safe to use from several threads.

    Args:
        path: the file; made if it is missing, made anew if it is unreadable or was
            written with another vocabulary.
        vocabulary: names the vocabulary that ``words`` are of.
    """

    def __init__(self, path: Path, vocabulary: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._vocabulary = path, f"{_FORMAT}/{vocabulary}"
        self._lock = threading.Lock()
        try:
            self._database = self._open()
        except sqlite3.DatabaseError as error:
            _log.warning("local features unreadable, built anew", path=str(path), error=str(error))
            remove(path)
            self._database = self._open()

    @property
    def revision(self) -> int:
        """The last catalogue revision applied; 0 = none."""
        with self._lock:
            return int(self._database.execute("SELECT revision FROM state").fetchone()[0])

    @property
    def catalog_id(self) -> str:
        """The catalogue that the revision is of; empty = none yet."""
        with self._lock:
            return str(self._database.execute("SELECT catalog FROM state").fetchone()[0])

    def apply(
        self, fresh: Sequence[StoredImage], gone: Iterable[tuple[str, str]], revision: int
    ) -> list[int]:
        """Store and delete images in one transaction; gives the numbers of the stored ones."""
        with self._lock, self._database as database:
            database.executemany("DELETE FROM images WHERE sku = ? AND id = ?", list(gone))
            numbers = [self._insert(image) for image in fresh]
            database.execute("UPDATE state SET revision = ?", (revision,))
        return numbers

    def of_products(self, skus: Iterable[str]) -> dict[str, dict[str, int]]:
        """Numbers of images by their id, by product; products without images are absent."""
        found: dict[str, dict[str, int]] = {}
        with self._lock:
            for sku in skus:
                rows = self._database.execute("SELECT id, number FROM images WHERE sku = ?", (sku,))
                images = dict(rows.fetchall())
                if images:
                    found[sku] = images
        return found

    def by_ids(self, ids: Iterable[str]) -> dict[str, tuple[bytes, bytes]]:
        """``words`` and ``packed`` of images, whichever product they are of."""
        found: dict[str, tuple[bytes, bytes]] = {}
        with self._lock:
            for id_ in ids:
                row = self._database.execute(
                    "SELECT words, packed FROM images WHERE id = ? LIMIT 1", (id_,)
                ).fetchone()
                if row:
                    found[id_] = row
        return found

    def packed(self, number: int) -> bytes | None:
        """What verifying needs of an image; None = gone."""
        with self._lock:
            row = self._database.execute(
                "SELECT packed FROM images WHERE number = ?", (number,)
            ).fetchone()
        return row[0] if row else None

    def all_words(self) -> Iterator[tuple[int, str, str, bytes]]:
        """Number, SKU, id and ``words`` of every image, by number."""
        with self._lock:
            yield from self._database.execute(
                "SELECT number, sku, id, words FROM images ORDER BY number"
            )

    def clear(self, catalog_id: str) -> None:
        """Forget everything and begin to hold another catalogue."""
        with self._lock, self._database as database:
            database.execute("DELETE FROM images")
            database.execute("UPDATE state SET revision = 0, catalog = ?", (catalog_id,))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._database.close()

    def _insert(self, image: StoredImage) -> int:
        cursor = self._database.execute(
            "INSERT INTO images (sku, id, words, packed) VALUES (?, ?, ?, ?)",
            (image.sku, image.id, image.words, image.packed),
        )
        return int(cursor.lastrowid or 0)

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.executescript(_SCHEMA)
            self._check_vocabulary(database)
        except sqlite3.DatabaseError:
            database.close()
            raise
        return database

    def _check_vocabulary(self, database: sqlite3.Connection) -> None:
        row = database.execute("SELECT vocabulary FROM state").fetchone()
        if row and row[0] == self._vocabulary:
            return
        with database:
            database.execute("DELETE FROM images")
            database.execute("DELETE FROM state")
            database.execute("INSERT INTO state VALUES (0, ?, '')", (self._vocabulary,))


def remove(path: Path) -> None:
    """Delete the file of a store that is not open."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def changes(
    before: Mapping[str, Mapping[str, int]], after: Mapping[str, Sequence[str]]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What to store and what to delete: pairs of SKU and image id.

    >>> changes({"A": {"x": 1, "y": 2}}, {"A": ["y", "z"], "B": []})
    ([('A', 'z')], [('A', 'x')])
    """
    fresh = [
        (sku, id_)
        for sku, ids in after.items()
        for id_ in dict.fromkeys(ids)
        if id_ not in before.get(sku, {})
    ]
    gone = [(sku, id_) for sku, ids in before.items() for id_ in ids if id_ not in after[sku]]
    return fresh, gone
