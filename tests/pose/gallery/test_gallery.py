"""The pictures of the README: every kind, on people whose landmarks are right."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from services.pose.gallery import __main__ as gallery
from services.pose.gallery.drawn_person import drawn_hand, drawn_person
from services.pose.placement.types import TryOnKind


def test_every_kind_is_worn():
    """None of the twelve is left out."""
    worn = {gallery._product(sku)[0].asset.kind for _, skus, _ in gallery.SHEET for sku in skus}
    assert worn == set(TryOnKind)


@pytest.mark.parametrize("drawn", [drawn_person, drawn_hand])
def test_landmarks_of_the_drawn_lie_on_them(drawn):
    """Joints and fingers are inside the figure's mask."""
    image, subjects, camera = drawn()
    mask = subjects.person_mask
    assert mask.shape == image.shape[:2]
    subject = (*subjects.bodies, *subjects.hands)[0]
    points = np.rint(subject.points[:, :2] * camera.size_wh).astype(int)
    inside = [mask[y, x] > 0 for x, y in points]
    assert np.mean(inside) > 0.9


def test_the_stored_sheet_is_a_small_picture():
    """Small enough for a README, and as large as its panels."""
    path = Path(gallery.__file__).with_name("every-kind.webp")
    assert path.stat().st_size < 250_000
    rows = -(-len(gallery.SHEET) // gallery.COLUMNS)
    shape = cv2.imread(str(path)).shape[:2]
    assert shape == (rows * gallery.PANEL_PX, gallery.COLUMNS * gallery.PANEL_PX)
