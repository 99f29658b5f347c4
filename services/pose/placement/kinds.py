"""The enumerations of placement, with the numbers of ``vitrine.v1``, and what each kind needs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class TryOnKind(IntEnum):
    """What kind of thing is worn; the numbers of ``vitrine.v1.TryOnKind``."""

    GLASSES = 1
    HAT = 2
    EARRINGS = 3
    NECKLACE = 4
    WATCH = 5
    RING = 6
    BRACELET = 7
    TOP = 8
    DRESS = 9
    TROUSERS = 10
    SHOES = 11
    LIPSTICK = 12


class LandmarkKind(IntEnum):
    """What can be found in a picture; the numbers of ``vitrine.v1.LandmarkKind``."""

    FACE = 1
    HAND = 2
    BODY = 3


class Handedness(IntEnum):
    """Which hand of the person; the numbers of ``vitrine.v1.Handedness``."""

    UNKNOWN = 0
    LEFT = 1
    RIGHT = 2


class ScaleSource(IntEnum):
    """How the true scale was found; the numbers of ``vitrine.v1.ScaleSource``."""

    UNKNOWN = 0
    IRIS = 1
    REFERENCE = 2
    DEPTH = 3
    ASSUMED = 4


class IntrinsicsSource(IntEnum):
    """Where the lens data came from; the numbers of ``vitrine.v1.IntrinsicsSource``."""

    REQUEST = 1
    EXIF = 2
    ASSUMED = 3


class Fit(IntEnum):
    """Whether a product suits in size; the numbers of ``vitrine.v1.Fit``."""

    UNKNOWN = 0
    FITS = 1
    TIGHT = 2
    LOOSE = 3


class Occluder(IntEnum):
    """What may stand in front of a product; the numbers of ``vitrine.v1.Occluder``."""

    FACE = 1
    HAIR = 2
    ARMS = 3
    HAND = 4


class TrackingState(IntEnum):
    """How a placement stands in time; the numbers of ``vitrine.v1.TrackingState``."""

    SINGLE = 0
    TRACKING = 1
    HELD = 2
    LOST = 3


NEEDS: Mapping[TryOnKind, frozenset[LandmarkKind]] = {
    TryOnKind.GLASSES: frozenset({LandmarkKind.FACE}),
    TryOnKind.HAT: frozenset({LandmarkKind.FACE}),
    TryOnKind.EARRINGS: frozenset({LandmarkKind.FACE}),
    TryOnKind.LIPSTICK: frozenset({LandmarkKind.FACE}),
    TryOnKind.NECKLACE: frozenset({LandmarkKind.FACE, LandmarkKind.BODY}),
    TryOnKind.WATCH: frozenset({LandmarkKind.HAND}),
    TryOnKind.RING: frozenset({LandmarkKind.HAND}),
    TryOnKind.BRACELET: frozenset({LandmarkKind.HAND}),
    TryOnKind.TOP: frozenset({LandmarkKind.BODY}),
    TryOnKind.DRESS: frozenset({LandmarkKind.BODY}),
    TryOnKind.TROUSERS: frozenset({LandmarkKind.BODY}),
    TryOnKind.SHOES: frozenset({LandmarkKind.BODY}),
}
"""Landmarks that a kind of product needs, so that nothing else is computed for it."""
