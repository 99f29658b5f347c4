"""Lines of a text file whose encoding and line lengths nobody vouches for.

UTF-8 is expected, with or without a byte order mark; UTF-16 is recognised. A line that is
no UTF-8 is read as Windows-1252, the superset of Latin-1 that exports are written in, and
says so. A line longer than the limit is skipped in pieces and never held.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

MAX_LINE: Final = 1 << 20
"""Bytes of UTF-8, or characters of UTF-16: far more than any honest row."""

_FALLBACK: Final = "cp1252"
_SNIFFED: Final = 4096


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end.

    Attributes:
        number: from 1.
        text: empty when the line is too long.
        too_long: whether it was skipped.
        guessed: whether it was no UTF-8 and had to be read as Windows-1252.
    """

    number: int
    text: str
    too_long: bool = False
    guessed: bool = False


def encoding_of(head: bytes) -> str:
    """Tell UTF-16 from UTF-8 by the first bytes of a file.

    >>> [encoding_of(head) for head in (b"id", "id".encode("utf-16"), "id".encode("utf-16-be"))]
    ['utf-8-sig', 'utf-16', 'utf-16-be']
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:200]
    if len(sample) >= 4 and sample[1::2].count(0) > len(sample) // 4:
        return "utf-16-le"
    if len(sample) >= 4 and sample[0::2].count(0) > len(sample) // 4:
        return "utf-16-be"
    return "utf-8-sig"


def read_head(path: Path) -> bytes:
    """Read the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(_SNIFFED)


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """Yield the lines of a file that is open at its beginning."""
    encoding = encoding_of(file.read(_SNIFFED))
    file.seek(0)
    if encoding == "utf-8-sig":
        yield from _read_utf8(file)
    else:
        yield from _read_utf16(file, encoding)


def _read_utf8(file: BinaryIO) -> Iterator[Line]:
    number = 0
    while raw := file.readline(MAX_LINE + 1):
        number += 1
        if number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if len(raw) > MAX_LINE and not raw.endswith(b"\n"):
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(MAX_LINE)
            yield Line(number, "", too_long=True)
        else:
            yield _decoded(number, raw.rstrip(b"\r\n"))


def _decoded(number: int, raw: bytes) -> Line:
    try:
        return Line(number, raw.decode())
    except UnicodeDecodeError:
        return Line(number, raw.decode(_FALLBACK, errors="replace"), guessed=True)


def _read_utf16(file: BinaryIO, encoding: str) -> Iterator[Line]:
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="\n")
    number = 0
    while raw := text.readline(MAX_LINE + 1):
        number += 1
        if len(raw) > MAX_LINE and not raw.endswith("\n"):
            while raw and not raw.endswith("\n"):
                raw = text.readline(MAX_LINE)
            yield Line(number, "", too_long=True)
        else:
            yield Line(number, raw.removeprefix("\ufeff").rstrip("\r\n"))
    text.detach()  # the caller owns the file
