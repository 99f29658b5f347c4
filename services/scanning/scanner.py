"""One picture: decode it, read its codes, have its regions recognised, tell the things.

Reading codes and recognising regions are independent and run at the same time: the codes
in a thread here (OpenCV and zxing-cpp let go of the interpreter lock), the regions in the
visual search service. What is then not clear, or contradicts its code, is looked at again
more closely: local features are compared, the products of its codes included.
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

from services.scanning.asking import Catalog, Product, Recognition, Source, VisualSearch
from services.scanning.barcodes import read_codes
from services.scanning.evidence import Look, NamedCode
from services.scanning.items import Box, Item, SeenRegion, arrange, look_at
from services.scanning.regions import propose_regions
from services.scanning.scene import (
    Picture,
    Readings,
    Scene,
    is_unclear,
    name_code,
    named_skus,
    only_known,
    skus_on,
)
from services.scanning.stream import thumbnail
from shared.errors import NotReady, Overloaded, TooSlow, Unavailable
from shared.geometry import WHOLE_IMAGE
from shared.image import DEFAULT_LIMITS, Limits, decode
from shared.telemetry import Stages

Result = TypeVar("Result")
First = TypeVar("First")
Second = TypeVar("Second")

MAX_LOOKUP: Final = 2000
"""Longest text that the catalogue is asked about, in characters."""
MAX_CLOSER: Final = 6
"""Things of one picture that local features are compared on, at most."""
MAX_LOOKUPS: Final = 32
"""Most different codes of one picture that the catalogue is asked about."""
VISUAL_SEARCH: Final = "visual_search"

_THEIR_STAGES: Final = ("embed", "search", "find", "verify")
# Places proposed in one picture: each costs a pass of the embedder.
_MAX_PROPOSED: Final = 8
# Side at which a picture is decoded for its thumbnail, in pixels.
_SMALL_SIDE: Final = 96

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Examined:
    """What a closer look at some things said: a look each, and the products they speak of."""

    looks: tuple[Look, ...]
    products: Mapping[str, Product]


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
        regions = min(max_items, _MAX_PROPOSED) if look else 0
        picture = await self.open(image, regions, stages)
        readings, recognition = await _both(
            self.read(picture, stages), self.recognise(picture, (), stages, find=True)
        )
        return await self.tell(picture, readings, recognition, max_items, stages, closer=True)

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
            tuple(name_code(code, named.get(code.lookup)) for code in codes),
            {one.product.sku: one.product for one in answers if one.product},
        )

    async def recognise(
        self,
        picture: Picture,
        codes: Sequence[NamedCode],
        stages: Stages,
        *,
        find: bool = False,
    ) -> Recognition | None:
        """Have the regions of a picture recognised, the products of codes on them suggested.

        By their looks alone: most regions are parts of things, or nothing. With ``find``
        the printed things of the whole picture are found too.

        Returns:
            None when visual search does not answer, or nobody is to look.
        """
        if not picture.boxes:
            return None
        regions = [(box, skus_on(box, codes)) for box in picture.boxes]
        return await self._ask(picture.encoded, regions, stages, verify=False, find=find)

    async def tell(
        self,
        picture: Picture,
        readings: Readings,
        recognition: Recognition | None,
        max_items: int,
        stages: Stages,
        *,
        closer: bool,
    ) -> Scene:
        """Arrange what was read and recognised into things, and read their products.

        Args:
            picture: what was looked at.
            readings: its codes.
            recognition: what its regions look like.
            max_items: things to tell at most.
            stages: takes the durations.
            closer: have local features compared on what is not clear.

        Raises:
            Unavailable: the catalogue does not answer.
        """
        looks = recognition.looks if recognition else ()
        seen = [SeenRegion(box, look) for box, look in zip(picture.boxes, looks, strict=False)]
        found = [SeenRegion(box, look) for box, look in recognition.found] if recognition else []
        items = arrange(seen, readings.codes, max_items, found)
        if closer and recognition:
            items = await self.look_closer(picture, items, stages)
        products = await self._products(items, readings, stages)
        return Scene(
            picture.original_size_wh,
            tuple(only_known(item, products) for item in items),
            products,
            recognition.source if recognition else Source(),
            (VISUAL_SEARCH,) if picture.boxes and recognition is None else (),
        )

    async def look_closer(
        self, picture: Picture, items: Sequence[Item], stages: Stages
    ) -> list[Item]:
        """Have local features compared on the things that are not clear as yet.

        The products that their codes name are compared too, so that a conflict shows;
        things with codes come first, as visual search compares while time lasts.
        """
        unclear = [i for i, item in enumerate(items) if is_unclear(item)]
        unclear = sorted(unclear, key=lambda i: not items[i].codes)[:MAX_CLOSER]
        if not unclear:
            return list(items)
        regions = [(items[i].box_xyxy, named_skus(items[i].codes)) for i in unclear]
        again = await self._ask(picture.encoded, regions, stages, verify=True)
        looks = dict(zip(unclear, again.looks, strict=True)) if again else {}
        return [replace(item, look=looks.get(i, item.look)) for i, item in enumerate(items)]

    async def examine(self, image: bytes, items: Sequence[Item]) -> Examined:
        """Look closely at things of a picture that has been scanned by looks alone.

        All that ``scan`` does to recognise them, for these things only: the printed things
        of the picture are found, and local features compared where that is not enough.

        Returns:
            A look each, in order, with the products that they speak of; no looks when
            visual search does not answer.

        Raises:
            Unavailable: the catalogue does not answer.
        """
        stages = Stages()
        regions = [(item.box_xyxy, named_skus(item.codes)) for item in items]
        told = await self._ask(image, regions, stages, verify=True, find=True)
        if told is None:
            return Examined((), {})
        found = [SeenRegion(box, look) for box, look in told.found]
        closer = [
            replace(item, look=look_at(item.box_xyxy, look, found))
            for item, look in zip(items, told.looks, strict=True)
        ]
        products = await self._products(closer, Readings((), {}), stages)
        known = (only_known(item, products).look for item in closer)
        return Examined(tuple(look for look in known if look), products)

    async def _ask(
        self,
        image: bytes,
        regions: Sequence[tuple[Box, Sequence[str]]],
        stages: Stages,
        *,
        verify: bool,
        find: bool = False,
    ) -> Recognition | None:
        try:
            recognition = await self._visual_search.recognize(
                image, regions, verify=verify, find=find
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
