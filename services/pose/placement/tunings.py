"""How calm each quantity of a product is kept: the parameters of One Euro by what carries it."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Tuning:
    """One Euro's parameters.

    Attributes:
        rest_hz: cutoff at rest; lower is calmer.
        per_speed: cutoff gained per unit of speed; higher is less late.
        speed_hz: cutoff of the speed's own filter.
        dead_speed: speeds below this are taken for noise.
    """

    rest_hz: float
    per_speed: float
    speed_hz: float
    dead_speed: float = 0.0


@dataclass(frozen=True, slots=True)
class Tunings:
    """How calm each quantity of a rig is kept.

    Attributes:
        position: speed in subject widths a second.
        depth: of the logarithm of distance.
        rotation: out of the picture, speed in radians a second.
        roll: the same for turns in the picture.
        points: around the anchor, in subject widths a second.
        point_depths: of points that are followed in space, in mm a second; None = the points
            are followed in the picture.
    """

    position: Tuning
    depth: Tuning
    rotation: Tuning
    roll: Tuning
    points: Tuning
    point_depths: Tuning | None = None


HEAD = Tunings(
    position=Tuning(0.8, 80.0, 4.0, 0.05),
    depth=Tuning(0.7, 30.0, 2.0, 0.05),
    rotation=Tuning(0.8, 20.0, 2.5, 0.15),
    roll=Tuning(0.8, 20.0, 2.5, 0.10),
    points=Tuning(1.0, 60.0, 4.0, 0.08),
)
"""Hundreds of landmarks carry a head: it is known well."""
NECK = replace(
    HEAD,
    position=Tuning(0.4, 80.0, 2.0, 0.12),
)
"""Below a head, its turns' noise counts double."""
HAND = Tunings(
    position=Tuning(0.5, 100.0, 1.5, 0.30),
    depth=Tuning(0.4, 15.0, 1.5, 0.12),
    rotation=Tuning(0.9, 40.0, 2.0, 0.25),
    roll=Tuning(0.8, 20.0, 2.0, 0.25),
    points=Tuning(0.6, 40.0, 2.5, 0.20),
)
"""Hands hang on few landmarks: what looks like slow motion is noise."""
BODY = Tunings(
    position=Tuning(0.9, 100.0, 2.0, 0.33),
    depth=Tuning(0.4, 15.0, 1.5, 0.12),
    rotation=Tuning(0.35, 8.0, 1.0, 1.20),
    roll=Tuning(0.8, 20.0, 2.0, 0.25),
    points=Tuning(0.6, 40.0, 2.5, 0.20),
)
"""Bodies too, and their depths say little: a torso turns slowly. Steps lift it twice a second."""
FEET = replace(
    BODY, points=Tuning(0.2, 20.0, 1.0, 0.45), point_depths=Tuning(0.15, 0.05, 1.0, 400.0)
)
"""A shoe hangs on three points of a body that is ten times as large; depths err most."""
FACTOR = Tuning(0.5, 0.0, 1.0)
