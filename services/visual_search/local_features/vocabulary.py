"""Visual words and binary signatures of descriptors.

A word is a cell of an inverted multi-index (Babenko and Lempitsky, CVPR 2012): each half
of the descriptor has 256 centroids, and the pair of nearest ones names one of 65,536
cells. The signature says on which side of the cell's centre a descriptor lies, in 64
directions (Hamming embedding: Jegou, Douze and Schmid, ECCV 2008). The centroids ship
(48 kB); ``train`` makes them from descriptors, with a fixed seed.
"""

from __future__ import annotations

from dataclasses import dataclass
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
_NEAR: Final = 12
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

    def assign(self, descriptors: Descriptors, most: int = 1) -> tuple[Words, Signatures]:
        """Find the ``most`` nearest words of each descriptor and its signature in each.

        Args:
            descriptors: (N, 128) uint8.
            most: words a descriptor, up to 144.

        Returns:
            Words and signatures, both (N, most), nearest first.
        """
        values = descriptors.astype(np.float32)
        near = [self._nearest(values, half) for half in (0, 1)]
        (first, first_distance), (second, second_distance) = near
        sums = first_distance[:, :, None] + second_distance[:, None, :]  # (N, near, near)
        flat = sums.reshape(len(values), _NEAR * _NEAR)
        chosen = _smallest(flat, most)
        rows = np.arange(len(values))[:, None]
        a, b = first[rows, chosen // _NEAR], second[rows, chosen % _NEAR]
        return a * CENTROIDS + b, self._signatures(values, a, b)

    def save(self, path: Path) -> None:
        """Write it; centroids are rounded to whole numbers."""
        np.savez_compressed(
            path,
            centroids=np.rint(self.centroids).astype(np.uint8),
            directions=self.directions.astype(np.float16),
        )

    def _nearest(
        self, values: npt.NDArray[np.float32], half: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        part = values[:, half * _HALF : (half + 1) * _HALF]
        centroids = self.centroids[half]
        # Squared distance without the descriptor's own length, the same for all centroids.
        distances = (centroids**2).sum(axis=1) - 2 * part @ centroids.T
        chosen = _smallest(distances, _NEAR)
        return chosen, np.take_along_axis(distances, chosen, axis=1)

    def _signatures(
        self,
        values: npt.NDArray[np.float32],
        first: npt.NDArray[np.int64],
        second: npt.NDArray[np.int64],
    ) -> Signatures:
        halves = [self.centroids[h] @ self.directions[h * _HALF : (h + 1) * _HALF] for h in (0, 1)]
        residuals = (values @ self.directions)[:, None] - halves[0][first] - halves[1][second]
        packed = np.packbits(residuals > 0, axis=2)
        return np.ascontiguousarray(packed).view(np.uint64)[..., 0]


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


def _smallest(values: npt.NDArray[np.float32], most: int) -> npt.NDArray[np.int64]:
    """Columns of the ``most`` smallest of each row, in order."""
    part = np.argpartition(values, min(most, values.shape[1] - 1), axis=1)[:, :most]
    order = np.take_along_axis(values, part, axis=1).argsort(axis=1, kind="stable")
    return np.asarray(np.take_along_axis(part, order, axis=1), np.int64)
