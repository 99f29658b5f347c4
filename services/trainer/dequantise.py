"""Read the float weights out of a quantised MobileNetV2 in the TFLite format.

The ImageNet starting weights come as an int8 post-training quantised file whose
batch norms are folded into its convolutions. Each int8 weight ``q`` of output
channel ``c`` stands for ``(q - zero_point[c]) * scale[c]`` (TFLite's quantisation
specification), so the float network is recovered without the original.
"""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from shared.errors import NotReady


def _load_schema() -> Any:
    """TFLite's flatbuffer schema out of the mediapipe wheel, without importing mediapipe.

    The package reports its use over the network once imported; this file alone needs
    nothing but flatbuffers.
    """
    package = importlib.util.find_spec("mediapipe")
    if package is None or not package.submodule_search_locations:
        raise NotReady(
            "reading TFLite weights needs the mediapipe package", reason="TRAINING_PARTS_MISSING"
        )
    path = Path(package.submodule_search_locations[0]) / "tasks/metadata/schema_py_generated.py"
    spec = importlib.util.spec_from_file_location("vitrine_tflite_schema", path)
    if spec is None or spec.loader is None:
        raise NotReady(f"{path} is missing", reason="TRAINING_PARTS_MISSING")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


schema = _load_schema()
_DTYPES = {
    schema.TensorType.FLOAT32: np.float32,
    schema.TensorType.INT8: np.int8,
    schema.TensorType.UINT8: np.uint8,
    schema.TensorType.INT32: np.int32,
}

# What flatbuffers and numpy raise on bytes that are something else.
_UNREADABLE = (OSError, ValueError, TypeError, IndexError, AttributeError, KeyError, struct.error)


@dataclass(frozen=True, slots=True)
class ConvolutionWeights:
    """One convolution of the file.

    Attributes:
        weight: (out, in / groups, kernel, kernel) float32, torch's axis order.
        bias: (out,) float32.
    """

    weight: torch.Tensor
    bias: torch.Tensor


def read_convolutions(path: Path) -> list[ConvolutionWeights]:
    """Read every convolution of a TFLite network, in the order it runs them.

    Raises:
        NotReady: the file is missing or is not a TFLite network
            (``STARTING_WEIGHTS_INVALID``).
    """
    try:
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
        return [_convolution(model, operator) for operator in _convolution_operators(model)]
    except _UNREADABLE as error:
        raise NotReady(
            f"{path} is not a readable quantised TFLite network: {error}",
            reason="STARTING_WEIGHTS_INVALID",
        ) from error


def _convolution_operators(model: Any) -> list[Any]:
    kinds = (schema.BuiltinOperator.CONV_2D, schema.BuiltinOperator.DEPTHWISE_CONV_2D)
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    return [op for op in model.subgraphs[0].operators if codes[op.opcodeIndex] in kinds]


def _convolution(model: Any, operator: Any) -> ConvolutionWeights:
    kernel, bias = (_dequantised(model, index) for index in operator.inputs[1:3])
    depthwise = isinstance(operator.builtinOptions, schema.DepthwiseConv2DOptionsT)
    # TFLite: (out, kh, kw, in) for a convolution, (1, kh, kw, out) for a depthwise one.
    order = (3, 0, 1, 2) if depthwise else (0, 3, 1, 2)
    weight = np.ascontiguousarray(kernel.transpose(order))
    return ConvolutionWeights(torch.from_numpy(weight), torch.from_numpy(bias))


def _dequantised(model: Any, index: int) -> np.ndarray:
    tensor = model.subgraphs[0].tensors[index]
    raw = np.frombuffer(bytes(model.buffers[tensor.buffer].data), _DTYPES[tensor.type])
    values = raw.reshape(tensor.shape).astype(np.float32)
    quantisation = tensor.quantization
    if quantisation is None or quantisation.scale is None or len(quantisation.scale) == 0:
        return values
    axis_shape = [1] * values.ndim
    axis_shape[quantisation.quantizedDimension] = -1
    scale = np.asarray(quantisation.scale, np.float32).reshape(axis_shape)
    zero_point = np.asarray(quantisation.zeroPoint, np.float32).reshape(axis_shape)
    return (values - zero_point) * scale
