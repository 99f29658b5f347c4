"""What never leaves: no library phones home, no log holds what belongs to a person.

Two of our parts send usage data by default. Both are turned off here, before they
are imported, and ``tests/shared/test_privacy.py`` traces a process to prove it:

- ONNX Runtime 1.31 resolves a telemetry host and keeps a device id and an event
  database under ``~/.cache``, on Linux too: ``forbid_telemetry``.
- MediaPipe Tasks 1.2 posts usage metrics and has no switch, but its HTTP client
  honours the proxy variables: ``forbid_egress``, in the process that imports it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import date, timedelta
from enum import Enum
from numbers import Number
from pathlib import PurePath
from typing import Any, Final

from shared.errors import NotReady

CLOSED_PROXY: Final = "http://127.0.0.1:9"  # discard (RFC 863): nobody listens there
REDACTED: Final = "[redacted]"
LONGEST_TEXT: Final = 2_000  # characters; an image in base64 is longer

_PROXY_VARIABLES: Final = ("https_proxy", "http_proxy", "all_proxy")
_LOOPBACK: Final = "localhost,127.0.0.1,::1"

# A field is known by the words of its name, in the singular. These are secret
# whatever they hold ...
_SECRET: Final = frozenset(
    ("token", "consent", "shopper", "customer", "email", "password", "secret", "authorization")
)
# ... and of these a number is only a count.
_CONTENT: Final = frozenset(
    ("image", "frame", "pixel", "thumbnail", "landmark", "face", "hand", "embedding", "vector")
)
_PLAIN: Final = (str, Number, date, timedelta, PurePath, Enum, BaseException, type)
_CREDENTIALS: Final = re.compile(r"(?<=://)[^/@\s]*@")


def forbid_telemetry() -> None:
    """Turn off ONNX Runtime's telemetry. Call before ``import onnxruntime``.

    Raises:
        NotReady: it was imported before, with its telemetry on (``TELEMETRY_TOO_LATE``).
    """
    _before_import("onnxruntime", os.environ.get("ORT_DISABLE_TELEMETRY") == "1")
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def forbid_egress() -> None:
    """Send this process's outgoing HTTP to a closed port. Call before ``import mediapipe``.

    It stops every HTTP client that honours the proxy variables, a wanted one too:
    call it only in a process that fetches nothing. Loopback stays reachable, and so
    do our gRPC channels, which take no proxy (``shared.rpc``).

    Raises:
        NotReady: mediapipe was imported before (``TELEMETRY_TOO_LATE``).
    """
    closed = all(os.environ.get(name) == CLOSED_PROXY for name in _PROXY_VARIABLES)
    _before_import("mediapipe", closed)
    for name in _PROXY_VARIABLES:
        os.environ[name] = os.environ[name.upper()] = CLOSED_PROXY
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = _LOOPBACK


def _before_import(module: str, already_off: bool) -> None:
    if module in sys.modules and not already_off:
        raise NotReady(
            f"{module} was imported before shared.privacy turned its telemetry off",
            reason="TELEMETRY_TOO_LATE",
        )


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Take out of a log event what belongs to a person; a structlog processor.

    Gone are fields named after a secret or a person, images, landmarks and vectors
    (their counts stay), every value of bytes or of a type that could hold them
    (arrays, messages), credentials within URLs, and the rest of over-long text.

    >>> redact(None, "info", {"event": "scanned", "shopper_id": 17, "frames": 3})
    {'event': 'scanned', 'shopper_id': '[redacted]', 'frames': 3}
    >>> redact(None, "info", {"event": "at redis://:pw@host/0", "image": b"JFIF"})
    {'event': 'at redis://host/0', 'image': '[redacted]'}
    """
    return {
        name: value if name == "exc_info" else _redacted(name, value)
        for name, value in event.items()
    }


def _redacted(name: str, value: Any) -> Any:
    words = _words(name)
    if words & _SECRET or (words & _CONTENT and not isinstance(value, Number)):
        return REDACTED
    if value is None or isinstance(value, Number):
        return value
    if isinstance(value, Mapping):
        return {str(key): _redacted(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(name, item) for item in value]
    if isinstance(value, str):
        return _shortened(_CREDENTIALS.sub("", value))
    return value if isinstance(value, _PLAIN) else f"[{type(value).__name__}]"


def _words(name: str) -> set[str]:
    """Split a field's name into words: ``shopperIds`` and ``shopper_id`` are of a shopper.

    >>> sorted(_words("consentTokens"))
    ['consent', 'token']
    """
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return {word.rstrip("s") for word in re.split(r"[^a-z0-9]+", snake)}


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]}... ({len(text)} characters)"
