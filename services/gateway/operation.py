"""What is told of one REST operation; ``operations`` is the table of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from google.protobuf.message import Message

from services.gateway.backends import TIMEOUT_S
from services.gateway.contracts import Rpc


class Body(Enum):
    """What a request carries."""

    NONE = "none"
    JSON = "json"
    IMAGE = "image"


class Cache(Enum):
    """``Cache-Control`` of an answer."""

    NEVER = "no-store"
    REVALIDATE = "no-cache"
    FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the query or the path.

    Attributes:
        name: what callers write.
        field: the request's field that it sets, dotted.
        required: whether it must be given.
    """

    name: str
    field: str
    required: bool = False


Pick = Callable[[Any, Any], Message]
"""Takes the request and the response; returns the message to answer with."""


def _whole(request: Any, response: Any) -> Message:
    found: Message = response
    return found


@dataclass(frozen=True, slots=True)
class Operation:
    """One REST operation.

    Attributes:
        method: HTTP method.
        path: path with ``{parameter}``; ``{parameter:path}`` may hold slashes.
        rpc: the RPC that answers.
        tag: the group that it is shown in.
        parameters: of query and path.
        body: what it carries.
        cache: for how long an answer may be kept.
        pick: which message of the response is the answer.
        answer: class of that message.
        bytes_field: field with bytes that may be the answer itself; ``mime_type`` is beside it.
        timeout_s: deadline of the RPC.
        consent: whether ``Authorization: Bearer`` sets ``consent_token``.
        missing: the answer may be 404.
    """

    method: str
    path: str
    rpc: Rpc
    tag: str
    parameters: tuple[Parameter, ...] = ()
    body: Body = Body.NONE
    cache: Cache = Cache.NEVER
    pick: Pick = _whole
    answer: type[Message] | None = None
    bytes_field: str = ""
    timeout_s: float = TIMEOUT_S
    consent: bool = False
    missing: bool = False

    @property
    def answer_class(self) -> type[Message]:
        """Class of the message that a caller gets."""
        return self.answer or self.rpc.response
