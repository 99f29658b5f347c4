"""The vector index in this process: Qdrant Edge. The only module that imports it.

Searches are exact at any size and under any filter: they compare with every vector that
the filter lets through (about 10 ms for 100,000 of 256 dimensions). A graph index would
be quicker there, but Edge 0.9 builds it while it holds Python's global lock, so that
nothing else would run for minutes; who needs one runs a Qdrant cluster (``remote``).

Durability: an update returns once it stands in the write-ahead log, a memory-mapped
file, so that it survives a kill at any moment; opening replays the log from the last
flush. A flush holds the lock for some 0.3 s at 100,000 points, so it is left to quiet
moments (``following``).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np
import qdrant_edge as qe
import structlog

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
from shared.errors import NotReady

_PAGE: Final = 1000
_SHOWN: Final = 120
_MOST_VALUES: Final = 10_000
_NO_GRAPH_KB: Final = 1 << 40
_CURRENT: Final = "current"
_EXACT: Final = qe.SearchParams(exact=True)

_log = structlog.get_logger()


class EdgeIndex:
    """One shard of Qdrant Edge. See ``vector_store.VectorIndex``."""

    def __init__(self, shard: qe.EdgeShard) -> None:
        self._shard = shard

    def upsert(self, points: Sequence[Point]) -> None:
        """Store points by one entry of the write-ahead log."""
        self._shard.update(qe.UpdateOperation.upsert_points([_to_edge(p) for p in points]))

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points."""
        self._shard.update(qe.UpdateOperation.delete_points(list(ids)))

    def delete_all(self) -> None:
        """Remove every point."""
        self._shard.update(qe.UpdateOperation.delete_points_by_filter(qe.Filter()))

    def retrieve(
        self, ids: Sequence[str], fields: Sequence[str], *, vectors: bool = False
    ) -> list[Point]:
        """Read points."""
        names = [IMAGE, TEXT] if vectors else False
        records = self._shard.retrieve(list(ids), list(fields), names)
        return [_from_edge(record) for record in records]

    def page(
        self, condition: AnyOf, fields: Sequence[str], after: str | None = None
    ) -> tuple[list[Point], str | None]:
        """Read a page of points."""
        request = qe.ScrollRequest(
            offset=after,
            limit=_PAGE,
            filter=qe.Filter(must=[_condition(condition)]),
            with_payload=list(fields),
        )
        records, following = self._shard.scroll(request)
        return [_from_edge(record) for record in records], str(following) if following else None

    def nearest(self, vectors: Vector, limit: int, where: Where) -> list[list[Hit]]:
        """Find the nearest points for all rows in one pass over the vectors."""
        queries = [self._request(row.tolist(), IMAGE, limit, where) for row in vectors]
        batches = self._shard.query_batch(qe.QueryBatchRequest(queries))
        return [[Hit.of(point.payload or {}, point.score) for point in batch] for batch in batches]

    def by_words(self, words: Words, limit: int, where: Where) -> list[Hit]:
        """Find points by BM25."""
        sparse = qe.SparseVector(list(words.indices), list(words.values))
        found = self._shard.query(self._request(sparse, TEXT, limit, where))
        return [Hit.of(point.payload or {}, point.score) for point in found]

    def count(self, condition: AnyOf) -> int:
        """Count points exactly."""
        request = qe.CountRequest(exact=True, filter=qe.Filter(must=[_condition(condition)]))
        return int(self._shard.count(request))

    def values(self, field: str) -> list[str]:
        """List the values of a keyword field."""
        found = self._shard.facet(qe.FacetRequest(field, limit=_MOST_VALUES, exact=True))
        return [str(hit.value) for hit in found.hits if hit.count]

    def flush(self) -> None:
        """Flush the shard."""
        self._shard.flush()

    def close(self) -> None:
        """Flush and close the shard."""
        self._shard.flush()
        self._shard.close()

    @staticmethod
    def _request(query: Any, using: str, limit: int, where: Where) -> qe.QueryRequest:
        return qe.QueryRequest(
            limit=limit,
            query=qe.Query.Nearest(query, using=using),
            filter=_filter(where),
            params=_EXACT,
            with_payload=list(HIT_FIELDS),
        )


class EdgeGenerations:
    """Generations as folders, one process at a time. See ``vector_store.Generations``.

    Raises:
        NotReady: another process has the folder open (``INDEX_IN_USE``).
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = (folder / "lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _in_use(folder, self._lock) from error
        self._lock.truncate(0)
        self._lock.write(f"process {os.getpid()} ({_command()})")
        self._lock.flush()

    def names(self) -> list[str]:
        """Names of the folders that hold a shard."""
        return sorted(p.parent.name for p in self._folder.glob("*/edge_config.json"))

    def current(self) -> str:
        """Name of the one that answers, if it still exists."""
        path = self._folder / _CURRENT
        name = path.read_text(encoding="utf-8") if path.exists() else ""
        return name if name in self.names() else ""

    def make_current(self, name: str) -> None:
        """Name the one that answers, by an atomic rename."""
        fresh = self._folder / f"{_CURRENT}.new"
        with fresh.open("w", encoding="utf-8") as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / _CURRENT)

    def open(self, name: str, dims: int) -> EdgeIndex:
        """Open a shard; one that cannot be read is built anew from the catalogue."""
        path = self._folder / name
        if name not in self.names():
            return EdgeIndex(self._create(path, dims))
        try:
            shard = qe.EdgeShard.load(str(path))
        except Exception as error:  # noqa: BLE001 - Edge raises bare exceptions
            _log.warning("index unreadable, built anew", generation=name, error=str(error))
            self.drop(name)
            return EdgeIndex(self._create(path, dims))
        shard.optimize()  # takes out deleted points
        return EdgeIndex(shard)

    def drop(self, name: str) -> None:
        """Delete a folder."""
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def close(self) -> None:
        """Unlock the folder."""
        self._lock.close()

    @staticmethod
    def _create(path: Path, dims: int) -> qe.EdgeShard:
        """Create under another name first, so that a kill leaves no half of a shard."""
        fresh = path.with_name(path.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(path, ignore_errors=True)
        fresh.mkdir()
        shard = qe.EdgeShard.create(str(fresh), _config(dims))
        for field in KEYWORD_FIELDS:
            _index_field(shard, field, qe.PayloadSchemaType.Keyword)
        for field in INTEGER_FIELDS:
            _index_field(shard, field, qe.PayloadSchemaType.Integer)
        shard.flush()
        shard.close()
        fresh.replace(path)
        return qe.EdgeShard.load(str(path))


def _command() -> str:
    """What runs here, as it was typed, without the folders of the program."""
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:_SHOWN]


def _in_use(folder: Path, lock: TextIO) -> NotReady:
    with lock:
        lock.seek(0)
        holder = lock.read().strip() or "another visual_search"
    return NotReady(
        f"the index {folder} is held by {holder}; wait for it, stop it, or choose another "
        "folder with --state-dir",
        reason="INDEX_IN_USE",
    )


def _config(dims: int) -> qe.EdgeConfig:
    return qe.EdgeConfig(
        # Edge maps the vectors twice; cold, only the map that is searched takes memory.
        vectors={
            IMAGE: qe.EdgeVectorParams(size=dims, distance=qe.Distance.Dot, memory=qe.Memory.Cold)
        },
        sparse_vectors={TEXT: qe.EdgeSparseVectorParams(modifier=qe.Modifier.Idf)},
        optimizers=qe.EdgeOptimizersConfig(indexing_threshold=_NO_GRAPH_KB),
    )


def _index_field(shard: qe.EdgeShard, field: str, kind: qe.PayloadSchemaType) -> None:
    shard.update(qe.UpdateOperation.create_field_index(field, kind))


def _to_edge(point: Point) -> qe.Point:
    vectors: dict[str, Any] = {}
    if point.image is not None:
        vectors[IMAGE] = point.image.tolist()
    if point.words is not None and point.words.indices:
        vectors[TEXT] = qe.SparseVector(list(point.words.indices), list(point.words.values))
    return qe.Point(point.id, vectors, dict(point.payload))


def _from_edge(record: qe.Record) -> Point:
    vectors: dict[str, Any] = record.vector if isinstance(record.vector, dict) else {}
    image, words = vectors.get(IMAGE), vectors.get(TEXT)
    return Point(
        str(record.id),
        record.payload or {},
        None if image is None else np.asarray(image, np.float32),
        None if words is None else Words(tuple(words.indices), tuple(words.values)),
    )


def _filter(where: Where) -> qe.Filter | None:
    if where.everything:
        return None
    must: list[Any] = [_condition(condition) for condition in where.conditions]
    if where.ids is not None:
        must.append(qe.HasIdCondition(set(where.ids)))
    without: list[Any] = [qe.HasIdCondition(set(where.without))] if where.without else []
    return qe.Filter(must=must, must_not=without)


def _condition(condition: AnyOf | Between) -> qe.FieldCondition:
    if isinstance(condition, AnyOf):
        return qe.FieldCondition(condition.field, match=qe.MatchAny(list(condition.values)))
    bounds = qe.RangeFloat(gte=condition.low, lte=condition.high)
    return qe.FieldCondition(condition.field, range=bounds)
