"""Global Trade Item Numbers: check digits and the one form in which we keep them.

Everything is text of ASCII digits. GTIN-8, -12, -13 and -14 are the same number with
leading zeros left out, so 14 digits is the form that is stored and compared. UPC-E is a
GTIN-12 with zeros squeezed out. Numbers of the restricted-circulation and
variable-measure prefixes (02, 04, 20 to 29) are treated like any other.

Specification: GS1 General Specifications, sections 3.3 (AI 01), 5.2.2.4.2 (UPC-E) and
7.9 (check digit).
"""

from __future__ import annotations

from shared.errors import InvalidInput

LENGTHS = (8, 12, 13, 14)
"""How many digits a GTIN may be written with."""


def check_digit(payload: str) -> int:
    """Compute the check digit of a number without it (GS1 General Specifications 7.9).

    >>> check_digit("400638133393")
    1

    Raises:
        InvalidInput: the payload is empty or not all digits (``GTIN_MALFORMED``).
    """
    _require_digits(payload)
    weighted = sum(int(digit) * (3, 1)[i % 2] for i, digit in enumerate(reversed(payload)))
    return -weighted % 10


def with_check_digit(payload: str) -> str:
    """Append its check digit to a number.

    >>> with_check_digit("9638507")
    '96385074'
    """
    return f"{payload}{check_digit(payload)}"


def is_valid(text: str) -> bool:
    """Whether a text is a GTIN-8, -12, -13 or -14 with a correct check digit.

    >>> is_valid("4006381333931"), is_valid("4006381333930"), is_valid("tea")
    (True, False, False)
    """
    return _is_digits(text) and len(text) in LENGTHS and check_digit(text[:-1]) == int(text[-1])


def normalise(text: str, field: str = "gtin") -> str:
    """Bring a GTIN-8, -12, -13 or -14 to 14 digits.

    >>> normalise("4006381333931")
    '04006381333931'

    Args:
        text: the number as written; no blanks or hyphens.
        field: how the error names the number.

    Raises:
        InvalidInput: not 8, 12, 13 or 14 digits (``GTIN_MALFORMED``) or a wrong check
            digit (``GTIN_CHECK_DIGIT``).
    """
    _require_digits(text, field)
    if len(text) not in LENGTHS:
        raise InvalidInput.of(
            field,
            f"{text!r} has {len(text)} digits, a GTIN has 8, 12, 13 or 14",
            reason="GTIN_MALFORMED",
        )
    expected = check_digit(text[:-1])
    if int(text[-1]) != expected:
        raise InvalidInput.of(
            field,
            f"{text}: check digit is {text[-1]}, expected {expected}",
            reason="GTIN_CHECK_DIGIT",
        )
    return text.zfill(14)


def shorten(gtin: str) -> str:
    """Write a 14-digit GTIN the way it is printed under a bar code.

    >>> [shorten(g) for g in ("04006381333931", "00036000291452", "00000096385074")]
    ['4006381333931', '036000291452', '96385074']
    """
    significant = len(gtin.lstrip("0"))
    length = next((length for length in LENGTHS if length >= significant), len(gtin))
    return gtin[-length:]


def expand_upc_e(text: str, field: str = "gtin") -> str:
    """Expand a UPC-E of 8 digits (number system, 6 digits, check digit) to a GTIN-12.

    >>> expand_upc_e("04252614")
    '042100005264'

    Raises:
        InvalidInput: not 8 digits that begin with 0 or 1 (``GTIN_MALFORMED``) or a wrong
            check digit, which is the one of the expanded number (``GTIN_CHECK_DIGIT``).
    """
    if not (_is_digits(text) and len(text) == 8 and text[0] in "01"):
        raise InvalidInput.of(
            field, f"{text!r} is no UPC-E: 8 digits, first 0 or 1", reason="GTIN_MALFORMED"
        )
    expanded = text[0] + _insert_zeros(text[1:7]) + text[7]
    normalise(expanded, field)
    return expanded


def complete_upc_e(six: str) -> str:
    """Write out a UPC-E of which only its six digits are known, of number system 0.

    >>> complete_upc_e("425261")
    '04252614'

    Raises:
        InvalidInput: not 6 digits (``GTIN_MALFORMED``).
    """
    if not (_is_digits(six) and len(six) == 6):
        raise InvalidInput.of("gtin", f"{six!r} is not 6 digits", reason="GTIN_MALFORMED")
    return f"0{six}{check_digit('0' + _insert_zeros(six))}"


def _insert_zeros(six: str) -> str:
    """Ten digits from the six of a UPC-E (General Specifications figure 5.2.2.4.2-1)."""
    last = six[5]
    if last in "012":
        return f"{six[:2]}{last}0000{six[2:5]}"
    if last == "3":
        return f"{six[:3]}00000{six[3:5]}"
    if last == "4":
        return f"{six[:4]}00000{six[4]}"
    return f"{six[:5]}0000{last}"


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _require_digits(text: str, field: str = "gtin") -> None:
    if not _is_digits(text):
        raise InvalidInput.of(
            field, f"{text!r} is not a number of 8, 12, 13 or 14 digits", reason="GTIN_MALFORMED"
        )
