"""Try-on assets made of glTF models."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from services.pose.placement.types import TryOnKind
from services.pose.tryon_asset_gltf import front_view
from services.pose.tryon_asset_prepare import prepare
from shared.errors import InvalidInput


def gltf(folder: Path, width: float = 0.14, **changes: object) -> Path:
    """A rectangle in space: ``width`` metres wide, half as tall, facing +z, its left half red."""
    half = width / 2
    corners = [(-half, -half / 2), (0, -half / 2), (half, -half / 2)]
    corners += [(x, half / 2) for x, _ in corners]
    points = np.array([(x, y, 0.0) for x, y in corners], "<f4")
    left, right = [0, 1, 4, 0, 4, 3], [1, 2, 5, 1, 5, 4]
    data = points.tobytes() + np.array([*left, *right], "<u2").tobytes()
    (folder / "model.bin").write_bytes(data)
    red = {"pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, 1]}}
    blue = {"pbrMetallicRoughness": {"baseColorFactor": [0, 0, 1, 1]}}
    document = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [
            {
                "primitives": [
                    {"attributes": {"POSITION": 0}, "indices": 1, "material": 0},
                    {"attributes": {"POSITION": 0}, "indices": 2, "material": 1},
                ]
            }
        ],
        "materials": [red, blue],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 6, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 6, "type": "SCALAR"},
            {
                "bufferView": 1,
                "componentType": 5123,
                "count": 6,
                "type": "SCALAR",
                "byteOffset": 12,
            },
        ],
        "bufferViews": [
            {"buffer": 0, "byteLength": 72},
            {"buffer": 0, "byteOffset": 72, "byteLength": 24},
        ],
        "buffers": [{"uri": "model.bin", "byteLength": 96}],
    }
    document.update(changes)
    path = folder / "model.gltf"
    path.write_text(json.dumps(document))
    return path


def test_a_model_is_as_wide_as_it_is(tmp_path: Path):
    """Metres become millimetres; left is left seen from the front."""
    prepared = prepare(gltf(tmp_path), TryOnKind.GLASSES)
    assert prepared.asset.width_mm == pytest.approx(140.0, rel=0.01)
    image = front_view(tmp_path / "model.gltf").image_rgba
    height, width = image.shape[:2]
    assert width / height == pytest.approx(2.0, rel=0.02)
    assert image[height // 2, width // 4, 0] > 100 > image[height // 2, width // 4, 2]
    assert image[height // 2, 3 * width // 4, 2] > 100
    assert image[height // 2, width // 2, 3] == 255


def test_a_node_turns_and_grows_its_mesh(tmp_path: Path):
    """A quarter turn about z stands it upright; the scale counts."""
    half = float(np.sqrt(0.5))
    turned = [{"mesh": 0, "rotation": [0, 0, half, half], "scale": [2, 2, 2]}]
    view = front_view(gltf(tmp_path, nodes=turned))
    height, width = view.image_rgba.shape[:2]
    assert height / width == pytest.approx(2.0, rel=0.03)
    assert view.width_m == pytest.approx(0.14, rel=0.02)


def test_a_model_in_millimetres_is_noticed(tmp_path: Path):
    """140 metres of glasses: said, and mended by the width given."""
    path = gltf(tmp_path, width=140.0)
    wrong = prepare(path, TryOnKind.GLASSES)
    assert not wrong.usable
    assert any("not in metres" in one.message for one in wrong.findings)
    assert prepare(path, TryOnKind.GLASSES, 140.0).asset.width_mm == 140.0


@pytest.mark.parametrize(
    "changes",
    [
        {"scenes": []},
        {"meshes": []},
        {"buffers": [{"uri": "../../etc/passwd", "byteLength": 96}]},
        {"buffers": [{"uri": "gone.bin", "byteLength": 96}]},
        {"accessors": [{"bufferView": 0, "componentType": 1, "count": 6, "type": "VEC3"}]},
        {"nodes": [{}]},
    ],
)
def test_a_broken_model_is_refused(changes, tmp_path: Path):
    """Files missing, outside the folder, or numbers that do not add up."""
    with pytest.raises(InvalidInput) as caught:
        front_view(gltf(tmp_path, **changes))
    assert caught.value.reason == "GLTF_INVALID"


def test_a_text_named_glb_is_refused(tmp_path: Path):
    """Whatever the name says."""
    (tmp_path / "m.glb").write_bytes(b"glTF????")
    with pytest.raises(InvalidInput):
        front_view(tmp_path / "m.glb")
