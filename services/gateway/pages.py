"""Static files: the web pages, and pictures and clips to try them with."""

from __future__ import annotations

import asyncio
import mimetypes
import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from services.gateway import previews
from services.gateway.answers import query_values, respond
from services.gateway.operation import Cache
from services.gateway.transcoding import to_json
from shared.errors import InvalidInput

FOLDER: Final = Path(__file__).with_name("pages")
SAMPLE_TYPES: Final = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mjpeg": "video/x-motion-jpeg",
}
_SHOWN_SMALL: Final = frozenset(
    {suffix for suffix, kind in SAMPLE_TYPES.items() if kind.startswith("image/")} | {".mjpeg"}
)
"""Pictures, and clips that begin with one."""
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("video/x-motion-jpeg", ".mjpeg")


class Pages(StaticFiles):
    """Files of a folder, revalidated on every use; ``/scan`` is ``scan.html``.

    Args:
        folder: where the files are.
        below: the path that the folder stands for; empty = ``/``.
    """

    def __init__(self, folder: Path, below: str = "") -> None:
        super().__init__(directory=folder, html=True, check_dir=False)
        self._below = below

    def get_path(self, scope: Scope) -> str:
        """A file's path within the folder."""
        return os.path.relpath(super().get_path(scope), self._below or ".")

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find a file by its name without ``.html``, or by its path.

        A page comes first: beside ``search.html`` there is a folder ``search`` of its modules.
        """
        if not Path(path).suffix:
            page = super().lookup_path(f"{path}.html")
            if page[1] is not None:
                return page
        return super().lookup_path(path)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, to be revalidated when it is used again."""
        if scope["method"] not in {"GET", "HEAD"}:
            refusal = f"{scope['method']} is not for pages; use GET, HEAD"
            raise HTTPException(405, refusal, {"Allow": "GET, HEAD"})
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = Cache.REVALIDATE.value
        return response


class SampleFiles(Pages):
    """The files of the samples folder; where that is asked for, pictures come small.

    Of a motion JPEG that is its first picture.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, to be revalidated when it is used again."""
        request = Request(scope)
        side = previews.side_of(request)
        found, stat = await asyncio.to_thread(self.lookup_path, path)
        if side is None or stat is None:
            return await super().get_response(path, scope)
        if Path(found).suffix.lower() not in _SHOWN_SMALL:
            raise InvalidInput.of(previews.PARAMETER, "is for pictures; this is none")
        small = await previews.preview(await asyncio.to_thread(Path(found).read_bytes), side)
        return respond(request, small, previews.MEDIA_TYPE, Cache.REVALIDATE)


class Samples:
    """The handler of ``GET /v1/samples``."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    async def listed(self, request: Request) -> Response:
        """Name the pictures and clips of the samples folder; none when there is no folder."""
        query_values(request, ())
        told = to_json({"samples": self.found()})
        return respond(request, told, "application/json", Cache.REVALIDATE)

    def found(self) -> list[dict[str, Any]]:
        """Name, URL and type of each sample, by name."""
        folder = self._folder
        if folder is None or not folder.is_dir():
            return []
        return [
            {
                "name": path.stem,
                "url": f"/samples/{quote(path.name)}",
                "mime_type": SAMPLE_TYPES[path.suffix.lower()],
            }
            for path in sorted(folder.iterdir())
            if path.suffix.lower() in SAMPLE_TYPES
        ]
