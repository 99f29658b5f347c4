"""Visual words and binary signatures of descriptors.

A word is a cell of an inverted multi-index (Babenko and Lempitsky, CVPR 2012): each half
of the descriptor has 256 centroids, and the pair of nearest ones names one of 65,536
cells. The signature says on which side of the cell's centre a descriptor lies, in 64
directions (Hamming embedding: Jegou, Douze and Schmid, ECCV 2008). The centroids ship
(48 kB); ``train`` makes them from descriptors, with a fixed seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from services.visual_search.local_features.features import Descriptors

Words = npt.NDArray[np.int64]
Signatures = npt.NDArray[np.uint64]

CENTROIDS: Final = 256
WORDS: Final = CENTROIDS**2
SIGNATURE_BITS: Final = 64
SHIPPED: Final = Path(__file__).with_name("vocabulary.npz")
_HALF: Final = 64
_CHUNK: Final = 256
_ROUNDS: Final = 15
_SEED: Final = 7


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Assigns words and signatures.

    Attributes:
        centroids: (2, 256, 64) float32, of the first and the second half.
        directions: (128, 64) float32, orthonormal columns.
    """

    centroids: npt.NDArray[np.float32]
    directions: npt.NDArray[np.float32]
    _turned: npt.NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Turn the centroids of both halves once (2, 256, 64)."""
        halves = self.directions.reshape(2, _HALF, SIGNATURE_BITS)
        object.__setattr__(self, "_turned", self.centroids @ halves)

    def assign(self, descriptors: Descriptors, most: int = 1) -> tuple[Words, Signatures]:
        """Find the ``most`` nearest words of each descriptor and its signature in each.

        Args:
            descriptors: (N, 128) uint8.
            most: words a descriptor, up to 256.

        Returns:
            Words and signatures, both (N, most), nearest first.
        """
        values = descriptors.astype(np.float32)
        first, second = (self._nearest(values, half, most) for half in (0, 1))
        # A pair of the i-th and the j-th nearest has (i + 1)(j + 1) - 1 before it.
        steps = np.arange(1, most + 1)
        one, two = np.nonzero(np.outer(steps, steps) <= most)
        chosen, _ = _smallest(first[1][:, one] + second[1][:, two], most)
        a = np.take_along_axis(first[0], one[chosen], axis=1)
        b = np.take_along_axis(second[0], two[chosen], axis=1)
        return a * CENTROIDS + b, self._signatures(values, a, b)

    def save(self, path: Path) -> None:
        """Write it; centroids are rounded to whole numbers."""
        np.savez_compressed(
            path,
            centroids=np.rint(self.centroids).astype(np.uint8),
            directions=self.directions.astype(np.float16),
        )

    def _nearest(
        self, values: npt.NDArray[np.float32], half: int, most: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Centroids of one half, nearest first, and how far they are (N, most)."""
        part = values[:, half * _HALF : (half + 1) * _HALF]
        centroids = self.centroids[half]
        # Squared distance without the descriptor's own length, the same for all centroids.
        return _smallest((centroids**2).sum(axis=1) - 2 * part @ centroids.T, most)

    def _signatures(
        self,
        values: npt.NDArray[np.float32],
        first: npt.NDArray[np.int64],
        second: npt.NDArray[np.int64],
    ) -> Signatures:
        one, two = self._turned
        turned = values @ self.directions
        signatures = np.empty(first.shape, np.uint64)
        for start in range(0, len(values), _CHUNK):  # what a chunk needs stays in the cache
            rows = slice(start, start + _CHUNK)
            residuals = turned[rows, None] - one[first[rows]] - two[second[rows]]
            packed = np.packbits(residuals > 0, axis=2)
            signatures[rows] = np.ascontiguousarray(packed).view(np.uint64)[..., 0]
        return signatures


@cache
def shipped() -> Vocabulary:
    """Load the vocabulary that ships."""
    with np.load(SHIPPED) as file:
        return Vocabulary(
            file["centroids"].astype(np.float32), file["directions"].astype(np.float32)
        )


def train(descriptors: Descriptors, seed: int = _SEED) -> Vocabulary:
    """Train a vocabulary on (N, 128) descriptors, N of 50,000 or more for a good one."""
    rng = np.random.default_rng(seed)
    values = descriptors.astype(np.float32)
    centroids = np.stack(
        [_k_means(values[:, h * _HALF : (h + 1) * _HALF], CENTROIDS, rng) for h in (0, 1)]
    )
    flat = Vocabulary(np.rint(centroids), np.zeros((2 * _HALF, SIGNATURE_BITS), np.float32))
    words, _ = flat.assign(descriptors)
    centres = np.hstack(
        [flat.centroids[0][words[:, 0] // CENTROIDS], flat.centroids[1][words[:, 0] % CENTROIDS]]
    )
    return Vocabulary(flat.centroids, _directions(values - centres, rng))


def _directions(
    residuals: npt.NDArray[np.float32], rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Directions of the greatest spread, turned at random so that each bit tells as much."""
    _, axes = np.linalg.eigh(np.cov(residuals.T))
    turn, _ = np.linalg.qr(rng.standard_normal((SIGNATURE_BITS, SIGNATURE_BITS)))
    return np.asarray(axes[:, ::-1][:, :SIGNATURE_BITS] @ turn, np.float32)


def _k_means(
    values: npt.NDArray[np.float32], count: int, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Lloyd's algorithm (count, D); an empty cluster starts anew at a random value."""
    centres = values[rng.choice(len(values), count, replace=False)]
    for _ in range(_ROUNDS):
        nearest = ((centres**2).sum(axis=1) - 2 * values @ centres.T).argmin(axis=1)
        sizes = np.bincount(nearest, minlength=count)
        sums = np.zeros((count, values.shape[1]), np.float64)
        order = np.argsort(nearest, kind="stable")
        starts = np.searchsorted(nearest[order], np.flatnonzero(sizes))
        sums[sizes > 0] = np.add.reduceat(values[order].astype(np.float64), starts, axis=0)
        fresh = values[rng.choice(len(values), count, replace=False)]
        means = sums / np.maximum(sizes, 1)[:, None]
        centres = np.where(sizes[:, None] > 0, means, fresh).astype(np.float32)
    return centres


def _smallest(
    values: npt.NDArray[np.generic], most: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Columns of the ``most`` smallest of each row, in order, and their values, whole numbers.

    Descriptors and centroids are whole numbers, and so are squared distances: each with its
    column makes one number, which sorts several times faster than columns by value. RootSIFT
    keeps distances below 2 ** 21, and there are at most 256 columns, so that 32 bits do.
    """
    columns = values.shape[1]
    keys = values.astype(np.int32) * np.int32(columns) + np.arange(columns, dtype=np.int32)
    if most < columns:
        keys.partition(most - 1, axis=1)
    smallest = np.sort(keys[:, :most], axis=1)
    chosen = np.asarray(smallest % columns, np.int64)
    return chosen, (smallest - chosen) // columns
