"""Try-on assets as feeds bring them.

Either in columns (``try_on_kind``, ``try_on_uri``, ``try_on_width_mm``, ``try_on_points``,
``try_on_color``) or, in the column ``tryon_asset``, as the path of a JSON file:

    {"kind": "glasses", "image": "GLS-104.png", "width_mm": 142,
     "points": {"bridge": [0.5, 0.4]}}

where the image is a path relative to that file, and lipsticks have a ``color`` instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from services.catalog.feeds.paths import beside
from services.catalog.products import TryOnAsset, TryOnKind
from shared.errors import InvalidInput

_MAX_BYTES: Final = 64 << 10
_ALSO: Final = {"shoe": "shoes", "earring": "earrings", "trouser": "trousers"}


def read_columns(values: Mapping[str, str]) -> TryOnAsset:
    """Read an asset from its columns.

    Raises:
        InvalidInput: names the column at fault.
    """
    try:
        points = json.loads(values.get("try_on_points") or "{}")
    except ValueError as error:
        raise _malformed("try_on_points", 'JSON such as {"bridge": [0.5, 0.4]}') from error
    return _asset(
        "try_on_",
        values["try_on_kind"],
        values.get("try_on_uri", ""),
        values.get("try_on_width_mm") or 0,
        points,
        values.get("try_on_color", ""),
    )


def read_file(folder: Path | None, text: str, *, allow_outside: bool) -> TryOnAsset:
    """Read an asset from a JSON file beside the feed.

    Raises:
        InvalidInput: the file is missing, lies outside the folder, or is wrong; or there is
            no folder.
    """
    try:
        path = beside(folder, text, allow_outside=allow_outside)
        given = _json_object(path)
        image = str(given.get("image", ""))
        if image and not urlsplit(image).scheme:
            image = str(beside(path.parent, image, allow_outside=allow_outside))
    except InvalidInput as error:
        raise InvalidInput.of("tryon_asset", f"{text[:100]}: {error.message}") from error
    return _asset(
        "tryon_asset ",
        given.get("kind"),
        image,
        given.get("width_mm", 0),
        given.get("points", {}),
        str(given.get("color", given.get("colour", ""))),
    )


def _json_object(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file():
            raise InvalidInput("no such file")
        with path.open(encoding="utf-8") as file:
            given = json.loads(file.read(_MAX_BYTES))
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InvalidInput(f"is no JSON of at most {_MAX_BYTES} bytes") from error
    if not isinstance(given, dict):
        raise InvalidInput("is no JSON object")
    return given


def _asset(prefix: str, kind: Any, uri: str, width: Any, points: Any, color: str) -> TryOnAsset:
    name = _ALSO.get(str(kind).lower(), str(kind).lower())
    if name not in set(TryOnKind):
        raise _malformed(f"{prefix}kind", f"one of {', '.join(TryOnKind)}")
    try:
        width_mm = float(width)
    except (TypeError, ValueError) as error:
        raise _malformed(f"{prefix}width_mm", "a number") from error
    try:
        named = {str(point): (float(x), float(y)) for point, (x, y) in points.items()}
    except (TypeError, ValueError, AttributeError) as error:
        raise _malformed(f"{prefix}points", 'an object such as {"bridge": [0.5, 0.4]}') from error
    return TryOnAsset(TryOnKind(name), uri, width_mm, named, color.lower())


def _malformed(field: str, right: str) -> InvalidInput:
    return InvalidInput.of(field, f"must be {right}", reason="TRY_ON_ASSET_MALFORMED")
