"""A feed into the catalogue: streaming, idempotent, and resumable because idempotent.

Rows go through in groups. While one group is sent, the pictures of the next are looked
up, so that waiting for the web and waiting for the catalogue overlap. A group holds rows
and paths, never pictures: those are read a few at a time while they are sent.

What is there already is recognised by its hash and not sent again. An import that was
interrupted and is run again therefore ends in the same state as one that was not.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from services.catalog.batches import forget
from services.catalog.feeds.detect import read_feed
from services.catalog.feeds.rows import Entry, FeedSettings
from services.catalog.importing.preparing import TIMEOUT_S, Preparer
from services.catalog.importing.report import ImportOptions, ImportReport
from services.catalog.importing.sending import Sender
from services.catalog.importing.sources import ImageSources
from services.catalog.product_rules import check_currency
from shared.errors import InvalidInput
from vitrine.v1 import catalog_pb2 as pb

if TYPE_CHECKING:
    from services.catalog.importing.web_images import WebImages

Item = TypeVar("Item")
OnProgress = Callable[[ImportReport], None]


async def import_feed(
    path: Path,
    stub: Any,
    on_progress: OnProgress = lambda _: None,
    options: ImportOptions = ImportOptions(),  # noqa: B008 - immutable
) -> ImportReport:
    """Import a feed.

    Args:
        path: the feed.
        stub: a ``CatalogServiceStub``.
        on_progress: called after each group with the report so far.
        options: how.

    Raises:
        InvalidInput: it is no feed, or an option is wrong; nothing was imported.
        grpc.aio.AioRpcError: there is no store of that id; nothing was imported.
        grpc.aio.AioRpcError: the catalogue did not answer; run it again.
    """
    async with aclosing(import_in_groups(path, stub, options)) as reports:
        async for report in reports:
            on_progress(report)
    return report


async def import_in_groups(
    path: Path, stub: Any, options: ImportOptions
) -> AsyncGenerator[ImportReport, None]:
    """Import a feed as fast as the caller takes the reports.

    Yields one and the same report, which grows: before the first group, after each, and
    with the revision at the end. Its ``rejected`` may be emptied between two of them.
    Arguments and errors are those of ``import_feed``.
    """
    async with _opened(path, options) as (entries, sources, report):
        if options.store_id:
            request = pb.ListStockRequest(store_id=options.store_id, page_size=1)
            await stub.ListStock(request, timeout=TIMEOUT_S)
        yield report
        sender = Sender(stub, sources, report, options.store_id)
        async with aclosing(_ahead(Preparer(stub, sources, report).groups(entries))) as groups:
            async for group in groups:
                await sender.send(group)
                yield report
        status = await stub.GetCatalogStatus(pb.GetCatalogStatusRequest(), timeout=TIMEOUT_S)
        report.revision = status.revision
        yield report


@asynccontextmanager
async def _opened(
    path: Path, options: ImportOptions
) -> AsyncIterator[tuple[Iterator[Entry], ImageSources, ImportReport]]:
    if options.currency:
        check_currency("currency", options.currency)
    folder = None if options.alone else path.parent
    settings = FeedSettings(
        folder, options.now or datetime.now(UTC), options.currency, options.allow_outside
    )
    with TemporaryDirectory(prefix="vitrine-import-") as spool, _open(path) as file:
        report = ImportReport(bytes_total=_size(file))
        async with _web(Path(spool), options) as web:
            sources = ImageSources(folder, web, options.limits, allow_outside=options.allow_outside)
            yield _counted(read_feed(path, file, settings), file, report), sources, report


@asynccontextmanager
async def _web(spool: Path, options: ImportOptions) -> AsyncIterator[Callable[[], WebImages]]:
    """What fetches pictures from the web, made for the first one: HTTP is slow to load."""
    async with AsyncExitStack() as opened:

        @cache
        def web() -> WebImages:
            from services.catalog.importing.guarded_http import any_address, is_public
            from services.catalog.importing.web_images import FetchMemory, WebImages

            memory = FetchMemory(options.memory)
            opened.callback(memory.close)
            allowed = any_address if options.allow_private else is_public
            images = WebImages(spool, memory, options.limits.max_bytes, allowed=allowed)
            opened.push_async_exit(images)
            return images

        yield web


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InvalidInput.of("feed", f"cannot read {path}: {error.strerror}") from error


def _size(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size


def _counted(entries: Iterator[Entry], file: BinaryIO, report: ImportReport) -> Iterator[Entry]:
    for entry in entries:
        report.bytes_read = file.tell()
        yield entry


async def _ahead(groups: AsyncIterator[Item]) -> AsyncGenerator[Item, None]:
    """Yield the groups, each while the next is being prepared."""
    upcoming = asyncio.ensure_future(anext(groups))
    try:
        while True:
            try:
                group = await upcoming
            except StopAsyncIteration:
                return
            upcoming = asyncio.ensure_future(anext(groups))
            yield group
    finally:
        forget(upcoming)
