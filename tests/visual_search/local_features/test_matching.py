"""Sightings: how well a reference image's features agree with the picture's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.visual_search.local_features.features import PICTURE_SIDE
from tests.visual_search.pictures import on_shelf, pack


def best(index, image):
    """The sighting that features support most."""
    seen = [one for spot in index.look(image, PICTURE_SIDE).spots for one in spot.sightings]
    return max(seen, key=lambda one: one.support)


@pytest.mark.parametrize("seed", range(4))
def test_a_true_sighting_has_support_but_no_more_than_features(local, seed):
    """Ten times what chance has; each feature counts 1 at most."""
    seen = best(local, on_shelf(pack(seed), seed)[0])
    assert 15 < seen.support <= seen.inliers


@pytest.mark.parametrize("seed", range(4))
def test_the_share_that_counts_falls_with_the_picture(local, seed):
    """Blur and noise leave pairs that agree less well, and each then counts less."""
    photo = on_shelf(pack(seed), seed)[0]
    noise = np.random.default_rng(seed).normal(0, 12, photo.shape)
    poor = (cv2.GaussianBlur(photo, (0, 0), 1.5) + noise).clip(0, 255).astype(np.uint8)
    clear, unclear = best(local, photo), best(local, poor)
    assert unclear.support / unclear.inliers < clear.support / clear.inliers
