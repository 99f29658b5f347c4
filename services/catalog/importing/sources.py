"""Where a feed's pictures come from: files beside the feed, or the web."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from services.catalog.feeds.paths import beside
from services.catalog.feeds.rows import ImageRef
from services.catalog.products import image_id
from shared.errors import InvalidInput
from shared.image_gate import Limits, inspect

if TYPE_CHECKING:
    from services.catalog.importing.web_images import WebImages

FETCHES_AT_ONCE: Final = 16
FILES_AT_ONCE: Final = 4
READ_AT_ONCE_BYTES: Final = 1 << 20


class ImageMissing(InvalidInput):
    """A feed's picture cannot be had; the message begins with the column and the path."""

    default_reason = "IMAGE_MISSING"


@dataclass(frozen=True, slots=True)
class LocatedImage:
    """A picture that can be sent.

    Attributes:
        id: hex SHA-256 of its bytes.
        path: the file; None when the catalogue has it and its source says it is unchanged.
        ref: where the feed said that it is.
        is_spooled: whether the file was fetched for this import alone.
    """

    id: str
    path: Path | None
    ref: ImageRef
    is_spooled: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that a feed names, and the ids of the images that its product has."""

    ref: ImageRef
    have: frozenset[str]


class ImageSources:
    """Finds the pictures of one feed.

    Args:
        folder: where the feed lies; paths are relative to it. None = it came alone.
        web: gives what fetches the others; called when there is one.
        limits: the image gate's; its header rules are applied before anything is sent.
        allow_outside: whether a path may leave the folder.
    """

    def __init__(
        self,
        folder: Path | None,
        web: Callable[[], WebImages],
        limits: Limits,
        *,
        allow_outside: bool = False,
    ) -> None:
        self._folder = folder
        self._web = web
        self._limits = limits
        self._allow_outside = allow_outside
        self._slots = asyncio.Semaphore(FETCHES_AT_ONCE)

    async def locate(self, wanted: Sequence[Wanted]) -> list[LocatedImage | ImageMissing]:
        """Find pictures and apply every rule of the gate that needs no decoding.

        Returns:
            In the order asked, each picture or why it cannot be had or sent.
        """
        from_web = [_is_web(entry.ref) for entry in wanted]
        files = [entry.ref for entry, is_web in zip(wanted, from_web, strict=True) if not is_web]
        web = [entry for entry, is_web in zip(wanted, from_web, strict=True) if is_web]
        fetches = asyncio.gather(*map(self._fetch, web))
        found, fetched = await asyncio.gather(self._find(files), fetches)
        of_files, of_web = iter(found), iter(fetched)
        return [next(of_web if is_web else of_files) for is_web in from_web]

    async def _fetch(self, wanted: Wanted) -> LocatedImage | ImageMissing:
        ref = wanted.ref
        async with self._slots:
            try:
                found, path = await self._web().fetch(ref.href, wanted.have)
                if path is not None:
                    found = await asyncio.to_thread(self._inspect, path)
            except (ValueError, InvalidInput) as error:
                return _missing(ref, error)
        return LocatedImage(found, path, ref, is_spooled=True)

    async def _find(self, refs: Sequence[ImageRef]) -> list[LocatedImage | ImageMissing]:
        """Find files, in few threads: handing over costs more than reading a small file."""
        size = -(-len(refs) // FILES_AT_ONCE) or 1
        parts = [refs[start : start + size] for start in range(0, len(refs), size)]
        found = await asyncio.gather(*(asyncio.to_thread(self._find_here, part) for part in parts))
        return [entry for part in found for entry in part]

    def _find_here(self, refs: Sequence[ImageRef]) -> list[LocatedImage | ImageMissing]:
        found: list[LocatedImage | ImageMissing] = []
        for ref in refs:
            try:
                path = self._path(ref)
                found.append(LocatedImage(self._inspect(path), path, ref))
            except (ValueError, InvalidInput) as error:
                found.append(_missing(ref, error))
        return found

    def _path(self, ref: ImageRef) -> Path:
        scheme = urlsplit(ref.href).scheme.lower()
        if scheme not in ("", "file"):
            raise InvalidInput("is neither a path nor an http(s) URL")
        text = unquote(urlsplit(ref.href).path) if scheme else ref.href
        return beside(self._folder, text, allow_outside=self._allow_outside)

    def take(self, images: Sequence[LocatedImage]) -> list[bytes | OSError]:
        """Read the first of some pictures, about a MiB but at least one; remove fetched ones.

        Returns:
            The bytes of each that was read, or why it cannot be.
        """
        taken: list[bytes | OSError] = []
        size = 0
        for found in images:
            data = self._take(found)
            taken.append(data)
            size += len(data) if isinstance(data, bytes) else 0
            if size >= READ_AT_ONCE_BYTES:
                break
        return taken

    def _take(self, found: LocatedImage) -> bytes | OSError:
        try:
            return self._read(found)
        except OSError as error:
            return error

    def _read(self, found: LocatedImage) -> bytes:
        if found.path is None:
            raise FileNotFoundError(found.id)
        data = found.path.read_bytes()
        if found.is_spooled:
            found.path.unlink()
        return data

    def discard(self, images: Iterable[LocatedImage]) -> None:
        """Remove what was fetched for this import and is not needed."""
        for found in images:
            if found.is_spooled and found.path is not None:
                found.path.unlink(missing_ok=True)

    def _inspect(self, path: Path) -> str:
        """Check a file by its header and hash it."""
        try:
            if not path.is_file():
                raise InvalidInput("no such file")
            if path.stat().st_size > self._limits.max_bytes:
                size = path.stat().st_size
                raise InvalidInput(f"has {size} bytes, at most {self._limits.max_bytes}")
            data = path.read_bytes()
        except OSError as error:
            raise InvalidInput(f"cannot be read: {error.strerror}") from error
        inspect(data, self._limits)
        return image_id(data)


def _is_web(ref: ImageRef) -> bool:
    return ref.href[:8].lower().startswith(("http://", "https://"))


def _missing(ref: ImageRef, error: Exception) -> ImageMissing:
    if isinstance(error, InvalidInput):
        return ImageMissing(f"{ref.column} {ref.href[:200]}: {error.message}")
    # a NUL character in a path, a broken IPv6 address
    return ImageMissing(f"{ref.column} {ref.href[:200]!r}: is no path or URL")


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """What makes a product's images those of the feed: what to send, then what to remove."""

    sent: tuple[tuple[LocatedImage, str], ...]
    removed: tuple[str, ...]


def plan_images(
    present: dict[str, str], wanted: list[LocatedImage], *, complete: bool
) -> ImagePlan:
    """Plan how to get from the present images to the wanted ones.

    A new picture takes the view's name that the feed gives it, else the number of its
    place if that is free or held by a picture that goes, else the first free number.

    Args:
        present: view by id, as the catalogue has them.
        wanted: what the feed says, in its order.
        complete: whether all of the feed's pictures could be had; if not, none is removed.
    """
    ids = {entry.id for entry in wanted}
    kept = {view for image_id, view in present.items() if image_id in ids or not complete}
    sent = []
    for place, entry in enumerate({entry.id: entry for entry in wanted}.values(), 1):
        if entry.id in present or entry.path is None:
            continue
        view = entry.ref.view or _free_number(place, kept)
        kept.add(view)
        sent.append((entry, view))
    replaced = {view for _, view in sent}
    gone = [i for i, view in present.items() if i not in ids and view not in replaced]
    return ImagePlan(tuple(sent), tuple(gone) if complete else ())


def _free_number(place: int, taken: set[str]) -> str:
    while str(place) in taken:
        place += 1
    return str(place)
