"""Small copies of pictures, for lists that show many: ``?max_side=160``, ``320`` or ``640``."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request

from shared.errors import InvalidInput
from shared.image import decode, encode_jpeg

PARAMETER: Final = "max_side"
SIDES: Final = (160, 320, 640)
"""Longer sides in pixels. A few, so that caches hold them and nobody asks for thousands."""
MEDIA_TYPE: Final = "image/jpeg"
PREVIEWED: Final = frozenset({"/v1/reference-images/{id}"})
"""Paths of operations whose bytes are pictures that may be asked for smaller."""
_QUALITY: Final = 85


def side_of(request: Request) -> int | None:
    """The longer side that a request wants; None = the picture as it is.

    Raises:
        InvalidInput: it is none of ``SIDES``.
    """
    given = request.query_params.getlist(PARAMETER)
    if not given:
        return None
    if len(given) > 1 or given[0] not in map(str, SIDES):
        choice = ", ".join(map(str, SIDES))
        raise InvalidInput.of(PARAMETER, f"is {', '.join(given)[:100]!r}, must be one of {choice}")
    return int(given[0])


async def preview(image: bytes, side: int) -> bytes:
    """A copy of a picture as JPEG, upright, its longer side at most ``side`` pixels.

    Raises:
        ImageRefused: the image gate said no.
    """
    return await asyncio.to_thread(_preview, image, side)


def _preview(image: bytes, side: int) -> bytes:
    return encode_jpeg(decode(image, max_side=side).image_rgb, _QUALITY)
