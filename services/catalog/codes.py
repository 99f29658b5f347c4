"""What a scanned or typed code says, before anybody has looked it up.

Understood: GTIN-8, -12, -13, -14 and UPC-E of 8 or 6 digits; GS1 element strings with FNC1
as U+001D, with a symbology identifier or with brackets; GS1 Digital Link URIs, uncompressed.
Any other text may be a SKU. Restricted-circulation and variable-measure numbers (prefixes
02, 04, 20 to 29) are GTINs like any other.

Specifications: GS1 General Specifications 3 and 7.8, GS1 Digital Link URI Syntax 1.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from biip import ParseConfig, ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message

from shared import gtin
from shared.errors import InvalidInput

MAX_CODE: Final = 2000
FNC1: Final = "\x1d"

# A wrong date in a batch's expiry says nothing about which product it is.
_CONFIG = ParseConfig(gs1_element_strings_verify_date=False)
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9a-zA-Z]")
_LEADING_GTIN = re.compile(r"\(?01\)?(\d{14})")
_TRADE_ITEM = ("01", "02")  # a trade item; the trade items in a logistic unit
_UPC_E_DIGITS: Final = 6
"""As some scanners send a UPC-E: without its number system, which is 0, and check digit."""
_TYPED = str.maketrans("", "", " -")


class CodeKind(Enum):
    """How a code was read; SKU and UNKNOWN are told apart by looking it up."""

    UNKNOWN = "unknown"
    GTIN = "gtin"
    ELEMENT_STRING = "element string"
    DIGITAL_LINK = "digital link"


@dataclass(frozen=True, slots=True)
class Code:
    """A code, read.

    Attributes:
        kind: how it was read.
        text: the code itself; a SKU is compared with it.
        gtins: the trade item numbers in 14 digits that it may mean, likeliest first.
            More than one only for 8 digits that are a GTIN-8 and a UPC-E at once.
        application_identifiers: what it says beside the GTIN.
        problem: what is wrong with it; empty = nothing.
    """

    kind: CodeKind
    text: str
    gtins: tuple[str, ...] = ()
    application_identifiers: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def read_code(code: str) -> Code:
    """Read a code.

    >>> read_code("4006381333931").gtins
    ('04006381333931',)
    >>> read_code("(01)04006381333931(10)A-7").application_identifiers
    {'10': 'A-7'}
    >>> read_code("4006381333930").problem
    'check digit is 0, expected 1'

    Raises:
        InvalidInput: the code is empty (``CODE_REQUIRED``) or has more than 2000
            characters (``CODE_TOO_LONG``).
    """
    text = code.strip(" \t\r\n")
    if not text:
        raise InvalidInput.of("code", "is empty", reason="CODE_REQUIRED")
    if len(code) > MAX_CODE:
        raise InvalidInput.of(
            "code", f"has {len(code)} characters, at most {MAX_CODE}", reason="CODE_TOO_LONG"
        )
    marked = _SYMBOLOGY.match(text) is not None
    bare = text[3:] if marked else text
    if bare.lower().startswith(("http://", "https://")):
        return _digital_link(bare)
    digits = bare.translate(_TYPED)
    if digits.isascii() and digits.isdigit() and len(digits) in gtin.LENGTHS:
        return _number(text, digits)
    if digits.isascii() and digits.isdigit() and len(digits) == _UPC_E_DIGITS:
        return _number(text, gtin.complete_upc_e(digits))
    return _element_string(text, bare, certain=marked or FNC1 in bare)


def _number(text: str, digits: str) -> Code:
    gtins, problem = [], ""
    try:
        gtins.append(gtin.normalise(digits))
    except InvalidInput as error:
        problem = error.violations[0].description.partition(": ")[2]
    if len(digits) == 8 and digits[0] in "01":
        gtins += _upc_e(digits)
    return Code(CodeKind.GTIN, text, tuple(gtins), problem="" if gtins else problem)


def _upc_e(digits: str) -> list[str]:
    try:
        return [gtin.normalise(gtin.expand_upc_e(digits))]
    except InvalidInput:  # then it is a GTIN-8 only, or nothing
        return []


def _element_string(text: str, bare: str, *, certain: bool) -> Code:
    """Read an element string; ``certain`` = the scanner said that it is one.

    Other text is taken for one only when it begins with a GTIN: nearly any text that
    begins with digits would parse, SKUs such as 10-XL included.
    """
    message = bare.strip(FNC1)
    try:
        if message.startswith("("):
            elements = GS1Message.parse_hri(message, config=_CONFIG).element_strings
        elif certain or (len(message) >= 16 and message.startswith("01")):
            elements = GS1Message.parse(message, config=_CONFIG).element_strings
        else:
            return Code(CodeKind.UNKNOWN, text, problem=_why_unknown(bare))
    except ParseError as error:
        return _only_gtin(text, message, f"no GS1 element string: {error}")
    return _elements(CodeKind.ELEMENT_STRING, text, elements)


def _only_gtin(text: str, message: str, problem: str) -> Code:
    """Read no more than the GTIN at the beginning: what follows must not hide the product."""
    found = _LEADING_GTIN.match(message)
    read = _number(text, found[1]) if found else Code(CodeKind.UNKNOWN, text)
    kind = CodeKind.ELEMENT_STRING if read.gtins else CodeKind.UNKNOWN
    return Code(kind, text, read.gtins, problem=problem)


def _digital_link(uri: str) -> Code:
    path_only = uri.partition("#")[0].partition("?")[0]
    for candidate in (uri, path_only):  # a malformed query must not hide the GTIN
        try:
            found = GS1DigitalLinkURI.parse(candidate, config=_CONFIG)
        except (ParseError, ValueError) as error:
            problem = f"a web address, but no GS1 Digital Link: {error}"
        else:
            return _elements(CodeKind.DIGITAL_LINK, uri, found.element_strings)
    return Code(CodeKind.UNKNOWN, uri, problem=problem)


def _elements(kind: CodeKind, text: str, elements: Iterable[GS1ElementString]) -> Code:
    values = {element.ai.ai: element.value for element in elements}
    named = next((ai for ai in _TRADE_ITEM if ai in values), None)
    if named is None:
        return Code(kind, text, (), values, "carries no GTIN")
    number = values.pop(named)
    read = _number(text, number)
    return Code(kind, text, read.gtins, values, read.problem)


def _why_unknown(bare: str) -> str:
    if bare.isascii() and bare.isdigit():
        return f"has {len(bare)} digits; a GTIN has 8, 12, 13 or 14, a UPC-E 6"
    return "neither a known SKU nor a GTIN, an element string or a Digital Link"
