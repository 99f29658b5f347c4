"""One try-on simulated: a subject moves, its landmarks are tracked, truth is kept beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from services.pose.placement.camera import camera_of, project
from services.pose.placement.earrings import lobes_mm
from services.pose.placement.frame import frame_of
from services.pose.placement.place import scales_of
from services.pose.placement.regions import at_anchor, measure, subject_kind
from services.pose.placement.rig import Rig
from services.pose.placement.tracking import PlacementTracker
from services.pose.placement.types import (
    NEEDS,
    Camera,
    Floats,
    Item,
    LandmarkKind,
    Placement,
    Subjects,
    TryOnAsset,
    TryOnKind,
)
from services.pose.scorecard import synthetic
from services.pose.scorecard.motions import Motion
from services.pose.scorecard.synthetic import Noise, Pose

CAMERA: Camera = camera_of((1280, 720))
FRAMES_PER_S = 30.0
IN_FLIGHT = 2
"""Frames that a stream has under way at most: a longer round trip means fewer frames."""
FACTOR = 1.06
"""The synthetic person's head over the canonical one."""
_ASIDE_MM = {
    TryOnKind.GLASSES: 70.0,
    TryOnKind.HAT: 80.0,
    TryOnKind.EARRINGS: 5.0,
    TryOnKind.LIPSTICK: 25.0,
    TryOnKind.NECKLACE: 60.0,
    TryOnKind.RING: 9.0,
    TryOnKind.WATCH: 20.0,
    TryOnKind.BRACELET: 30.0,
    TryOnKind.TOP: 170.0,
    TryOnKind.DRESS: 170.0,
    TryOnKind.TROUSERS: 110.0,
    TryOnKind.SHOES: 150.0,
}
"""Where a product's edges are, beside its anchor."""
EXACT = Noise(0.0, 0.0, 0.0, 0.0)
_REFERENCE = Pose(np.eye(3), np.array([0.0, 0.0, 900.0]))
_WIDTH_MM = {LandmarkKind.FACE: 154.86, LandmarkKind.HAND: 188.0, LandmarkKind.BODY: 1700.0}
"""What errors are measured by: a face's width, a hand's length, a body's height."""


@dataclass(frozen=True, slots=True)
class Case:
    """A product on a subject that moves.

    Attributes:
        kind: of product.
        motion_name: what the scorecard calls the motion.
        motion: of the subject; of a body that comes with a face, its head's.
        chest: of such a body's chest, as the pose of a head that sits straight on it; None =
            head and chest are one.
    """

    kind: TryOnKind
    motion_name: str
    motion: Motion
    chest: Motion | None = None

    def carrier(self, time_s: float) -> Pose:
        """The pose of what the product is fixed to."""
        return (self.chest or self.motion)(time_s)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One answered frame: what came out, and what is true.

    Attributes:
        time_s: when the frame was taken.
        placement: what the tracker said.
        points_px: (P, 2) the product's points as it would be drawn; the anchor is the middle one.
        true_px: (P, 2) where they truly are.
        true_rotation: (3, 3) of the item.
        width_px: the subject's width in the picture.
    """

    time_s: float
    placement: Placement
    points_px: Floats
    true_px: Floats
    true_rotation: Floats
    width_px: float


def item_of(kind: TryOnKind) -> Item:
    """A product of a kind, with the points that placement needs and no picture."""
    points: Mapping[TryOnKind, Mapping[str, tuple[float, float]]] = {
        TryOnKind.GLASSES: {"bridge": (0.5, 0.4), "hinge_left": (0, 0.3), "hinge_right": (1, 0.3)},
        TryOnKind.HAT: {"band_left": (0.1, 0.9), "band_right": (0.9, 0.9)},
        TryOnKind.EARRINGS: {"hook": (0.5, 0.05)},
        TryOnKind.NECKLACE: {"end_left": (0.03, 0.01), "end_right": (0.97, 0.01)},
        TryOnKind.RING: {"left": (0, 0.5), "right": (1, 0.5)},
        TryOnKind.WATCH: {"centre": (0.5, 0.5)},
        TryOnKind.BRACELET: {"left": (0, 0.5), "right": (1, 0.5)},
        TryOnKind.TOP: {"shoulder_left": (0.2, 0.05), "shoulder_right": (0.8, 0.05)},
        TryOnKind.DRESS: {"shoulder_left": (0.3, 0.0), "shoulder_right": (0.7, 0.0)},
        TryOnKind.TROUSERS: {
            "waist_left": (0.1, 0.03),
            "waist_right": (0.9, 0.03),
            "crotch": (0.5, 0.3),
        },
        TryOnKind.SHOES: {"heel": (0.0, 0.95), "toe": (1.0, 0.95)},
    }
    return Item(kind.name, TryOnAsset(kind, (400, 300), 140.0, points.get(kind, {})))


def observe(case: Case, time_s: float, noise: Noise, random: np.random.Generator) -> Subjects:
    """What a landmark model would find at a time."""
    return _subjects(case.kind, case.motion(time_s), case.carrier(time_s), noise, random)


def _subjects(
    kind: TryOnKind, pose: Pose, chest: Pose, noise: Noise, random: np.random.Generator
) -> Subjects:
    """The subjects that a kind needs; a body that comes with a face stands under it."""
    if LandmarkKind.HAND in NEEDS[kind]:
        return Subjects(hands=(synthetic.hand_landmarks(pose, CAMERA, noise, random),))
    if LandmarkKind.FACE not in NEEDS[kind]:
        return Subjects(bodies=(synthetic.body_landmarks(pose, CAMERA, noise, random),))
    face = synthetic.face_landmarks(pose, FACTOR, CAMERA, noise, random)
    if LandmarkKind.BODY not in NEEDS[kind]:
        return Subjects(faces=(face,))
    body = synthetic.wearer_landmarks(chest, pose, FACTOR, CAMERA, noise, random)
    return Subjects((face,), (), (body,))


class Truth:
    """A product fixed to its subject: where it is at any time.

    Where on the subject it belongs is the placement's own definition, read once from exact
    landmarks; everything after that is rigid motion. A necklace hangs, and turns less than
    who wears it: how it is turned is read from exact landmarks of the time itself.
    """

    def __init__(self, case: Case) -> None:
        kind = subject_kind(case.kind)
        rig = _exact_rig(case.kind, _REFERENCE)
        factor = FACTOR if kind is LandmarkKind.FACE else 1.0
        self._case = case
        self._rotation = rig.rotation
        self._width_mm = _WIDTH_MM[kind] * factor
        self._aside = np.array([_ASIDE_MM[case.kind], 0.0, 0.0])
        if case.kind is TryOnKind.EARRINGS:  # two of them: their points are the lobes
            space = lobes_mm(rig, CAMERA)[[0, 0, 1]]
            space[1] = rig.position_mm
        else:
            space = rig.position_mm + self._sides(rig.rotation) / factor
        self._model = space * factor - _REFERENCE.translation_mm

    def _sides(self, rotation: Floats) -> Floats:
        """Points (3, 3) beside the anchor, at it, and beside it again, from the anchor."""
        return np.outer((-1.0, 0.0, 1.0), rotation @ self._aside)

    def at(self, time_s: float) -> tuple[Floats, Floats, float]:
        """Points (3, 2) in pixels, rotation (3, 3), the subject's width in pixels."""
        pose = self._case.carrier(time_s)
        width = self._width_mm * CAMERA.focal_xy_px[0] / float(pose.translation_mm[2])
        rotation, space = pose.rotation @ self._rotation, pose.apply(self._model)
        if self._case.kind is TryOnKind.NECKLACE:
            rotation = _exact_rig(self._case.kind, pose).rotation
            space = space[1] + self._sides(rotation)
        points = project(CAMERA, space)
        if self._case.kind is TryOnKind.EARRINGS:
            points[1] = points[[0, 2]].mean(axis=0)
        return points, rotation, width


def _exact_rig(kind: TryOnKind, pose: Pose) -> Rig:
    """What placement measures in exact landmarks of a pose."""
    subjects = _subjects(kind, pose, pose, EXACT, np.random.default_rng(0))
    frame = frame_of(subjects, CAMERA)
    rig = measure(kind, frame, scales_of(subject_kind(kind), frame))[0]
    return rig if kind is TryOnKind.EARRINGS else at_anchor(kind, rig, CAMERA)


def drawn_px(placement: Placement) -> Floats:
    """Where a placement draws the product's points (3, 2), in pixels."""
    matrix = placement.camera_from_item
    if placement.kind is TryOnKind.EARRINGS:
        lobes = placement.image_points * CAMERA.size_wh
        return np.stack([lobes[0], lobes.mean(axis=0), lobes[1]])
    aside = np.array([(-1.0, 0, 0), (0, 0, 0), (1.0, 0, 0)]) * _ASIDE_MM[placement.kind]
    return project(CAMERA, aside @ matrix[:3, :3].T + matrix[:3, 3])


def simulate(
    case: Case, seconds: float, round_trip_s: float, noise: Noise, seed: int = 0
) -> list[Sample]:
    """Track one product over a motion, at the rate that a round trip allows."""
    random, truth = np.random.default_rng(seed), Truth(case)
    tracker = PlacementTracker([item_of(case.kind)])
    step = max(1, int(np.ceil(round_trip_s / IN_FLIGHT * FRAMES_PER_S - 1e-9)))
    samples = []
    for frame in range(0, int(seconds * FRAMES_PER_S), step):
        time_s = frame / FRAMES_PER_S
        subjects = observe(case, time_s, noise, random)
        for placement in tracker.update(subjects, CAMERA, round(time_s * 1e6)):
            true_px, rotation, width = truth.at(time_s)
            samples.append(Sample(time_s, placement, drawn_px(placement), true_px, rotation, width))
    return samples
