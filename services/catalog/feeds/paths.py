"""Paths that a feed names."""

from __future__ import annotations

from pathlib import Path

from shared.errors import InvalidInput


def beside(folder: Path, text: str, *, allow_outside: bool) -> Path:
    """Resolve a path that is relative to a feed's folder.

    Raises:
        InvalidInput: it leaves the folder, symbolic links followed (``PATH_OUTSIDE``).
    """
    path = (folder / text).resolve()
    if not allow_outside and not path.is_relative_to(folder.resolve()):
        raise InvalidInput(
            "lies outside the feed's folder; --allow-outside permits that", reason="PATH_OUTSIDE"
        )
    return path
