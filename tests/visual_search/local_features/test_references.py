"""What is kept of a reference image, as a value and as bytes."""

from __future__ import annotations

import numpy as np
import pytest

from services.visual_search.local_features.references import of_image, pack, unpack
from tests.visual_search import pictures


def test_a_plain_image_is_kept_without_features():
    """So that it is known and not taken again and again."""
    plain = of_image(np.full((50, 40, 3), 200, np.uint8))
    assert len(plain.features) == 0
    assert len(unpack(pack(plain)).features) == 0


def test_packing_keeps_what_matters():
    """Places to a hundredth of a pixel, descriptors exactly."""
    reference = of_image(pictures.pack(1))
    again = unpack(pack(reference))
    np.testing.assert_allclose(again.features.points_px, reference.features.points_px, atol=0.01)
    np.testing.assert_allclose(again.features.angles_rad, reference.features.angles_rad, atol=1e-3)
    np.testing.assert_array_equal(again.features.descriptors, reference.features.descriptors)
    assert again.features.size_wh == reference.features.size_wh
    assert again.thumbnail_rgb.shape == reference.thumbnail_rgb.shape


def test_the_plain_border_is_not_the_product():
    """A pack on white: the content is the pack."""
    white = np.full((400, 400, 3), 255, np.uint8)
    white[40:360, 80:320] = pictures.pack(1)
    reference = of_image(white)
    wide, high = reference.features.size_wh
    expected = np.array([80 * wide / 400, 40 * high / 400, 320 * wide / 400, 360 * high / 400])
    np.testing.assert_allclose(reference.content_xyxy_px, expected, atol=4)


@pytest.mark.parametrize("data", [b"", b"x", b"\x02" * 100])
def test_other_bytes_are_refused(data):
    """With a message that says so."""
    with pytest.raises(ValueError, match="packed reference"):
        unpack(data)
