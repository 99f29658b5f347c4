"""What the landmark finder knows of faces, hands and bodies: which way is up, what mirrors.

Orders of points are MediaPipe's. A mirrored picture of a right hand shows a left hand with
the same points; of faces and bodies, points change places with their partners.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.pose.placement.canonical_face import MIRROR
from services.pose.placement.types import Floats

Order = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Closer:
    """How to cut a closer view around something found.

    Attributes:
        widening: side of the view over the longer side of the landmarks' box.
        turn_deg: turned by so much beside upright.
        mirrored: see ``services.pose.views.View``.
    """

    widening: float
    turn_deg: float = 0.0
    mirrored: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """One kind of subject.

    Attributes:
        low, high: points whose means span the direction up.
        mirror_order: point i of the mirrored picture is point ``mirror_order[i]`` here.
        closer: closer views whose answers are averaged.
        agreement: answers count as the same subject when their median distance is below
            this part of the box's longer side.
        confirmations: so many closer views must find it again ...
        spread: ... and differ by no more than this part of the box's longer side (median
            distance to the mean). Faces had 0.003 to 0.010; what was none, or a face that
            was fitted upside down, 0.019 to 0.045 (photos of people and of groceries).
        same: two answers are of one subject when their median distance is below this part of
            the box's longer side. People stand close: their bodies are a quarter apart.
    """

    low: tuple[int, ...]
    high: tuple[int, ...]
    mirror_order: Order
    closer: tuple[Closer, ...]
    agreement: float
    confirmations: int
    spread: float
    same: float = 0.35

    def turn_to_upright_deg(self, points_px: Floats) -> float:
        """Clockwise turn that makes points (N, 2 or more) in pixels stand upright."""
        up = points_px[list(self.high), :2].mean(0) - points_px[list(self.low), :2].mean(0)
        return float(-np.degrees(np.arctan2(up[0], -up[1])))


def _swapped(count: int, pairs: tuple[tuple[int, int], ...]) -> Order:
    order = np.arange(count)
    for a, b in pairs:
        order[a], order[b] = b, a
    return order


_BODY_PAIRS = ((1, 4), (2, 5), (3, 6), *((i, i + 1) for i in (7, 9, *range(11, 33, 2))))

FACE = Anatomy(
    low=(152,),
    high=(10,),
    mirror_order=MIRROR.astype(np.intp),
    closer=(
        Closer(2.0),
        Closer(2.0, mirrored=True),
        Closer(1.6, 8.0),
        Closer(1.6, -8.0, mirrored=True),
        Closer(2.4, -8.0),
        Closer(2.4, 8.0, mirrored=True),
    ),
    agreement=0.08,
    confirmations=4,
    spread=0.015,
)
HAND = Anatomy(
    low=(0,),
    high=(5, 9, 13, 17),
    mirror_order=np.arange(21),
    closer=(
        Closer(2.4),
        Closer(2.4, mirrored=True),
        Closer(2.0, 10.0),
        Closer(2.0, -10.0, mirrored=True),
        Closer(3.0, -10.0),
        Closer(3.0, 10.0, mirrored=True),
    ),
    agreement=0.12,
    confirmations=2,
    spread=0.045,
)
BODY = Anatomy(
    low=(23, 24),
    high=(11, 12),
    mirror_order=_swapped(33, _BODY_PAIRS),
    closer=(Closer(1.6), Closer(1.6, mirrored=True), Closer(2.0), Closer(2.0, mirrored=True)),
    agreement=0.12,
    confirmations=2,
    spread=0.06,
    same=0.15,
)
