"""Prices, lengths and categories in the ways in which feeds write them."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from html.parser import HTMLParser
from typing import Final

from services.catalog.products import Money
from shared.errors import InvalidInput

_MM: Final = {
    "mm": Decimal(1),
    "cm": Decimal(10),
    "m": Decimal(1000),
    "in": Decimal("25.4"),
    '"': Decimal("25.4"),
    "inch": Decimal("25.4"),
    "inches": Decimal("25.4"),
    "ft": Decimal("304.8"),
}
_PRICE = re.compile(
    r"(?P<before>[A-Za-z]{3})?\s*(?P<amount>[-+]?[\d.,'\s]*\d[.,]?)\s*"
    r"(?P<after>[A-Za-z]{3})?"
)
_LENGTH = re.compile(r"(?P<amount>\d+(?:[.,]\d+)?)\s*(?P<unit>[a-z]+|\")", re.IGNORECASE)
_MAX_AMOUNT: Final = 9 * 10**12  # beyond it, micros leave 64 bits
_DECIMAL_COMMA = re.compile(r"[-+]?[\d.'\s]*\d,\d{1,2}")


def read_price(text: str, column: str, currency: str = "") -> Money:
    """Read a price such as ``15.00 EUR``, ``EUR 15``, ``1,299.00 USD`` or ``15,00 EUR``.

    Args:
        text: as the feed has it.
        column: how an error names it.
        currency: ISO 4217 code for a price without one; empty = then it is refused.

    >>> read_price("15.00 EUR", "price").amount_micros
    15000000

    Raises:
        InvalidInput: no amount, no currency, or below zero.
    """
    match = _PRICE.fullmatch(text.strip())
    if match is None:
        raise _price_error(column, f"is {text[:40]!r}, must look like '15.00 EUR'")
    code = (match["after"] or match["before"] or currency).upper()
    if not code:
        raise _price_error(column, f"is {text[:40]!r}, without a currency; write '15.00 EUR'")
    amount = _amount(match["amount"])
    if amount is None:
        raise _price_error(column, f"is {text[:40]!r}, must look like '15.00 EUR'")
    if amount > _MAX_AMOUNT:
        raise _price_error(column, f"is {text[:40]!r}, must be at most {_MAX_AMOUNT:,}")
    if amount < 0:
        raise InvalidInput.of(column, f"is {text[:40]}, must be 0 or more", reason="PRICE_NEGATIVE")
    return Money(code, int((amount * 1_000_000).to_integral_value()))


def _amount(text: str) -> Decimal | None:
    plain = re.sub(r"[\s']", "", text)
    if _DECIMAL_COMMA.fullmatch(text):
        plain = plain.replace(".", "").replace(",", ".")
    plain = plain.replace(",", "")
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _price_error(column: str, description: str) -> InvalidInput:
    return InvalidInput.of(column, description, reason="PRICE_MALFORMED")


def read_length_mm(text: str, column: str) -> float:
    """Read a length such as ``12 cm``, ``4.5 in`` or ``120 mm`` in millimetres.

    >>> read_length_mm("12.5 cm", "product_width")
    125.0

    Raises:
        InvalidInput: no number, or no unit that we know.
    """
    match = _LENGTH.fullmatch(text.strip())
    if match is None or match["unit"].lower() not in _MM:
        raise InvalidInput.of(
            column,
            f"is {text[:40]!r}, must be a number with mm, cm, m, in or ft, such as '12 cm'",
            reason="LENGTH_MALFORMED",
        )
    return float(Decimal(match["amount"].replace(",", ".")) * _MM[match["unit"].lower()])


def read_path(text: str) -> tuple[str, ...]:
    """Split a category such as ``Groceries > Tea``.

    >>> read_path("Groceries > Tea")
    ('Groceries', 'Tea')
    """
    return tuple(level.strip() for level in text.split(">") if level.strip())


def is_within(text: str, now: datetime) -> bool:
    """Whether a moment lies in an interval ``START/END`` of ISO 8601 times with offsets.

    An interval that cannot be read does not hold.
    """
    try:
        start, end = (datetime.fromisoformat(part.strip()) for part in text.split("/"))
        return start <= now <= end
    except (ValueError, TypeError):  # not two times, or one of them without an offset
        return False


def read_html(markup: str) -> str:
    r"""Turn HTML into plain text: tags away, blocks on lines of their own.

    >>> read_html("<p>Fine <b>tea</b></p><p>20 bags</p>")
    'Fine tea\n20 bags'
    """
    reader = _TextOfHtml()
    reader.feed(markup)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).splitlines())
    return "\n".join(line for line in lines if line)


class _TextOfHtml(HTMLParser):
    _BLOCKS = frozenset({"p", "br", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4"})
    _HIDDEN = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self._HIDDEN
        if tag in self._BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in self._HIDDEN and self._hidden > 0
        if tag in self._BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)
