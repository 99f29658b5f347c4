"""Encodings and lines: what exports are written in, and what would fill the memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from services.catalog.feeds.detect import read_feed
from services.catalog.feeds.rows import FeedSettings, RowRejected
from tests.catalog.feeds.reading import NOW, read

GERMAN = "id\ttitle\nA\tÖlkännchen\n"


@pytest.mark.parametrize(
    "data",
    [
        GERMAN.encode(),
        GERMAN.encode("utf-8-sig"),
        GERMAN.encode("utf-16"),
        GERMAN.encode("utf-16-le"),
        GERMAN.encode("utf-16-be"),
        GERMAN.replace("\n", "\r\n").encode(),
    ],
)
def test_unicode_encodings_are_recognised(tmp_path: Path, data: bytes) -> None:
    """By mark or by content, without a warning."""
    rows, _, warnings = read(tmp_path, data)
    assert (rows[0].product.title, warnings) == ("Ölkännchen", [])


def test_latin_1_is_read_with_one_warning(tmp_path: Path) -> None:
    """The line at which it shows is named."""
    content = (GERMAN + "B\tplain\nC\tTürgriff 5 €\n").encode("cp1252")
    rows, _, warnings = read(tmp_path, content)
    assert [row.product.title for row in rows] == ["Ölkännchen", "plain", "Türgriff 5 €"]
    assert [warning.line for warning in warnings] == [2]


def test_a_line_of_a_hundred_megabytes_is_not_held(tmp_path: Path) -> None:
    """It is refused by its number; the rows around it are read; memory stays flat."""
    path = tmp_path / "feed.tsv"
    with path.open("wb") as file:
        file.write(b"id\ttitle\nA\tT\nB\t")
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\nC\tT\n")
    tracemalloc.start()
    with path.open("rb") as file:
        entries = list(read_feed(path, file, FeedSettings(tmp_path, NOW)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [entry.line for entry in entries] == [2, 3, 4]
    assert isinstance(entries[1], RowRejected)
    assert "longer than" in entries[1].reason
    assert peak < 16 << 20


@pytest.mark.parametrize("place", ["attribute", "text"])
def test_a_huge_xml_item_is_not_held(tmp_path: Path, place: str) -> None:
    """Whether the bytes are in a tag or between tags."""
    huge = "x" * (8 << 20)
    item = f"<item><id x='{huge}'/></item>" if place == "attribute" else f"<item>{huge}</item>"
    content = f"<rss><item><id>A</id><title>T</title></item>\n{item}</rss>"
    tracemalloc.start()
    rows, rejected, _ = read(tmp_path, content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [row.product.sku for row in rows] == ["A"]
    assert "longer than" in rejected[0].reason
    assert peak < len(content) + (24 << 20)
