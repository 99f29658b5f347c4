"""Views are drawn from their generator alone and stay pictures."""

from __future__ import annotations

import numpy as np
import pytest

from services.trainer.augmentation import (
    augment,
    change_light,
    crop_and_warp,
    degrade,
    erase,
    replace_white_background,
)


def picture(width: int, height: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def on_white() -> np.ndarray:
    image = np.full((80, 60, 3), 255, np.uint8)
    image[20:60, 15:45] = (200, 30, 30)
    image[35:45, 25:35] = 255
    return image


@pytest.mark.parametrize(("width", "height"), [(16, 16), (16, 300), (300, 16), (96, 64)])
def test_view_has_the_side_asked_for(width: int, height: int) -> None:
    """Tiny and long pictures give views of the same shape as any other."""
    for seed in range(20):
        view = augment(
            picture(width, height), lambda: picture(40, 30), 64, np.random.default_rng(seed)
        )
        assert view.shape == (64, 64, 3)
        assert view.dtype == np.uint8


def test_same_seed_gives_the_same_view() -> None:
    """A view is repeated by its seed, another seed gives another one."""
    views = [
        augment(picture(90, 70), lambda: picture(40, 30), 64, np.random.default_rng(seed))
        for seed in (5, 5, 6)
    ]
    assert np.array_equal(views[0], views[1])
    assert not np.array_equal(views[0], views[2])


def test_input_is_left_as_it_was() -> None:
    """No step writes into the picture that it was given."""
    image = on_white()
    before = image.copy()
    for seed in range(20):
        augment(image, lambda: picture(40, 30), 64, np.random.default_rng(seed))
    assert np.array_equal(image, before)


def test_white_around_a_product_is_replaced_and_white_in_it_stays() -> None:
    """Only white that is joined to the border is background."""
    scene = np.full((50, 50, 3), (10, 120, 10), np.uint8)
    result = replace_white_background(on_white(), lambda: scene, np.random.default_rng(0))
    assert result[2, 2].tolist() == [10, 120, 10]
    assert result[25, 20].tolist() == [200, 30, 30]
    assert result[40, 30].tolist() == [255, 255, 255]


def test_photo_without_white_border_keeps_its_background() -> None:
    """A photo from a shelf is not cut out; the other photo is not even asked for."""

    def never() -> np.ndarray:
        raise AssertionError("another photo was asked for")

    image = picture(60, 60)
    assert replace_white_background(image, never, np.random.default_rng(0)) is image


def test_crop_of_one_colour_is_that_colour() -> None:
    """A crop never shows anything from outside the picture, such as black corners."""
    image = np.full((50, 70, 3), (9, 90, 190), np.uint8)
    for seed in range(50):
        crop = crop_and_warp(image, 32, np.random.default_rng(seed))
        assert (crop == (9, 90, 190)).all()


def test_crops_are_mirrored_half_the_time() -> None:
    """The left half of a picture lands left in about half the crops, right in the others."""
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, :32] = 255
    left = [
        crop_and_warp(image, 32, np.random.default_rng(seed))[:, :16].mean() > 127
        for seed in range(200)
    ]
    assert 0.35 < np.mean(left) < 0.65


def test_light_leaves_what_is_where() -> None:
    """Light changes values, not the order of a grey ramp."""
    ramp = np.repeat(np.linspace(40, 200, 64).astype(np.uint8)[None, :, None], 3, axis=2)
    for seed in range(30):
        changed = change_light(ramp, np.random.default_rng(seed)).astype(int).mean(axis=2)[0]
        assert (np.diff(changed) >= -1).all()
        assert changed[-1] > changed[0]


def test_degrading_keeps_the_picture_recognisable() -> None:
    """Blur, grain and JPEG keep the mean colour within a few levels."""
    image = on_white()
    for seed in range(40):
        worse = degrade(image, np.random.default_rng(seed))
        assert worse.shape == image.shape
        assert abs(float(worse.mean()) - float(image.mean())) < 6


def test_erasing_hides_at_most_a_fifth() -> None:
    """One rectangle is hidden, the rest is untouched."""
    image = np.full((100, 100, 3), 77, np.uint8)
    for seed in range(40):
        hidden = (erase(image, np.random.default_rng(seed)) != 77).any(axis=2).mean()
        assert hidden <= 0.2
