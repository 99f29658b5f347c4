"""Does a place look like the reference image? Which of two does it look like?"""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.visual_search.local_features.appearance import Views, likeness, preference
from services.visual_search.local_features.matching import Sighting
from services.visual_search.local_features.references import of_image
from tests.visual_search.pictures import pack


def sighting(reference, box_xyxy_px, image=0):
    """The reference image seen straight on in a box of the picture."""
    left, top, right, bottom = box_xyxy_px
    wide, high = reference.features.size_wh
    zoom = np.array([[(right - left) / wide, 0, left], [0, (bottom - top) / high, top], [0, 0, 1]])
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)
    none = np.zeros(0, np.intp)
    return Sighting(image, zoom, corners, none, none, 0, 1.0, 1.0)


def shown(image, box_xyxy_px, size_wh=(1280, 960)):
    """A grey picture with an image in a box."""
    picture = np.full((size_wh[1], size_wh[0], 3), 120, np.uint8)
    left, top, right, bottom = box_xyxy_px
    picture[top:bottom, left:right] = cv2.resize(
        image, (right - left, bottom - top), interpolation=cv2.INTER_AREA
    )
    return picture


@pytest.mark.parametrize("zoom", [0.2, 0.5, 1, 2, 3])
def test_a_product_looks_like_itself_at_any_size(zoom):
    """Smaller than its thumbnail, and many times as large."""
    reference = of_image(pack(1))
    box = (20, 30, 20 + round(240 * zoom), 30 + round(320 * zoom))
    views = Views(shown(pack(1), box, (800, 1000)), (800, 1000))
    assert likeness(views.of(sighting(reference, box), reference)) > 0.95


def test_another_product_does_not_look_like_it():
    """Other print at the same place."""
    reference, box = of_image(pack(1)), (300, 200, 780, 840)
    views = Views(shown(pack(2), box), (1280, 960))
    assert likeness(views.of(sighting(reference, box), reference)) < 0.5


def test_a_picture_one_pixel_wide_can_be_looked_at():
    """Nothing is left to halve."""
    reference = of_image(pack(1))
    views = Views(np.full((900, 1, 3), 90, np.uint8), (1, 900))
    assert likeness(views.of(sighting(reference, (0, 0, 1, 900)), reference)) == 0


@pytest.mark.parametrize("seen", [0, 1])
def test_of_two_that_differ_in_a_part_the_shown_one_is_preferred(seen):
    """Asked either way round, in half the light."""
    twin = pack(1)
    twin[100:200, 60:180] = (250, 240, 20)
    box = (300, 200, 780, 840)
    picture = (shown([pack(1), twin][seen], box) * 0.5).astype(np.uint8)
    views, both = Views(picture, (1280, 960)), [of_image(pack(1)), of_image(twin)]
    first, second = (views.of(sighting(one, box, n), one) for n, one in enumerate(both))
    sign = 1 if seen == 0 else -1
    assert sign * preference(first, second) > 0.3
    assert sign * preference(second, first) < -0.3


def test_products_that_look_the_same_are_not_told_apart():
    """Neither is preferred."""
    reference, box = of_image(pack(1)), (300, 200, 780, 840)
    views = Views(shown(pack(1), box), (1280, 960))
    look = views.of(sighting(reference, box), reference)
    assert preference(look, look) == 0
