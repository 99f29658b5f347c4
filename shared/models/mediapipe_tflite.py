"""Reading and writing TFLite files with the flatbuffer schema of the installed MediaPipe.

The schema is loaded from its file: importing the package ``mediapipe`` would load its
native library, which must not happen before ``shared.privacy.forbid_egress``.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np

from shared.errors import NotReady

MODEL_IDENTIFIER = b"TFL3"
METADATA_IDENTIFIER = b"M001"
METADATA_NAME = b"TFLITE_METADATA"
PARSER_VERSION = "1.0.0"
"""Version of the metadata schema from which on image normalisation is known."""


@cache
def schema(name: str = "schema_py_generated") -> Any:
    """The generated flatbuffer module ``name`` of MediaPipe, without importing MediaPipe.

    Raises:
        NotReady: mediapipe is not installed (``MEDIAPIPE_MISSING``).
    """
    package = importlib.util.find_spec("mediapipe")
    if package is None or not package.submodule_search_locations:
        raise NotReady("mediapipe is not installed", reason="MEDIAPIPE_MISSING")
    path = Path(package.submodule_search_locations[0]) / "tasks" / "metadata" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"_vitrine_{name}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise NotReady(f"this mediapipe has no {path.name}", reason="MEDIAPIPE_MISSING")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_model(data: bytes) -> Any:
    """The object tree (``ModelT``) of a TFLite file."""
    tflite = schema()
    return tflite.ModelT.InitFromObj(tflite.Model.GetRootAs(data, 0))


def write_model(model: Any) -> bytes:
    """A TFLite file of an object tree; equal trees give equal bytes."""
    return _pack(model, MODEL_IDENTIFIER, 1 << 22)


def add_normalisation(model: Any, mean: Sequence[float], std: Sequence[float]) -> None:
    """Say in the model's metadata that its input is ``(pixel - mean) / std``, pixels 0..255.

    Metadata that the model had is replaced.
    """
    content = schema().BufferT()
    metadata = _pack(_metadata(mean, std), METADATA_IDENTIFIER, 1 << 10)
    content.data = np.frombuffer(metadata, np.uint8)
    for entry in model.metadata or []:
        if entry.name == METADATA_NAME:
            model.buffers[entry.buffer] = content
            return
    model.buffers.append(content)
    entry = schema().MetadataT()
    entry.name, entry.buffer = METADATA_NAME.decode(), len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]


def _metadata(mean: Sequence[float], std: Sequence[float]) -> Any:
    tables = schema("metadata_schema_py_generated")
    options = tables.NormalizationOptionsT()
    options.mean, options.std = np.array(mean, np.float32), np.array(std, np.float32)
    unit = tables.ProcessUnitT()
    unit.optionsType = tables.ProcessUnitOptions.NormalizationOptions
    unit.options = options
    tensor = tables.TensorMetadataT()
    tensor.name, tensor.processUnits = "image", [unit]
    tensor.content = _rgb_image(tables)
    graph = tables.SubGraphMetadataT()
    graph.inputTensorMetadata = [tensor]
    metadata = tables.ModelMetadataT()
    metadata.subgraphMetadata = [graph]
    metadata.minParserVersion = PARSER_VERSION
    return metadata


def _rgb_image(tables: Any) -> Any:
    content = tables.ContentT()
    content.contentPropertiesType = tables.ContentProperties.ImageProperties
    content.contentProperties = tables.ImagePropertiesT()
    content.contentProperties.colorSpace = tables.ColorSpaceType.RGB
    return content


def _pack(tree: Any, identifier: bytes, size: int) -> bytes:
    builder = flatbuffers.Builder(size)
    builder.Finish(tree.Pack(builder), identifier)
    return bytes(builder.Output())
