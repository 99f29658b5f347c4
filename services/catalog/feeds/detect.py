"""Which format a feed has, told by what it holds, not by its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO, Final

from services.catalog.feeds import google, shopify
from services.catalog.feeds.google_xml import read_xml
from services.catalog.feeds.jsonl import read_jsonl
from services.catalog.feeds.lines import encoding_of, read_head, read_lines
from services.catalog.feeds.rows import Entries, FeedSettings
from services.catalog.feeds.tables import delimiter_of, split_header
from shared.errors import InvalidInput

_CONTROL: Final = re.compile(r"[^\t\r\n\x20-\U0010ffff]|[\x7f-\x9f]")
"""What no header of a table holds, nor may reach a terminal in an error."""


def read_feed(path: Path, file: BinaryIO, settings: FeedSettings) -> Entries:
    """Read a feed of any format that we know.

    Args:
        path: names the feed in errors.
        file: the feed, open at its beginning; its position tells how far the reading is.
        settings: what the file does not say.

    Raises:
        InvalidInput: it is no feed: the message says what was found and what is needed.
    """
    head = read_head(path)
    first = head.decode(encoding_of(head), errors="ignore").lstrip("\ufeff \t\r\n")[:1]
    if not first:
        raise InvalidInput.of("feed", f"{path.name} is empty", reason="FEED_EMPTY")
    if first == "<":
        return read_xml(file, settings)
    if first == "{":
        return read_jsonl(read_lines(file), settings)
    if first == "[":
        raise InvalidInput.of(
            "feed", f"{path.name} is one JSON array; write one object a line (JSON Lines)"
        )
    return _read_table(path, file, settings)


def _read_table(path: Path, file: BinaryIO, settings: FeedSettings) -> Entries:
    lines = read_lines(file)
    header = next(lines)
    if header.too_long or _CONTROL.search(header.text):
        raise InvalidInput.of(
            "feed", f"{path.name} is no text with a header line; is it a feed at all?"
        )
    delimiter = delimiter_of(header.text)
    columns = split_header(header, delimiter)
    names = {google.plain_name(column) for column in columns}
    if "handle" in names and "id" not in names:
        return shopify.read_table(lines, columns, delimiter, settings)
    return google.read_table(lines, columns, delimiter, settings)
