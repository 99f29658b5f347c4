"""From torch to the files that ship: ONNX in float32, its int8 twin, and the card.

The network's weights are stored in half precision and cast when the session loads, which
halves the file; it computes in float32. Inputs: ``image`` (N, 3, H, W) float32, pixels in
-1..1. Outputs: ``embedding`` (N, D) of length 1, and ``features`` (N, D, H / 32, W / 32),
whose mean over the places is exactly ``embedding``: the part that each place of the
image plays in any similarity is ``(features * other_embedding).sum(D) / places``.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional

from services.trainer.network import Embedder
from shared.errors import Conflict
from shared.privacy import forbid_telemetry

forbid_telemetry()

import onnxruntime  # noqa: E402
from onnxruntime.quantization import (  # noqa: E402
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process  # noqa: E402

OPSET = 17
# Half precision of the weights moves an embedding by less than this, as 1 - cosine.
EXPORT_TOLERANCE = 1e-3
Vectors = NDArray[np.float32]


class _Exported(nn.Module):
    """The embedder with its second output; the same weights under the same names."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__()
        self.trunk = embedder.trunk
        self.head = embedder.head

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.trunk(image)
        product = functional.conv2d(features, self.head.product.weight[:, :, None, None])
        general = functional.conv2d(
            features, self.head.general.weight[:, :, None, None], self.head.general.bias
        )
        mix = self.head.mix
        places = torch.cat(
            [mix.sqrt() * _to_unit_mean(product), (1 - mix).sqrt() * _to_unit_mean(general)], dim=1
        )
        return places.mean(dim=(2, 3)), places


def _to_unit_mean(places: torch.Tensor) -> torch.Tensor:
    """Scale (N, D, H, W) so that its mean over the places has length 1."""
    pooled = places.mean(dim=(2, 3), keepdim=True)
    scaled: torch.Tensor = places / pooled.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return scaled


def export_onnx(embedder: Embedder, side: int, path: Path) -> None:
    """Write the embedder as ONNX, weights in half precision, and check it against torch.

    Raises:
        Conflict: the file's embeddings are not torch's (``EXPORT_DIFFERS``).
    """
    write_float32(embedder, side, path)
    onnx.save(store_in_half(onnx.load(path)), path)
    probe = _probe_images(side)
    worst = disagreement(run_onnx(path, probe), run_torch(embedder, probe))
    if worst > EXPORT_TOLERANCE:
        raise Conflict(
            f"{path} differs from torch: 1 - cosine is {worst:.5f}, at most "
            f"{EXPORT_TOLERANCE} is tolerated",
            reason="EXPORT_DIFFERS",
        )


def write_float32(embedder: Embedder, side: int, path: Path) -> None:
    """Write the embedder as plain float32 ONNX, initializers named as in torch."""
    with warnings.catch_warnings():
        # The exporter by tracing is deprecated; its successor needs a further dependency.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Exported(embedder).eval(), (torch.zeros(1, 3, side, side),), path,
            dynamo=False, opset_version=OPSET, do_constant_folding=False,
            input_names=["image"], output_names=["embedding", "features"],
            dynamic_axes={name: {0: "n"} for name in ("image", "embedding", "features")},
        )  # fmt: skip
    onnx.save(fold_padding(onnx.load(path)), path)


def fold_padding(model: Any) -> Any:
    """Move each explicit padding into the convolution behind it.

    torch has no convolution that pads one side only, ONNX has; eight-bit kernels stop at
    every operator between two convolutions.
    """
    graph = model.graph
    pads = {node.output[0]: node for node in graph.node if node.op_type == "Pad"}
    for node in graph.node:
        if node.op_type == "Conv" and node.input[0] in pads:
            node.input[0] = pads[node.input[0]].input[0]
            for attribute in node.attribute:
                if attribute.name == "pads":
                    attribute.ints[:] = [0, 0, 1, 1]
    _drop_unused(graph)
    onnx.checker.check_model(model)
    return model


def _drop_unused(graph: Any) -> None:
    needed = {output.name for output in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    graph.ClearField("node")
    graph.node.extend(reversed(kept))


def export_int8(embedder: Embedder, images: NDArray[np.float32], path: Path) -> float:
    """Write the int8 twin, calibrated on images (N, 3, side, side), pixels in -1..1.

    Weights are quantised per channel, activations to 8 bits without sign, in the QDQ
    form; the head stays float32.

    Returns:
        Mean of 1 - cosine between its embeddings of the images and torch's.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "float32.onnx"
        write_float32(embedder, images.shape[-1], plain)
        quant_pre_process(plain, plain, skip_symbolic_shape=True)
        trunk = [node.name for node in onnx.load(plain).graph.node if "/trunk/" in node.name]
        quantize_static(
            plain, path, _Calibration(images), quant_format=QuantFormat.QDQ, per_channel=True,
            weight_type=QuantType.QInt8, activation_type=QuantType.QUInt8,
            nodes_to_quantize=trunk,
        )  # fmt: skip
    return float((1 - (run_onnx(path, images) * run_torch(embedder, images)).sum(axis=1)).mean())


class _Calibration(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, images: NDArray[np.float32]) -> None:
        self._images = iter(images)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        image = next(self._images, None)
        return None if image is None else {"image": image[None]}


def store_in_half(model: Any) -> Any:
    """Store weight matrices as float16, each behind a cast back to float32."""
    graph = model.graph
    casts = []
    for entry in list(graph.initializer):
        array = numpy_helper.to_array(entry)
        if array.dtype != np.float32 or array.ndim < 2:
            continue
        for node in graph.node:
            _rename_input(node, entry.name, f"{entry.name}.float32")
        casts.append(
            helper.make_node("Cast", [entry.name], [f"{entry.name}.float32"], to=TensorProto.FLOAT)
        )
        entry.CopyFrom(numpy_helper.from_array(array.astype(np.float16), entry.name))
    for cast in reversed(casts):
        graph.node.insert(0, cast)
    onnx.checker.check_model(model)
    return model


def _rename_input(node: Any, old: str, new: str) -> None:
    for position, name in enumerate(node.input):
        if name == old:
            node.input[position] = new


@torch.inference_mode()
def run_torch(embedder: Embedder, images: NDArray[np.float32]) -> Vectors:
    """Embeddings (N, D) of images (N, 3, H, W), pixels in -1..1, in float32."""
    vectors: Vectors = embedder.eval()(torch.from_numpy(images)).numpy()
    return vectors


def open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """A CPU session that does not spin while it waits."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def run_onnx(path: Path, images: NDArray[np.float32]) -> Vectors:
    """Embeddings (N, D) of images (N, 3, H, W), pixels in -1..1, one at a time."""
    session = open_session(path, threads=1)
    rows = [session.run(["embedding"], {"image": image[None]})[0] for image in images]
    return np.concatenate(rows).astype(np.float32)


def disagreement(found: Vectors, expected: Vectors) -> float:
    """The largest 1 - cosine between rows of two arrays (N, D) of unit vectors.

    >>> disagreement(np.eye(2, dtype=np.float32), np.eye(2, dtype=np.float32))
    0.0
    """
    return float((1 - (found * expected).sum(axis=1)).max())


def _probe_images(side: int) -> NDArray[np.float32]:
    """Smooth random pictures (4, 3, side, side): noise at eight pixels, enlarged."""
    random = torch.Generator().manual_seed(0)
    coarse = torch.rand(4, 3, 8, 8, generator=random) * 2 - 1
    return functional.interpolate(coarse, size=(side, side), mode="bilinear").numpy()
