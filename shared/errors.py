"""Every error that Vitrine raises on purpose, and what a caller is told about it.

    VitrineError                status                 when
    ├── InvalidInput            INVALID_ARGUMENT       the request is wrong and stays wrong
    │   └── ImageRefused        INVALID_ARGUMENT       the image gate said no
    ├── NotFound                NOT_FOUND              a named resource does not exist
    ├── Conflict                ABORTED                somebody else changed it first
    ├── NotReady                FAILED_PRECONDITION    a model, an index or a setting is missing
    ├── ConsentRequired         PERMISSION_DENIED      no valid consent for this use
    ├── Overloaded              RESOURCE_EXHAUSTED     come back after ``retry_after_ms``
    ├── TooSlow                 DEADLINE_EXCEEDED      it did not happen in the time allowed
    └── Unavailable             UNAVAILABLE            a part that we need does not answer

The message says what was wrong with the input and what would be right. The
reason is a stable UPPER_SNAKE word that a program may branch on. ``shared.rpc``
turns an error into ``google.rpc.Status``; nothing in this module knows gRPC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One wrong field: its path in the request (``regions[2].box``) and what is wrong."""

    field: str
    description: str


@dataclass(frozen=True, slots=True)
class Resource:
    """The thing an error is about: its type (``product``) and its name (``GLS-104``)."""

    type: str
    name: str


class VitrineError(Exception):
    """Base of the tree. Raise one of its children.

    Args:
        message: one sentence for a person: what is wrong, what would be right.
        reason: stable machine-readable word; defaults to the class's own.
        violations: the request fields at fault, if any.
        resource: the resource the error is about, if any.
        retry_after_ms: when to come back, if waiting helps.
        metadata: further facts for a program, as text.
    """

    status: ClassVar[str] = "INTERNAL"
    default_reason: ClassVar[str] = "INTERNAL"

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        violations: Sequence[FieldViolation] = (),
        resource: Resource | None = None,
        retry_after_ms: int | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or self.default_reason
        self.violations = tuple(violations)
        self.resource = resource
        self.retry_after_ms = retry_after_ms
        self.metadata = dict(metadata or {})


class InvalidInput(VitrineError):
    """The request is wrong and would be wrong again."""

    status = "INVALID_ARGUMENT"
    default_reason = "INVALID_INPUT"

    @classmethod
    def of(cls, field: str, description: str, *, reason: str | None = None) -> InvalidInput:
        """Build the error for one wrong field.

        >>> InvalidInput.of("top_k", "is 0, must be 1 to 1000").message
        'top_k: is 0, must be 1 to 1000'
        """
        violation = FieldViolation(field, description)
        return cls(f"{field}: {description}", reason=reason, violations=[violation])


class ImageRefused(InvalidInput):
    """The image gate refused the bytes; the reason says which of its rules.

    Every request that takes a picture takes it in the field ``image``.

    >>> ImageRefused("the image is empty", reason="IMAGE_EMPTY").violations[0].field
    'image'
    """

    default_reason = "IMAGE_UNREADABLE"

    def __init__(self, message: str, *, reason: str | None = None) -> None:
        super().__init__(message, reason=reason, violations=[FieldViolation("image", message)])


class NotFound(VitrineError):
    """A resource that the request names does not exist."""

    status = "NOT_FOUND"
    default_reason = "NOT_FOUND"

    @classmethod
    def of(cls, type_: str, name: str) -> NotFound:
        """Build the error for one missing resource.

        >>> NotFound.of("store", "berlin-9").message
        "no store 'berlin-9'"
        """
        return cls(
            f"no {type_} {name!r}",
            reason=f"{type_.upper()}_NOT_FOUND",
            resource=Resource(type_, name),
        )


class Conflict(VitrineError):
    """Somebody else changed the resource first; read it again and retry."""

    status = "ABORTED"
    default_reason = "CONFLICT"


class NotReady(VitrineError):
    """A model, an index or a setting that the request needs is missing."""

    status = "FAILED_PRECONDITION"
    default_reason = "NOT_READY"


class ConsentRequired(VitrineError):
    """There is no valid consent for this use."""

    status = "PERMISSION_DENIED"
    default_reason = "CONSENT_REQUIRED"


class Overloaded(VitrineError):
    """There is no capacity for this request now; ``retry_after_ms`` says when to come back."""

    status = "RESOURCE_EXHAUSTED"
    default_reason = "OVERLOADED"


class TooSlow(VitrineError):
    """The thing waited for did not happen in the time allowed."""

    status = "DEADLINE_EXCEEDED"
    default_reason = "DEADLINE_EXCEEDED"


class Unavailable(VitrineError):
    """A part that we need does not answer."""

    status = "UNAVAILABLE"
    default_reason = "UNAVAILABLE"
