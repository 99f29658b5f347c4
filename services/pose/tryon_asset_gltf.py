"""A glTF 2.0 model looked at from its front: a picture with alpha and its real width.

glTF is in metres, y up, its front towards +z (specification, 3.4). The view is orthographic:
what is drawn is as wide as it is. Light falls softly from above and in front, so that form
shows; base colours and base colour textures are used, nothing else of the material.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement.types import Bytes, Floats, Indices
from services.pose.rendering.raster import Canvas, Window
from shared.errors import InvalidInput

LONG_SIDE_PX = 800
_MARGIN_PX = 2
MOST_TRIANGLES = 300_000
_COMPONENTS = {5120: "i1", 5121: "u1", 5122: "i2", 5123: "u2", 5125: "u4", 5126: "f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_LIGHT = np.array([-0.3, -0.7, -0.65]) / np.linalg.norm([-0.3, -0.7, -0.65])
_AMBIENT = 0.55
Read = Callable[[str], bytes]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One primitive in the viewer's axes: x right, y down, z away, in metres.

    Attributes:
        points: (V, 3).
        triangles: (T, 3).
        color_rgba: (4,) 0..1, sRGB.
        uv: (V, 2) or None.
        texture_rgba: (h, w, 4) uint8 or None.
    """

    points: Floats
    triangles: Indices
    color_rgba: Floats
    uv: Floats | None = None
    texture_rgba: Bytes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FrontView:
    """What a model looks like from its front.

    Attributes:
        image_rgba: (H, W, 4) uint8, straight alpha, cropped to the model.
        width_m: real width of the picture.
    """

    image_rgba: Bytes
    width_m: float


def front_view(path: Path) -> FrontView:
    """Draw a ``.gltf`` (with the files that it names, inside its folder) or ``.glb`` file.

    Raises:
        InvalidInput: the file is no glTF 2.0, or uses what this does not read
            (``GLTF_INVALID``).
    """
    try:
        parts = list(read_parts(path))
    except (KeyError, IndexError, ValueError, TypeError, OSError, struct.error) as error:
        raise _invalid(f"{path.name} cannot be read as glTF 2.0: {error!r}") from error
    if not parts or sum(len(part.triangles) for part in parts) == 0:
        raise _invalid(f"{path.name} has no triangles")
    if sum(len(part.triangles) for part in parts) > MOST_TRIANGLES:
        raise _invalid(f"{path.name} has over {MOST_TRIANGLES} triangles; export a simpler one")
    return draw(parts)


def draw(parts: list[Part]) -> FrontView:
    """Draw parts from their front, orthographically."""
    points = np.concatenate([part.points for part in parts])
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.maximum(high - low, 1e-9)
    scale = (2 * LONG_SIDE_PX - 2 * _MARGIN_PX) / float(span[:2].max())
    # Drawn twice as large, in even numbers of pixels, and halved at the end.
    width, height = (np.ceil(span[:2] * scale / 2) * 2 + 2 * _MARGIN_PX).astype(int).tolist()
    layer = np.zeros((height, width, 4), np.float32)
    nearest = np.full((height, width), np.inf, np.float32)
    for part in parts:
        _draw_part(part, layer, nearest, low, scale)
    alpha = np.where(np.isfinite(nearest), layer[..., 3], 0.0)
    premultiplied = np.dstack([layer[..., :3] * alpha[..., None], alpha])
    half = width // 2, height // 2
    smooth = np.asarray(cv2.resize(premultiplied, half, interpolation=cv2.INTER_AREA), np.float64)
    smooth[..., :3] /= np.maximum(smooth[..., 3:], 1e-6)
    image = np.clip(np.rint(smooth * 255), 0, 255).astype(np.uint8)
    return FrontView(image, width // 2 * 2 / scale)


def _draw_part(
    part: Part,
    layer: npt.NDArray[np.float32],
    nearest: npt.NDArray[np.float32],
    low: Floats,
    scale: float,
) -> None:
    height, width = nearest.shape
    canvas = Canvas(Window(0, 0, width, height), channels=3, samples=1)
    flat = (part.points[:, :2] - low[:2]) * scale + _MARGIN_PX
    # All distances are alike but for their order: the view has no perspective.
    depth = 1e6 + (part.points[:, 2] - low[2]) * scale
    shade = _shades(part)
    uv = np.zeros((len(flat), 2)) if part.uv is None else part.uv
    canvas.draw(flat, depth, np.column_stack([uv, shade]), part.triangles)
    here = canvas.distance < nearest
    nearest[here] = canvas.distance[here]
    values = canvas.texture[here]
    colours = np.tile(part.color_rgba, (len(values), 1))
    if part.texture_rgba is not None:
        tall, wide = part.texture_rgba.shape[:2]
        column = (np.mod(values[:, 0], 1.0) * wide).astype(int).clip(0, wide - 1)
        row = (np.mod(values[:, 1], 1.0) * tall).astype(int).clip(0, tall - 1)
        colours = colours * part.texture_rgba[row, column] / 255
    colours[:, :3] *= values[:, 2:]
    layer[here] = colours


def _shades(part: Part) -> Floats:
    """Brightness (V,) of each vertex: ambient light and a lamp above, on both sides."""
    a, b, c = (part.points[part.triangles[:, corner]] for corner in range(3))
    normals = np.cross(b - a, c - a)
    smooth = np.zeros_like(part.points)
    for corner in range(3):
        np.add.at(smooth, part.triangles[:, corner], normals)
    lengths = np.maximum(np.linalg.norm(smooth, axis=1), 1e-20)
    facing = smooth / lengths[:, None]
    facing *= np.where(facing[:, 2:] > 0, -1.0, 1.0)  # towards the viewer
    lamp: Floats = _AMBIENT + (1 - _AMBIENT) * np.clip(facing @ _LIGHT, 0, 1)
    return lamp


def read_parts(path: Path) -> Iterator[Part]:
    """The primitives of a file's scene."""
    document, binary = _open(path)
    reader = _Reader(document, binary, _inside(path.parent))
    scene = document["scenes"][document.get("scene", 0)]
    for node in scene["nodes"]:
        yield from reader.node(node, np.eye(4))


def _open(path: Path) -> tuple[dict[str, Any], bytes]:
    data = path.read_bytes()
    if data[:4] != b"glTF":
        return json.loads(data), b""
    chunks, at = {}, 12
    while at + 8 <= len(data):
        size, kind = struct.unpack_from("<I4s", data, at)
        chunks[kind] = data[at + 8 : at + 8 + size]
        at += 8 + size
    return json.loads(chunks[b"JSON"]), chunks.get(b"BIN\0", b"")


def _inside(folder: Path) -> Read:
    """Reads the files that a glTF names, within its own folder and nowhere else."""

    def read(uri: str) -> bytes:
        if uri.startswith("data:"):
            return base64.b64decode(uri.partition(",")[2])
        path = (folder / unquote(uri)).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise ValueError(f"{uri} is outside of the model's folder")
        return path.read_bytes()

    return read


class _Reader:
    """Reads nodes, meshes and accessors of one document."""

    def __init__(self, document: dict[str, Any], binary: bytes, read: Read) -> None:
        self._document = document
        self._binary = binary
        self._read = read
        self._buffers: dict[int, bytes] = {}

    def node(self, index: int, parent: Floats) -> Iterator[Part]:
        """The primitives of a node and its children."""
        node = self._document["nodes"][index]
        matrix = parent @ _local(node)
        if "mesh" in node:
            for primitive in self._document["meshes"][node["mesh"]]["primitives"]:
                if primitive.get("mode", 4) == 4:
                    yield self._part(primitive, matrix)
        for child in node.get("children", ()):
            yield from self.node(child, matrix)

    def _part(self, primitive: dict[str, Any], matrix: Floats) -> Part:
        attributes = primitive["attributes"]
        local = self._accessor(attributes["POSITION"]).astype(np.float64)
        world = local @ matrix[:3, :3].T + matrix[:3, 3]
        order = np.arange(len(world))
        if "indices" in primitive:
            order = self._accessor(primitive["indices"]).ravel()
        color, texture = self._material(primitive.get("material"))
        uv = self._accessor(attributes["TEXCOORD_0"]) if "TEXCOORD_0" in attributes else None
        return Part(
            world * (1.0, -1.0, -1.0),  # y down, z away, as a camera in front sees it
            order[: len(order) // 3 * 3].reshape(-1, 3).astype(np.int32),
            color,
            None if uv is None else uv.astype(np.float64),
            texture if uv is not None else None,
        )

    def _material(self, index: int | None) -> tuple[Floats, Bytes | None]:
        if index is None:
            return np.array([0.8, 0.8, 0.8, 1.0]), None
        material = self._document["materials"][index]
        look = material.get("pbrMetallicRoughness", {})
        factor = np.array(look.get("baseColorFactor", (1.0, 1.0, 1.0, 1.0)), np.float64)
        factor[:3] = factor[:3] ** (1 / 2.2)  # factors are linear, textures sRGB
        if material.get("alphaMode", "OPAQUE") == "OPAQUE":
            factor[3] = 1.0
        texture = look.get("baseColorTexture")
        return factor, None if texture is None else self._texture(texture["index"])

    def _texture(self, index: int) -> Bytes | None:
        source = self._document["images"][self._document["textures"][index]["source"]]
        data = self._read(source["uri"]) if "uri" in source else self._view(source["bufferView"])
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            return None
        rgba = cv2.cvtColor(picture, cv2.COLOR_BGR2RGBA)
        return np.asarray(rgba, np.uint8)

    def _view(self, index: int) -> bytes:
        view = self._document["bufferViews"][index]
        start = view.get("byteOffset", 0)
        return self._buffer(view["buffer"])[start : start + view["byteLength"]]

    def _buffer(self, index: int) -> bytes:
        if index not in self._buffers:
            buffer = self._document["buffers"][index]
            data = self._read(buffer["uri"]) if "uri" in buffer else self._binary
            self._buffers[index] = data
        return self._buffers[index]

    def _accessor(self, index: int) -> npt.NDArray[Any]:
        accessor = self._document["accessors"][index]
        view = self._document["bufferViews"][accessor["bufferView"]]
        dtype = np.dtype("<" + _COMPONENTS[accessor["componentType"]])
        columns = _WIDTHS[accessor["type"]]
        packed = dtype.itemsize * columns
        stride = view.get("byteStride", packed)
        data = self._view(accessor["bufferView"])[accessor.get("byteOffset", 0) :]
        rows = np.ndarray(
            (accessor["count"], columns), dtype, data, strides=(stride, dtype.itemsize)
        )
        return rows.copy()


def _local(node: dict[str, Any]) -> Floats:
    """A node's own matrix (4, 4)."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0.0, 0.0, 0.0, 1.0))
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(
        [
            (1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
            (2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
            (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)),
        ]
    ) * np.array(node.get("scale", (1.0, 1.0, 1.0)))
    matrix[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return matrix


def _invalid(message: str) -> InvalidInput:
    return InvalidInput(message, reason="GLTF_INVALID")
