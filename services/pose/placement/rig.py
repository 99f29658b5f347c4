"""What one frame says about one product on one subject, before smoothing and drawing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from services.pose.placement.types import NO_POINTS, Floats, Occluder, Scale


def _none() -> Floats:
    return NO_POINTS


@dataclass(frozen=True, slots=True, eq=False)
class Chest:
    """A chest.

    Attributes:
        ray: (2,) x and y at depth 1 of where the shoulders' middle is seen.
        turn: (3,) rotation vector of the torso: x to the person's left, y down, z backwards.
        breadth_mm: between the shoulders' joints.
        error: (3,) in the head's axes at depth 1: how far the body's landmarks see the face
            from where the face's own landmarks are.
        is_seen: False where all this is guessed from the head.
    """

    ray: Floats
    turn: Floats
    breadth_mm: float
    error: Floats
    is_seen: bool


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
        chest: what the product hangs on, under a head whose pivot and rotation the rig has;
            None where it sits on what the rig itself describes.
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
    chest: Chest | None = None

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
