"""The answers that an OpenAPI operation documents: the good one and every problem."""

from __future__ import annotations

from typing import Any, Final

from services.gateway.openapi.schemas import Schema
from services.gateway.operation import Cache
from services.gateway.problems import MEDIA_TYPE

STATUSES: Final = {
    "400": "The body, or the request itself, cannot be read.",
    "403": "There is no valid consent for this use, or it is not allowed here.",
    "404": "A resource that the request names does not exist.",
    "408": "The body came too slowly.",
    "409": "It is not possible as things stand: a try-on asset is missing, the index is behind.",
    "413": "The body is too large.",
    "415": "A body of this type is not understood.",
    "422": "A field or the image is wrong; `violations` names it.",
    "429": "Too much at once; come back after `Retry-After`.",
    "500": "Our fault; the log says more.",
    "503": "A service or a model that this needs is not there.",
    "504": "It took too long.",
}
ALWAYS: Final = ("400", "409", "422", "429", "500", "503", "504")
WITH_BODY: Final = ("408", "413", "415")


def answers(
    good: dict[str, Any], extra: tuple[str, ...] = (), cache: Cache = Cache.NEVER
) -> dict[str, Any]:
    """The ``responses`` of an operation: 200, 304 where it may be kept, problems by status."""
    kept = {"304": {"description": "The caller has it."}} if cache is not Cache.NEVER else {}
    problems = {
        status: {"$ref": f"#/components/responses/{status}"} for status in sorted({*ALWAYS, *extra})
    }
    return {"200": good, **kept, **problems}


def problem(told: str) -> dict[str, Any]:
    """The component that a problem's status refers to."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": told, "content": {MEDIA_TYPE: {"schema": schema}}}


_TEXT: Final[Schema] = {"type": "string"}
_VIOLATION: Final[Schema] = {
    "type": "object",
    "required": ["field", "description"],
    "properties": {"field": _TEXT, "description": _TEXT},
}
PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "RFC 9457 with our own members from `reason` on.",
    "required": ["type", "title", "status", "detail", "reason", "request_id"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "reason": {"type": "string", "pattern": "^[A-Z0-9_]+$"},
        "request_id": _TEXT,
        "violations": {"type": "array", "items": _VIOLATION},
        "retry_after_ms": {"type": "integer", "minimum": 0},
    },
}
