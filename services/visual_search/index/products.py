"""Products in a vector index, and the catalogue revision that it reflects.

A product is one point per reference image; the first also holds its words and its
document, and exists for a product without images too. Point ids follow from SKU and
position, so nothing needs to be looked up to replace or delete a product. The applied
revision is a point of the same store, written together with the change: changes are
whole states in order, so applying one twice does no harm, and a process that is killed
resumes with the first change that it may have missed.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from services.visual_search.index.image_vectors import MOST_IMAGES, ImageVectors
from services.visual_search.index.product_filter import (
    ProductFilter,
    attribute_key,
    category_key,
    check,
    conditions,
)
from services.visual_search.index.text import Words, document_words
from services.visual_search.index.vector_store import (
    EVERYTHING,
    AnyOf,
    Hit,
    Point,
    Vector,
    VectorIndex,
    Where,
)

_NAMESPACE: Final = uuid.UUID("6f1b3a52-5a0e-4b52-8d0c-0b7f5f0f6f7e")
_STATE_ID: Final = str(uuid.uuid5(_NAMESPACE, "state"))
_LEAD: Final = AnyOf("role", ("lead",))
_PICTURED: Final = AnyOf("role", ("pictured",))
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class IndexedProduct:
    """What the index keeps of a product.

    Attributes:
        sku: the retailer's key.
        title: name for people.
        brand: brand.
        category_path: from general to special.
        attributes: facets by lower-case name.
        price_micros: list price in millionths of ``currency``; None = not known.
        currency: ISO 4217.
        group: item group; empty = a group of its own.
        document: what a result returns of it, opaque.
        vectors: (D,) float32 of each reference image by the image's id, in order.
    """

    sku: str
    title: str
    brand: str = ""
    category_path: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    price_micros: int | None = None
    currency: str = ""
    group: str = ""
    document: bytes = b""
    vectors: Mapping[str, Vector] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """What is there of a product: its points' ids, vectors by image id, and words."""

    ids: tuple[str, ...]
    vectors: Mapping[str, Vector]
    words: Words | None

    def matrix(self, most: int) -> Vector:
        """Vectors of at most ``most`` images as (N, D)."""
        return np.stack(list(self.vectors.values())[:most])


class ProductIndex:
    """Products in any ``VectorIndex``. All calls block."""

    def __init__(self, points: VectorIndex) -> None:
        self.points = points
        self._revision, self._catalog_id = self._read_state()
        self._counts: tuple[int, int] | None = None
        self._images = ImageVectors(self._read_images)

    @property
    def revision(self) -> int:
        """The last catalogue revision applied; 0 = none."""
        return self._revision

    @property
    def catalog_id(self) -> str:
        """The catalogue that the revision is of; empty = none yet."""
        return self._catalog_id

    def apply(
        self, upserts: Sequence[IndexedProduct], deletes: Iterable[str], revision: int
    ) -> None:
        """Store and delete products; then the index reflects ``revision``."""
        points = [point for product in upserts for point in _points(product)]
        kept = {point.id for point in points}
        touched = [*(product.sku for product in upserts), *deletes]
        stale = [id_ for id_ in self._ids(touched) if id_ not in kept]
        if stale:
            self.points.delete(stale)
        self.points.upsert([*points, self._state(revision)])
        self._revision, self._counts = revision, None
        self._images.forget(touched)

    def clear(self, catalog_id: str = "") -> None:
        """Forget all products: the catalogue is another one than before, or named now."""
        self.points.delete_all()
        self._catalog_id = catalog_id
        self.points.upsert([self._state(0)])
        self._revision, self._counts = 0, None
        self._images.clear()

    def stored(self, skus: Iterable[str]) -> dict[str, Stored]:
        """Read what is there of products, vectors included; unknown SKUs are absent."""
        found: dict[str, list[Point]] = {}
        for point in self._retrieve(self._ids(list(skus)), ["sku", "image"], vectors=True):
            found.setdefault(point.payload["sku"], []).append(point)
        return {sku: _stored(points) for sku, points in found.items()}

    def images(self, skus: Sequence[str]) -> dict[str, Vector]:
        """Vectors (N, D) of those of the products that have several reference images."""
        return self._images.of(skus)

    def documents(self, skus: Sequence[str]) -> dict[str, bytes]:
        """Read the documents of products; unknown SKUs are absent."""
        leads = self._retrieve([point_id(sku, 0) for sku in skus], ["sku", "document"])
        return {p.payload["sku"]: base64.b64decode(p.payload["document"]) for p in leads}

    def nearest(self, vectors: Vector, limit: int, where: Where = EVERYTHING) -> list[list[Hit]]:
        """Find the reference images nearest to each row of ``vectors`` (N, D)."""
        return self.points.nearest(vectors, limit, where) if len(vectors) else []

    def by_words(self, words: Words, limit: int, where: Where = EVERYTHING) -> list[Hit]:
        """Find the products that share words."""
        return self.points.by_words(words, limit, where) if words.indices else []

    def ids_of(self, skus: Iterable[str]) -> frozenset[str]:
        """Ids of all points of products, for ``Where``."""
        return frozenset(self._ids(list(skus)))

    def counts(self) -> tuple[int, int]:
        """Number of products and of reference images."""
        if self._counts is None:
            self._counts = self.points.count(_LEAD), self.points.count(_PICTURED)
        return self._counts

    def where(self, wanted: ProductFilter) -> Where:
        """Turn a filter into conditions.

        Raises:
            InvalidInput: no product has one of the attributes (``ATTRIBUTE_UNKNOWN``), or
                a price names no currency where there are several (``CURRENCY_REQUIRED``).
        """
        check(wanted, self.points.values)
        return Where(tuple(conditions(wanted)))

    def skus(self) -> list[str]:
        """SKUs of all products, in any order."""
        found: list[str] = []
        after = None
        while True:
            points, after = self.points.page(_LEAD, ["sku"], after)
            found += [point.payload["sku"] for point in points]
            if after is None:
                return found

    def _read_images(self, skus: Sequence[str]) -> dict[str, Vector]:
        stored = self.stored(skus)
        return {sku: one.matrix(MOST_IMAGES) for sku, one in stored.items() if one.vectors}

    def _state(self, revision: int) -> Point:
        return Point(_STATE_ID, {"revision": revision, "catalog_id": self._catalog_id})

    def _read_state(self) -> tuple[int, str]:
        state = self.points.retrieve([_STATE_ID], ["revision", "catalog_id"])
        if not state:
            return 0, ""
        return int(state[0].payload["revision"]), str(state[0].payload.get("catalog_id", ""))

    def _retrieve(
        self, ids: Sequence[str], fields: Sequence[str], *, vectors: bool = False
    ) -> list[Point]:
        parts = [ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH)]
        read = self.points.retrieve
        return [point for part in parts for point in read(part, fields, vectors=vectors)]

    def _ids(self, skus: Sequence[str]) -> list[str]:
        leads = self._retrieve([point_id(sku, 0) for sku in skus], ["sku", "slots"])
        return [
            point_id(lead.payload["sku"], slot)
            for lead in leads
            for slot in range(lead.payload["slots"])
        ]


def point_id(sku: str, slot: int) -> str:
    """Id of the point of a product's image number ``slot``."""
    return str(uuid.uuid5(_NAMESPACE, f"{slot} {sku}"))


def _points(product: IndexedProduct) -> list[Point]:
    common = _payload(product)
    images: list[tuple[str, Vector | None]] = [*product.vectors.items()] or [("", None)]
    lead = {
        "slots": len(images),
        "document": base64.b64encode(product.document).decode(),
        "attribute_names": [name.casefold() for name in product.attributes],
    }
    words = document_words(product.title, product.brand, product.category_path, product.attributes)
    return [
        Point(
            point_id(product.sku, slot),
            common | {"image": image, "role": _role(slot, vector)} | (lead if slot == 0 else {}),
            vector,
            words if slot == 0 else None,
        )
        for slot, (image, vector) in enumerate(images)
    ]


def _role(slot: int, vector: Vector | None) -> list[str]:
    return ["lead"] * (slot == 0) + ["pictured"] * (vector is not None)


def _payload(product: IndexedProduct) -> dict[str, Any]:
    levels = product.category_path
    payload: dict[str, Any] = {
        "sku": product.sku,
        "group": product.group,
        "brand": product.brand.casefold(),
        "categories": [category_key(levels[: n + 1]) for n in range(len(levels))],
        "attributes": [attribute_key(name, value) for name, value in product.attributes.items()],
    }
    if product.price_micros is not None:
        payload |= {"price": product.price_micros, "currency": product.currency}
    return payload


def _stored(points: Sequence[Point]) -> Stored:
    vectors = {p.payload["image"]: p.image for p in points if p.image is not None}
    words = next((p.words for p in points if p.words is not None), None)
    return Stored(tuple(p.id for p in points), vectors, words)
