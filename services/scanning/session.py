"""One client's stream: what stays the same over its frames.

Holds the tracks, the last picture that was worked on and the last answer, and offers the
two stages that ``stream.FramePipeline`` runs. Frames are recognised by their looks alone:
comparing local features takes longer than the next frame, which brings new evidence. What
stays open is looked at closely beside them (``closer``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from services.scanning.asking import Product, Source
from services.scanning.closer import CloserLooks
from services.scanning.scanner import Scanner
from services.scanning.scene import Picture, Readings
from services.scanning.stream import Frame, Refusal, unchanged
from services.scanning.tracks import TrackedItem, Tracks
from shared.errors import InvalidInput
from shared.telemetry import Stages

MAX_REGIONS: Final = 4
"""Places to look at in one frame: a stream has further frames to look elsewhere."""
REFRESH_US: Final = 5_000_000
"""An unchanged picture is worked on again after this long, by capture time, so that a
change of the catalogue shows."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the first stage found in a frame."""

    picture: Picture
    readings: Readings
    stages: Stages


@dataclass(frozen=True, slots=True)
class FrameAnswer:
    """What one frame shows, pooled with the frames before it.

    Attributes:
        frame: the frame that is answered.
        dropped: frames dropped since the answer before.
        items: the things in it.
        products: by SKU, every product that an item may be.
        source: where recognition comes from.
        degraded: parts that did not answer.
        timings_ms: duration per stage.
        unchanged: it looked like the one before, and no work was done.
        refusal: why it was not scanned.
    """

    frame: Frame
    dropped: int
    items: tuple[TrackedItem, ...] = ()
    products: Mapping[str, Product] = field(default_factory=dict)
    source: Source = field(default_factory=Source)
    degraded: tuple[str, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    unchanged: bool = False
    refusal: InvalidInput | None = None


class Session:
    """The state of one stream.

    Args:
        scanner: says what pictures show.
    """

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._tracks = Tracks()
        self._closer = CloserLooks(scanner, self._tracks)
        self._products: dict[str, Product] = {}
        self._worked_on: tuple[npt.NDArray[np.int16], Frame] | None = None
        self._last: FrameAnswer | None = None
        self._recognised: Frame | None = None

    async def look(self, frame: Frame) -> Sighting | None:
        """First stage: decode a frame and read its codes; None when it has not changed.

        Raises:
            ImageRefused: the image gate said no.
            Unavailable: the catalogue does not answer.
        """
        small = await self._scanner.thumbnail(frame.image)
        if self._worked_on and _same(self._worked_on, (small, frame)):
            return None
        stages = Stages()
        regions = 0 if frame.options.codes_only else min(MAX_REGIONS, frame.options.max_items)
        picture = await self._scanner.open(frame.image, regions, stages)
        readings = await self._scanner.read(picture, stages)
        self._worked_on = (small, frame)
        return Sighting(picture, readings, stages)

    async def recognise(self, frame: Frame, sighting: Sighting | None, dropped: int) -> FrameAnswer:
        """Second stage: recognise, follow, decide.

        Raises:
            Unavailable: the catalogue does not answer.
        """
        learned = await self._closer.join(frame.capture_time_us, dropped)
        self._products = {**self._products, **(learned or {})}
        if sighting is not None:
            self._last, self._recognised = await self._worked(frame, sighting, dropped), frame
        else:
            self._last = self._still(frame, dropped, news=learned is not None)
        if self._recognised:
            self._closer.begin(self._recognised, self._with_gtin(), still=sighting is None)
        return self._last

    def refuse(self, refusal: Refusal, dropped: int) -> FrameAnswer:
        """Answer a frame that was refused."""
        return FrameAnswer(refusal.frame, dropped, refusal=refusal.error)

    async def aclose(self) -> None:
        """End what is under way beside the frames."""
        await self._closer.aclose()

    def _still(self, frame: Frame, dropped: int, *, news: bool) -> FrameAnswer:
        """The last answer again, with what a closer look said of it meanwhile."""
        self._tracks.still_there(frame.capture_time_us)
        last = self._last or FrameAnswer(frame, dropped)
        items = tuple(self._tracks.decided(self._with_gtin())) if news else last.items
        return replace(
            last,
            frame=frame,
            dropped=dropped,
            items=items,
            products=self._products if news else last.products,
            timings_ms={},
            unchanged=not news,
        )

    def _with_gtin(self) -> frozenset[str]:
        return frozenset(sku for sku, product in self._products.items() if product.gtins)

    async def _worked(self, frame: Frame, sighting: Sighting, dropped: int) -> FrameAnswer:
        picture, readings, stages = sighting.picture, sighting.readings, sighting.stages
        recognition = await self._scanner.recognise(picture, readings.codes, stages)
        scene = await self._scanner.tell(
            picture, readings, recognition, frame.options.max_items, stages, closer=False
        )
        self._products = {**self._products, **scene.products}
        tracked = self._tracks.update(scene.items, frame.capture_time_us, self._with_gtin())
        told = self._tracks.skus()
        self._products = {sku: one for sku, one in self._products.items() if sku in told}
        return FrameAnswer(
            frame,
            dropped,
            tuple(tracked),
            self._products,
            scene.source,
            scene.degraded,
            stages.as_ms(),
        )


_Worked = tuple[npt.NDArray[np.int16], Frame]


def _same(last: _Worked, new: _Worked) -> bool:
    """Whether a frame needs no work after the last one that was worked on."""
    fresh = new[1].capture_time_us - last[1].capture_time_us <= REFRESH_US
    return fresh and last[1].options == new[1].options and unchanged(last[0], new[0])
