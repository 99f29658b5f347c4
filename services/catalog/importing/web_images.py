"""Images from the web, fetched so that a feed cannot make us do what it should not.

Addresses are checked when the connection is made, after name resolution and on every
redirect: a host that resolves to a private, loopback or link-local address is refused
unless that is allowed. Size and type are checked before and while the body arrives.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx

from services.catalog.importing.guarded_http import (
    Address,
    GuardedBackend,
    GuardedTransport,
    Resolve,
    is_public,
    resolve,
)
from shared.errors import InvalidInput

CONCURRENT: Final = 8
ATTEMPTS: Final = 3
FIRST_BACKOFF_S: Final = 0.5
TOTAL_TIMEOUT_S: Final = 60.0
MAX_REDIRECTS: Final = 5
_LOCKED_S: Final = 0.5  # another import writes; waiting holds this one up
_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
_RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_TYPES: Final = ("image/", "application/octet-stream", "binary/octet-stream")
_HEADERS: Final = {
    "User-Agent": "vitrine-import",
    "Accept": "image/jpeg, image/png, image/webp",
    "Accept-Encoding": "identity",  # a compressed body could swell beyond the limit
}


class ImageNotFetched(InvalidInput):
    """The picture could not be had; the message says why and begins with the URL."""

    default_reason = "IMAGE_NOT_FETCHED"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a URL answered the last time: its validators, and the hash of the bytes."""

    etag: str
    modified: str
    image_id: str


class FetchMemory:
    """What URLs answered, kept over imports so that unchanged images are not sent again.

    Losing it costs bandwidth and nothing else: a file that is damaged, locked for long or
    cannot be written is done without.
    """

    def __init__(self, path: Path | None = None) -> None:
        try:
            self._database = _opened(path)
        except (OSError, sqlite3.Error):
            self._database = _opened(None)

    def recall(self, url: str) -> Remembered | None:
        """What the URL answered the last time, if it said anything to go by."""
        query = "SELECT etag, modified, image_id FROM fetched WHERE url = ?"
        try:
            row = self._database.execute(query, (url,)).fetchone()
        except sqlite3.Error:
            return None
        return Remembered(*row) if row else None

    def remember(self, url: str, answer: Remembered) -> None:
        """Keep what a URL answered."""
        if answer.etag or answer.modified:
            row = (url, answer.etag, answer.modified, answer.image_id)
            with suppress(sqlite3.Error):
                self._database.execute("INSERT OR REPLACE INTO fetched VALUES (?, ?, ?, ?)", row)

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _opened(path: Path | None) -> sqlite3.Connection:
    """Open the file, or a database in memory.

    Raises:
        OSError: the folder cannot be made.
        sqlite3.Error: the file cannot be opened, or is no database.
    """
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path or ":memory:", timeout=_LOCKED_S, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute(
        "CREATE TABLE IF NOT EXISTS fetched "
        "(url TEXT PRIMARY KEY, etag TEXT, modified TEXT, image_id TEXT)"
    )
    return database


class WebImages:
    """Fetches pictures into a folder. Use as an asynchronous context manager.

    Args:
        spool: an existing folder; who takes a file from it removes it.
        memory: what URLs answered before.
        max_bytes: size of a picture.
        allowed: which addresses may be connected to.
        resolve_host: how names become addresses.
        sleep: waits between attempts.
    """

    def __init__(
        self,
        spool: Path,
        memory: FetchMemory,
        max_bytes: int,
        *,
        allowed: Callable[[Address], bool] = is_public,
        resolve_host: Resolve = resolve,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._spool = spool
        self._memory = memory
        self._max_bytes = max_bytes
        self._sleep = sleep
        self._slots = asyncio.Semaphore(CONCURRENT)
        self._backend = GuardedBackend(allowed, resolve_host)
        self._opened: httpx.AsyncClient | None = None

    async def __aenter__(self) -> WebImages:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._opened is not None:
            await self._opened.aclose()

    @property
    def _client(self) -> httpx.AsyncClient:
        """The client; opened at the first picture, since loading certificates takes a while."""
        if self._opened is None:
            self._opened = httpx.AsyncClient(
                transport=GuardedTransport(self._backend),
                headers=_HEADERS,
                timeout=_TIMEOUT,
                follow_redirects=True,
                max_redirects=MAX_REDIRECTS,
                trust_env=False,
            )
        return self._opened

    async def fetch(self, url: str, have: frozenset[str] = frozenset()) -> tuple[str, Path | None]:
        """Fetch a picture.

        Args:
            url: http or https.
            have: ids of images that need not be fetched again when they are unchanged.

        Returns:
            The id (hex SHA-256) and the file; no file when the picture is unchanged.

        Raises:
            ImageNotFetched: says why.
            InvalidInput: its address is private (``ADDRESS_PRIVATE``).
        """
        known = self._memory.recall(url)
        known = known if known is not None and known.image_id in have else None
        async with self._slots:
            try:
                async with asyncio.timeout(TOTAL_TIMEOUT_S):
                    return await self._attempts(url, known)
            except TimeoutError as error:
                raise ImageNotFetched(f"not whole after {TOTAL_TIMEOUT_S:.0f} s") from error

    async def _attempts(self, url: str, known: Remembered | None) -> tuple[str, Path | None]:
        problem = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                await self._sleep(FIRST_BACKOFF_S * 2 ** (attempt - 1))
            try:
                return await self._attempt(url, known)
            except _WorthRepeating as error:
                problem = str(error)
        raise ImageNotFetched(f"{problem}, {ATTEMPTS} times")

    async def _attempt(self, url: str, known: Remembered | None) -> tuple[str, Path | None]:
        try:
            async with self._client.stream("GET", url, headers=_validators(known)) as response:
                if response.status_code == httpx.codes.NOT_MODIFIED and known is not None:
                    return known.image_id, None
                self._check(response)
                image_id, path = await self._save(response)
        except httpx.UnsupportedProtocol as error:
            raise ImageNotFetched("is no http(s) URL with a host") from error
        except httpx.TransportError as error:
            raise _WorthRepeating(_said(error)) from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ImageNotFetched(_said(error)) from error
        headers = response.headers
        answer = Remembered(headers.get("etag", ""), headers.get("last-modified", ""), image_id)
        self._memory.remember(url, answer)
        return image_id, path

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in _RETRIED:
            raise _WorthRepeating(str(status))
        if status != httpx.codes.OK:
            raise ImageNotFetched(str(status))
        kind = response.headers.get("content-type", "").lower()
        if kind and not kind.startswith(_TYPES):
            raise ImageNotFetched(f"is {kind.partition(';')[0]}, not an image")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ImageNotFetched("was sent compressed though that was not asked for")
        length = response.headers.get("content-length", "")
        if length.isdigit() and int(length) > self._max_bytes:
            raise ImageNotFetched(f"has {length} bytes, at most {self._max_bytes}")

    async def _save(self, response: httpx.Response) -> tuple[str, Path]:
        digest, size = hashlib.sha256(), 0
        path = self._spool / uuid4().hex
        with path.open("xb") as file:
            async for chunk in _raw(response):
                size += len(chunk)
                if size > self._max_bytes:
                    raise ImageNotFetched(f"has more than {self._max_bytes} bytes")
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest(), path


class _WorthRepeating(Exception):
    """The server may answer better in a moment."""


def _raw(response: httpx.Response) -> AsyncIterator[bytes]:
    return response.aiter_raw(64 << 10)


def _validators(known: Remembered | None) -> dict[str, str]:
    if known is None:
        return {}
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    return {name: value for name, value in headers.items() if value}


def _said(error: Exception) -> str:
    """What went wrong, in a few words: httpx leaves some of its messages empty."""
    kind = {"ConnectTimeout": "connecting timed out", "ReadTimeout": "reading timed out"}
    return str(error) or kind.get(type(error).__name__, type(error).__name__)
