"""What a vector store must do for us, in the terms of any: points, vectors, conditions.

Two implementations exist: ``edge`` (Qdrant Edge, in this process) and
``remote`` (a Qdrant cluster). ``products`` builds products on top.
All calls block; run them in a thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from services.visual_search.index.text import Words

Vector = npt.NDArray[np.float32]

IMAGE: Final = "image"
"""Name of the dense vector: cosine of vectors of length 1, as their dot product."""
TEXT: Final = "text"
"""Name of the sparse vector, weighted by inverse document frequency."""
KEYWORD_FIELDS: Final = (
    "role",
    "brand",
    "categories",
    "attributes",
    "attribute_names",
    "currency",
)
INTEGER_FIELDS: Final = ("price",)
HIT_FIELDS: Final = ("sku", "image", "group")
"""Payload that comes with each hit."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing stored: its id (a UUID as text), what is known of it, and its vectors."""

    id: str
    payload: Mapping[str, Any]
    image: Vector | None = None
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The keyword field has one of these values."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The integer field lies within the bounds, both included; None = no bound."""

    field: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Where:
    """Which points may be found: all conditions hold, and the id is allowed.

    Attributes:
        conditions: all must hold.
        ids: only these; None = any.
        without: none of these.
    """

    conditions: tuple[AnyOf | Between, ...] = ()
    ids: frozenset[str] | None = None
    without: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """Whether nothing is excluded."""
        return not self.conditions and self.ids is None and not self.without


EVERYTHING: Final = Where()


@dataclass(frozen=True, slots=True)
class Hit:
    """A point found.

    Attributes:
        sku: the product.
        image_id: the reference image that the point holds; empty for none.
        group: the product's item group; empty = a group of its own.
        score: cosine similarity, or BM25.
    """

    sku: str
    image_id: str
    group: str
    score: float

    @classmethod
    def of(cls, payload: Mapping[str, Any], score: float) -> Hit:
        """Read a hit from the fields of a point, which are those of ``HIT_FIELDS``."""
        image, group = payload.get("image", ""), payload.get("group", "")
        return cls(payload["sku"], image, group, float(score))


class VectorIndex(Protocol):
    """A durable store of points. What ``upsert`` and ``delete`` returned for survives kill -9."""

    def upsert(self, points: Sequence[Point]) -> None:
        """Store points, all or none, in place of those with the same ids."""

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points; unknown ids are ignored."""

    def delete_all(self) -> None:
        """Remove every point."""

    def retrieve(
        self, ids: Sequence[str], fields: Sequence[str], *, vectors: bool = False
    ) -> list[Point]:
        """Read the points that exist among ``ids``, in any order, with some of their payload."""

    def page(
        self, condition: AnyOf, fields: Sequence[str], after: str | None = None
    ) -> tuple[list[Point], str | None]:
        """Read some points that meet a condition; then what to pass as ``after`` for more."""

    def nearest(self, vectors: Vector, limit: int, where: Where) -> list[list[Hit]]:
        """Find the points nearest to each row of ``vectors`` (N, D), best first, exactly."""

    def by_words(self, words: Words, limit: int, where: Where) -> list[Hit]:
        """Find the points that share words, by BM25, best first."""

    def count(self, condition: AnyOf) -> int:
        """Count the points that meet a condition."""

    def values(self, field: str) -> list[str]:
        """List the values that a keyword field has, the most frequent 10,000."""

    def flush(self) -> None:
        """Bring what is in the write-ahead log to its place, so that opening is quick."""

    def close(self) -> None:
        """Flush and let go. Nothing may be called afterwards."""


class Generations(Protocol):
    """The indexes that exist, one an embedder, and which of them answers."""

    def names(self) -> list[str]:
        """Names of the generations that exist."""

    def current(self) -> str:
        """Name of the one that answers; empty = none yet."""

    def make_current(self, name: str) -> None:
        """Let this one answer, at once and for good."""

    def open(self, name: str, dims: int) -> VectorIndex:
        """Open a generation, or create it empty for vectors of length ``dims``."""

    def drop(self, name: str) -> None:
        """Delete a generation that is not open."""

    def close(self) -> None:
        """Let go of the place."""
