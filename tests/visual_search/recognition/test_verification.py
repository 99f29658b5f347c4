"""Local features under one homography."""

from __future__ import annotations

import numpy as np
import pytest

from services.visual_search.recognition.verification import compare, find_features
from tests.visual_search.pictures import on_shelf, pack


def test_a_blank_picture_has_no_features():
    """And agrees with nothing, without refuting it."""
    blank = find_features(np.full((100, 80, 3), 200, np.uint8))
    assert blank.points.shape == (0, 2)
    agreement = compare(blank, find_features(pack(1)))
    assert (agreement.inliers, agreement.verified, agreement.refuted) == (0, False, False)
    assert agreement.outline is None


def test_a_tiny_picture_is_no_trouble():
    """Sixteen pixels, the least that the gate lets through."""
    assert not compare(find_features(pack(1, (16, 16))), find_features(pack(1))).verified


def test_points_are_normalised():
    """Whatever the size of the picture."""
    points = find_features(pack(3, (300, 900))).points
    assert (points >= 0).all()
    assert (points <= 1).all()


def test_a_picture_agrees_with_itself():
    """The outline is the whole picture."""
    features = find_features(pack(1))
    agreement = compare(features, features)
    assert agreement.verified
    np.testing.assert_allclose(agreement.outline, [[0, 0], [1, 0], [1, 1], [0, 1]], atol=0.01)


@pytest.mark.parametrize("seed", range(6))
def test_a_pack_on_a_shelf_is_verified_and_outlined(seed):
    """The corners come back within a fiftieth of the picture."""
    photo, corners = on_shelf(pack(seed), seed)
    agreement = compare(find_features(photo), find_features(pack(seed)))
    assert agreement.verified
    np.testing.assert_allclose(agreement.outline, corners, atol=0.02)


@pytest.mark.parametrize("seed", range(6))
def test_another_pack_is_not_verified(seed):
    """Same style, other print."""
    photo, _ = on_shelf(pack(seed), seed)
    assert not compare(find_features(photo), find_features(pack(seed + 100))).verified


def test_a_mirrored_pack_is_not_verified():
    """A flat thing cannot turn into its mirror image."""
    mirrored = np.ascontiguousarray(pack(1)[:, ::-1])
    assert not compare(find_features(mirrored), find_features(pack(1))).verified


def test_inliers_lie_on_each_other():
    """Mapped by the identity, query and reference points of a self match agree."""
    features = find_features(pack(2))
    agreement = compare(features, features)
    np.testing.assert_allclose(agreement.query_points, agreement.reference_points, atol=1e-6)
