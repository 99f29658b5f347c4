"""Feeds written and read for a test."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from services.catalog.feeds.detect import read_feed
from services.catalog.feeds.rows import FeedRow, FeedSettings, RowRejected, Warned

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(
    tmp_path: Path, content: str | bytes, currency: str = ""
) -> tuple[list[FeedRow], list[RowRejected], list[Warned]]:
    """Write a feed, read it, and sort what comes out."""
    path = tmp_path / "feed"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with path.open("rb") as file:
        entries = list(read_feed(path, file, FeedSettings(tmp_path, NOW, currency)))
    return (
        [entry for entry in entries if isinstance(entry, FeedRow)],
        [entry for entry in entries if isinstance(entry, RowRejected)],
        [entry for entry in entries if isinstance(entry, Warned)],
    )


def tsv(*rows: dict[str, str]) -> str:
    """A tab-separated feed with all columns of its rows."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = ["\t".join(row.get(name, "") for name in columns) for row in rows]
    return "\n".join(["\t".join(columns), *lines]) + "\n"


def one(tmp_path: Path, **values: str) -> FeedRow:
    """The product of a Google feed with one row."""
    values = {name.replace("__", ":"): value for name, value in values.items()}
    rows, rejected, _ = read(tmp_path, tsv({"id": "A", "title": "T", **values}))
    assert not rejected
    return rows[0]


def why(tmp_path: Path, **values: str) -> str:
    """Why the only row of a Google feed is rejected."""
    rows, rejected, _ = read(tmp_path, tsv({"id": "A", "title": "T", **values}))
    assert not rows
    return rejected[0].reason
