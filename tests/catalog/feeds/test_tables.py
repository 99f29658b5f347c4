"""Rows of tables: quotes, delimiters, too many fields and too few."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalog.feeds.reading import read


def test_a_quoted_field_runs_over_lines(tmp_path: Path) -> None:
    """The row is named by the line on which it begins."""
    content = 'id,title,description\nA,"T, ""x""","one\n\ntwo"\nB,,\nC,T,\n'
    rows, rejected, _ = read(tmp_path, content)
    assert rows[0].product.title == 'T, "x"'
    assert rows[0].product.description == "one\n\ntwo"
    assert [row.line for row in rows] == [2, 6]
    assert [entry.line for entry in rejected] == [5]


def test_a_stray_quote_costs_no_other_row(tmp_path: Path) -> None:
    """A quote that is never closed is a character."""
    content = 'id\ttitle\nA\t"12 inch pan\n' + "".join(f"S{i}\tT\n" for i in range(600))
    rows, rejected, _ = read(tmp_path, content)
    assert len(rows) == 601
    assert not rejected
    assert rows[0].product.title == '"12 inch pan'
    assert rows[-1].line == 602


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_the_delimiter_is_found_in_the_header(tmp_path: Path, delimiter: str) -> None:
    """Tab, comma and semicolon."""
    content = "id|title|brand\nA|T|B\n".replace("|", delimiter)
    assert read(tmp_path, content)[0][0].product.brand == "B"


def test_a_row_with_too_many_fields_is_rejected(tmp_path: Path) -> None:
    """It has slipped; guessing would put values under wrong names."""
    _, rejected, _ = read(tmp_path, "id\ttitle\nA\tT\tx\nB\tT\t\n")
    assert [entry.line for entry in rejected] == [2]
    assert "3 fields, but the header names 2" in rejected[0].reason


def test_a_row_that_ends_early_is_rejected(tmp_path: Path) -> None:
    """Nobody knows what was cut off; empty fields that are written out are none."""
    found, rejected, _ = read(tmp_path, "id\ttitle\tbrand\nA\tT\nB\tT\t\nC\n")
    assert [row.product.sku for row in found] == ["B"]
    assert [entry.line for entry in rejected] == [2, 4]
    assert "ends early: it has 2 fields, but the header names 3" in rejected[0].reason


def test_a_column_without_a_name_at_the_end_may_be_missing(tmp_path: Path) -> None:
    """A delimiter too many in the header makes no row short."""
    assert len(read(tmp_path, "id\ttitle\t\nA\tT\n")[0]) == 1
