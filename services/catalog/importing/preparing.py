"""Rows in groups, their pictures looked up and compared with what the catalogue has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from services.catalog.feeds.rows import Entry, FeedRow, RowRejected, Warned, refused
from services.catalog.importing.report import ImportReport
from services.catalog.importing.sources import ImageMissing, ImageSources, LocatedImage, Wanted
from vitrine.v1 import catalog_pb2 as pb

ENTRIES_A_GROUP: Final = 64
TIMEOUT_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row that can be sent.

    Attributes:
        row: the row.
        images: its pictures that were found.
        missing: why the others were not.
        present: the pictures that the catalogue has of it, view by id.
        main_missing: whether the first picture is among the missing.
    """

    row: FeedRow
    images: list[LocatedImage]
    missing: list[RowRejected]
    present: dict[str, str]
    main_missing: bool


class Preparer:
    """Turns the entries of a feed into groups of rows that can be sent.

    Args:
        stub: a ``CatalogServiceStub``.
        sources: finds the pictures.
        report: gets what is rejected on the way.
    """

    def __init__(self, stub: Any, sources: ImageSources, report: ImportReport) -> None:
        self._stub = stub
        self._sources = sources
        self._report = report
        self._lines: dict[str, int] = {}

    async def groups(self, entries: Iterator[Entry]) -> AsyncIterator[list[Prepared]]:
        """Yield the rows in groups, their pictures looked up; a group may be empty."""
        while read := await asyncio.to_thread(list, islice(entries, ENTRIES_A_GROUP)):
            yield await self._prepare(self._sorted_out(read))

    def _sorted_out(self, entries: Sequence[Entry]) -> list[FeedRow]:
        rows: list[FeedRow] = []
        for entry in entries:
            self._report.rows_read += not isinstance(entry, Warned)
            if isinstance(entry, Warned):
                self._report.warn(entry)
            elif isinstance(entry, RowRejected):
                self._report.rejected.append(entry)
            elif self._is_first(entry):
                rows.append(entry)
        return rows

    def _is_first(self, row: FeedRow) -> bool:
        first = self._lines.setdefault(row.product.sku, row.line)
        if first != row.line:
            reason = f"SKU {row.product.sku!r} is already on line {first}"
            rejected = RowRejected(row.line, reason, row.product.sku, "SKU_REPEATED")
            self._report.rejected.append(rejected)
        return first == row.line

    async def _prepare(self, rows: Sequence[FeedRow]) -> list[Prepared]:
        if not rows:
            return []
        request = pb.BatchGetProductsRequest(skus=[row.product.sku for row in rows])
        reply = await self._stub.BatchGetProducts(request, timeout=TIMEOUT_S)
        present = {
            product.sku: {image.id: image.view for image in product.reference_images}
            for product in reply.products
        }
        wanted = [
            Wanted(ref, frozenset(present.get(row.product.sku, {})))
            for row in rows
            for ref in row.images
        ]
        found = iter(await self._sources.locate(wanted))
        prepared = [
            _prepared(row, list(islice(found, len(row.images))), present.get(row.product.sku, {}))
            for row in rows
        ]
        return [entry for entry in prepared if self._has_main_image(entry)]

    def _has_main_image(self, entry: Prepared) -> bool:
        """A row whose main picture cannot be had is rejected as a whole."""
        self._report.rejected += entry.missing[:1] if entry.main_missing else entry.missing
        if entry.main_missing:
            self._sources.discard(entry.images)
        return not entry.main_missing


def _prepared(
    row: FeedRow, found: Sequence[LocatedImage | ImageMissing], present: dict[str, str]
) -> Prepared:
    images = [entry for entry in found if isinstance(entry, LocatedImage)]
    missing = [
        refused(row.line, entry, sku=row.product.sku)
        for entry in found
        if isinstance(entry, ImageMissing)
    ]
    main_missing = bool(found) and isinstance(found[0], ImageMissing)
    return Prepared(row, images, missing, present, main_missing)
