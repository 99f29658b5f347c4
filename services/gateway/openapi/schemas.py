"""JSON Schemas (draft 2020-12) of the contracts' messages in protobuf's JSON mapping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

Schema = dict[str, Any]

_WELL_KNOWN: dict[str, Schema] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {
        "type": "string",
        "pattern": r"^[0-9]{1,5}(\.[0-9]{1,9})?s$",
        "examples": ["1.5s"],
    },
    "google.protobuf.FieldMask": {"type": "string"},
}
_NUMBER: Schema = {"type": "number"}
_SCALARS: dict[int, Schema] = {
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    FieldDescriptor.TYPE_FLOAT: _NUMBER,
    FieldDescriptor.TYPE_DOUBLE: _NUMBER,
    FieldDescriptor.TYPE_INT32: {
        "type": "integer",
        "format": "int32",
        "minimum": -(2**31),
        "maximum": 2**31 - 1,
    },
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
    FieldDescriptor.TYPE_INT64: {"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,18}$"},
    FieldDescriptor.TYPE_UINT64: {"type": "string", "format": "uint64", "pattern": "^[0-9]{1,18}$"},
}


class Schemas:
    """Collects the schemas of messages and of what they refer to.

    Args:
        comments: the contracts' comments, by dotted name without the package.
    """

    def __init__(self, comments: Mapping[str, str]) -> None:
        self._comments = comments
        self.found: dict[str, Schema] = {}

    def refer(self, descriptor: Any) -> Schema:
        """A reference to a message or enum, whose schema is collected."""
        if descriptor.full_name in _WELL_KNOWN:
            return dict(_WELL_KNOWN[descriptor.full_name])
        name = _local(descriptor.full_name)
        if name not in self.found:
            self.found[name] = {}
            self.found[name] = (
                self._enum(descriptor)
                if isinstance(descriptor, EnumDescriptor)
                else self._message(descriptor)
            )
        return {"$ref": f"#/components/schemas/{name}"}

    def of_field(self, field: Any) -> Schema:
        """The schema of a field's value, with its comment."""
        told = self._told(field.full_name)
        if _is_map(field):
            value = field.message_type.fields_by_name["value"]
            return {"type": "object", "additionalProperties": self._one(value), **told}
        if field.is_repeated:
            return {"type": "array", "items": self._one(field), **told}
        return {**self._one(field), **told}

    def comment(self, name: str) -> str:
        """The contract's comment on a name, empty when there is none."""
        return self._comments.get(name, "")

    def _one(self, field: Any) -> Schema:
        if field.message_type is not None:
            return self.refer(field.message_type)
        if field.enum_type is not None:
            return self.refer(field.enum_type)
        return dict(_SCALARS[field.type])

    def _message(self, descriptor: Descriptor) -> Schema:
        return {
            "type": "object",
            **self._told(descriptor.full_name),
            "properties": {field.name: self.of_field(field) for field in descriptor.fields},
            "additionalProperties": False,
        }

    def _enum(self, descriptor: EnumDescriptor) -> Schema:
        values = [value.name for value in descriptor.values]
        meanings = [
            f"- `{value}`: {self.comment(f'{_local(descriptor.full_name)}.{value}')}"
            for value in values
        ]
        told = "\n".join([self.comment(_local(descriptor.full_name)), "", *meanings])
        return {"type": "string", "enum": values, "description": told}

    def _told(self, full_name: str) -> Schema:
        comment = self.comment(_local(full_name))
        return {"description": comment} if comment else {}


def _local(full_name: str) -> str:
    return full_name.removeprefix("vitrine.v1.")


def _is_map(field: Any) -> bool:
    return bool(field.message_type and field.message_type.GetOptions().map_entry)
