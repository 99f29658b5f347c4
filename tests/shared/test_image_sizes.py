"""Pictures brought to a size: fitted, padded, cropped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidInput
from shared.image import (
    crop,
    fit,
)
from tests.shared.test_image import BLUE, GREEN, RED, YELLOW, colours, near, quarters


@pytest.mark.parametrize("mode", ["stretch", "pad", "crop"])
@given(
    source=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    target=st.tuples(st.integers(1, 60), st.integers(1, 60)),
)
def test_fit_gives_exactly_the_size(mode, source, target):
    """Whatever the aspect, the result has the width and height asked for."""
    fitted = fit(np.zeros((source[1], source[0], 3), np.uint8), target, mode)
    assert fitted.shape == (target[1], target[0], 3)


def test_pad_keeps_the_aspect():
    """A wide picture in a square leaves bars of the fill colour above and below."""
    fitted = fit(quarters((96, 48)), (32, 32), "pad", fill=(1, 2, 3))
    assert (fitted[:8] == (1, 2, 3)).all()
    assert (fitted[24:] == (1, 2, 3)).all()
    assert near(colours(fitted[8:24]), [RED, GREEN, BLUE, YELLOW])


def test_crop_mode_keeps_the_middle():
    """A wide picture in a square loses its left and right."""
    image = np.zeros((30, 90, 3), np.uint8)
    image[:, 30:60] = 200
    assert (fit(image, (30, 30), "crop") == 200).all()


@pytest.mark.parametrize(
    "box",
    [(), (0, 0, 1), (0, 0, 0, 1), (0.5, 0, 0.4, 1), (np.nan, 0, 1, 1), (1.2, 0, 1.4, 1),
     (-3, -3, -2, -2)],
)  # fmt: skip
def test_crop_refuses_boxes_without_area(box):
    """A box that is no box, or lies outside, is named as wrong."""
    with pytest.raises(InvalidInput) as refused:
        crop(quarters(), box)
    assert refused.value.reason == "BOX_INVALID"


def test_crop_cuts_the_box():
    """Normalised coordinates address the upright picture."""
    assert (crop(quarters(), (0.5, 0, 1, 0.5)) == GREEN).all()


def test_crop_margin_grows_by_the_boxs_own_sides():
    """A margin of a half doubles the box, as far as the picture goes."""
    image = quarters((100, 100))
    assert crop(image, (0.4, 0.4, 0.6, 0.6), margin=0.5).shape == (40, 40, 3)
    assert crop(image, (0.0, 0.4, 0.2, 0.6), margin=0.5).shape == (40, 30, 3)


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_crop_of_whole_pixels_is_exact(width, height, data):
    """A box made from pixel edges gives those pixels, without a rounding rim."""
    left = data.draw(st.integers(0, width - 1))
    top = data.draw(st.integers(0, height - 1))
    right = data.draw(st.integers(left + 1, width))
    bottom = data.draw(st.integers(top + 1, height))
    image = np.zeros((height, width, 3), np.uint8)
    box = (left / width, top / height, right / width, bottom / height)
    assert crop(image, box).shape == (bottom - top, right - left, 3)
