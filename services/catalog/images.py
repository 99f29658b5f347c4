"""The bytes of the reference images, named by their SHA-256.

On disk they lie in folders by the first two digits of the name; a file appears under its
name only when it is whole and on the platter. Any other ``fsspec`` URL (``s3://``,
``gs://``, ``az://``, ``memory://``) works too: object stores show an object only when it
is whole.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import fsspec

from services.catalog.products import image_id
from shared import image
from shared.errors import NotReady, Unavailable

_LEFTOVER_S = 3600.0


class Blobs(Protocol):
    """Bytes under names that say what they hold. Called from threads."""

    def put(self, blobs: Mapping[str, bytes]) -> None:
        """Store bytes by name so that they survive a crash."""

    def get(self, names: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes by name; names under which there are none are absent."""

    def remove(self, names: Sequence[str]) -> None:
        """Remove what is there of these."""


@dataclass(frozen=True, slots=True)
class CheckedImage:
    """An image that passed the gate: its name, its kind, its upright size."""

    id: str
    mime_type: str
    size_wh: tuple[int, int]


@dataclass(frozen=True, slots=True)
class ImageFile:
    """The bytes of a reference image and their kind."""

    id: str
    data: bytes
    mime_type: str


def check_image(data: bytes, limits: image.Limits = image.DEFAULT_LIMITS) -> CheckedImage:
    """Send an image through the gate, decoding included.

    Raises:
        ImageRefused: the gate said no; the reason says why.
    """
    header = image.check(data, limits)
    return CheckedImage(image_id(data), f"image/{header.format}", header.upright_size_wh)


def open_blobs(url: str) -> Blobs:
    """Open the place that a path or an fsspec URL names.

    Raises:
        NotReady: no file system is installed for the URL (``IMAGES_URL_UNKNOWN``).
    """
    parts = urlsplit(url)
    if parts.scheme in ("", "file"):
        return FolderBlobs(Path(parts.path if parts.scheme else url))
    try:
        filesystem, root = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise NotReady(
            f"reference images cannot live at {parts.scheme}://: {error}",
            reason="IMAGES_URL_UNKNOWN",
        ) from error
    return RemoteBlobs(filesystem, root)


class FolderBlobs:
    """Blobs in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._remove_leftovers()

    def put(self, blobs: Mapping[str, bytes]) -> None:
        """Write to files elsewhere, sync them, then move them to their names."""
        fresh = {name: data for name, data in blobs.items() if not self._path(name).exists()}
        incoming = {name: self._incoming / uuid4().hex for name in fresh}
        try:
            # All are written before the first is synced: one flush of the disk serves many.
            for name, data in fresh.items():
                incoming[name].write_bytes(data)
            for path in incoming.values():
                _sync(path)
            for name, path in incoming.items():
                self._move(path, name)
        except OSError as error:
            with suppress(OSError):
                for path in incoming.values():
                    path.unlink(missing_ok=True)
            raise _unavailable(error) from error

    def get(self, names: Sequence[str]) -> dict[str, bytes]:
        """Read the files."""
        found = {}
        for name in names:
            try:
                found[name] = self._path(name).read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise _unavailable(error) from error
        return found

    def remove(self, names: Sequence[str]) -> None:
        """Remove the files."""
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def _move(self, incoming: Path, name: str) -> None:
        path = self._path(name)
        try:
            incoming.replace(path)
        except FileNotFoundError:  # the first of its folder
            path.parent.mkdir(exist_ok=True)
            incoming.replace(path)

    def _remove_leftovers(self) -> None:
        """Remove what a process that was killed had begun to write."""
        for path in self._incoming.iterdir():
            with suppress(FileNotFoundError):  # another process is quicker
                if time.time() - path.stat().st_mtime > _LEFTOVER_S:
                    path.unlink()

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name


class RemoteBlobs:
    """Blobs on any fsspec file system that shows only whole files."""

    def __init__(self, filesystem: Any, root: str) -> None:
        self._filesystem = filesystem
        self._root = root.rstrip("/")

    def put(self, blobs: Mapping[str, bytes]) -> None:
        """Send the bytes unless they are there."""
        try:
            for name, data in blobs.items():
                if not self._filesystem.exists(self._path(name)):
                    self._filesystem.makedirs(self._root, exist_ok=True)
                    self._filesystem.pipe_file(self._path(name), data)
        except OSError as error:
            raise _unavailable(error) from error

    def get(self, names: Sequence[str]) -> dict[str, bytes]:
        """Fetch the bytes."""
        found = {}
        for name in names:
            try:
                found[name] = bytes(self._filesystem.cat_file(self._path(name)))
            except FileNotFoundError:
                continue
            except OSError as error:
                raise _unavailable(error) from error
        return found

    def remove(self, names: Sequence[str]) -> None:
        """Remove the objects."""
        for name in names:
            with suppress(FileNotFoundError):
                self._filesystem.rm_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


def _sync(path: Path) -> None:
    """Bring what was written to a file to the platter."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(
        f"the store of reference images does not answer: {error.strerror or error}",
        reason="IMAGES_UNAVAILABLE",
    )
