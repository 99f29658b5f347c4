"""Turns scores into probabilities that leave room for "none of these".

Two steps: a logistic function of the best product's score and of its lead over the others
says whether it is a product of the catalogue at all; a softmax with a temperature shares
the rest among the candidates (Guo et al., "On Calibration of Modern Neural Networks",
ICML 2017). Print that was found moves the odds of its products. The parameters stand in
the embedder's card; ``vitrine calibrate`` fits them to a catalogue (``evaluation.fitting``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from services.visual_search.recognition.verification import VERIFIED_INLIERS, Agreement
from shared.models.card import ModelCard

COHORT: Final = 10
"""Products after the best, whose mean score the best is compared with."""
_MOST: Final = 50.0  # log-odds beyond which a probability is as good as 0 or 1


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns scores into probabilities.

    A card's ``calibration``, by the names of these fields, replaces the defaults, which
    were fitted to GroceryStore's validation photos with networks that were not trained on
    them: against all, eight and one training photo a product, and catalogue pictures. What print
    counts was chosen on its photos of packages (services/visual_search/README.md, "With print").

    Attributes:
        temperature: of the softmax over candidates, in units of cosine.
        similarity: weight of the best score in the log-odds of "in the catalogue".
        margin: weight of its lead over the second product.
        gap: weight of its lead over the mean of the next ten.
        bias: constant of the log-odds.
        print_weight: of the log-odds of a place where print of a design is seen, where looks
            do not speak against it.
        print_prior: odds before print that a picture which looks do not know shows a product
            whose print is seen in it; less the more looks name the same.
        print_alone: odds, where print of one product is seen, that it is on a variant which
            the catalogue lacks.
        print_variants: the same where several products share the print.
        print_siblings: odds before print, times what looks leave unknown, of a sibling that the
            catalogue lacks, where looks name only what print names.
        verified: log-odds that 12 agreeing local features give a candidate.
        inliers: further log-odds for each e-fold more of them.
        refuted: log-odds when both pictures are rich in detail and nothing agrees.
    """

    temperature: float = 0.0416
    similarity: float = 9.642
    margin: float = 1.446
    gap: float = 6.928
    bias: float = -8.873
    print_weight: float = 2.0
    print_prior: float = 1.0
    print_alone: float = 0.01
    print_variants: float = 0.03
    print_siblings: float = 0.03
    verified: float = 2.0
    inliers: float = 2.5
    refuted: float = -0.2

    @classmethod
    def of(cls, card: ModelCard) -> Calibration:
        """Take the parameters that the card names.

        >>> Calibration.of(ModelCard("m", "embedding", "", "", "", "")).temperature
        0.0416
        """
        known = {name: card.calibration[name] for name in cls.__slots__ if name in card.calibration}
        return cls(**known)

    def known(self, scores: Sequence[float]) -> float:
        """Probability that a picture shows a product of the catalogue.

        Args:
            scores: of the products that it is most like, best first; at least one.
        """
        best, rest = scores[0], scores[1 : 1 + COHORT]
        second = rest[0] if rest else 0.0
        others = sum(rest) / len(rest) if rest else 0.0
        return float(self.known_by(np.array([best, best - second, best - others])))

    def known_by(self, features: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Probability (...) that pictures show a product of the catalogue, by (..., 3) features.

        Args:
            features: the best score, its lead over the second and over the mean of the next ten.
        """
        log_odds = features @ (self.similarity, self.margin, self.gap) + self.bias
        return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -_MOST, _MOST))), np.float64)

    def probabilities(self, scores: Sequence[float]) -> tuple[list[float], float]:
        """Probability of each candidate, best first, and of none.

        >>> shares, unknown = Calibration().probabilities([0.9, 0.5])
        >>> round(sum(shares) + unknown, 6)
        1.0
        """
        if not scores:
            return [], 1.0
        values = np.asarray(scores, np.float64)
        known = self.known(scores)
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
