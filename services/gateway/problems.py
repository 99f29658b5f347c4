"""What went wrong, as ``application/problem+json`` (RFC 9457), with the services' own reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse

from shared.errors import FieldViolation, VitrineError

MEDIA_TYPE: Final = "application/problem+json"

HTTP_STATUS: Final = {
    "INVALID_ARGUMENT": 422,
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "FAILED_PRECONDITION": 503,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "DEADLINE_EXCEEDED": 504,
    "UNAVAILABLE": 503,
    "INTERNAL": 500,
}
"""HTTP status by the status of ``shared.errors``."""

STATUS_BY_REASON: Final = {
    "TRY_ON_ASSET_MISSING": 409,
    "TRY_ON_ASSET_INVALID": 409,
    "INDEX_BEHIND": 409,
}
"""Where HTTP tells apart what gRPC's codes do not: here the shop is well, and as it is."""

REASONS: Final = {
    400: "BODY_UNREADABLE",
    403: "ORIGIN_FOREIGN",
    404: "ROUTE_NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    408: "BODY_TOO_SLOW",
    413: "BODY_TOO_LARGE",
    415: "CONTENT_TYPE_UNSUPPORTED",
}
"""Reasons of refusals that HTTP itself knows; the error tree has none for them."""


class Forbidden(HTTPException):
    """What this gateway does not let anybody do, whoever asks; ``reason`` says which."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(403, detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal or failure, as a client is told about it.

    Attributes:
        status: HTTP status.
        reason: stable UPPER_SNAKE word.
        detail: one sentence for a person.
        violations: the fields at fault.
        retry_after_ms: when to come back, if waiting helps.
        headers: further response headers, for example ``Allow``.
    """

    status: int
    reason: str
    detail: str
    violations: tuple[FieldViolation, ...] = ()
    retry_after_ms: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_json(self, request_id: str) -> dict[str, Any]:
        """The problem's JSON object."""
        told: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": _encodable(self.detail),
            "reason": self.reason,
            "request_id": request_id,
        }
        if self.violations:
            told["violations"] = [
                {"field": _encodable(item.field), "description": _encodable(item.description)}
                for item in self.violations
            ]
        if self.retry_after_ms is not None:
            told["retry_after_ms"] = self.retry_after_ms
        return told


def _encodable(text: str) -> str:
    """Text without lone surrogates: parameters may carry them, and errors repeat what was sent.

    >>> _encodable("TEA" + chr(0xD800))
    'TEA?'
    """
    return text.encode(errors="replace").decode()


def of_error(error: VitrineError) -> Problem:
    """The problem that an error of ours stands for.

    >>> from shared.errors import NotFound
    >>> of_error(NotFound.of("store", "berlin-9")).status
    404
    """
    return Problem(
        STATUS_BY_REASON.get(error.reason, HTTP_STATUS[error.status]),
        error.reason,
        error.message,
        error.violations,
        error.retry_after_ms,
    )


def of_http(error: HTTPException) -> Problem:
    """The problem that a refusal by HTTP itself stands for."""
    known = REASONS.get(error.status_code, HTTPStatus(error.status_code).name)
    reason = error.reason if isinstance(error, Forbidden) else known
    return Problem(error.status_code, reason, error.detail, headers=error.headers or {})


def internal() -> Problem:
    """The problem of an error that is not ours; its text stays in the log."""
    return Problem(500, "INTERNAL", "internal error; the gateway's log says more")


def respond(problem: Problem, request_id: str) -> JSONResponse:
    """The HTTP response that tells a problem."""
    headers = {"Cache-Control": "no-store", **problem.headers}
    if problem.retry_after_ms is not None:
        headers["Retry-After"] = str(max(1, -(-problem.retry_after_ms // 1000)))
    return JSONResponse(
        problem.as_json(request_id), problem.status, headers=headers, media_type=MEDIA_TYPE
    )


async def tell_error(request: HTTPConnection, error: Exception) -> JSONResponse:
    """Exception handler of the application for ``VitrineError`` and ``HTTPException``."""
    if isinstance(error, VitrineError):
        return respond(of_error(error), request.state.request_id)
    if isinstance(error, HTTPException):
        return respond(of_http(error), request.state.request_id)
    raise error
