"""What a person may take from an explanation: where the thing is, and whether the heat says so.

Print that agrees tells a place: the outline of the reference image's product in the query. Heat
tells one only where it is gathered. In a photo of several things each adds something to every
similarity, so heat lies all over it, and on the others as likely as on the one that was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from services.visual_search.explaining.explainer import Explanation, Map
from services.visual_search.explaining.pointing import spread, warmth
from services.visual_search.local_features.references import content_box
from shared.geometry import (
    WHOLE_IMAGE,
    Floats,
    box_area,
    box_corners,
    box_of_points,
    coverage,
    intersection,
)
from shared.image import size_wh
from shared.image_pixels import Rgb

GATHERED: Final = 0.83
"""Most that heat is spread, 1 = evenly, where it points at something. Of 24 drawn shelves and
flat lays all are above; of 253 catalogue pictures, each against the others, 8 % are, of drawn
photos of one package none. Produce that fills a photo is, too (74 % of 80 photos). Measured with
the weights that shipped third."""
_FEWEST: Final = 8
_TOLERANCE: Final = 0.03  # of the reference's content: packs are no planes
_INSIDE: Final = 0.5
_SQUEEZE: Final = 3.0
_SMALLEST: Final = 0.001
_REACH: Final = 0.25  # of the content that points must span, or its far end is guessed


@dataclass(frozen=True, slots=True)
class Reading:
    """What to show and say of an explanation.

    Attributes:
        outline: (4, 2) corners of the product of the reference image in the query,
            normalised; None where print does not tell.
        points: whether the heat of the query points at the product.
    """

    outline: Floats | None = None
    points: bool = True


PLAIN: Final = Reading()
"""Heat alone, and it points."""


def read_off(
    query_rgb: Rgb, reference_rgb: Rgb, why: Explanation, others: Sequence[Map] = ()
) -> Reading:
    """Read off where the product is.

    Args:
        query_rgb: the whole query image (H, W, 3) uint8.
        reference_rgb: the whole reference image (H, W, 3) uint8.
        why: what is read.
        others: what the places of the query add to the similarity of the other results.
    """
    outline = seen_outline(query_rgb, reference_rgb, why)
    if not why.query_map.size:
        return Reading(outline, points=False)
    if outline is None:
        return Reading(None, spread(why.query_map) <= GATHERED)
    return Reading(outline, _is_warmest(outline, why, others))


def seen_outline(query_rgb: Rgb, reference_rgb: Rgb, why: Explanation) -> Floats | None:
    """Corners (4, 2) of the reference image's product in the query, normalised.

    The plain border of the reference image is left out. The map is affine, not a homography:
    print is often in one part of a pack, and a homography of that swings at the other end.

    Returns:
        None where too few points agree, or what they say is no view of a thing.
    """
    content = np.asarray(content_box(reference_rgb), np.float64)
    sides, frame = content[2:] - content[:2], np.asarray(size_wh(query_rgb), np.float64)
    theirs = why.reference_points * size_wh(reference_rgb)
    if len(theirs) < _FEWEST or (np.ptp(theirs, axis=0) < _REACH * sides).any():
        return None
    ours = why.query_points * frame
    reach = np.ptp(ours, axis=0).max() / np.ptp(theirs, axis=0).max() * sides.max()
    found, kept = cv2.estimateAffine2D(
        theirs, ours, method=cv2.RANSAC, ransacReprojThreshold=max(2.0, _TOLERANCE * reach)
    )
    if found is None or kept.sum() < max(_FEWEST, len(theirs) / 2):
        return None
    matrix = np.asarray(found, np.float64)
    outline = (box_corners(content) @ matrix[:, :2].T + matrix[:, 2]) / frame
    return outline if _is_plausible(matrix[:, :2], outline) else None


def _is_plausible(matrix: Floats, outline: Floats) -> bool:
    """Not mirrored nor squeezed, large enough to be seen, and mostly in the picture."""
    if np.linalg.det(matrix) <= 0:
        return False
    stretch = np.linalg.svd(matrix, compute_uv=False)
    box = box_of_points(outline)[np.newaxis]
    large = box_area(box)[0] > _SMALLEST and coverage(box, [WHOLE_IMAGE])[0, 0] > _INSIDE
    return bool(large and stretch[0] < _SQUEEZE * stretch[1])


def _is_warmest(outline: Floats, why: Explanation, others: Sequence[Map]) -> bool:
    """Whether the warmest place touches what is outlined."""
    warm = warmth(why.query_map, others)
    row, column = np.unravel_index(warm.argmax(), warm.shape)
    left, top, right, bottom = why.query_area
    width, height = (right - left) / warm.shape[1], (bottom - top) / warm.shape[0]
    x, y = left + column * width, top + row * height
    cell, box = (x, y, x + width, y + height), box_of_points(outline)
    return bool(intersection([cell], [box])[0, 0] > 0)
