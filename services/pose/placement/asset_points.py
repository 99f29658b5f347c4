"""The named points of each kind's try-on picture: "three taps" tell where it is worn.

``left`` and ``right`` are the picture's, not the wearer's. What the picture shows:

    glasses    front view, arms folded away or left out
    hat        front view
    earrings   one earring, front view, hanging
    necklace   front view as it lies on a neck: an open curve, ends up
    watch      from above, strap open and flat, twelve o'clock up
    bracelet   the half that is seen from above when worn: a band from edge to edge
    ring       the half that is seen from above when worn, the band lying across
    top        flat, front view, sleeves spread or hanging
    dress      as top
    trousers   flat, front view
    shoes      one shoe from its side, toe to the right
    lipstick   no picture: a colour
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.pose.placement.types import TryOnKind


@dataclass(frozen=True, slots=True)
class PointNames:
    """Names of the points that a kind must have and may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


POINTS: Mapping[TryOnKind, PointNames] = {
    TryOnKind.GLASSES: PointNames(("bridge", "left_hinge", "right_hinge")),
    TryOnKind.HAT: PointNames(("left_band", "right_band"), ("front",)),
    TryOnKind.EARRINGS: PointNames(("hook",), ("bottom",)),
    TryOnKind.NECKLACE: PointNames(("left_end", "right_end", "pendant")),
    TryOnKind.WATCH: PointNames(("center", "top_end", "bottom_end")),
    TryOnKind.BRACELET: PointNames(("left_edge", "right_edge"), ("center",)),
    TryOnKind.RING: PointNames(("left_edge", "right_edge"), ("center",)),
    TryOnKind.TOP: PointNames(
        ("left_shoulder", "right_shoulder"),
        ("left_armpit", "right_armpit", "left_cuff", "right_cuff", "left_hem", "right_hem", "neck"),
    ),
    TryOnKind.DRESS: PointNames(
        ("left_shoulder", "right_shoulder"),
        (
            "left_armpit",
            "right_armpit",
            "left_cuff",
            "right_cuff",
            "left_waist",
            "right_waist",
            "left_hem",
            "right_hem",
            "neck",
        ),
    ),
    TryOnKind.TROUSERS: PointNames(
        ("left_waist", "right_waist", "crotch"), ("left_hem", "right_hem")
    ),
    TryOnKind.SHOES: PointNames(("heel", "toe"), ("opening",)),
    TryOnKind.LIPSTICK: PointNames(()),
}
"""What each kind's picture must and may name."""
