"""The files that ship say what torch says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from services.trainer.export import (
    disagreement,
    export_int8,
    export_onnx,
    open_session,
    run_onnx,
    run_torch,
    write_float32,
)
from services.trainer.network import Embedder
from services.trainer.starting import read_onnx_weights


def pictures(count: int, side: int = 64) -> np.ndarray:
    random = torch.Generator().manual_seed(1)
    coarse = torch.rand(count, 3, 8, 8, generator=random) * 2 - 1
    return torch.nn.functional.interpolate(coarse, size=(side, side), mode="bilinear").numpy()


@pytest.fixture
def exported(shipped: Embedder, tmp_path: Path) -> Path:
    path = tmp_path / "embedder.onnx"
    export_onnx(shipped, 64, path)
    return path


def test_onnx_agrees_with_torch(shipped: Embedder, exported: Path) -> None:
    """Storing weights in half precision turns no vector noticeably."""
    images = pictures(5)
    assert disagreement(run_onnx(exported, images), run_torch(shipped, images)) < 1e-3


def test_plain_float32_agrees_to_the_last_digits(shipped: Embedder, tmp_path: Path) -> None:
    """Moving the padding into the convolutions changes nothing."""
    path = tmp_path / "plain.onnx"
    write_float32(shipped, 64, path)
    images = pictures(3)
    np.testing.assert_allclose(run_onnx(path, images), run_torch(shipped, images), atol=2e-5)
    operators = Counter(node.op_type for node in onnx.load(path).graph.node)
    assert operators["Pad"] == 0
    assert operators["Conv"] == 54


def test_batch_size_is_free(exported: Path) -> None:
    """One session takes one image or several; the vectors are the same."""
    session = open_session(exported, threads=1)
    images = pictures(3)
    together = session.run(["embedding"], {"image": images})[0]
    np.testing.assert_allclose(together, run_onnx(exported, images), atol=1e-5)


def test_embedding_is_the_mean_of_its_places(exported: Path) -> None:
    """What an explanation adds up is exactly the similarity."""
    session = open_session(exported, threads=1)
    vectors, features = session.run(None, {"image": pictures(2)})
    assert features.shape == (2, vectors.shape[1], 2, 2)
    np.testing.assert_allclose(features.mean(axis=(2, 3)), vectors, atol=1e-6)
    parts = np.einsum("dhw,d->hw", features[0], vectors[1]) / 4
    assert parts.sum() == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-5)


def test_file_is_half_as_large_and_gives_the_weights_back(
    shipped: Embedder, exported: Path
) -> None:
    """Under 10 MB, and training can go on from it."""
    assert exported.stat().st_size < 6_000_000
    found, expected = read_onnx_weights(exported), shipped.state_dict()
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, rtol=1e-3, atol=1e-4)


def test_eight_bits_lose_little(shipped: Embedder, tmp_path: Path) -> None:
    """Of the images that it was calibrated on, and the file is smaller again."""
    path = tmp_path / "int8.onnx"
    loss = export_int8(shipped, pictures(12), path)
    assert loss < 0.05
    assert path.stat().st_size < 4_500_000
    operators = Counter(node.op_type for node in onnx.load(path).graph.node)
    assert operators["QuantizeLinear"] > 50
