"""One picture: decode it, read its codes, have its regions recognised, tell the things.

Reading codes and recognising regions are independent and run at the same time: the codes
in a thread here (OpenCV and zxing-cpp let go of the interpreter lock), the regions in the
visual search service. Only when a code names a product that the look of its region does
not mention is that region asked about again, with the product suggested.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import structlog

from services.scanning.asking import Catalog, Named, Product, Recognition, Source, VisualSearch
from services.scanning.barcodes import read_codes
from services.scanning.codes import Code
from services.scanning.evidence import NamedCode
from services.scanning.items import Box, Item, SeenRegion, arrange
from services.scanning.regions import propose_regions
from services.scanning.stream import thumbnail
from shared.errors import NotReady, Overloaded, TooSlow, Unavailable
from shared.geometry import WHOLE_IMAGE, box_corners, points_in_quad
from shared.image import DEFAULT_LIMITS, Limits, decode
from shared.image_pixels import Rgb
from shared.telemetry import Stages

Result = TypeVar("Result")
First = TypeVar("First")
Second = TypeVar("Second")

MAX_LOOKUP: Final = 2000
"""Longest text that the catalogue is asked about, in characters."""
MAX_LOOKUPS: Final = 32
"""Most different codes of one picture that the catalogue is asked about."""
VISUAL_SEARCH: Final = "visual_search"

_THEIR_STAGES: Final = ("embed", "search", "verify")
# Side at which a picture is decoded for its thumbnail, in pixels.
_SMALL_SIDE: Final = 96
# Probability of a look that may contradict a code, so that asking again is worth it.
_SURE_ENOUGH_TO_ASK: Final = 0.5

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture. ``boxes``: where to look, the whole first; none = do not look."""

    encoded: bytes
    image_rgb: Rgb
    original_size_wh: tuple[int, int]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Readings:
    """The codes of a picture, and the products that they name, by SKU."""

    codes: tuple[NamedCode, ...]
    products: Mapping[str, Product]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a picture shows.

    Attributes:
        size_wh: of the upright picture, in pixels.
        items: the things in it, in reading order.
        products: by SKU, every product that an item may be.
        source: where recognition comes from.
        degraded: parts that did not answer.
    """

    size_wh: tuple[int, int]
    items: tuple[Item, ...]
    products: Mapping[str, Product]
    source: Source
    degraded: tuple[str, ...] = ()

    @property
    def skus_with_gtin(self) -> frozenset[str]:
        """Products whose trade item numbers the catalogue knows."""
        return frozenset(sku for sku, product in self.products.items() if product.gtins)


class Scanner:
    """Says what pictures show.

    Args:
        catalog: names codes and reads products.
        visual_search: recognises regions.
        executor: threads for decoding and reading codes; their number bounds the work.
        limits: of the image gate.
    """

    def __init__(
        self,
        catalog: Catalog,
        visual_search: VisualSearch,
        executor: Executor,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._catalog, self._visual_search = catalog, visual_search
        self._executor, self._limits = executor, limits

    async def scan(self, image: bytes, max_items: int, stages: Stages, *, look: bool) -> Scene:
        """Say what one picture shows.

        Raises:
            ImageRefused: the image gate said no.
            Unavailable: the catalogue does not answer.
        """
        picture = await self.open(image, max_items if look else 0, stages)
        readings, recognition = await _both(
            self.read(picture, stages), self.recognise(picture, (), stages)
        )
        return await self.tell(picture, readings, recognition, max_items, stages)

    async def thumbnail(self, image: bytes) -> npt.NDArray[np.int16]:
        """Coarse grey copy of a picture, to see whether it changed.

        Raises:
            ImageRefused: the image gate said no.
        """
        small = await self._in_thread(partial(decode, image, self._limits, max_side=_SMALL_SIDE))
        return thumbnail(small.image_rgb)

    async def open(self, image: bytes, regions: int, stages: Stages) -> Picture:
        """Decode a picture and choose up to ``regions`` places to look at; 0 = do not look.

        Raises:
            ImageRefused: the image gate said no.
        """
        with stages("decode"):
            decoded = await self._in_thread(decode, image, self._limits)
        boxes: tuple[Box, ...] = ()
        if regions:
            with stages("regions"):
                proposed = await self._in_thread(propose_regions, decoded.image_rgb, regions)
            boxes = (WHOLE_IMAGE, *proposed)
        return Picture(image, decoded.image_rgb, decoded.original_size_wh, boxes)

    async def read(self, picture: Picture, stages: Stages) -> Readings:
        """Read the codes of a picture and ask the catalogue what they name.

        Raises:
            Unavailable: the catalogue does not answer.
        """
        with stages("codes"):
            codes = await self._in_thread(read_codes, picture.image_rgb)
        askable = [code for code in codes if 0 < len(code.lookup) <= MAX_LOOKUP]
        texts = list(dict.fromkeys(code.lookup for code in askable))[:MAX_LOOKUPS]
        with stages("lookup"):
            answers = await asyncio.gather(*map(self._catalog.look_up, texts))
        named = dict(zip(texts, answers, strict=True))
        return Readings(
            tuple(_named(code, named.get(code.lookup)) for code in codes),
            {one.product.sku: one.product for one in answers if one.product},
        )

    async def recognise(
        self,
        picture: Picture,
        codes: Sequence[NamedCode],
        stages: Stages,
        *,
        verify: bool = True,
    ) -> Recognition | None:
        """Have the regions of a picture recognised, the products of codes on them suggested.

        Args:
            picture: where to look.
            codes: the codes in it, as far as they are known.
            stages: takes the durations.
            verify: compare local features where that can change the answer.

        Returns:
            None when visual search does not answer, or nobody is to look.
        """
        if not picture.boxes:
            return None
        regions = [(box, _skus_on(box, codes)) for box in picture.boxes]
        return await self._ask(picture, regions, stages, verify=verify)

    async def tell(
        self,
        picture: Picture,
        readings: Readings,
        recognition: Recognition | None,
        max_items: int,
        stages: Stages,
    ) -> Scene:
        """Arrange what was read and recognised into things, and read their products.

        Raises:
            Unavailable: the catalogue does not answer.
        """
        looks = recognition.looks if recognition else ()
        seen = [SeenRegion(box, look) for box, look in zip(picture.boxes, looks, strict=False)]
        items = arrange(seen, readings.codes, max_items)
        items = await self._look_again(picture, items, stages)
        products = await self._products(items, readings, stages)
        return Scene(
            picture.original_size_wh,
            tuple(_only_known(item, products) for item in items),
            products,
            recognition.source if recognition else Source(),
            (VISUAL_SEARCH,) if picture.boxes and recognition is None else (),
        )

    async def _look_again(
        self, picture: Picture, items: Sequence[Item], stages: Stages
    ) -> list[Item]:
        """Ask again about things whose code names what their look does not mention."""
        doubtful = {index: _unseen(item) for index, item in enumerate(items) if _unseen(item)}
        if not doubtful:
            return list(items)
        regions = [(items[index].box_xyxy, skus) for index, skus in doubtful.items()]
        again = await self._ask(picture, regions, stages, verify=True)
        looks = dict(zip(doubtful, again.looks, strict=True)) if again else {}
        return [replace(item, look=looks.get(i, item.look)) for i, item in enumerate(items)]

    async def _ask(
        self,
        picture: Picture,
        regions: Sequence[tuple[Box, Sequence[str]]],
        stages: Stages,
        *,
        verify: bool,
    ) -> Recognition | None:
        try:
            recognition = await self._visual_search.recognize(
                picture.encoded, regions, verify=verify
            )
        except (Unavailable, NotReady, Overloaded, TooSlow) as error:
            _log.warning("visual search did not answer", reason=error.reason)
            return None
        for stage in _THEIR_STAGES:
            if stage in recognition.timings_ms:
                stages.add(stage, recognition.timings_ms[stage] / 1000)
        return recognition

    async def _products(
        self, items: Sequence[Item], readings: Readings, stages: Stages
    ) -> dict[str, Product]:
        """Read every product that an item may be."""
        skus = {one.sku for item in items if item.look for one in item.look.candidates}
        missing = sorted(skus - readings.products.keys())
        with stages("products"):
            read = await self._catalog.products(missing) if missing else []
        return {**readings.products, **{product.sku: product for product in read}}

    async def _in_thread(self, work: Callable[..., Result], *arguments: Any) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, work, *arguments)


async def _both(
    first: Coroutine[Any, Any, First], second: Coroutine[Any, Any, Second]
) -> tuple[First, Second]:
    """Run two coroutines at once; when one fails the other is cancelled."""
    tasks = asyncio.create_task(first), asyncio.create_task(second)
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def _named(code: Code, named: Named | None) -> NamedCode:
    if named is None:
        return NamedCode(code)
    return NamedCode(code, named.gtin, named.product.sku if named.product else "")


def _skus_on(box: Box, codes: Sequence[NamedCode]) -> list[str]:
    """Products named by the codes that lie in a box."""
    corners = box_corners(box)
    on_it = [one for one in codes if one.sku and points_in_quad([one.code.centre], corners)[0]]
    return list(dict.fromkeys(one.sku for one in on_it))


def _unseen(item: Item) -> list[str]:
    """Products named by an item's codes that its look, being fairly sure, does not mention."""
    best = item.look.best if item.look else None
    if item.look is None or best is None or best.probability < _SURE_ENOUGH_TO_ASK:
        return []
    mentioned = {one.sku for one in item.look.candidates}
    named = dict.fromkeys(one.sku for one in item.codes if one.sku)
    return [sku for sku in named if sku not in mentioned]


def _only_known(item: Item, products: Mapping[str, Product]) -> Item:
    """Without candidates that the catalogue no longer has."""
    if item.look is None:
        return item
    known = tuple(one for one in item.look.candidates if one.sku in products)
    return replace(item, look=replace(item.look, candidates=known))
