"""Reading request bodies: bounded in size, in time and in number.

A picture of a person lives in memory only, so the multipart parser's habit of
spooling large parts into temporary files is turned off. A product feed is large and
shows nobody: it is passed on in pieces, out of a form by way of such a file.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import Message as HeaderParser

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from services.gateway.places import Places
from shared.errors import InvalidInput

IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp", "application/octet-stream")
FEED_TYPES = (
    "text/tab-separated-values",
    "text/csv",
    "text/plain",
    "text/xml",
    "application/xml",
    "application/rss+xml",
    "application/atom+xml",
    "application/x-ndjson",
    "application/octet-stream",
)
OVERHEAD_BYTES = 64 << 10
PIECE_BYTES = 256 << 10
JSON_BYTES = 1 << 20
CHUNK_TIMEOUT_S = 10.0
BODY_TIMEOUT_S = 30.0
FEED_TIMEOUT_S = 900.0
LINGER_S = 1.0
_CLOSE = {"Connection": "close"}


@dataclass(frozen=True, slots=True)
class Upload:
    """What a request carried.

    Attributes:
        image: the file's bytes; None when there was none.
        request: the text of the contract's request as JSON; None when there was none.
    """

    image: bytes | None = None
    request: bytes | None = None


class _InMemory(MultiPartParser):
    """Starlette's parser with parts kept in memory up to the body's own bound."""

    spool_max_size = 1 << 40


class Bodies:
    """Reads bodies within bounds.

    Args:
        max_image_bytes: largest picture.
        places: how many bodies may be read at once.
        chunk_timeout_s: longest pause between two pieces of a body.
        body_timeout_s: longest time for a whole body.
    """

    def __init__(
        self,
        max_image_bytes: int,
        places: Places,
        chunk_timeout_s: float = CHUNK_TIMEOUT_S,
        body_timeout_s: float = BODY_TIMEOUT_S,
    ) -> None:
        self._max_image_bytes = max_image_bytes
        self._places = places
        self._chunk_timeout_s = chunk_timeout_s
        self._body_timeout_s = body_timeout_s

    @asynccontextmanager
    async def upload(self, request: Request) -> AsyncIterator[Upload]:
        """Read a picture and its request in any of the three forms; hold a place meanwhile.

        Raises:
            HTTPException: 400 unreadable, 408 too slow, 413 too large, 415 another type.
            Overloaded: too many bodies at once.
        """
        kind = content_type(request)
        with self._places.taken():
            if kind in IMAGE_TYPES:
                yield Upload(image=await self._whole(request, self._max_image_bytes))
            elif kind == "application/json":
                most = self._max_image_bytes * 4 // 3 + OVERHEAD_BYTES
                yield Upload(request=await self._whole(request, most))
            elif kind == "multipart/form-data":
                yield await self._form(request)
            else:
                accepted = ", ".join((*IMAGE_TYPES, "multipart/form-data", "application/json"))
                raise HTTPException(415, f"Content-Type is {kind!r}, must be one of {accepted}")

    @asynccontextmanager
    async def json(self, request: Request) -> AsyncIterator[bytes]:
        """Read a JSON text; hold a place meanwhile. Raises as ``upload``."""
        kind = content_type(request)
        if kind != "application/json":
            raise HTTPException(415, f"Content-Type is {kind!r}, must be application/json")
        with self._places.taken():
            yield await self._whole(request, JSON_BYTES)

    @asynccontextmanager
    async def feed(self, request: Request, most: int) -> AsyncIterator[AsyncIterator[bytes]]:
        """Read a product feed of at most ``most`` bytes in pieces. Raises as ``upload``."""
        kind = content_type(request)
        if kind in FEED_TYPES:
            yield self._chunks(request, most, FEED_TIMEOUT_S)
        elif kind == "multipart/form-data":
            chunks = self._chunks(request, most + OVERHEAD_BYTES, FEED_TIMEOUT_S)
            form = await _parsed(MultiPartParser(request.headers, chunks, max_files=1))
            try:
                yield _pieces(_only_file(form, "feed"))
            finally:
                await form.close()
        else:
            accepted = ", ".join((*FEED_TYPES, "multipart/form-data"))
            raise HTTPException(415, f"Content-Type is {kind!r}, must be one of {accepted}")

    async def _whole(self, request: Request, most: int) -> bytes:
        return b"".join([chunk async for chunk in self._chunks(request, most)])

    async def _form(self, request: Request) -> Upload:
        most = self._max_image_bytes + OVERHEAD_BYTES
        parser = _InMemory(
            request.headers,
            self._chunks(request, most),
            max_files=2,
            max_fields=2,
            max_part_size=OVERHEAD_BYTES,
        )
        form = await _parsed(parser)
        parts = {name: await _part(part) for name, part in form.multi_items()}
        if unknown := sorted(set(parts) - {"image", "request"}):
            raise InvalidInput.of(unknown[0], "is no part of this form: image, request")
        return Upload(parts.get("image"), parts.get("request"))

    async def _chunks(
        self, request: Request, most: int, timeout_s: float | None = None
    ) -> AsyncGenerator[bytes, None]:
        pieces = self._paced(request, timeout_s or self._body_timeout_s)
        size = _declared(request)
        if size <= most:
            size = 0
            async for piece in pieces:
                size += len(piece)
                if size > most:
                    break
                yield piece
        if size > most:
            await _linger(pieces)
            raise HTTPException(413, f"the body is larger than {most} bytes", _CLOSE)

    async def _paced(self, request: Request, timeout_s: float) -> AsyncGenerator[bytes, None]:
        """The pieces of a body, given up when they come too slowly."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        stream = request.stream()
        while True:
            try:
                async with asyncio.timeout_at(min(deadline, loop.time() + self._chunk_timeout_s)):
                    piece = await anext(stream)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise HTTPException(408, "the body came too slowly", _CLOSE) from None
            except ClientDisconnect as error:
                raise HTTPException(400, "the connection closed before the body ended") from error
            yield piece


async def _parsed(parser: MultiPartParser) -> FormData:
    try:
        return await parser.parse()
    except (MultiPartException, FormParserError, KeyError, UnicodeError) as error:
        raise HTTPException(400, f"the multipart body cannot be read: {error}") from error


def _only_file(form: FormData, name: str) -> UploadFile:
    if unknown := sorted(set(form) - {name}):
        raise InvalidInput.of(unknown[0], f"is no part of this form: {name}")
    part = form.get(name)
    if not isinstance(part, UploadFile):
        raise InvalidInput.of(name, "must be a file")
    return part


async def _pieces(part: UploadFile) -> AsyncIterator[bytes]:
    while piece := await part.read(PIECE_BYTES):
        yield piece


async def _linger(pieces: AsyncGenerator[bytes, None]) -> None:
    """Read on for a moment, so that a client that still writes sees the answer."""
    with contextlib.suppress(TimeoutError, HTTPException):
        async with asyncio.timeout(LINGER_S):
            async for _ in pieces:
                pass


def content_type(request: Request) -> str:
    """The media type of a request's body, lower case, without parameters."""
    header = HeaderParser()
    header["content-type"] = request.headers.get("content-type", "")
    return header.get_content_type() if request.headers.get("content-type") else ""


def _declared(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


async def _part(part: UploadFile | str) -> bytes:
    return await part.read() if isinstance(part, UploadFile) else part.encode()
