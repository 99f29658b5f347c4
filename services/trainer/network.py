"""The embedder: a MobileNetV2 trunk, average pooling and a linear head.

Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (CVPR 2018),
with its batch norms folded into the convolutions. Pooling and head are linear, so the
pooled vector is exactly the mean of the head's vectors of the places of the feature map.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import nn
from torch.nn import functional

from services.trainer.dequantise import ConvolutionWeights
from shared.errors import InvalidInput

Module = TypeVar("Module", bound=nn.Module)

FEATURES = 1280
# (expansion, output channels, repeats, first stride): table 2 of the paper.
_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


class SameConvolution(nn.Conv2d):
    """A convolution that pads as TensorFlow's ``SAME``, optionally followed by ReLU6.

    At stride 2 the odd pixel of padding goes right and below, as the starting weights
    were trained; torch's symmetric padding would shift every feature map. Sides must
    be divisible by 32.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int, groups: int, *, relu: bool
    ) -> None:
        padding = 1 if kernel == 3 and stride == 1 else 0
        super().__init__(
            inputs, outputs, kernel, stride=stride, padding=padding, groups=groups, bias=True
        )
        # oneDNN filters fastest where the channels of a pixel lie together.
        self.weight.data = self.weight.data.contiguous(memory_format=torch.channels_last)
        self.pad = kernel == 3 and stride == 2
        self.relu = relu

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """(N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        padded = functional.pad(input, (0, 1, 0, 1)) if self.pad else input
        output = super().forward(padded)
        return functional.relu6(output) if self.relu else output


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; added to the input where the shapes agree."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers = [SameConvolution(inputs, hidden, 1, 1, 1, relu=True)] if expansion > 1 else []
        layers.append(SameConvolution(hidden, hidden, 3, stride, hidden, relu=True))
        layers.append(SameConvolution(hidden, outputs, 1, 1, 1, relu=False))
        self.layers = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        y: torch.Tensor = self.layers(x)
        return x + y if self.residual else y


def _blocks() -> list[nn.Module]:
    blocks: list[nn.Module] = [SameConvolution(3, 32, 3, 2, 1, relu=True)]
    channels = 32
    for expansion, outputs, repeats, first_stride in _STAGES:
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            blocks.append(InvertedResidual(channels, outputs, stride, expansion))
            channels = outputs
    return [*blocks, SameConvolution(channels, FEATURES, 1, 1, 1, relu=True)]


class Trunk(nn.Module):
    """MobileNetV2 1.0 without its classifier: 19 blocks, 1280 feature maps at stride 32."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(_blocks())
        self.frozen = 0

    def freeze(self, count: int) -> None:
        """Let the first ``count`` blocks keep their weights."""
        self.frozen = count
        for block in self.blocks[:count]:
            block.requires_grad_(False)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W), pixels in -1..1, to (N, 1280, H / 32, W / 32)."""
        return self.upper(self.lower(image))

    def lower(self, image: torch.Tensor) -> torch.Tensor:
        """Run the frozen blocks, without gradients."""
        with torch.no_grad():
            for block in self.blocks[: self.frozen]:
                image = block(image)
        return image

    def upper(self, x: torch.Tensor) -> torch.Tensor:
        """Run the blocks that learn, on what ``lower`` returned."""
        for block in self.blocks[self.frozen :]:
            x = block(x)
        return x

    def load_convolutions(self, convolutions: Sequence[ConvolutionWeights]) -> None:
        """Take the weights of the first 52 convolutions, in order.

        Raises:
            InvalidInput: they are not those of a MobileNetV2 1.0.
        """
        own = [module for module in self.modules() if isinstance(module, SameConvolution)]
        if len(convolutions) < len(own):
            raise InvalidInput(f"{len(convolutions)} convolutions, MobileNetV2 has {len(own)}")
        with torch.no_grad():
            for module, given in zip(own, convolutions, strict=False):
                if module.weight.shape != given.weight.shape:
                    raise InvalidInput(
                        f"convolution of shape {tuple(given.weight.shape)}, MobileNetV2 1.0 "
                        f"has {tuple(module.weight.shape)} there"
                    )
                module.weight.copy_(given.weight)
                if module.bias is not None:
                    module.bias.copy_(given.bias)


class Head(nn.Module):
    """From the feature map to the embedding, in two parts that are joined at the end.

    The *product* part learns the labels. The *general* part stays what the starting
    network says about an image, so that things never trained on keep their places.
    ``embedding = concat(sqrt(mix) * product, sqrt(1 - mix) * general)``, both of length 1:
    the similarity of two images is the weighted mean of their two similarities.

    Args:
        product: dimensions of the product part.
        general: dimensions of the general part.
        mix: weight of the product part, 0..1.
    """

    def __init__(self, product: int, general: int, mix: float) -> None:
        super().__init__()
        self.product = nn.Linear(FEATURES, product, bias=False)
        self.general = nn.Linear(FEATURES, general)
        self.dropout = nn.Dropout(0.2)
        self.mix: torch.Tensor
        self.register_buffer("mix", torch.tensor(mix))

    def parts(self, pooled: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(N, 1280) to the two parts, (N, product) and (N, general), each of length 1."""
        product = functional.normalize(self.product(self.dropout(pooled)))
        return product, functional.normalize(self.general(pooled))

    def product_places(self, features: torch.Tensor) -> torch.Tensor:
        """(N, 1280, h, w) to (N, product, h, w), whose mean over the places has length 1."""
        places = functional.conv2d(features, self.product.weight[:, :, None, None])
        length = places.mean(dim=(2, 3), keepdim=True).norm(dim=1, keepdim=True)
        scaled: torch.Tensor = places / length.clamp_min(1e-12)
        return scaled

    def forward(self, pooled: torch.Tensor) -> torch.Tensor:
        """(N, 1280) to (N, product + general), of length 1."""
        product, general = self.parts(pooled)
        return torch.cat([self.mix.sqrt() * product, (1 - self.mix).sqrt() * general], dim=1)


class Embedder(nn.Module):
    """Trunk, average pooling, head: what is trained, exported and shipped."""

    def __init__(self, trunk: Trunk, head: Head) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = head

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W), pixels in -1..1, to embeddings (N, D) of length 1."""
        pooled: torch.Tensor = self.trunk(image).float().mean(dim=(2, 3))
        embedding: torch.Tensor = self.head(pooled)
        return embedding


def duplicate(module: Module) -> Module:
    """A copy that shares nothing with the module."""
    return copy.deepcopy(module)
