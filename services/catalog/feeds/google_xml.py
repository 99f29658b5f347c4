"""Google Merchant feed as RSS 2.0 or Atom, read as a stream of items.

No tree is built: the parser reports elements, one item is held at a time. Entities and
document type declarations are refused (defusedxml).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from services.catalog.feeds.google import plain_name, read_item
from services.catalog.feeds.lines import MAX_LINE
from services.catalog.feeds.rows import Entries, FeedSettings, RowRejected
from shared.errors import InvalidInput

_CHUNK: Final = 64 << 10
_MAX_TOKEN: Final = 2 * MAX_LINE
_ITEMS: Final = ("item", "entry")  # of RSS and of Atom

Item = tuple[int, dict[str, list[str]]]


def read_xml(file: BinaryIO, settings: FeedSettings) -> Entries:
    """Read the items of a feed that is open at its beginning.

    Raises:
        InvalidInput: it is no XML, declares entities, or holds no item.
    """
    found = 0
    for item in _items(file):
        found += 1
        if isinstance(item, RowRejected):
            if found == 1:
                raise InvalidInput.of("feed", f"line {item.line}: {item.reason}")
            yield item
        else:
            yield read_item(*item, settings)
    if not found:
        raise InvalidInput.of(
            "feed", "is XML without any <item> (RSS) or <entry> (Atom)", reason="COLUMNS_MISSING"
        )


def _items(file: BinaryIO) -> Iterator[Item | RowRejected]:
    items = _Items()
    parser = DefusedXMLParser(target=items, forbid_dtd=True)
    items.expat = parser.parser
    silent, events = 0, 0
    try:
        while chunk := file.read(_CHUNK):
            parser.feed(chunk)
            yield from items.take()
            silent = silent + len(chunk) if items.events == events else 0
            events = items.events
            if silent > _MAX_TOKEN:
                yield RowRejected(items.line, f"a tag is longer than {_MAX_TOKEN} bytes; stopped")
                return
        parser.close()
    except ParseError as error:
        yield from items.take()
        line, _ = error.position
        yield RowRejected(line, f"no well-formed XML: {error}; nothing after it was read")
    except DefusedXmlException as error:
        raise InvalidInput.of(
            "feed", "declares a document type or entities, which is refused"
        ) from error


class _Items:
    """Gathers the elements of one item; a target of the standard library's parser."""

    def __init__(self) -> None:
        self.expat: Any = None
        self.events = 0
        self._done: list[Item | RowRejected] = []
        self._path: list[str] = []
        self._item_depth = 0
        self._start_line = 0
        self._values: dict[str, list[str]] = {}
        self._text: list[str] = []
        self._parts: list[str] = []
        self._held = 0

    @property
    def line(self) -> int:
        """Where the parser is, from 1."""
        return int(self.expat.CurrentLineNumber)

    def take(self) -> list[Item | RowRejected]:
        """Give out the items that are complete."""
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.events += 1
        name = plain_name(tag.rpartition("}")[2])
        self._path.append(name)
        self._text = []
        if not self._item_depth and name in _ITEMS:
            self._item_depth = len(self._path)
            self._start_line, self._values, self._held = self.line, {}, 0
        elif len(self._path) == self._item_depth + 1:
            self._parts = []
            if name == "link" and attributes.get("href"):  # Atom
                self._values.setdefault(name, []).append(attributes["href"])

    def data(self, text: str) -> None:
        """Text inside an element, in pieces."""
        self.events += 1
        if self._item_depth and self._held <= MAX_LINE:
            self._held += len(text)
            self._text.append(text)

    def end(self, _tag: str) -> None:
        """An element ends."""
        self.events += 1
        text = "".join(self._text).strip()
        self._text = []
        below = len(self._path) - self._item_depth
        name = self._path.pop()
        if not self._item_depth:
            return
        if below == 0:
            self._finish()
        elif below == 1 and (value := text or ":".join(self._parts)):
            self._values.setdefault(name, []).append(value)
        elif text:
            self._parts.append(text)  # the parts of a product_detail, for instance

    def close(self) -> None:
        """The document ends."""

    def _finish(self) -> None:
        self._item_depth = 0
        if self._held > MAX_LINE:
            reason = f"the item is longer than {MAX_LINE} characters"
            self._done.append(RowRejected(self._start_line, reason))
        else:
            self._done.append((self._start_line, self._values))
