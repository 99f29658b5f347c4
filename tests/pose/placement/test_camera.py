"""The lens: whose word counts, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from services.pose.placement.camera import camera_of, project, rays
from services.pose.placement.types import IntrinsicsSource
from shared.errors import InvalidInput


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (512, 512)])
def test_nothing_known_assumes_63_degrees_across_the_longer_side(size):
    """And says that it assumed."""
    camera = camera_of(size)
    view = 2 * math.degrees(math.atan(max(size) / 2 / camera.focal_xy_px[0]))
    assert view == pytest.approx(63.0)
    assert camera.source is IntrinsicsSource.ASSUMED


def test_exif_states_film_by_its_diagonal():
    """A 4:3 phone with 26 mm: the diagonal of its sensor counts as 43.27 mm."""
    camera = camera_of((4000, 3000), focal_length_35mm=26.0)
    assert camera.focal_xy_px[0] == pytest.approx(26 * 5000 / math.hypot(36, 24))
    assert camera.source is IntrinsicsSource.EXIF


@pytest.mark.parametrize("nonsense", [0.0, -5.0, 0.5, 10_000.0, math.nan])
def test_nonsense_in_exif_is_passed_over(nonsense):
    """A converter's rubbish does not break a placement."""
    assert camera_of((1280, 720), focal_length_35mm=nonsense).source is IntrinsicsSource.ASSUMED


def test_the_request_is_believed_before_exif():
    """Who knows the lens says so."""
    camera = camera_of((1280, 720), (900.0, 905.0, 630.0, 350.0), 26.0)
    assert camera.focal_xy_px == (900.0, 905.0)
    assert camera.center_xy_px == (630.0, 350.0)
    assert camera.source is IntrinsicsSource.REQUEST


@pytest.mark.parametrize(
    "lens", [(0, 900, 1, 1), (900, -1, 1, 1), (1e9, 900, 1, 1), (900, 900, math.nan, 1)]
)
def test_an_impossible_lens_is_refused_with_its_reason(lens):
    """Zero, negative, absurd and NaN are the client's mistake."""
    with pytest.raises(InvalidInput) as caught:
        camera_of((1280, 720), lens)
    assert caught.value.reason == "INTRINSICS_INVALID"


def test_projecting_rays_is_the_identity():
    """There and back for pixels anywhere, also outside the picture."""
    camera = camera_of((1280, 720), (900.0, 905.0, 630.0, 350.0))
    pixels = np.random.default_rng(0).uniform(-500, 2000, (50, 2))
    assert project(camera, rays(camera, pixels) * 731.0) == pytest.approx(pixels)
