"""Paths that a feed names."""

from __future__ import annotations

from pathlib import Path

from shared.errors import InvalidInput


def beside(folder: Path | None, text: str, *, allow_outside: bool) -> Path:
    """Resolve a path that is relative to a feed's folder.

    Raises:
        InvalidInput: there is no folder (``FEED_ALONE``), or the path leaves it, symbolic
            links followed (``PATH_OUTSIDE``).
    """
    if folder is None:
        raise InvalidInput(
            "is a path, but the feed came without files; use an http(s) URL", reason="FEED_ALONE"
        )
    path = (folder / text).resolve()
    if not allow_outside and not path.is_relative_to(folder.resolve()):
        raise InvalidInput(
            "lies outside the feed's folder; --allow-outside permits that", reason="PATH_OUTSIDE"
        )
    return path
