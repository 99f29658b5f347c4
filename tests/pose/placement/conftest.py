"""Landmarks whose truth is known, for every test of placement."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from services.pose.placement import rotation
from services.pose.placement.camera import camera_of
from services.pose.placement.types import Camera, Item, Subjects, TryOnAsset, TryOnKind
from services.pose.scorecard import synthetic
from services.pose.scorecard.synthetic import Noise, Pose

EXACT = Noise(0.0, 0.0, 0.0, 0.0)
POINTS = {
    TryOnKind.GLASSES: {"bridge": (0.5, 0.37), "hinge_left": (0.0, 0.27), "hinge_right": (1, 0.27)},
    TryOnKind.HAT: {"band_left": (0.1, 0.8), "band_right": (0.9, 0.8)},
    TryOnKind.EARRINGS: {"hook": (0.5, 0.05)},
    TryOnKind.NECKLACE: {"end_left": (0.03, 0.01), "end_right": (0.97, 0.01)},
    TryOnKind.RING: {"left": (0.02, 0.2), "right": (0.98, 0.2)},
    TryOnKind.BRACELET: {"left": (0.0, 0.2), "right": (1.0, 0.2)},
    TryOnKind.WATCH: {"centre": (0.5, 0.5)},
    TryOnKind.TOP: {
        "shoulder_left": (0.2, 0.05), "shoulder_right": (0.8, 0.05),
        "cuff_left": (0.05, 0.35), "cuff_right": (0.95, 0.35),
        "hem_left": (0.2, 0.99), "hem_right": (0.8, 0.99),
    },
    TryOnKind.DRESS: {"shoulder_left": (0.3, 0.0), "shoulder_right": (0.7, 0.0)},
    TryOnKind.TROUSERS: {
        "waist_left": (0.1, 0.03), "waist_right": (0.9, 0.03), "crotch": (0.5, 0.3),
    },
    TryOnKind.SHOES: {"heel": (0.0, 0.97), "toe": (1.0, 0.95)},
    TryOnKind.LIPSTICK: {},
}  # fmt: skip
SHAPES = {
    TryOnKind.GLASSES: (540, 199, 142.0), TryOnKind.HAT: (540, 250, 190.0),
    TryOnKind.EARRINGS: (200, 400, 15.0), TryOnKind.NECKLACE: (400, 540, 145.0),
    TryOnKind.RING: (540, 154, 20.0), TryOnKind.BRACELET: (540, 117, 66.0),
    TryOnKind.WATCH: (218, 538, 42.0), TryOnKind.TOP: (537, 473, 815.0),
    TryOnKind.DRESS: (326, 538, 616.0), TryOnKind.TROUSERS: (229, 538, 450.0),
    TryOnKind.SHOES: (531, 210, 290.0), TryOnKind.LIPSTICK: (0, 0, 0.0),
}  # fmt: skip
KINDS = tuple(TryOnKind)


def item_of(kind: TryOnKind, width_mm: float | None = None) -> Item:
    """A product of a kind."""
    width, height, usual_mm = SHAPES[kind]
    asset = TryOnAsset(
        kind,
        (width, height),
        usual_mm if width_mm is None else width_mm,
        POINTS[kind],
        "#c4202f" if kind is TryOnKind.LIPSTICK else "",
    )
    return Item(kind.name, asset)


Person = Callable[..., Subjects]


@pytest.fixture
def camera() -> Camera:
    """A 720p camera with an assumed lens."""
    return camera_of((1280, 720))


@pytest.fixture
def person(camera: Camera) -> Person:
    """Makes a face, a right hand and a body in a pose, exactly as a perfect model would see it."""

    def make(
        turn: tuple[float, float, float] = (0.0, 0.0, 0.0),
        at_mm: tuple[float, float, float] = (0.0, 0.0, 600.0),
        factor: float = 1.0,
        noise: Noise = EXACT,
        seed: int = 0,
    ) -> Subjects:
        random = np.random.default_rng(seed)
        pose = Pose(rotation.exp(turn), np.array(at_mm))
        body = Pose(pose.rotation, pose.translation_mm + np.array([0.0, 690.0, 1605.0]))
        return Subjects(
            faces=(synthetic.face_landmarks(pose, factor, camera, noise, random),),
            hands=(synthetic.hand_landmarks(pose, camera, noise, random),),
            bodies=(synthetic.body_landmarks(body, camera, noise, random),),
        )

    return make
