"""Feeds that are sent: spooled to a temporary file, then imported as any other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

from services.catalog.importing.report import ImportOptions, ImportReport
from services.catalog.product_rules import check_text
from shared.errors import InvalidInput, Overloaded, TooSlow
from vitrine.v1 import catalog_pb2 as pb

IMPORTS_AT_ONCE: Final = 2
CHUNK_TIMEOUT_S: Final = 30.0
RETRY_AFTER_MS: Final = 5000
MAX_NAME: Final = 200
ALONE: Final = ImportOptions(alone=True)


class InProcess:
    """The catalogue's own RPCs as a client would call them, without a wire between."""

    def __init__(self, servicer: Any) -> None:
        self._servicer = servicer

    def __getattr__(self, rpc: str) -> Callable[..., Awaitable[Any]]:
        return partial(self._call, rpc)

    async def _call(self, rpc: str, request: Any, timeout: float | None = None) -> Any:  # noqa: ASYNC109 - the signature is a stub's
        return await getattr(self._servicer, rpc)(request, None)


@dataclass(frozen=True, slots=True)
class UploadSettings:
    """What holds for every feed that is sent.

    Attributes:
        options: how to import; currency and store come with each feed.
        max_bytes: the largest feed.
        chunk_timeout_s: how long the next piece may take to come.
    """

    options: ImportOptions = ALONE
    max_bytes: int = 128 << 20
    chunk_timeout_s: float = CHUNK_TIMEOUT_S


DEFAULT_UPLOADS: Final = UploadSettings()


class Uploads:
    """Imports feeds that callers send, a few at once.

    Args:
        stub: a ``CatalogServiceStub``, or the service itself as ``InProcess``.
        settings: bounds and options.
    """

    def __init__(self, stub: Any, settings: UploadSettings) -> None:
        self._stub = stub
        self._settings = settings
        self._free = IMPORTS_AT_ONCE

    async def imported(
        self, requests: AsyncIterable[pb.ImportFeedRequest]
    ) -> AsyncGenerator[pb.ImportFeedResponse, None]:
        """Receive a feed whole, import it, tell how that goes.

        Raises:
            InvalidInput: it is no feed, or too large; nothing was imported.
            NotFound: there is no such store; nothing was imported.
            Overloaded: other imports run.
            TooSlow: its bytes do not come.
        """
        if self._free <= 0:
            raise Overloaded(
                f"{IMPORTS_AT_ONCE} imports run; try again when one is done",
                retry_after_ms=RETRY_AFTER_MS,
            )
        self._free -= 1
        try:
            async with self._received(requests) as (path, options):
                # Imported here since HTTP is slow to load, and every command starts a catalogue.
                from services.catalog.importer import import_in_groups

                async with aclosing(import_in_groups(path, self._stub, options)) as reports:
                    async for message in _told(reports):
                        yield message
        finally:
            self._free += 1

    @asynccontextmanager
    async def _received(
        self, requests: AsyncIterable[pb.ImportFeedRequest]
    ) -> AsyncIterator[tuple[Path, ImportOptions]]:
        arriving = self._paced(requests)
        first = await anext(arriving, None)
        if first is None or first.WhichOneof("message") != "options":
            raise InvalidInput.of(
                "options", "must be the first message", reason="FEED_OPTIONS_MISSING"
            )
        check_text("options.file_name", first.options.file_name, MAX_NAME)
        options = replace(
            self._settings.options,
            currency=first.options.currency_code.upper(),
            store_id=first.options.store_id,
        )
        with TemporaryDirectory(prefix="vitrine-upload-") as folder:
            path = Path(folder) / (_plain(first.options.file_name) or "feed")
            with path.open("xb") as file:
                await self._spool(arriving, file)
            yield path, options

    async def _spool(self, arriving: AsyncIterator[pb.ImportFeedRequest], file: BinaryIO) -> None:
        size, most = 0, self._settings.max_bytes
        async for request in arriving:
            if request.WhichOneof("message") != "chunk":
                raise InvalidInput.of("chunk", "is missing: after the options comes the feed")
            size += len(request.chunk)
            if size > most:
                raise InvalidInput.of(
                    "chunk", f"the feed has more than {most} bytes", reason="FEED_TOO_LARGE"
                )
            await asyncio.to_thread(file.write, request.chunk)

    async def _paced(
        self, requests: AsyncIterable[pb.ImportFeedRequest]
    ) -> AsyncIterator[pb.ImportFeedRequest]:
        stream, most_s = aiter(requests), self._settings.chunk_timeout_s
        while True:
            try:
                async with asyncio.timeout(most_s):
                    request = await anext(stream)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise TooSlow(
                    f"no bytes of the feed came for {most_s:.0f} s", reason="FEED_TOO_SLOW"
                ) from error
            yield request


def _plain(name: str) -> str:
    r"""The last part of a path, as a name that any file system takes.

    >>> [_plain(name) for name in ("C:\\shop\\feed.tsv", "../../etc/passwd", "..")]
    ['feed.tsv', 'passwd', '']
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if letter.isalnum() or letter in "-_. ")
    return kept.strip(". ")[-60:]


async def _told(
    reports: AsyncIterator[ImportReport],
) -> AsyncIterator[pb.ImportFeedResponse]:
    """A growing report as messages; rejections are taken out of it as they are told."""
    rejected = warned = 0
    report = ImportReport()
    async for report in reports:
        for warning in report.warnings[warned:]:
            told = pb.ImportFeedWarning(line=warning.line, message=warning.message)
            yield pb.ImportFeedResponse(warning=told)
        warned = len(report.warnings)
        taken, report.rejected = report.rejected, []
        for entry in sorted(taken, key=lambda entry: entry.line):
            yield pb.ImportFeedResponse(
                rejection=pb.ImportFeedRejection(
                    line=entry.line, sku=entry.sku, reason=entry.word, message=entry.reason
                )
            )
        rejected += len(taken)
        yield pb.ImportFeedResponse(progress=_progress(report, rejected))
    yield pb.ImportFeedResponse(
        result=pb.ImportFeedResult(
            products=report.products,
            images=report.images,
            rejected=rejected,
            revision=report.revision,
        )
    )


def _progress(report: ImportReport, rejected: int) -> pb.ImportFeedProgress:
    return pb.ImportFeedProgress(
        bytes_read=report.bytes_read,
        bytes_total=report.bytes_total,
        rows_read=report.rows_read,
        products=report.products,
        images=report.images,
        rejected=rejected,
    )
