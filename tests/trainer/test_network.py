"""The network is TensorFlow's MobileNetV2 with a head of two parts."""

from __future__ import annotations

import pytest
import torch

from services.trainer.dequantise import ConvolutionWeights
from services.trainer.network import Embedder, Head, SameConvolution, Trunk, duplicate
from shared.errors import InvalidInput


@pytest.fixture
def embedder() -> Embedder:
    torch.manual_seed(0)
    trunk = Trunk()
    trunk.freeze(3)
    return Embedder(trunk, Head(product=6, general=4, mix=0.7)).eval()


def test_stride_two_pads_right_and_below() -> None:
    """TensorFlow's SAME: the first window begins at the first pixel."""
    convolution = SameConvolution(1, 1, 3, 2, 1, relu=False)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor([[[[1.0, 0, 0], [0, 0, 0], [0, 0, 0]]]]))
        convolution.bias.zero_()  # type: ignore[union-attr]
    image = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert convolution(image).flatten().tolist() == [0.0, 2.0, 8.0, 10.0]


def test_activations_end_at_six() -> None:
    """ReLU6 clips on both sides."""
    convolution = SameConvolution(1, 1, 1, 1, 1, relu=True)
    with torch.no_grad():
        convolution.weight.fill_(1)
        convolution.bias.zero_()  # type: ignore[union-attr]
    image = torch.tensor([[[[-3.0, 3.0, 30.0]]]])
    assert convolution(image).flatten().tolist() == [0.0, 3.0, 6.0]


@pytest.mark.parametrize(("width", "height"), [(32, 32), (64, 96), (224, 224)])
def test_feature_map_is_a_thirty_second(width: int, height: int) -> None:
    """1280 features at stride 32."""
    with torch.inference_mode():
        features = Trunk()(torch.zeros(2, 3, height, width))
    assert features.shape == (2, 1280, height // 32, width // 32)


def test_trunk_has_the_52_convolutions_of_the_paper() -> None:
    """As many as the starting weights hold, without the classifier."""
    assert sum(isinstance(module, SameConvolution) for module in Trunk().modules()) == 52


def test_embedding_has_length_one(embedder: Embedder) -> None:
    """So that a dot product is a cosine."""
    vectors = embedder(torch.rand(3, 3, 64, 64))
    assert vectors.shape == (3, 10)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(3))


def test_similarity_is_the_weighted_mean_of_the_parts(embedder: Embedder) -> None:
    """0.7 of the product part's cosine and 0.3 of the general part's."""
    pooled = torch.randn(2, 1280)
    whole = embedder.head(pooled)
    product, general = embedder.head.parts(pooled)
    expected = 0.7 * (product[0] @ product[1]) + 0.3 * (general[0] @ general[1])
    torch.testing.assert_close(whole[0] @ whole[1], expected)


def test_frozen_blocks_take_no_gradient(embedder: Embedder) -> None:
    """The first blocks keep their weights, all others learn."""
    embedder(torch.rand(1, 3, 64, 64)).sum().backward()
    have = [
        any(parameter.grad is not None for parameter in block.parameters())
        for block in embedder.trunk.blocks
    ]
    assert have == [False] * 3 + [True] * 16


def test_copy_shares_nothing(embedder: Embedder) -> None:
    """Changing the copy leaves the original."""
    copy = duplicate(embedder)
    with torch.no_grad():
        copy.head.product.weight.zero_()
    assert float(embedder.head.product.weight.abs().sum().detach()) > 0


def test_other_networks_weights_are_refused() -> None:
    """Too few convolutions, or of another shape, are named."""
    small = ConvolutionWeights(torch.zeros(8, 3, 3, 3), torch.zeros(8))
    with pytest.raises(InvalidInput, match="1 convolutions"):
        Trunk().load_convolutions([small])
    with pytest.raises(InvalidInput, match="shape"):
        Trunk().load_convolutions([small] * 52)
