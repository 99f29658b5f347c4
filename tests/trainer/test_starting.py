"""Training starts from ImageNet's weights or from an embedder that was exported before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from services.trainer.dataset import Photo
from services.trainer.dequantise import read_convolutions
from services.trainer.evaluation import decode_fit
from services.trainer.loading import normalised
from services.trainer.network import Trunk
from services.trainer.run import SHIPPED_CARD
from services.trainer.starting import from_card, from_imagenet, principal_components
from shared.errors import NotReady
from shared.models.card import read_card, sha256_of, write_card

IMAGENET = "weights/tf2_mobilenet_v2_1.0_224_ptq.tflite"


def test_components_explain_the_most_and_are_orthonormal() -> None:
    """The first is the axis along which the rows differ most."""
    random = torch.Generator().manual_seed(0)
    rows = torch.randn(200, 5, generator=random) * torch.tensor([1.0, 9.0, 3.0, 0.1, 0.1]) + 4
    mean, components = principal_components(rows, 2)
    torch.testing.assert_close(mean, rows.mean(dim=0))
    torch.testing.assert_close(components @ components.T, torch.eye(2), atol=1e-5, rtol=0)
    assert components[0].abs().argmax() == 1
    assert components[1].abs().argmax() == 2


def test_shipped_card_opens() -> None:
    """The file is the one that the card describes, and its vectors have the stated length."""
    card = read_card(SHIPPED_CARD)
    embedder = from_card(SHIPPED_CARD)
    with torch.inference_mode():
        assert embedder(torch.zeros(1, 3, 64, 64)).shape == (1, card.dims)
    assert (SHIPPED_CARD.parent / card.file).stat().st_size <= 10_000_000


def test_changed_file_is_refused(tmp_path: Path) -> None:
    """A card whose hash does not fit is not trained on."""
    card = read_card(SHIPPED_CARD)
    write_card(card, tmp_path / "card.json")
    (tmp_path / card.file).write_bytes(b"something else")
    with pytest.raises(NotReady, match="SHA-256"):
        from_card(tmp_path / "card.json")


def test_foreign_network_is_refused(tmp_path: Path) -> None:
    """Another ONNX file embeds, but this trainer cannot train it further."""
    node = helper.make_node("Identity", ["image"], ["embedding"])
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1])
        for name in ("image", "embedding")
    ]
    path = tmp_path / "other.onnx"
    onnx.save(helper.make_model(helper.make_graph([node], "g", ends[:1], ends[1:])), path)
    card = replace(read_card(SHIPPED_CARD), file=path.name, sha256=sha256_of(path))
    write_card(card, tmp_path / "other.json")
    with pytest.raises(NotReady, match="not an embedder of this trainer in full precision"):
        from_card(tmp_path / "other.json")


def test_unreadable_starting_weights_are_named(tmp_path: Path) -> None:
    """Missing or corrupt, the message names the file."""
    broken = tmp_path / "weights.tflite"
    with pytest.raises(NotReady, match=r"weights\.tflite"):
        read_convolutions(broken)
    broken.write_bytes(b"TFL3 but nothing behind it")
    with pytest.raises(NotReady, match=r"weights\.tflite"):
        read_convolutions(broken)


@pytest.mark.data
def test_dequantised_network_knows_a_lemon(data: Path) -> None:
    """With its own classifier the float network names what the photo shows."""
    convolutions = read_convolutions(data / IMAGENET)
    trunk = Trunk()
    trunk.load_convolutions(convolutions)
    classifier = convolutions[-1]
    image = decode_fit(
        Photo(data / "grocery/iconic-images-and-descriptions/Fruit/Lemon/Lemon_Iconic.jpg", ""), 224
    )
    pixels = torch.from_numpy(image.copy()).permute(2, 0, 1)[None]
    with torch.inference_mode():
        pooled = trunk(normalised(pixels)).mean(dim=(2, 3))
        best = int((pooled @ classifier.weight[:, :, 0, 0].T + classifier.bias).argmax())
    names = (data / "weights/imagenet_labels.txt").read_text(encoding="utf-8").splitlines()
    assert names[best].split(":")[-1].strip() == "lemon"


@pytest.mark.data
def test_imagenet_start_spreads_the_sample(data: Path, photos: list[Photo]) -> None:
    """The general part starts centred on the sample, in as many dimensions as it allows."""
    sample = [decode_fit(photo, 64) for photo in photos]
    embedder = from_imagenet(data / IMAGENET, sample, seed=0)
    pixels = torch.from_numpy(np.stack(sample)).permute(0, 3, 1, 2)
    with torch.inference_mode():
        general = embedder.head.general(embedder.trunk(normalised(pixels)).mean(dim=(2, 3)))
    assert general.shape == (len(photos), len(photos) - 1)
    assert float(general.mean(dim=0).abs().max()) < 1e-3 * float(general.norm(dim=1).max())
