"""How large a model file is: bytes, and parameters counted from the ONNX file itself.

Reads only the protocol buffer fields that lead to the shapes of the weights
(``ModelProto.graph = 7``, ``GraphProto.initializer = 5``, ``TensorProto.dims = 1``; see
onnx.proto), so that counting needs no library.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shared.models.card import ModelCard

_GRAPH: Final = 7
_INITIALIZER: Final = 5
_DIMS: Final = 1
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIDTH: Final = {_FIXED64: 8, _FIXED32: 4}


def size_of(card: ModelCard, folder: Path | None) -> tuple[int, float]:
    """Parameters, and megabytes (10^6 bytes) on disk; 0 and 0.0 for one without weights."""
    if folder is None or not card.file:
        return 0, 0.0
    path = folder / card.file
    return parameters(path.read_bytes()), path.stat().st_size / 1e6


def parameters(model: bytes) -> int:
    """Count the weights of an ONNX model; 0 for bytes that are none."""
    try:
        graphs = [value for number, value in _fields(model) if number == _GRAPH]
        tensors = [
            tensor
            for graph in graphs
            if isinstance(graph, bytes)
            for number, tensor in _fields(graph)
            if number == _INITIALIZER and isinstance(tensor, bytes)
        ]
        return sum(math.prod(_dims(tensor)) for tensor in tensors)
    except (IndexError, ValueError):
        return 0


def _dims(tensor: bytes) -> list[int]:
    found: list[int] = []
    for number, value in _fields(tensor):
        if number == _DIMS and isinstance(value, int):
            found.append(value)
        elif number == _DIMS and isinstance(value, bytes):
            at = 0
            while at < len(value):
                size, at = _varint(value, at)
                found.append(size)
    return found


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        length, at = _varint(message, at) if kind == _BYTES else (_WIDTH.get(kind, -1), at)
        if length < 0 or at + length > len(message):
            raise ValueError(f"no protocol buffer: wire type {kind} of {length} bytes at {at}")
        yield number, message[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends (base 128, least significant group first)."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
