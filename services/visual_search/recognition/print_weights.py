"""How much print counts in a picture, by what looks say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from services.visual_search.recognition.calibration import Calibration

# Set on photos of packages, see services/visual_search/README.md, "With print".
# Log-odds beyond which a place is as good as certain, and siblings are told no surer.
_MOST_OF_PLACE: Final = 12.0
_MOST_OF_MERIT: Final = 5.0
# Power of the odds between siblings where looks know the picture, and how much more where they
# know nothing of it.
_SIBLINGS: Final = 0.6
_SIBLINGS_UNKNOWN: Final = 0.8
# Probability, by looks, of the whole catalogue up to which it is chance what they name.
_CHANCE: Final = 0.01

Values = TypeVar("Values", float, npt.NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class PrintWeights(Generic[Values]):
    """How much print counts, in one picture or in each of several.

    Of a product that the embedder was not trained on looks may mention any other; so what they
    leave unknown is the prior of products whose print is seen. Photos hold the shelf behind a
    thing too: the surer looks are of a product that print does not name there, the less it counts.
    Looks that name the same design as print know it; then what they leave unknown may well be a
    sibling that the catalogue lacks, which print cannot tell.

    Attributes:
        trust: power of the odds between products of one design. They share most of their print,
            and where light and angle differ from the reference image the rest decides by chance;
            looks that know the products tell them better.
        prior: odds of each product whose print is seen, before print.
        sibling: odds, before print, of a sibling of such a product that the catalogue lacks.
    """

    trust: Values
    prior: Values
    sibling: Values

    @classmethod
    def of(cls, unknown: Values, against: Values, calibration: Calibration) -> PrintWeights[Values]:
        """Weigh print.

        Args:
            unknown: probability, by looks, that the picture shows none of the catalogue.
            against: probability, by looks, of the products that print names nowhere.
            calibration: what looks and print are worth.
        """
        known = 1 - unknown
        named = np.maximum(0.0, known - against) / (known + _CHANCE)
        return cls(
            trust=_SIBLINGS + _SIBLINGS_UNKNOWN * unknown,
            prior=calibration.print_prior * unknown**2 * (1 - named),
            sibling=calibration.print_siblings * unknown * named,
        )


def of_place(log_odds: Values, against: Values, calibration: Calibration) -> Values:
    """Log-odds that a place shows any product of its design, as far as they count.

    Args:
        log_odds: by print alone.
        against: probability, by looks, of the products that print does not name there.
        calibration: what print is worth.
    """
    weighted = calibration.print_weight * (1 - against) ** 2 * log_odds
    bounded: Values = np.minimum(_MOST_OF_PLACE, weighted)
    return bounded


def of_merit(merit: Values, trust: Values) -> Values:
    """Log-odds of a product against its place's, as far as they count.

    Args:
        merit: by print alone, 0 or less.
        trust: as of ``PrintWeights``.
    """
    bounded: Values = np.maximum(-_MOST_OF_MERIT, merit)
    return trust * bounded


def moved(looks: Values, prior: Values, place: Values, share: Values) -> Values:
    """Probability of a product, times a common factor, once its print is seen.

    A doubtful sighting adds less than a clear one, but does not speak against what looks say.

    Args:
        looks: probability by looks.
        prior: as of ``PrintWeights``.
        place: log-odds of its place, see ``of_place``.
        share: logarithm of its share among the products of its design, 0 or less.
    """
    raised: Values = (looks * np.exp(np.maximum(0.0, place)) + prior * np.exp(place)) * np.exp(
        share
    )
    return raised
