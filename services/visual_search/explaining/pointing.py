"""Where in the picture the product is: read off the exact contributions, nothing computed anew.

A map of contributions says how much of a similarity comes from each place. Two things keep its
highest cell off the product at times: one cell of clutter that happens to count, and clutter
that makes the picture like anything. A product covers several cells, so neighbourhoods are
summed; and what a place adds for the other results as well says nothing about this one, so most
of it is taken off. Measured in ``services/trainer/README.md``, section "Where is the product?".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from services.visual_search.explaining.explainer import Map

OTHERS_SHARE: Final = 0.7
"""How much of what a place adds for the other results is taken off. Chosen on half of the
composites: 0.5 to 0.8 are the same within their errors, 1 is worse."""
_NEAR: Final = np.array([1, 2, 1], np.float32) / 4


def warmth(own: Map, others: Sequence[Map] = ()) -> Map:
    """How much the surroundings of each place speak for one result rather than for the others.

    Args:
        own: (h, w) contributions of the places to the similarity of the result.
        others: contributions of the same places to the similarities of the other results.

    Returns:
        (h, w) float32: contributions summed over 3 x 3 places, nearer ones counting more.
        Its highest cell is the place to point at.

    >>> map_ = np.array([[0, 0, 0, 0, 5], [3, 3, 0, 0, 0], [3, 3, 0, 0, 0]], np.float32)
    >>> int(map_.argmax()), int(warmth(map_).argmax())  # one place of clutter, four of a product
    (4, 5)
    """
    if not own.size:
        return own
    told = own - OTHERS_SHARE * np.mean(others, axis=0) if len(others) else own
    cells = np.asarray(told, np.float32)
    near = cv2.sepFilter2D(cells, -1, _NEAR, _NEAR, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(near, np.float32)


def spread(cells: Map) -> float:
    """How widely what speaks for a result is spread: 0 = in one place, 1 = evenly.

    The standard deviation of the place that a share of it comes from, summed as ``warmth``
    does, over that of an even map of the same shape.

    >>> round(spread(np.eye(1, 49, 24, dtype=np.float32).reshape(7, 7)), 2)  # in the middle alone
    0.35
    """
    near = np.maximum(warmth(cells), 0)
    if min(near.shape) < 2 or not near.any():
        return 0.0
    shares = near / near.sum()
    axes = (shares.sum(axis=1), shares.sum(axis=0))
    return float(np.sqrt(np.mean([_variance(one) * 12 / (len(one) ** 2 - 1) for one in axes])))


def _variance(shares: npt.NDArray[np.float32]) -> float:
    places = np.arange(len(shares))
    return float(shares @ (places - shares @ places) ** 2)
