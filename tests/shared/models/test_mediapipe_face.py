"""The surgery on the face network: the appended operators merge as MediaPipe's graph did."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shared.errors import NotReady
from shared.models import mediapipe_mesh as mesh
from shared.models.mediapipe_face import OUTPUTS, face_with_irises
from shared.models.mediapipe_tflite import METADATA_NAME, read_model, schema, write_model

SIZES = (1404, 160, 142, 142, 10, 10, 1)


def network(outputs: tuple[bytes, ...] = OUTPUTS) -> bytes:
    """A TFLite file that has nothing but the old face model's output tensors."""
    tflite = schema()
    model, graph = tflite.ModelT(), tflite.SubGraphT()
    model.version, model.subgraphs = 3, [graph]
    model.operatorCodes, model.buffers = [], [tflite.BufferT()]
    graph.tensors, graph.operators = [], []
    for name, size in zip(outputs, SIZES, strict=True):
        tensor = tflite.TensorT()
        tensor.name, tensor.shape = name.decode(), np.array([1, 1, 1, size], np.int32)
        graph.tensors.append(tensor)
    graph.inputs = np.array([0], np.int32)
    graph.outputs = np.arange(len(outputs), dtype=np.int32)
    return write_model(model)


def evaluate(data: bytes, values: list[np.ndarray]) -> list[np.ndarray]:
    """Run the appended operators with numpy, by their TFLite definitions."""
    model, builtin = read_model(data), schema().BuiltinOperator
    graph = model.subgraphs[0]
    known: dict[int, np.ndarray] = dict(enumerate(values))
    for number, tensor in enumerate(graph.tensors):
        if tensor.buffer:
            known[number] = np.frombuffer(bytes(model.buffers[tensor.buffer].data), "<i4")
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex].builtinCode
        inputs = [known[int(i)] for i in operator.inputs]
        known[int(operator.outputs[0])] = _apply(code, builtin, inputs, operator.builtinOptions)
    for number, tensor in enumerate(graph.tensors):
        assert known[number].shape == tuple(tensor.shape), tensor.name
    return [known[int(i)] for i in graph.outputs]


def _apply(code: int, builtin: Any, inputs: list[np.ndarray], options: Any) -> np.ndarray:
    if code == builtin.RESHAPE:
        return inputs[0].reshape(inputs[1])
    if code == builtin.GATHER:
        return np.take(inputs[0], inputs[1], axis=options.axis)
    if code == builtin.CONCATENATION:
        return np.concatenate(inputs, axis=options.axis)
    assert code == builtin.MEAN
    assert options.keepDims
    return inputs[0].mean(axis=tuple(inputs[1]), keepdims=True)


def test_finer_points_replace_those_of_the_mesh_and_irises_take_their_eyes_depth():
    """The merge equals MediaPipe's LandmarksRefinementCalculator, written as loops."""
    random = np.random.default_rng(4)
    values = [random.normal(size=(1, 1, 1, size)).astype(np.float32) for size in SIZES]
    landmarks, flag = evaluate(face_with_irises(network()), values)

    expected = np.zeros((478, 3), np.float32)
    expected[:468] = values[0].reshape(468, 3)
    targets = (mesh.LIPS, mesh.LEFT_EYE, mesh.RIGHT_EYE, mesh.LEFT_IRIS, mesh.RIGHT_IRIS)
    for value, points in zip(values[1:6], targets, strict=True):
        for row, point in zip(value.reshape(-1, 2), points, strict=True):
            expected[point, :2] = row
    expected[468:473, 2] = np.mean([expected[i, 2] for i in mesh.LEFT_EYE[:16]])
    expected[473:478, 2] = np.mean([expected[i, 2] for i in mesh.RIGHT_EYE[:16]])
    np.testing.assert_allclose(landmarks.reshape(478, 3), expected, atol=1e-6)
    np.testing.assert_array_equal(flag, values[6])


def test_the_result_says_how_its_input_is_normalised():
    """The new graph refuses a float model without normalisation metadata."""
    model = read_model(face_with_irises(network()))
    assert METADATA_NAME in [entry.name for entry in model.metadata]


def test_a_network_with_other_outputs_is_refused():
    """Surgery on an unknown network would give wrong points silently."""
    with pytest.raises(NotReady, match="has outputs") as refused:
        face_with_irises(network((*OUTPUTS[:6], b"something_else")))
    assert refused.value.reason == "MODEL_UNKNOWN"


def test_the_index_lists_name_each_point_of_a_region_once():
    """The lists are transcribed: their lengths and ranges are the network's."""
    lists = (mesh.LIPS, mesh.LEFT_EYE, mesh.RIGHT_EYE, mesh.LEFT_IRIS, mesh.RIGHT_IRIS)
    assert [len(points) * 2 for points in lists] == list(SIZES[1:6])
    together = [point for points in lists for point in points]
    assert len(set(together)) == len(together)
    assert set(range(468, 478)) < set(together)
    assert max(together) == 477
