"""What is no feed at all is one clear error."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.catalog.feeds.lines import MAX_LINE
from shared.errors import InvalidInput
from tests.catalog.feeds.reading import read


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        (" \n\n", "is empty"),
        ("[1, 2]", "write one object a line"),
        ("a\tb\n1\t2\n", "needs the columns id, title; found: a, b"),
        ("id,name\n1,2\n", "needs the column title; found: id, name"),
        ("Handle,Vendor\nx,y\n", "needs the column Title; found: Handle, Vendor"),
        ("<html><body/></html>", "without any <item>"),
        ("<rss><channel></rss>", "no well-formed XML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><rss><item/></rss>', "refused"),
        (b"\x89PNG\r\n\x1a\n" + bytes(2000), "is it a feed at all"),
        (b"PK\x03\x04 a zip\n", "is it a feed at all"),
        ("id\x1b[31m\ttitle\nA\tT\n", "is it a feed at all"),
        ("x" * (MAX_LINE + 2), "is it a feed at all"),
    ],
)
def test_what_is_no_feed_is_one_clear_error(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    """It says what was found and what is needed, before anything is imported."""
    with pytest.raises(InvalidInput, match=message):
        read(tmp_path, content)
