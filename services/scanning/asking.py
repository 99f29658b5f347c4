"""What scanning asks of the other services, in its own words.

The adapters that speak gRPC stand in ``services.scanning.clients``; tests bring their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.scanning.evidence import Look
from services.scanning.items import Box


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the catalogue.

    Attributes:
        sku: its key.
        gtins: its trade item numbers in 14 digits.
        packed: the contract's message, serialised; it is passed on as it came.
    """

    sku: str
    gtins: tuple[str, ...]
    packed: bytes


@dataclass(frozen=True, slots=True)
class Named:
    """What the catalogue says of a code: its GTIN if it carries one, its product if known."""

    gtin: str
    product: Product | None


@dataclass(frozen=True, slots=True)
class Source:
    """Where recognition comes from: the embedder, the revision and the index generation.

    ``print_revision`` is the last revision whose local features are indexed, and
    ``calibration`` names what its probabilities come from, where they are told.
    """

    model_id: str = ""
    model_sha256: str = ""
    catalog_revision: int = 0
    index_generation: str = ""
    print_revision: int = 0
    calibration: str = ""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What visual search says of regions, in the order asked, and of those it found itself."""

    looks: tuple[Look, ...]
    source: Source
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    found: tuple[tuple[Box, Look], ...] = ()


class Catalog(Protocol):
    """What scanning asks of the catalogue. Raises ``Unavailable`` when it is away."""

    async def look_up(self, code: str) -> Named:
        """Say what a code names."""

    async def products(self, skus: Sequence[str]) -> list[Product]:
        """Read products; unknown SKUs are left out."""


class VisualSearch(Protocol):
    """What scanning asks of visual search."""

    async def recognize(
        self,
        image: bytes,
        regions: Sequence[tuple[Box, Sequence[str]]],
        *,
        verify: bool,
        find: bool,
    ) -> Recognition:
        """Say what regions show, each given with the SKUs that its codes suggest.

        ``verify``: compare local features where that can change the answer. ``find``:
        find further regions by the local features of the whole picture.
        """
