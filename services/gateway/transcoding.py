"""Between HTTP and the contracts: parameters and JSON text into messages."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import pydantic_core
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from starlette.exceptions import HTTPException

from shared.errors import InvalidInput

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
"""An escape that may be half a character, which protobuf fails on."""
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,20}")
_INTEGERS = frozenset(
    (
        FieldDescriptor.CPPTYPE_INT32,
        FieldDescriptor.CPPTYPE_INT64,
        FieldDescriptor.CPPTYPE_UINT32,
        FieldDescriptor.CPPTYPE_UINT64,
    )
)
_TRUTH = {"true": True, "false": False}


def to_json(told: Any) -> bytes:
    """The compact UTF-8 text of a JSON value, several times faster than ``json``."""
    return pydantic_core.to_json(told)


def parse_json(text: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        HTTPException: 400, it is not JSON, or not an object.
    """
    try:
        told = json.loads(text.decode())
        if _SURROGATE.search(text):
            json.dumps(told, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise HTTPException(400, "the body holds half a character (a lone surrogate)") from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"the body is not JSON: {error}") from error
    if not isinstance(told, dict):
        raise HTTPException(400, "the body is JSON, but not an object")
    return told


def merge(message: Message, told: dict[str, Any], field: str = "") -> None:
    """Set the fields of ``message`` that a JSON object names.

    Args:
        message: changed in place.
        told: protobuf's JSON mapping of it.
        field: what a violation names, where it is not the path of the field.

    Raises:
        InvalidInput: a field is unknown, or has a value that does not fit.
    """
    try:
        json_format.ParseDict(told, message)
    except (json_format.ParseError, UnicodeError) as error:
        path, description = _wrong(str(error))
        raise InvalidInput.of(field or path or "body", description) from error


def _wrong(text: str) -> tuple[str, str]:
    """The path of the field that protobuf complains of, and its complaint.

    >>> _wrong("Failed to parse filter field: Failed to parse in_stock field: expected bool.")
    ('filter.in_stock', 'expected bool')
    """
    *above, complaint = re.split(r"Failed to parse (\w+) field: ", text)
    return ".".join(filter(None, above)), complaint.partition("\n")[0].rstrip(".")


def set_parameter(message: Message, path: str, name: str, values: Sequence[str]) -> None:
    """Set a field from the values of a query or path parameter.

    Args:
        message: changed in place.
        path: the field, dotted: ``options.store_id``.
        name: the parameter's name, for errors.
        values: as sent, at least one.

    Raises:
        InvalidInput: a value does not fit, or there are several for one.
    """
    *above, last = path.split(".")
    for part in above:
        message = getattr(message, part)
    field = message.DESCRIPTOR.fields_by_name[last]
    read = [_read(field, name, value) for value in values]
    if field.is_repeated:
        merge(message, {last: read}, name)
    elif len(read) > 1:
        raise InvalidInput.of(name, "may be given once")
    else:
        merge(message, {last: read[0]}, name)


def field_at(descriptor: Any, path: str) -> FieldDescriptor:
    """The descriptor of a dotted field."""
    *above, last = path.split(".")
    for part in above:
        descriptor = descriptor.fields_by_name[part].message_type
    found: FieldDescriptor = descriptor.fields_by_name[last]
    return found


def _read(field: Any, name: str, value: str) -> str | bool | int:
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        if value not in _TRUTH:
            raise InvalidInput.of(name, "must be true or false")
        return _TRUTH[value]
    if field.cpp_type in _INTEGERS:
        if not _WHOLE_NUMBER.fullmatch(value):
            raise InvalidInput.of(name, "must be a whole number")
        return int(value)
    return value
