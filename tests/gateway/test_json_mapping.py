"""The fast JSON mapping is protobuf's own, for every message of the contracts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from services.gateway.contracts import FILES
from services.gateway.json_mapping import to_object
from vitrine.v1 import catalog_pb2, pose_pb2, shopper_pb2, types_pb2

MESSAGES = {
    descriptor.name: GetMessageClass(descriptor)
    for file in (*FILES, types_pb2.DESCRIPTOR)
    for descriptor in file.message_types_by_name.values()
}
_ROUNDS = 20


def _protobufs_own(message: Message) -> dict[str, Any]:
    return json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


def _number(noise: np.random.Generator, field: Any) -> Any:
    kinds = {
        FieldDescriptor.CPPTYPE_INT32: lambda: int(noise.integers(-(2**31), 2**31)),
        FieldDescriptor.CPPTYPE_INT64: lambda: int(noise.integers(-(2**63), 2**63 - 1)),
        FieldDescriptor.CPPTYPE_UINT32: lambda: int(noise.integers(0, 2**32)),
        FieldDescriptor.CPPTYPE_UINT64: lambda: int(noise.integers(0, 2**63)),
        FieldDescriptor.CPPTYPE_FLOAT: lambda: float(
            noise.normal() * 10.0 ** noise.integers(-9, 9)
        ),
        FieldDescriptor.CPPTYPE_DOUBLE: lambda: float(noise.normal()),
        FieldDescriptor.CPPTYPE_BOOL: lambda: bool(noise.integers(2)),
        FieldDescriptor.CPPTYPE_ENUM: lambda: int(noise.integers(0, 4)),
    }
    return kinds[field.cpp_type]()


def _value(noise: np.random.Generator, field: Any, depth: int) -> Any:
    if field.message_type:
        return _message(noise, field.message_type, depth + 1)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return noise.bytes(int(noise.integers(0, 9)))
    if field.type == FieldDescriptor.TYPE_STRING:
        return "".join(chr(int(code)) for code in noise.integers(32, 0x2FFF, 5))
    return _number(noise, field)


def _message(noise: np.random.Generator, descriptor: Any, depth: int = 0) -> Message:
    if descriptor.full_name in {"google.protobuf.Timestamp", "google.protobuf.Duration"}:
        return GetMessageClass(descriptor)(seconds=int(noise.integers(0, 10**9)), nanos=5_000_000)
    message: Any = GetMessageClass(descriptor)()
    if descriptor.full_name == "google.protobuf.FieldMask" or depth > 4:
        return message
    for field in descriptor.fields:
        if noise.random() < 0.3:
            continue
        if field.message_type and field.message_type.GetOptions().map_entry:
            entry = field.message_type.fields_by_name["value"]
            if entry.message_type:
                getattr(message, field.name)["a"].CopyFrom(_value(noise, entry, depth))
            else:
                getattr(message, field.name)["a"] = _value(noise, entry, depth)
        elif field.is_repeated:
            values = [_value(noise, field, depth) for _ in range(int(noise.integers(0, 4)))]
            getattr(message, field.name).extend(values)
        elif field.message_type:
            getattr(message, field.name).CopyFrom(_value(noise, field, depth))
        else:
            setattr(message, field.name, _value(noise, field, depth))
    return message


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_told_as_protobuf_tells_it(name: str) -> None:
    """Empty, and filled in twenty ways."""
    kind = MESSAGES[name]
    assert to_object(kind()) == _protobufs_own(kind())
    noise = np.random.default_rng(len(name))
    for _ in range(_ROUNDS):
        message = _message(noise, kind.DESCRIPTOR)
        assert to_object(message) == _protobufs_own(message)


@pytest.mark.parametrize("value", [0.0, -0.0, 0.1, 1e-45, 3.4e38, 16777217.0, 1 / 3, np.pi, 5e-7])
def test_a_float_is_as_short_as_it_can_be_and_the_same_number(value: float) -> None:
    """What is parsed again is the same 32 bits."""
    point = types_pb2.Point(x=value)
    told = to_object(point)["x"]
    assert np.float32(told) == np.float32(value)
    assert len(repr(told)) <= len(repr(point.x))


@pytest.mark.parametrize(
    ("value", "told"), [(np.inf, "Infinity"), (-np.inf, "-Infinity"), (np.nan, "NaN")]
)
def test_what_json_has_no_number_for_is_text(value: float, told: str) -> None:
    """As the mapping says."""
    assert to_object(types_pb2.Point(x=value))["x"] == told
    assert to_object(shopper_pb2.TasteVector(values=[1, value]))["values"] == [1.0, told]


def test_an_enum_value_of_a_later_contract_is_its_number() -> None:
    """An older gateway passes it on."""
    assert to_object(catalog_pb2.Product(status=99))["status"] == 99


@pytest.mark.parametrize("exponents", [(-11, 5), (-45, 38)])
def test_floats_are_told_as_short_as_they_can_be(exponents: tuple[int, int]) -> None:
    """As numpy tells each alone: within the range that is done at once, and far beyond it."""
    noise = np.random.default_rng(7)
    sizes = 10.0 ** noise.integers(*exponents, 50_000)
    signs = noise.choice([-1.0, 1.0], 50_000)
    numbers = (signs * noise.uniform(1.1, 9.9, 50_000) * sizes).astype(np.float32)
    special = [0.0, -0.0, 1.0, 0.1, 0.001, 1e-3, 999999.94, 0.099999994, 16777216.0, 1 / 3]
    for some in (*np.split(numbers, 50), np.array(special, np.float32), numbers[:0]):
        mesh = pose_pb2.ScreenMesh(vertices=some)
        assert [repr(value) for value in to_object(mesh)["vertices"]] == [
            repr(float(str(value))) for value in some
        ]


def test_floats_that_json_cannot_hold_are_names() -> None:
    """As protobuf tells them, among others."""
    mesh = pose_pb2.ScreenMesh(vertices=[0.5, float("nan"), float("-inf")])
    assert to_object(mesh)["vertices"] == [0.5, "NaN", "-Infinity"]
