"""The old attention face model, made to fit MediaPipe Tasks 1.2.

The old graph refined the face outside of the network: seven output tensors, merged by
a calculator. The new graph wants one tensor of 478 points (1, 1, 1, 1434) and the face
flag. So the merge is appended to the network, as TFLite operators:

    x, y   of the mesh, replaced by those of the lips, eyes and irises where they exist
    z      of the mesh; an iris takes the mean of its eye's contour

after ``LandmarksRefinementCalculator`` and its options in
``tensors_to_face_landmarks_graph.cc`` of MediaPipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from shared.errors import NotReady
from shared.models import mediapipe_mesh as mesh
from shared.models.mediapipe_tflite import add_normalisation, read_model, schema, write_model

OUTPUTS = (
    b"output_mesh_identity",
    b"output_lips",
    b"output_left_eye",
    b"output_right_eye",
    b"output_left_iris",
    b"output_right_iris",
    b"conv_faceflag",
)
REFINED = (mesh.LIPS, mesh.LEFT_EYE, mesh.RIGHT_EYE, mesh.LEFT_IRIS, mesh.RIGHT_IRIS)


class _Graph:
    """Appends operators to the first subgraph of a model. Tensors are their numbers."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._graph = model.subgraphs[0]
        self._tflite = schema()

    def outputs(self) -> dict[bytes, int]:
        return {self._graph.tensors[i].name: int(i) for i in self._graph.outputs}

    def set_outputs(self, tensors: Sequence[int]) -> None:
        self._graph.outputs = np.array(tensors, np.int32)

    def reshape(self, source: int, shape: Sequence[int], name: str) -> int:
        options = self._tflite.ReshapeOptionsT()
        options.newShape = np.array(shape, np.int32)
        return self._append(
            "Reshape",
            [source, self._constant(f"{name}/shape", shape)],
            options,
            self._tensor(name, shape),
        )

    def gather(
        self, source: int, indices: Sequence[int], axis: int, shape: Sequence[int], name: str
    ) -> int:
        options = self._tflite.GatherOptionsT()
        options.axis = axis
        inputs = [source, self._constant(f"{name}/indices", indices)]
        return self._append("Gather", inputs, options, self._tensor(name, shape))

    def concatenate(
        self, sources: Sequence[int], axis: int, shape: Sequence[int], name: str
    ) -> int:
        options = self._tflite.ConcatenationOptionsT()
        options.axis = axis
        return self._append("Concatenation", sources, options, self._tensor(name, shape))

    def mean_of_rows(self, source: int, name: str) -> int:
        options = self._tflite.ReducerOptionsT()
        options.keepDims = True
        inputs = [source, self._constant(f"{name}/axis", [0])]
        return self._append("Mean", inputs, options, self._tensor(name, (1, 1)))

    def _append(self, kind: str, inputs: Sequence[int], options: Any, output: int) -> int:
        operator = self._tflite.OperatorT()
        operator.opcodeIndex = self._opcode(getattr(self._tflite.BuiltinOperator, kind.upper()))
        operator.inputs = np.array(inputs, np.int32)
        operator.outputs = np.array([output], np.int32)
        table = type(options).__name__.removesuffix("T")
        operator.builtinOptionsType = getattr(self._tflite.BuiltinOptions, table)
        operator.builtinOptions = options
        self._graph.operators.append(operator)
        return output

    def _opcode(self, builtin: int) -> int:
        codes = self._model.operatorCodes
        for index, known in enumerate(codes):
            if builtin in (known.builtinCode, known.deprecatedBuiltinCode):
                return index
        code = self._tflite.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = builtin
        code.version = 1
        codes.append(code)
        return len(codes) - 1

    def _tensor(
        self, name: str, shape: Sequence[int], buffer: int = 0, kind: str = "FLOAT32"
    ) -> int:
        tensor = self._tflite.TensorT()
        tensor.name, tensor.buffer = name, buffer
        tensor.shape = np.array(shape, np.int32)
        tensor.type = getattr(self._tflite.TensorType, kind)
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def _constant(self, name: str, values: Sequence[int]) -> int:
        buffer = self._tflite.BufferT()
        buffer.data = np.frombuffer(np.array(values, "<i4").tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        return self._tensor(name, [len(values)], len(self._model.buffers) - 1, "INT32")


def face_with_irises(attention_model: bytes) -> bytes:
    """Turn ``face_landmark_with_attention.tflite`` into one with MediaPipe 1.2's outputs.

    Raises:
        NotReady: the file has other outputs than that model (``MODEL_UNKNOWN``).
    """
    model = read_model(attention_model)
    graph = _Graph(model)
    found = graph.outputs()
    if tuple(found) != OUTPUTS:
        raise NotReady(
            f"the face model has outputs {sorted(found)}, expected {sorted(OUTPUTS)}",
            reason="MODEL_UNKNOWN",
        )
    points = graph.reshape(found[OUTPUTS[0]], (mesh.MESH_POINTS, 3), "mesh")
    xy = _refined_xy(graph, points, [found[name] for name in OUTPUTS[1:6]])
    whole = graph.concatenate([xy, _refined_z(graph, points)], 1, (mesh.FACE_POINTS, 3), "points")
    landmarks = graph.reshape(whole, (1, 1, 1, mesh.FACE_POINTS * 3), "landmarks")
    graph.set_outputs([landmarks, found[OUTPUTS[6]]])
    add_normalisation(model, [0.0], [255.0])
    return write_model(model)


def _refined_xy(graph: _Graph, points: int, refinements: Sequence[int]) -> int:
    """All tables of x, y under one another, and from them the finest row for each point."""
    tables = [graph.gather(points, [0, 1], 1, (mesh.MESH_POINTS, 2), "mesh_xy")]
    rows = np.arange(mesh.FACE_POINTS)
    count = mesh.MESH_POINTS
    for number, (tensor, targets) in enumerate(zip(refinements, REFINED, strict=True)):
        tables.append(graph.reshape(tensor, (len(targets), 2), f"refinement_{number}_xy"))
        rows[list(targets)] = count + np.arange(len(targets))
        count += len(targets)
    stacked = graph.concatenate(tables, 0, (count, 2), "all_xy")
    return graph.gather(stacked, rows.tolist(), 0, (mesh.FACE_POINTS, 2), "refined_xy")


def _refined_z(graph: _Graph, points: int) -> int:
    depth = graph.gather(points, [2], 1, (mesh.MESH_POINTS, 1), "mesh_z")
    irises = []
    for eye, side in ((mesh.LEFT_EYE, "left"), (mesh.RIGHT_EYE, "right")):
        contour = eye[: mesh.CONTOUR_POINTS]
        ring = graph.gather(depth, contour, 0, (len(contour), 1), f"{side}_contour_z")
        mean = graph.mean_of_rows(ring, f"{side}_mean_z")
        irises.append(graph.gather(mean, [0] * 5, 0, (5, 1), f"{side}_iris_z"))
    return graph.concatenate([depth, *irises], 0, (mesh.FACE_POINTS, 1), "refined_z")
