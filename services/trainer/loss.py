"""What the trainer minimises: tell labels apart, and forget nothing else.

- ``CosineSoftmax``: one learnt proxy per label, softmax over scaled cosines (Zhai & Wu,
  "Classification is a Strong Baseline for Deep Metric Learning", BMVC 2019). It suits
  few photos per product, since it needs no pairs.
- ``placement``: does what a place adds to the similarity lie where the product is?
- ``drift``: how far the general part moved from what the frozen network says.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from services.trainer.dataset import NO_LABEL

# Inverse temperature of the softmax over places: what they add is about 1 in the mean.
_SHARPNESS = 2.0


class CosineSoftmax(nn.Module):
    """Cross entropy over ``scale * cos(embedding, proxy)`` in one label space.

    Args:
        labels: number of labels.
        dims: length of the embedding part that learns them.
        scale: inverse temperature; 20 suits tens to hundreds of labels.
        smoothing: label smoothing.
    """

    def __init__(self, labels: int, dims: int, scale: float = 20.0, smoothing: float = 0.1) -> None:
        super().__init__()
        self.proxies = nn.Parameter(functional.normalize(torch.randn(labels, dims)))
        self.scale = scale
        self.smoothing = smoothing

    def forward(self, parts: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Mean loss of the rows (N, dims), of length 1, that have a label; 0 if none has.

        The mean is over all N rows, so that a rare label space weighs less.
        """
        logits = self.scale * parts @ functional.normalize(self.proxies).T
        total = functional.cross_entropy(
            logits, labels, ignore_index=NO_LABEL, reduction="sum", label_smoothing=self.smoothing
        )
        return total / len(labels)


class LabelLoss(nn.Module):
    """The weighted sum of one ``CosineSoftmax`` per label space."""

    def __init__(self, sizes: Sequence[int], weights: Sequence[float], dims: int) -> None:
        super().__init__()
        self.spaces = nn.ModuleList(CosineSoftmax(size, dims) for size in sizes)
        self.weights = tuple(weights)

    def forward(self, parts: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Loss of parts (N, dims) with labels (N, spaces), ``NO_LABEL`` where a row has none."""
        losses = [
            weight * space(parts, labels[:, column])
            for column, (space, weight) in enumerate(zip(self.spaces, self.weights, strict=True))
        ]
        return torch.stack(losses).sum()

    def placement(
        self, places: torch.Tensor, labels: torch.Tensor, covered: torch.Tensor
    ) -> torch.Tensor:
        """How little of what the places add to their label's similarity lies where it is.

        Args:
            places: (N, dims, h, w), what each place adds to a vector of length 1, times h w.
            labels: (N, spaces), ``NO_LABEL`` where a row has none.
            covered: (N, h, w), the share of each place where the label's product is.
        """
        losses = []
        for column, weight in enumerate(self.weights):
            own = labels[:, column] != NO_LABEL
            proxies = functional.normalize(self.spaces[column].get_parameter("proxies"))
            towards = proxies[labels[own, column]]
            adds = torch.einsum("ndhw,nd->nhw", places[own], towards).flatten(1)
            shares = (_SHARPNESS * adds).softmax(dim=1)
            inside = (shares * covered[own].flatten(1)).sum(dim=1)
            losses.append(-weight * inside.clamp_min(1e-4).log().sum() / len(labels))
        return torch.stack(losses).sum()

    @torch.no_grad()
    def start(self, column: int, parts: torch.Tensor, labels: torch.Tensor) -> None:
        """Set the proxies of one space to the mean part (N, dims) of each label (N,)."""
        proxies = self.spaces[column].get_parameter("proxies")
        for label in range(len(proxies)):
            own = parts[labels == label]
            if len(own):
                proxies[label] = functional.normalize(own.sum(dim=0), dim=0)


def drift(general: torch.Tensor, frozen: torch.Tensor) -> torch.Tensor:
    """Mean of 1 - cosine between what the student and the frozen network say, (N, dims) each.

    >>> float(drift(torch.eye(2), torch.eye(2)))
    0.0
    """
    return (1 - (general * frozen).sum(dim=1)).mean()
