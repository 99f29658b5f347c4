"""What one frame says about one product on one subject, before smoothing and drawing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from services.pose.placement.types import NO_POINTS, Floats, Occluder, Scale


def _none() -> Floats:
    return NO_POINTS


_NO_OFFSET: Floats = np.zeros(3)


def _no_offset() -> Floats:
    return _NO_OFFSET


@dataclass(frozen=True, slots=True, eq=False)
class Rig:
    """Anchor frame of a product, in the camera's millimetres at canonical size.

    Attributes:
        rotation: (3, 3) from the item's axes to the camera's.
        position_mm: (3,) of the anchor.
        size_px: what counts as large here, the subject's width in the picture: the unit in
            which speeds are judged.
        scale: true size over canonical size.
        visibility: 0..1.
        occluders: what may stand in front.
        points_px: (N, 2) further points that carry the product, such as both lobes, the lips
            or the joints of a body; their meaning is the kind's own.
        body_mm: size of what carries it: a finger's phalanx, a wrist's breadth; 0 = none.
        margins: for things in pairs, how far each is from being hidden, in degrees.
        shown: which of a pair are drawn; empty = those whose margin is positive.
        lead: which of a pair has the anchor; None = the one with the larger margin.
        offset_mm: (3,) from ``position_mm`` to the anchor, before a turn in the picture by
            ``offset_roll`` radians. The position moves fast and is known well; the offset
            hardly moves, and is known less.
    """

    rotation: Floats
    position_mm: Floats
    size_px: float
    scale: Scale
    visibility: float
    occluders: tuple[Occluder, ...] = ()
    points_px: Floats = field(default_factory=_none)
    body_mm: float = 0.0
    margins: tuple[float, ...] = ()
    shown: tuple[bool, ...] = ()
    lead: int | None = None
    offset_mm: Floats = field(default_factory=_no_offset)
    offset_roll: float = 0.0

    @property
    def parts_shown(self) -> tuple[bool, ...]:
        """Which parts are drawn, for each of ``margins``."""
        return self.shown or tuple(margin > 0 for margin in self.margins)

    @property
    def better_part(self) -> int:
        """Which of a pair has the anchor."""
        return int(np.argmax(self.margins)) if self.lead is None else self.lead

    @property
    def camera_from_item(self) -> Floats:
        """(4, 4) at true scale."""
        matrix = np.zeros((4, 4))
        matrix[:3, :3] = self.rotation
        matrix[:3, 3] = self.position_mm * self.scale.factor
        matrix[3, 3] = 1.0
        return matrix
