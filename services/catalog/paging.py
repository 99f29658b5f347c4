"""Pages of a list: their size, and the token that leads to the next one."""

from __future__ import annotations

import base64
import binascii

from shared.errors import InvalidInput


def page_limit(page_size: int, default: int, largest: int, field: str = "page_size") -> int:
    """Read how much the caller takes at once; 0 = the default.

    Raises:
        InvalidInput: negative, or larger than a page may be.
    """
    if not 0 <= page_size <= largest:
        raise InvalidInput.of(
            field,
            f"is {page_size}, must be 1 to {largest}, or 0 for {default}",
            reason=f"{field.upper()}_OUT_OF_RANGE",
        )
    return page_size or default


def page_token(last_key: str) -> str:
    """Make the token of the page after this key."""
    return base64.urlsafe_b64encode(b"1" + last_key.encode()).decode().rstrip("=")


def read_page_token(token: str) -> str:
    """Read the key after which a page begins; "" for the first.

    Raises:
        InvalidInput: the token was not made here (``PAGE_TOKEN_MALFORMED``).
    """
    if not token:
        return ""
    try:
        padded = token + "=" * (-len(token) % 4)
        decoded = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        decoded = ""
    if not decoded.startswith("1"):
        raise InvalidInput.of(
            "page_token",
            "was not issued by this service; send next_page_token of the page before",
            reason="PAGE_TOKEN_MALFORMED",
        )
    return decoded[1:]
