"""The printed detail of one picture: its local features, taken when first asked for, once.

What a search verifies its candidates with, its explanation draws.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from services.visual_search.local_features.features import LocalFeatures, extract, is_detailed
from services.visual_search.recognition.verification import Features
from shared.image_pixels import Rgb

SIDE: Final = 400
"""Longer side that features are taken at, in pixels; a part of a picture is smaller and is
enlarged, twice at most. Of 308 things in drawn photos, 480 px and 500 features put one more
first in a search, for 25 ms in place of 18."""
MOST_FEATURES: Final = 400


class Detail:
    """Local features of a picture.

    Args:
        image_rgb: (H, W, 3) uint8.
    """

    def __init__(self, image_rgb: Rgb) -> None:
        self._image_rgb = image_rgb
        self._features: Features | None = None

    def is_rich(self) -> bool:
        """Whether there is enough of it to look for print; costs about a millisecond."""
        return self._features is not None or is_detailed(self._image_rgb)

    def features(self) -> Features:
        """Take the features, at most ``MOST_FEATURES``."""
        if self._features is None:
            self._features = normalised(extract(self._image_rgb, SIDE, MOST_FEATURES))
        return self._features


def normalised(features: LocalFeatures) -> Features:
    """The same features, as ``recognition.verification`` compares them."""
    points = features.points_px / np.asarray(features.size_wh, np.float32)
    return Features(points.astype(np.float32), features.descriptors, features.size_wh)
