"""Turns cosine similarities into probabilities that leave room for "none of these".

Two steps: a logistic function of the best similarity and of its lead over the second
says whether it is a product of the catalogue at all; a softmax with a temperature
shares the rest among the candidates (Guo et al., "On Calibration of Modern Neural
Networks", ICML 2017). Local features that were compared move the odds of their
candidates. The parameters stand in the embedder's card.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.visual_search.verification import VERIFIED_INLIERS, Agreement
from shared.models.card import ModelCard


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns similarities into probabilities.

    The defaults were fitted for a fine-tuned MobileNetV2 on GroceryStore's validation
    photos, a third of the labels held out as strangers; a card's ``calibration``, by the
    names of these fields, replaces them.

    Attributes:
        temperature: of the softmax over candidates, in units of cosine.
        similarity: weight of the best similarity in the log-odds of "in the catalogue".
        margin: weight of its lead over the second product.
        bias: constant of the log-odds.
        verified: log-odds that 12 agreeing local features give a candidate.
        inliers: further log-odds for each e-fold more of them.
        refuted: log-odds when both pictures are rich in detail and nothing agrees.
    """

    temperature: float = 0.03
    similarity: float = 18.0
    margin: float = 2.0
    bias: float = -15.0
    verified: float = 2.0
    inliers: float = 2.5
    refuted: float = -0.2

    @classmethod
    def of(cls, card: ModelCard) -> Calibration:
        """Take the parameters that the card names.

        >>> Calibration.of(ModelCard("m", "embedding", "", "", "", "")).temperature
        0.03
        """
        known = {name: card.calibration[name] for name in cls.__slots__ if name in card.calibration}
        return cls(**known)

    def known(self, best: float, second: float) -> float:
        """Probability that the best candidate's picture shows a product of the catalogue."""
        log_odds = self.similarity * best + self.margin * (best - second) + self.bias
        return 1 / (1 + math.exp(-log_odds))

    def probabilities(self, similarities: Sequence[float]) -> tuple[list[float], float]:
        """Probability of each candidate, best first, and of none.

        >>> shares, unknown = Calibration().probabilities([0.9, 0.5])
        >>> round(sum(shares) + unknown, 6)
        1.0
        """
        if not similarities:
            return [], 1.0
        values = np.asarray(similarities, np.float64)
        known = self.known(values[0], values[1] if len(values) > 1 else 0.0)
        weights = np.exp((values - values.max()) / self.temperature)
        return (known * weights / weights.sum()).tolist(), 1 - known

    def log_odds(self, agreement: Agreement | None) -> float:
        """How far a comparison of local features moves the odds of its candidate.

        Packs of one brand share much of their print, so a few more inliers are no proof
        against a sibling; that is why their logarithm counts.
        """
        if agreement is None:
            return 0.0
        if agreement.verified:
            return self.verified + self.inliers * math.log(agreement.inliers / VERIFIED_INLIERS)
        return self.refuted if agreement.refuted else 0.0
