"""Views with another view pasted into them: products among others, at any size.

ResizeMix (Qin et al., 2020, arXiv:2012.11101): a whole view, shrunk, covers a part of
another; both labels count by their share of the picture. It teaches the network to see a
product that fills little of the picture; with ``loss.placement``, to say where it is.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch.nn import functional

# Pixels that a place of the feature map stands for.
STRIDE = 32
# Side of the pasted view as a share of the whole.
_SIDES = (0.25, 0.75)


class Labels(NamedTuple):
    """What a batch of views shows.

    Attributes:
        own: labels (N, spaces) of the views.
        pasted: labels (N, spaces) of what was pasted into them.
        share: of each view that the pasted one covers, 0..1.
        covered: (N, H / 32, W / 32) share of each place that it covers, 0..1; None where
            nothing was pasted.
    """

    own: torch.Tensor
    pasted: torch.Tensor
    share: float
    covered: torch.Tensor | None = None


def mix(
    pixels: torch.Tensor, labels: torch.Tensor, mixed_share: float
) -> tuple[torch.Tensor, Labels]:
    """Paste into each view of some batches another view of the batch.

    Draws from torch's generator, which the caller seeds.

    Args:
        pixels: (N, 3, H, W) uint8; not changed.
        labels: (N, spaces).
        mixed_share: share of batches that are mixed.
    """
    if mixed_share <= 0 or float(torch.rand(())) >= mixed_share:
        return pixels, Labels(labels, labels, 0.0)
    low, high = _SIDES
    height, width = pixels.shape[2:]
    side = low + (high - low) * float(torch.rand(()))
    size_hw = (max(1, round(height * side)), max(1, round(width * side)))
    partner = torch.randperm(len(pixels))
    mixed, mask = _paste(pixels, _shrunk(pixels, size_hw)[partner])
    share = size_hw[0] * size_hw[1] / (height * width)
    covered = functional.avg_pool2d(mask, STRIDE).to(pixels.device)
    return mixed, Labels(labels, labels[partner], share, covered)


def _shrunk(pixels: torch.Tensor, size_hw: tuple[int, int]) -> torch.Tensor:
    small = functional.interpolate(pixels.float(), size_hw, mode="bilinear", antialias=True)
    return small.round().clamp(0, 255).to(torch.uint8)


def _paste(pixels: torch.Tensor, small: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Put each small view (N, 3, h, w) at a random place of its view; also the masks (N, H, W)."""
    mixed, mask = pixels.clone(), torch.zeros(len(pixels), *pixels.shape[2:])
    height, width = small.shape[2:]
    tops = torch.randint(pixels.shape[2] - height + 1, (len(pixels),)).tolist()
    lefts = torch.randint(pixels.shape[3] - width + 1, (len(pixels),)).tolist()
    for number, (top, left) in enumerate(zip(tops, lefts, strict=True)):
        spot = (..., slice(top, top + height), slice(left, left + width))
        mixed[number][spot] = small[number]
        mask[number][spot] = 1
    return mixed, mask
