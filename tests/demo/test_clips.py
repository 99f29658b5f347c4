"""Clips: smooth, repeatable, with the truth of every frame."""

from __future__ import annotations

import numpy as np
import pytest

from shared.demo.clips import FRAME_WH, MIRROR_WH, clip, portrait_clip
from shared.errors import NotFound


def test_no_frames_are_no_clip() -> None:
    """Zero frames yield nothing."""
    assert list(clip(1, 0)) == []


def test_an_unknown_sku_cannot_be_filmed() -> None:
    """The product must exist."""
    with pytest.raises(NotFound):
        next(clip(1, 1, "NOPE-1"))


def test_the_product_moves_smoothly_and_stays_in_view() -> None:
    """Between frames its middle moves a little; it is seen in all of them."""
    frames = list(clip(4, 24, "CHI-050"))
    assert all(frame.image_rgb.shape == (FRAME_WH[1], FRAME_WH[0], 3) for frame in frames)
    assert all([item.sku for item in frame.items] == ["CHI-050"] for frame in frames)
    middles = np.array([frame.items[0].quad.mean(axis=0) for frame in frames])
    steps = np.linalg.norm(np.diff(middles, axis=0), axis=1)
    assert 0 < steps.max() < 0.05
    assert np.ptp(middles, axis=0).max() > 0.05


def test_a_clip_is_the_same_every_time() -> None:
    """The same seed gives the same pixels."""
    one, other = (list(clip(5, 3)) for _ in range(2))
    for a, b in zip(one, other, strict=True):
        assert (a.image_rgb == b.image_rgb).all()


def test_no_frames_of_a_person_are_no_clip() -> None:
    """Zero frames yield nothing."""
    assert list(portrait_clip(np.zeros((512, 512, 3), np.uint8), 0)) == []


def test_a_person_moves_smoothly_and_stays_in_view() -> None:
    """A mark on the face is seen in every frame, in another place, never far from the last."""
    portrait = np.zeros((512, 512, 3), np.uint8)
    portrait[138:158, 215:235] = 255
    middles = []
    for frame in portrait_clip(portrait, 24):
        assert frame.shape == (MIRROR_WH[1], MIRROR_WH[0], 3)
        middles.append(np.argwhere(frame[..., 0] > 128).mean(axis=0))
    steps = np.linalg.norm(np.diff(middles, axis=0), axis=1)
    assert 0 < steps.max() < 0.02 * MIRROR_WH[0]
