"""Which point of a garment's picture goes where on a body.

A picture is laid on the torso at the shoulders' size; its hem follows the hips, its sleeves
follow the arms by length, trouser legs follow thigh and shin. Left in a picture is left on
the screen, whichever way the body faces.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from services.pose.placement.body import joint
from services.pose.placement.rig import Rig
from services.pose.placement.types import Floats, TryOnAsset, TryOnKind

SHOULDER_OUT, SHOULDER_UP = 0.13, 0.17
"""From a shoulder's joint to the garment's shoulder point, over the joints' distance."""
WAIST_BREADTH, WAIST_UP = 0.92, 0.18
"""Breadth of a waistband over the shoulders' distance; its height over the hips' joints,
over the torso's length."""
_SLEEVE_HALF = 0.17  # half a sleeve's breadth over the shoulders' distance in the picture
_MIN_BREADTH = 0.5  # of the torso's length: a body seen from its side is not a line
_HEM = 1.05  # a trouser leg ends a little below the ankle
_SEAM = (0.0, 0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """Control points.

    Attributes:
        item: (N, 2) in the picture, normalised.
        image_px: (N, 2) where they go.
        sleeves: (N,) 1 where a point belongs to a sleeve, else 0.
    """

    item: Floats
    image_px: Floats
    sleeves: Floats


def controls(rig: Rig, asset: TryOnAsset) -> Controls:
    """Control points of a top, a dress or trousers."""
    cloth = Cloth(asset)
    if asset.kind is TryOnKind.TROUSERS:
        points = _trousers(rig, cloth)
    else:
        points = _torso_points(rig, cloth) + _sleeves(rig, cloth)
    item, image, sleeves = zip(*points, strict=True)
    return Controls(
        np.array(item) / (cloth.aspect, 1.0), np.array(image), np.array(sleeves, np.float64)
    )


Point = tuple[Floats, Floats, float]
"""A control point: in the picture's square units, in the image, whether of a sleeve."""


class Cloth:
    """A picture in square units: its height is 1."""

    def __init__(self, asset: TryOnAsset) -> None:
        self.asset = asset
        self.aspect = asset.size_wh[0] / max(asset.size_wh[1], 1)

    def has(self, name: str) -> bool:
        """Whether the picture names both sides of ``name``."""
        return f"{name}_left" in self.asset.points and f"{name}_right" in self.asset.points

    def at(self, name: str) -> Floats:
        """One point (2,)."""
        x, y = self.asset.points[name]
        return np.array([x * self.aspect, y])

    def sides(self, name: str) -> tuple[Floats, Floats]:
        """The left and right point of a name, the one further left first."""
        first, second = self.at(f"{name}_left"), self.at(f"{name}_right")
        return (first, second) if first[0] <= second[0] else (second, first)

    @property
    def bottom(self) -> float:
        """Lower end of the opaque part."""
        return self.asset.opaque_xyxy[3]


class Spine:
    """A garment's upright axis on a body: down the shoulders' middle, the hips', the knees'."""

    def __init__(self, rig: Rig, cloth: Cloth) -> None:
        first, second = on_screen(rig, 11, 12)
        a, b = joint(rig, first), joint(rig, second)
        hips = (joint(rig, 23) + joint(rig, 24)) / 2
        knees = (joint(rig, 25) + joint(rig, 26)) / 2
        middle, torso = (a + b) / 2, _length(hips - (a + b) / 2)
        breadth = max(_length(b - a), _MIN_BREADTH * torso)
        shoulders = cloth.sides("shoulder")
        top = middle - SHOULDER_UP * breadth * _unit(hips - middle)
        self.line = np.array([top, hips, knees])
        self.across = _unit(b - a)
        self.origin = (shoulders[0] + shoulders[1]) / 2
        wide = _length(shoulders[1] - shoulders[0])
        self.scale = breadth * (1 + 2 * SHOULDER_OUT) / max(wide, 1e-6)

    def place(self, point: Floats) -> Floats:
        """A point (2,) of the picture in pixels."""
        sideways, down = (point - self.origin) * self.scale
        at, direction = along(self.line, down)
        # The shoulders' slope fades out towards the hips: a hem hangs square to the spine.
        share = float(np.clip(down / max(_length(self.line[1] - self.line[0]), 1e-6), 0, 1))
        square = np.array([direction[1], -direction[0]])
        goal: Floats = at + sideways * _unit(self.across * (1 - share) + square * share)
        return goal


def on_screen(rig: Rig, first: int, second: int) -> tuple[int, int]:
    """Two joints, the one further left on the screen first."""
    return (first, second) if joint(rig, first)[0] <= joint(rig, second)[0] else (second, first)


def along(line: Floats, distance: float) -> tuple[Floats, Floats]:
    """Point and unit direction (2,) at a distance along a line (N, 2); beyond it, straight on."""
    steps = np.diff(line, axis=0)
    lengths = np.maximum(np.hypot(*steps.T), 1e-6)
    index = 0
    while index < len(steps) - 1 and distance > lengths[index]:
        distance -= float(lengths[index])
        index += 1
    direction = steps[index] / lengths[index]
    return line[index] + direction * distance, direction


def _torso_points(rig: Rig, cloth: Cloth) -> list[Point]:
    spine = Spine(rig, cloth)
    shoulders = cloth.sides("shoulder")
    across = shoulders[1] - shoulders[0]
    drop = np.array([0.0, 0.42 * _length(across)])
    armpits = (
        cloth.sides("armpit")
        if cloth.has("armpit")
        else (shoulders[0] + drop + 0.06 * across, shoulders[1] + drop - 0.06 * across)
    )
    low = tuple(np.array([shoulder[0], cloth.bottom]) for shoulder in shoulders)
    levels = [armpits, cloth.sides("hem") if cloth.has("hem") else low]
    if cloth.has("waist"):
        levels.insert(1, cloth.sides("waist"))
    points = [*shoulders, (shoulders[0] + shoulders[1]) / 2]
    for upper, lower in itertools.pairwise(levels):
        # Points all along the seams keep the torso straight beside moving sleeves.
        for part in _SEAM:
            points += [a + part * (b - a) for a, b in zip(upper, lower, strict=True)]
    points += levels[-1]
    return [(point, spine.place(point), 0.0) for point in points]


def _sleeves(rig: Rig, cloth: Cloth) -> list[Point]:
    """Both edges of each sleeve at three places, and where the arm has them."""
    if not cloth.has("cuff"):
        return []
    spine = Spine(rig, cloth)
    shoulders, cuffs = cloth.sides("shoulder"), cloth.sides("cuff")
    half = _SLEEVE_HALF * _length(shoulders[1] - shoulders[0])
    points: list[Point] = []
    for side, shoulder in enumerate(on_screen(rig, 11, 12)):
        arm = np.array(
            [spine.place(shoulders[side]), joint(rig, shoulder + 2), joint(rig, shoulder + 4)]
        )
        line = [shoulders[side], cuffs[side]]
        if cloth.has("elbow"):
            line.insert(1, cloth.sides("elbow")[side])
        points += _tube(np.array(line), arm, half, spine.scale)
    return points


def _tube(line: Floats, limb: Floats, half: float, scale: float) -> list[Point]:
    """Both edges of a sleeve along its axis in the picture, laid along a limb by length."""
    length = float(np.hypot(*np.diff(line, axis=0).T).sum())
    reach = min(length * scale, float(np.hypot(*np.diff(limb, axis=0).T).sum()))
    points: list[Point] = []
    for part in (0.5, 0.75, 1.0):
        at, way = along(line, part * length)
        goal, turned = along(limb, part * reach)
        wide = half * (1.0 - 0.35 * part)  # sleeves taper
        for side in (-1.0, 1.0):
            item = at + side * wide * np.array([-way[1], way[0]])
            points.append(
                (item, goal + side * wide * scale * np.array([-turned[1], turned[0]]), 1.0)
            )
    return points


def _trousers(rig: Rig, cloth: Cloth) -> list[Point]:
    first, second = on_screen(rig, 23, 24)
    waist, crotch = cloth.sides("waist"), cloth.at("crotch")
    middle = (waist[0] + waist[1]) / 2
    torso = (joint(rig, 23) + joint(rig, 24) - joint(rig, 11) - joint(rig, 12)) / 2
    hips = joint(rig, second) - joint(rig, first)
    breadth = max(
        WAIST_BREADTH * _length(joint(rig, 11) - joint(rig, 12)),
        _MIN_BREADTH * _length(torso),
        1.5 * _length(hips),
    )
    scale = breadth / max(_length(waist[1] - waist[0]), 1e-6)
    centre = (joint(rig, first) + joint(rig, second)) / 2 - WAIST_UP * torso
    points: list[Point] = [
        (waist[0], centre - _unit(hips) * breadth / 2, 0.0),
        (waist[1], centre + _unit(hips) * breadth / 2, 0.0),
        (crotch, centre + (crotch - middle)[1] * scale * _unit(torso), 0.0),
    ]
    for side, hip in enumerate((first, second)):
        top = centre + (side - 0.5) * breadth / 2 * _unit(hips)
        leg = np.array([top, joint(rig, hip + 2), joint(rig, hip + 4)])
        points += _leg(cloth, side, leg, scale)
    return points


def _leg(cloth: Cloth, side: int, leg: Floats, scale: float) -> list[Point]:
    """Both edges of a trouser leg below the crotch, laid along hip, knee and ankle."""
    waist, crotch = cloth.sides("waist"), cloth.at("crotch")
    half = abs(float(waist[1][0] - waist[0][0])) / 4
    top = np.array(
        [float(waist[side][0] + (crotch[0] - waist[side][0]) / 2), float(waist[side][1])]
    )
    low = cloth.sides("ankle")[side] if cloth.has("ankle") else np.array([top[0], cloth.bottom])
    start = float((crotch[1] - top[1]) / max(low[1] - top[1], 1e-6))
    drawn = float(np.hypot(*np.diff(leg, axis=0).T).sum())
    length = (float(low[1] - top[1])) * scale
    stretch = float(np.clip(_HEM * drawn / max(length, 1e-6), 0.8, 1.6))
    points: list[Point] = []
    for part, narrowing in ((start + 0.08, 0.95), (0.62, 0.8), (1.0, 0.72)):
        at = top + part * (low - top)
        goal, way = along(leg, part * length * stretch)
        square = np.array([way[1], -way[0]])
        for edge in (-1.0, 1.0):
            shift = edge * half * narrowing
            points.append((at + np.array([shift, 0.0]), goal + shift * scale * square, 0.0))
    return points


def _length(vector: Floats) -> float:
    return float(np.hypot(vector[0], vector[1]))


def _unit(vector: Floats) -> Floats:
    unit: Floats = vector / max(_length(vector), 1e-6)
    return unit
