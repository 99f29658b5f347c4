"""The named points of each kind's try-on picture: "three taps" tell where it is worn.

``_left`` and ``_right`` are the picture's, not the wearer's; ``left_hinge`` is understood as
``hinge_left``. What the picture shows:

    glasses    front view, arms folded away or left out
    hat        front view
    earrings   one earring, front view, hanging
    necklace   front view as it lies on a neck: an open curve, ends up
    watch      from above, strap open and flat, twelve o'clock up
    bracelet   the half that is seen from above when worn, lying across
    ring       the half that is seen from above when worn, lying across
    top        flat, front view, sleeves spread or hanging
    dress      as top
    trousers   flat, front view
    shoes      one shoe from its side
    lipstick   no picture: a colour
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.pose.placement.types import TryOnKind

_SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class PointNames:
    """Names of the points that a kind must have and may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


def _both(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{side}" for name in names for side in _SIDES)


POINTS: Mapping[TryOnKind, PointNames] = {
    TryOnKind.GLASSES: PointNames(("bridge", *_both("hinge"))),
    TryOnKind.HAT: PointNames(_both("band"), ("band_front",)),
    TryOnKind.EARRINGS: PointNames(("hook",), ("bottom",)),
    TryOnKind.NECKLACE: PointNames(_both("end"), ("pendant",)),
    TryOnKind.WATCH: PointNames(("centre",), ("strap_top", "strap_bottom", *_both("case"))),
    TryOnKind.BRACELET: PointNames(("left", "right"), ("centre",)),
    TryOnKind.RING: PointNames(("left", "right"), ("centre",)),
    TryOnKind.TOP: PointNames(
        _both("shoulder"), ("collar", *_both("armpit", "elbow", "cuff", "waist", "hem"))
    ),
    TryOnKind.DRESS: PointNames(
        _both("shoulder"), ("collar", *_both("armpit", "elbow", "cuff", "waist", "hem"))
    ),
    TryOnKind.TROUSERS: PointNames((*_both("waist"), "crotch"), _both("hip", "knee", "ankle")),
    TryOnKind.SHOES: PointNames(("heel", "toe"), ("ankle",)),
    TryOnKind.LIPSTICK: PointNames(()),
}
"""What each kind's picture must and may name."""


def canonical(
    points: Mapping[str, tuple[float, float]],
) -> dict[str, tuple[float, float]]:
    """The points under the names of ``POINTS``.

    >>> canonical({"left_hinge": (0.0, 0.3), "bridge": (0.5, 0.4)})
    {'hinge_left': (0.0, 0.3), 'bridge': (0.5, 0.4)}
    """
    return {_canonical(name): point for name, point in points.items()}


def _canonical(name: str) -> str:
    first, _, rest = name.partition("_")
    if first in _SIDES and rest:
        return f"{rest}_{first}"
    return "centre" if name == "center" else name
