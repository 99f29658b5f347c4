"""Records of tab- and comma-separated files (RFC 4180), with the line each begins on.

A quoted field may run over several lines. Where a quote is never closed, its first line is
a record by itself, so that one stray quote costs one row and not the rest of the file.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from services.catalog.feeds.lines import MAX_LINE, Line
from services.catalog.feeds.rows import RowRejected, Warned
from shared.errors import InvalidInput

_MAX_LINES_A_RECORD: Final = 250
_MAX_RECORD: Final = 128 << 10
_UNCLOSED: Final = "unexpected end of data"  # what the csv module says of an open quote
_SHOWN: Final = 30

csv.field_size_limit(2 * MAX_LINE)  # of the process: lines are bounded before


@dataclass(frozen=True, slots=True)
class Record:
    """One row: the values by column name, empty ones left out."""

    line: int
    values: dict[str, str]


def read_records(
    lines: Iterator[Line], columns: Sequence[str], delimiter: str
) -> Iterator[Record | RowRejected | Warned]:
    """Yield the records below a header."""
    warned = False
    pending: deque[Line] = deque()
    while (first := _next(pending, lines)) is not None:
        if first.too_long:
            yield RowRejected(first.number, f"the line is longer than {MAX_LINE} bytes")
            continue
        if first.guessed and not warned:
            warned = True
            yield Warned(first.number, "is not UTF-8; read as Windows-1252 (Latin-1)")
        if first.text.strip():
            yield _record(first.number, _fields(first, pending, lines, delimiter), columns)


def split_header(line: Line, delimiter: str) -> list[str]:
    """Split the first line of a table into its column names."""
    return _split(line.text, delimiter)


def delimiter_of(header: str) -> str:
    r"""Choose the delimiter that a header line holds most of.

    >>> [delimiter_of(h) for h in ("id\ttitle, short", "id;title", "id,title", "id")]
    ['\t', ';', ',', ',']
    """
    if "\t" in header:
        return "\t"
    return ";" if header.count(";") > header.count(",") else ","


def require_columns(found: Sequence[str], required: Iterable[str], kind: str) -> None:
    """Check that a header has the columns without which nothing can be imported.

    Raises:
        InvalidInput: names what is missing and what was found (``COLUMNS_MISSING``).
    """
    missing = [name for name in required if name not in found]
    if missing:
        shown = ", ".join(name[:_SHOWN] for name in found[:_SHOWN]) or "none"
        raise InvalidInput.of(
            "columns",
            f"{kind} needs the column{'s' * (len(missing) > 1)} {', '.join(missing)}; "
            f"found: {shown}",
            reason="COLUMNS_MISSING",
        )


def _next(pending: deque[Line], lines: Iterator[Line]) -> Line | None:
    return pending.popleft() if pending else next(lines, None)


def _fields(first: Line, pending: deque[Line], lines: Iterator[Line], delimiter: str) -> list[str]:
    text, taken = first.text, list[Line]()
    is_open = _is_open(text, delimiter)
    while is_open:
        following = _next(pending, lines)
        if following is not None:
            taken.append(following)
        if following is None or following.too_long or _is_too_much(taken, text):
            pending.extendleft(reversed(taken))
            return first.text.split(delimiter)
        text += "\n" + following.text
        is_open = '"' not in following.text or _is_open(text, delimiter)
    return _split(text, delimiter)


def _is_too_much(taken: Sequence[Line], text: str) -> bool:
    return len(taken) > _MAX_LINES_A_RECORD or len(text) > _MAX_RECORD


def _is_open(text: str, delimiter: str) -> bool:
    if '"' not in text:
        return False
    try:
        next(csv.reader(_as_file(text), delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        return _UNCLOSED in str(error)
    return False


def _split(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(_as_file(text), delimiter=delimiter), [])
    except csv.Error:  # a carriage return inside a field that is not quoted
        return text.split(delimiter)


def _as_file(text: str) -> io.StringIO:
    return io.StringIO(text, newline="\n")


def _record(line: int, fields: Sequence[str], columns: Sequence[str]) -> Record | RowRejected:
    if len(fields) > len(columns) and any(field.strip() for field in fields[len(columns) :]):
        return RowRejected(
            line, f"has {len(fields)} fields, but the header names {len(columns)} columns"
        )
    expected = max((n for n, name in enumerate(columns, 1) if name), default=0)
    if len(fields) < expected:
        return RowRejected(
            line,
            f"ends early: it has {len(fields)} fields, but the header names {expected} columns",
        )
    pairs = zip(columns, fields, strict=False)
    return Record(line, {name: value.strip() for name, value in pairs if value.strip()})
