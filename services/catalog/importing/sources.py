"""Where a feed's pictures come from: files beside the feed, or the web."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from services.catalog.feeds.paths import beside
from services.catalog.feeds.rows import ImageRef
from services.catalog.importing.web_images import WebImages
from services.catalog.products import image_id
from shared import image
from shared.errors import InvalidInput


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


class ImageSources:
    """Finds the pictures of one feed.

    Args:
        folder: where the feed lies; paths are relative to it. None = it came alone.
        web: fetches the others.
        limits: the image gate's; its header rules are applied before anything is sent.
        allow_outside: whether a path may leave the folder.
    """

    def __init__(
        self,
        folder: Path | None,
        web: WebImages,
        limits: image.Limits,
        *,
        allow_outside: bool = False,
    ) -> None:
        self._folder = folder
        self._web = web
        self._limits = limits
        self._allow_outside = allow_outside

    async def locate(self, ref: ImageRef, have: frozenset[str]) -> LocatedImage:
        """Find a picture and apply every rule of the gate that needs no decoding.

        Args:
            ref: what the feed says.
            have: ids of the images that the product has.

        Raises:
            ImageMissing: says why it cannot be had or sent.
        """
        try:
            scheme = urlsplit(ref.href).scheme.lower()
            from_web = scheme in ("http", "https")
            if from_web:
                found, path = await self._web.fetch(ref.href, have)
            elif scheme in ("", "file"):
                text = unquote(urlsplit(ref.href).path) if scheme else ref.href
                path = beside(self._folder, text, allow_outside=self._allow_outside)
                found = ""
            else:
                raise InvalidInput("is neither a path nor an http(s) URL")
            if path is not None:
                found = await asyncio.to_thread(self._inspect, path)
        except ValueError as error:  # a NUL character in a path, a broken IPv6 address
            raise ImageMissing(f"{ref.column} {ref.href[:200]!r}: is no path or URL") from error
        except InvalidInput as error:
            raise ImageMissing(f"{ref.column} {ref.href[:200]}: {error.message}") from error
        return LocatedImage(found, path, ref, from_web)

    def take(self, found: LocatedImage) -> bytes:
        """Read a picture that has a file; a fetched one is removed by that.

        Raises:
            OSError: the file has gone or cannot be read.
        """
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
        image.inspect(data, self._limits)
        return image_id(data)


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
