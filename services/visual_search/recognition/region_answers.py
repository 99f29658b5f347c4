"""Where to look in a picture, and what each place may show."""

from __future__ import annotations

from dataclasses import dataclass

from services.visual_search.index.ranking import Found
from services.visual_search.recognition.verification import Agreement
from shared.geometry import Floats

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Region:
    """Where to look, and which SKUs other evidence suggests."""

    box: Box
    suggested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognized:
    """A product that a region may show.

    Attributes:
        found: the product with the similarity of its best reference image.
        probability: calibrated.
        agreement: what came of comparing local features; None = not compared.
        outline: (4, 2) of the reference image in the whole picture, normalised.
    """

    found: Found
    probability: float
    agreement: Agreement | None = None
    outline: Floats | None = None


@dataclass(frozen=True, slots=True)
class RegionAnswer:
    """What a region may show, most probable first, and the probability of none of all.

    ``found``: it was not asked for, but found by local features.
    """

    box: Box
    candidates: list[Recognized]
    unknown: float
    found: bool = False
