"""The vector index in a Qdrant cluster, by URL. The only module that imports qdrant-client.

A generation is a collection, and the one that answers has an alias, which Qdrant moves
atomically. Unfiltered searches use the cluster's graph index; filtered ones are exact.
Tested against qdrant-client's own local mode (``:memory:``), which runs the same calls
in Python, not against a cluster.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException

from services.visual_search.index.text import Words
from services.visual_search.index.vector_store import (
    HIT_FIELDS,
    IMAGE,
    INTEGER_FIELDS,
    KEYWORD_FIELDS,
    TEXT,
    AnyOf,
    Between,
    Hit,
    Point,
    Vector,
    Where,
)
from shared.errors import Unavailable

_PREFIX: Final = "vitrine-"
_CURRENT: Final = "vitrine-current"
_PAGE: Final = 1000
_MOST_VALUES: Final = 10_000
_TIMEOUT_S: Final = 10


class RemoteIndex:
    """One collection of a cluster. See ``vector_store.VectorIndex``; all raise ``Unavailable``."""

    def __init__(self, client: QdrantClient, collection: str) -> None:
        self._client, self._collection = client, collection

    def upsert(self, points: Sequence[Point]) -> None:
        """Store points and wait until they are applied."""
        with _telling():
            self._client.upsert(self._collection, [_to_remote(p) for p in points], wait=True)

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points and wait until that is applied."""
        with _telling():
            self._client.delete(self._collection, models.PointIdsList(points=list(ids)), wait=True)

    def delete_all(self) -> None:
        """Remove every point."""
        selector = models.FilterSelector(filter=models.Filter())
        with _telling():
            self._client.delete(self._collection, selector, wait=True)

    def retrieve(
        self, ids: Sequence[str], fields: Sequence[str], *, vectors: bool = False
    ) -> list[Point]:
        """Read points."""
        names: Any = [IMAGE, TEXT] if vectors else False
        with _telling():
            records = self._client.retrieve(self._collection, list(ids), list(fields), names)
        return [_from_remote(record) for record in records]

    def page(
        self, condition: AnyOf, fields: Sequence[str], after: str | None = None
    ) -> tuple[list[Point], str | None]:
        """Read a page of points."""
        with _telling():
            records, following = self._client.scroll(
                self._collection,
                models.Filter(must=[_condition(condition)]),
                limit=_PAGE,
                offset=after,
                with_payload=list(fields),
            )
        return [_from_remote(record) for record in records], str(following) if following else None

    def nearest(self, vectors: Vector, limit: int, where: Where) -> list[list[Hit]]:
        """Find the nearest points for all rows in one call."""
        queries = [_request(row.tolist(), IMAGE, limit, where) for row in vectors]
        with _telling():
            replies = self._client.query_batch_points(self._collection, queries)
        return [
            [Hit.of(point.payload or {}, point.score) for point in reply.points]
            for reply in replies
        ]

    def by_words(self, words: Words, limit: int, where: Where) -> list[Hit]:
        """Find points by BM25."""
        sparse = models.SparseVector(indices=list(words.indices), values=list(words.values))
        with _telling():
            replies = self._client.query_batch_points(
                self._collection, [_request(sparse, TEXT, limit, where)]
            )
        return [Hit.of(point.payload or {}, point.score) for point in replies[0].points]

    def count(self, condition: AnyOf) -> int:
        """Count points exactly."""
        wanted = models.Filter(must=[_condition(condition)])
        with _telling():
            return self._client.count(self._collection, wanted, exact=True).count

    def values(self, field: str) -> list[str]:
        """List the values of a keyword field."""
        with _telling():
            found = self._client.facet(self._collection, field, limit=_MOST_VALUES, exact=True)
        return [str(hit.value) for hit in found.hits if hit.count]

    def flush(self) -> None:
        """Do nothing: the cluster flushes by itself."""

    def close(self) -> None:
        """Do nothing: the client is closed with the generations."""


class RemoteGenerations:
    """Generations as collections. See ``vector_store.Generations``; all raise ``Unavailable``."""

    def __init__(self, client: QdrantClient) -> None:
        self._client = client

    def names(self) -> list[str]:
        """Names of our collections, without their prefix."""
        with _telling():
            collections = self._client.get_collections().collections
        ours = (one.name for one in collections if one.name.startswith(_PREFIX))
        return sorted(name.removeprefix(_PREFIX) for name in ours)

    def current(self) -> str:
        """Name of the collection that the alias points at."""
        with _telling():
            aliases = self._client.get_aliases().aliases
        targets = {alias.alias_name: alias.collection_name for alias in aliases}
        return targets.get(_CURRENT, "").removeprefix(_PREFIX)

    def make_current(self, name: str) -> None:
        """Move the alias, in one operation."""
        fresh = models.CreateAlias(collection_name=_PREFIX + name, alias_name=_CURRENT)
        operations: list[Any] = [models.CreateAliasOperation(create_alias=fresh)]
        if self.current():
            old = models.DeleteAlias(alias_name=_CURRENT)
            operations.insert(0, models.DeleteAliasOperation(delete_alias=old))
        with _telling():
            self._client.update_collection_aliases(operations)

    def open(self, name: str, dims: int) -> RemoteIndex:
        """Open a collection, or create it."""
        collection = _PREFIX + name
        with _telling():
            if not self._client.collection_exists(collection):
                self._create(collection, dims)
        return RemoteIndex(self._client, collection)

    def drop(self, name: str) -> None:
        """Delete a collection."""
        with _telling():
            self._client.delete_collection(_PREFIX + name)

    def close(self) -> None:
        """Close the client."""
        self._client.close()

    def _create(self, collection: str, dims: int) -> None:
        self._client.create_collection(
            collection,
            {IMAGE: models.VectorParams(size=dims, distance=models.Distance.DOT)},
            {TEXT: models.SparseVectorParams(modifier=models.Modifier.IDF)},
        )
        kinds = dict.fromkeys(KEYWORD_FIELDS, models.PayloadSchemaType.KEYWORD)
        kinds |= dict.fromkeys(INTEGER_FIELDS, models.PayloadSchemaType.INTEGER)
        for field, kind in kinds.items():
            self._client.create_payload_index(collection, field, kind, wait=True)


def open_remote(url: str, api_key: str = "") -> RemoteGenerations:
    """Connect to a cluster.

    Raises:
        Unavailable: it does not answer (``QDRANT_UNAVAILABLE``).
    """
    client = QdrantClient(
        url=url, api_key=api_key or None, timeout=_TIMEOUT_S, check_compatibility=False
    )
    generations = RemoteGenerations(client)
    generations.names()
    return generations


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except (ApiException, ResponseHandlingException) as error:
        raise Unavailable(
            f"the Qdrant cluster does not answer: {error}", reason="QDRANT_UNAVAILABLE"
        ) from error


def _request(query: Any, using: str, limit: int, where: Where) -> models.QueryRequest:
    return models.QueryRequest(
        query=query,
        using=using,
        filter=_filter(where),
        params=models.SearchParams(exact=not where.everything),
        limit=limit,
        with_payload=list(HIT_FIELDS),
    )


def _to_remote(point: Point) -> models.PointStruct:
    vectors: dict[str, Any] = {}
    if point.image is not None:
        vectors[IMAGE] = point.image.tolist()
    if point.words is not None and point.words.indices:
        vectors[TEXT] = models.SparseVector(
            indices=list(point.words.indices), values=list(point.words.values)
        )
    return models.PointStruct(id=point.id, vector=vectors, payload=dict(point.payload))


def _from_remote(record: Any) -> Point:
    vectors = record.vector or {}
    image, words = vectors.get(IMAGE), vectors.get(TEXT)
    return Point(
        str(record.id),
        record.payload or {},
        None if image is None else np.asarray(image, np.float32),
        None if words is None else Words(tuple(words.indices), tuple(words.values)),
    )


def _filter(where: Where) -> models.Filter | None:
    if where.everything:
        return None
    must: list[Any] = [_condition(condition) for condition in where.conditions]
    if where.ids is not None:
        must.append(models.HasIdCondition(has_id=list(where.ids)))
    without: list[Any] = []
    if where.without:
        without.append(models.HasIdCondition(has_id=list(where.without)))
    return models.Filter(must=must, must_not=without)


def _condition(condition: AnyOf | Between) -> models.FieldCondition:
    if isinstance(condition, AnyOf):
        match = models.MatchAny(any=list(condition.values))
        return models.FieldCondition(key=condition.field, match=match)
    bounds = models.Range(gte=condition.low, lte=condition.high)
    return models.FieldCondition(key=condition.field, range=bounds)
