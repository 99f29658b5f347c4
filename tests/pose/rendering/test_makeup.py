"""Lipstick: light and dark stay, the open mouth is left out."""

from __future__ import annotations

import numpy as np
import pytest

from services.pose.placement import place
from services.pose.placement.types import (
    Subjects,
    TryOnKind,
)
from services.pose.rendering.makeup import lab_of, paint_lips
from tests.pose.placement.conftest import item_of
from tests.pose.rendering.test_compose import CAMERA, grey, people


def test_lipstick_keeps_light_and_dark():
    """A lip that is lighter in the middle still is, in another colour."""
    image = grey(120)
    item = item_of(TryOnKind.LIPSTICK)
    subjects = people(at=(0.0, 0.0, 350.0))
    (placement,) = place([item], Subjects(faces=subjects.faces), CAMERA, screen_mesh=True)
    points = subjects.faces[0].points[:, :2] * (640, 480)
    shine, plain = points[[17, 314]].mean(axis=0), points[[84, 181]].mean(axis=0)
    x, y = shine.astype(int)
    image[y - 3 : y, x - 2 : x + 3] = 170
    result = paint_lips(image, placement.mesh, "#c4202f", np.ones((480, 640), np.float32))
    u, v = plain.astype(int)
    light, dark = result[y - 2, x].astype(int), result[v - 2, u].astype(int)
    assert dark[0] > dark[1] + 25  # red
    assert light.sum() > dark.sum() + 60


def test_lipstick_leaves_the_open_mouth():
    """Teeth are not painted."""
    item = item_of(TryOnKind.LIPSTICK)
    subjects = people(at=(0.0, 0.0, 350.0))
    points = subjects.faces[0].points.copy()
    points[[14, 87, 317, 178, 402, 88, 318, 17, 84, 314, 181, 405, 91, 321], 1] += 0.08
    subjects = Subjects(faces=(type(subjects.faces[0])(points),))
    (placement,) = place([item], subjects, CAMERA, screen_mesh=True)
    result = paint_lips(grey(), placement.mesh, "#c4202f", np.ones((480, 640), np.float32))
    x, y = (points[[13, 14], :2].mean(axis=0) * (640, 480)).astype(int)
    assert result[y, x].tolist() == [150, 150, 150]


def test_lab_of_colours():
    """White, black and red as CIE has them."""
    assert lab_of("#000000").tolist() == pytest.approx([0, 0, 0], abs=0.1)
    assert lab_of("#ff0000").tolist() == pytest.approx([53.2, 80.1, 67.2], abs=0.5)
