"""``vitrine search IMAGE --explain OUT.png``: why the best result matches, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from services.visual_search.explaining.drawing import PANEL, draw_explanation
from services.visual_search.explaining.explainer import Box, Explanation, Map
from services.visual_search.explaining.reading import Reading, read_off
from shared.errors import InvalidInput, NotFound
from shared.geometry import Floats
from shared.image import decode
from shared.image_pixels import Rgb
from vitrine.v1 import catalog_pb2, types_pb2
from vitrine.v1 import visual_search_pb2 as pb

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


def check_target(target: Path) -> None:
    """Refuse a file that no picture can be written to, before anything is searched.

    Raises:
        InvalidInput: its suffix is of no picture, or its folder does not exist.
    """
    if target.suffix.lower() not in _SUFFIXES:
        raise InvalidInput.of("explain", f"is {target}, must end in {', '.join(_SUFFIXES)}")
    if not target.absolute().parent.is_dir():
        raise InvalidInput.of("explain", f"is {target}, whose folder does not exist")


async def draw_best(stack: Any, image: bytes, reply: pb.SearchResponse) -> Rgb:
    """Draw why the first result that has an explanation matches.

    Raises:
        NotFound: nothing was found by looks.
    """
    explained = [
        [result for result in group.results if result.HasField("explanation")]
        for group in reply.groups
    ]
    results = next((group for group in explained if group), [])
    if not results:
        raise NotFound("nothing was found by its looks, so there is nothing to explain")
    best, *others = results
    async with stack.catalog() as catalog:
        wanted = catalog_pb2.GetReferenceImageRequest(id=best.reference_image_id)
        reference = await catalog.GetReferenceImage(wanted)
    ours, theirs = (decode(data, max_side=2 * PANEL).image_rgb for data in (image, reference.data))
    maps = [_map(other.explanation, other.explanation.query_map) for other in others]
    why = to_explanation(best.explanation)
    reading = read_off(ours, theirs, why, maps)
    words = (_headline(best), detail(best.similarity, why, reading))
    return draw_explanation(ours, theirs, why, *words, maps, reading)


def write_picture(image_rgb: Rgb, target: Path) -> None:
    """Write a picture to a file, in the format of its suffix.

    Raises:
        InvalidInput: the file cannot be written.
    """
    _, encoded = cv2.imencode(target.suffix.lower(), cv2.cvtColor(image_rgb, cv2.COLOR_RGB2BGR))
    try:
        target.write_bytes(encoded.tobytes())
    except OSError as error:
        message = f"cannot write {target}: {error.strerror}"
        raise InvalidInput.of("explain", message) from error


def to_explanation(message: pb.Explanation) -> Explanation:
    """Read why a picture matches off the wire."""
    return Explanation(
        _map(message, message.query_map),
        _map(message, message.reference_map),
        _box(message.query_area),
        _box(message.reference_area),
        _points(message.query_points),
        _points(message.reference_points),
    )


def _map(message: pb.Explanation, values: Any) -> Map:
    return np.asarray(values, np.float32).reshape(message.height, message.width)


def _box(box: types_pb2.Box) -> Box:
    return (box.x_min, box.y_min, box.x_max, box.y_max)


def _points(messages: Any) -> Floats:
    return np.array([(point.x, point.y) for point in messages], np.float64).reshape(-1, 2)


def _headline(best: pb.SearchResult) -> str:
    product = best.product
    return " · ".join(part for part in (product.title, product.brand, _price(best)) if part)


def detail(similarity: float, why: Explanation, reading: Reading) -> str:
    """How alike the pictures are, what the colours mean, and where the thing is seen."""
    print_ = f"{len(why.query_points)} points of print agree" if len(why.query_points) else ""
    if reading.outline is not None:
        print_ = f"outlined: the same print is seen here, {len(why.query_points)} points agree"
    parts = (f"similarity {similarity:.2f} of 1", print_, _of_heat(why, reading))
    return " · ".join(part for part in parts if part)


def _of_heat(why: Explanation, reading: Reading) -> str:
    if not why.query_map.size:
        return "the whole photo was compared; this model does not tell which places count"
    if reading.points:
        return "warm places count most"
    if reading.outline is not None:
        return "the whole photo was compared, faintly warm places count most for that"
    return "the whole photo was compared: where it shows several things, crop it to one"


def _price(best: pb.SearchResult) -> str:
    offer: types_pb2.Money = best.offer.price
    money = offer if best.offer.HasField("price") else best.product.price
    if not money.currency_code:
        return ""
    return f"{money.amount_micros / 1e6:.2f} {money.currency_code}"
