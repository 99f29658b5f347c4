"""The embedder in training, with its losses."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn

from services.trainer.loss import LabelLoss, drift
from services.trainer.mixing import Labels
from services.trainer.network import Embedder
from services.trainer.plan import Plan


class Said(NamedTuple):
    """What teachers say of a batch of views, rows of length 1.

    Attributes:
        general: (N, general) of the starting network; None = nothing holds it.
        product: (N, product) that the student is to say; None = the labels alone teach it.
    """

    general: torch.Tensor | None = None
    product: torch.Tensor | None = None


class Student(nn.Module):
    """One forward pass returns the loss."""

    def __init__(self, embedder: Embedder, labels: LabelLoss, plan: Plan) -> None:
        super().__init__()
        self.embedder = embedder
        self.labels = labels
        self.plan = plan

    def forward(self, lower: torch.Tensor, shown: Labels, said: Said) -> torch.Tensor:
        """Loss from the frozen blocks' output, what the views show, and what teachers say."""
        features = self.embedder.trunk.upper(lower).float()
        with torch.autocast(lower.device.type, enabled=False):
            product, general = self.embedder.head.parts(features.mean(dim=(2, 3)))
            loss = self.plan.label_weight * self._mistaken(product, shown)
            if said.general is not None:
                loss = loss + self.plan.drift_weight * drift(general, said.general)
            if said.product is not None:
                loss = loss + self.plan.teacher_weight * drift(product, said.product)
            if shown.covered is None or not self.plan.placement_weight:
                return loss
            misplaced = self._misplaced(features, shown, shown.covered)
            return loss + self.plan.placement_weight * misplaced

    def _mistaken(self, product: torch.Tensor, shown: Labels) -> torch.Tensor:
        loss: torch.Tensor = (1 - shown.share) * self.labels(product, shown.own)
        if shown.share:
            loss = loss + shown.share * self.labels(product, shown.pasted)
        return loss

    def _misplaced(
        self, features: torch.Tensor, shown: Labels, covered: torch.Tensor
    ) -> torch.Tensor:
        places = self.embedder.head.product_places(features)
        loss: torch.Tensor = self.labels.placement(places, shown.pasted, covered)
        return loss + self.labels.placement(places, shown.own, 1 - covered)
