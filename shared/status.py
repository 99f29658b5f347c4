"""VitrineError to ``google.rpc.Status`` and back (AIP-193, google/rpc/error_details.proto)."""

from __future__ import annotations

import grpc
import grpc.aio
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from shared.errors import (
    Conflict,
    ConsentRequired,
    FieldViolation,
    InvalidInput,
    NotFound,
    NotReady,
    Overloaded,
    Resource,
    TooSlow,
    Unavailable,
    VitrineError,
)

DOMAIN = "vitrine.v1"
DETAILS_KEY = "grpc-status-details-bin"
_CLASSES: dict[str, type[VitrineError]] = {
    kind.status: kind
    for kind in (
        InvalidInput,
        NotFound,
        Conflict,
        NotReady,
        ConsentRequired,
        Overloaded,
        TooSlow,
        Unavailable,
    )
}


def status_code(error: VitrineError) -> grpc.StatusCode:
    """The gRPC status code of an error.

    >>> status_code(NotFound("no such store")).name
    'NOT_FOUND'
    """
    return grpc.StatusCode[error.status]


def _details(error: VitrineError) -> list[Message]:
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    ]
    if error.violations:
        details.append(
            error_details_pb2.BadRequest(
                field_violations=[
                    error_details_pb2.BadRequest.FieldViolation(
                        field=violation.field, description=violation.description
                    )
                    for violation in error.violations
                ]
            )
        )
    if error.resource:
        details.append(
            error_details_pb2.ResourceInfo(
                resource_type=error.resource.type,
                resource_name=error.resource.name,
                description=error.message,
            )
        )
    if error.retry_after_ms is not None:
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(error.retry_after_ms)
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    return details


def to_status(error: VitrineError) -> status_pb2.Status:
    """The full status of an error: code, message and typed details."""
    status = status_pb2.Status(code=status_code(error).value[0], message=error.message)
    for detail in _details(error):
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    return status


def _read_details(status: status_pb2.Status, error: VitrineError) -> None:
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    resource, retry = error_details_pb2.ResourceInfo(), error_details_pb2.RetryInfo()
    for detail in status.details:
        if detail.Unpack(info):
            error.reason, error.metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(bad):
            error.violations = tuple(
                FieldViolation(item.field, item.description) for item in bad.field_violations
            )
        elif detail.Unpack(resource):
            error.resource = Resource(resource.resource_type, resource.resource_name)
        elif detail.Unpack(retry):
            error.retry_after_ms = retry.retry_delay.ToMilliseconds()


def from_rpc_error(failure: grpc.aio.AioRpcError) -> VitrineError:
    """The error that a failed call stands for.

    A call that failed without our details (the peer is gone, a proxy answered)
    keeps its code where the tree has it and else becomes ``Unavailable``.
    """
    kind = _CLASSES.get(failure.code().name, Unavailable)
    error = kind(failure.details() or failure.code().name)
    packed = dict(failure.trailing_metadata() or ()).get(DETAILS_KEY)
    if isinstance(packed, bytes):
        status = status_pb2.Status()
        try:
            status.ParseFromString(packed)
        except DecodeError:  # a proxy's own trailer: the code and the text still hold
            return error
        _read_details(status, error)
    return error
