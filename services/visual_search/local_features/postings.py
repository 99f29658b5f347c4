"""The inverted file: for each visual word, where it occurs in the reference images.

It lives in memory, 17 bytes a feature, in segments that never change: new images go to a
small one, which is merged with the large one when it has grown to a share of it, so that
adding costs little and a search looks through two. Deleted images are marked, and leave
with the next merge.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from services.visual_search.local_features.vocabulary import WORDS, Signatures, Words

MAX_DISTANCE: Final = 20
"""Bits by which the signatures of one feature may differ; a quarter of chance's 32 less 3 sigma."""
_MOST_WORDS: Final = 12
_FEWEST_WORDS: Final = 3
_ENTRIES_A_FEATURE: Final = 1500
_MERGE_SHARE: Final = 0.25
_SMALL: Final = 100_000
# Lists longer than this on average are read one by one.
_LONG: Final = 100

PLACE = np.dtype([("x", "u1"), ("y", "u1"), ("angle", "u1"), ("size", "u1")])
"""Place of a feature in its reference image: see ``voting.places_of``."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Occurrences of features, one row each.

    Attributes:
        words: (N,) uint16 visual word.
        images: (N,) int32 number of the reference image.
        signatures: (N,) uint64.
        places: (N,) of ``PLACE``.
    """

    words: npt.NDArray[np.uint16]
    images: npt.NDArray[np.int32]
    signatures: Signatures
    places: npt.NDArray[np.void]

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Entries:
        """Take some of them."""
        return Entries(
            self.words[chosen], self.images[chosen], self.signatures[chosen], self.places[chosen]
        )


@dataclass(frozen=True, slots=True)
class Matches:
    """Features of a picture that look like features of reference images, one row each.

    Attributes:
        features: (M,) index of the picture's feature.
        images: (M,) number of the reference image.
        distances: (M,) bits by which the signatures differ.
        places: (M,) of ``PLACE``.
    """

    features: npt.NDArray[np.int64]
    images: npt.NDArray[np.int32]
    distances: npt.NDArray[np.uint8]
    places: npt.NDArray[np.void]

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Matches:
        """Take some of them."""
        return Matches(
            self.features[chosen], self.images[chosen], self.distances[chosen], self.places[chosen]
        )


class _Segment:
    """Entries in the order of their words, and where each word starts."""

    def __init__(self, entries: Entries) -> None:
        order = np.argsort(entries.words, kind="stable")
        self.entries = entries.where(order)
        counts = np.bincount(entries.words, minlength=WORDS)
        self.starts = np.concatenate([[0], np.cumsum(counts)])

    def __len__(self) -> int:
        return len(self.entries.words)

    def match(self, words: Words, signatures: Signatures) -> Matches:
        """Entries of the same word with a near signature; ``words`` (N, W)."""
        flat, asked = words.ravel(), signatures.ravel()
        starts, ends = self.starts[flat], self.starts[flat + 1]
        long_lists = (ends - starts).mean() > _LONG if len(flat) else False
        look = self._one_by_one if long_lists else self._all_at_once
        lists, rows, distances = look(starts, ends, asked)
        owners = lists // words.shape[1]
        return Matches(owners, self.entries.images[rows], distances, self.entries.places[rows])

    def _all_at_once(
        self, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], asked: Signatures
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
        """Which list (M,), which entry, how far: all lists laid out side by side."""
        counts = ends - starts
        until = np.cumsum(counts)
        total = int(until[-1]) if len(until) else 0
        rows = np.repeat(starts - until + counts, counts) + np.arange(total)
        distances = np.bitwise_count(np.repeat(asked, counts) ^ self.entries.signatures[rows])
        near = np.flatnonzero(distances <= MAX_DISTANCE)
        return np.searchsorted(until, near, side="right"), rows[near], distances[near]

    def _one_by_one(
        self, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], asked: Signatures
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
        """The same list by list: long ones are read where they lie, without a copy."""
        kept: list[npt.NDArray[np.int64]] = []
        far: list[npt.NDArray[np.uint8]] = []
        entries = self.entries.signatures
        for start, end, signature in zip(starts.tolist(), ends.tolist(), asked, strict=True):
            distances = np.bitwise_count(entries[start:end] ^ signature)
            near = np.flatnonzero(distances <= MAX_DISTANCE)
            kept.append(near + start)
            far.append(distances[near])
        lists = np.repeat(np.arange(len(kept)), [len(one) for one in kept])
        return lists, np.concatenate(kept), np.concatenate(far)


class Postings:
    """All features of all reference images, by word. Safe to use from several threads."""

    def __init__(self) -> None:
        self._segments: tuple[_Segment, ...] = ()
        self._pending: list[Entries] = []
        self._alive = np.zeros(0, np.bool_)
        self._dead = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Count the features, deleted ones not yet merged away included."""
        waiting = sum(len(entries.words) for entries in self._pending)
        return sum(map(len, self._segments)) + waiting

    def add(self, entries: Entries) -> None:
        """Add the features of images whose numbers were not used before."""
        if not len(entries.words):
            return
        with self._lock:
            self._pending.append(entries)
            size = int(entries.images.max()) + 1
            if size > len(self._alive):
                grown = np.zeros(max(size, 2 * len(self._alive)), np.bool_)
                grown[: len(self._alive)] = self._alive
                self._alive = grown
            self._alive[entries.images] = True

    def remove(self, images: Sequence[int]) -> None:
        """Forget images by their numbers."""
        with self._lock:
            known = [image for image in images if image < len(self._alive)]
            self._dead += int(self._alive[known].sum())
            self._alive[known] = False

    def words_wanted(self) -> int:
        """How many words of each feature to look under: fewer, the longer the lists are."""
        length = max(1.0, len(self) / WORDS)
        return int(np.clip(_ENTRIES_A_FEATURE / length / 25, _FEWEST_WORDS, _MOST_WORDS))

    def match(self, words: Words, signatures: Signatures) -> Matches:
        """Find the features that look like those with these words (N, W) and signatures."""
        segments, alive = self._tidied()
        found = [segment.match(words, signatures) for segment in segments]
        joined = Matches(
            np.concatenate([np.zeros(0, np.int64), *(one.features for one in found)]),
            np.concatenate([np.zeros(0, np.int32), *(one.images for one in found)]),
            np.concatenate([np.zeros(0, np.uint8), *(one.distances for one in found)]),
            np.concatenate([np.zeros(0, PLACE), *(one.places for one in found)]),
        )
        return joined.where(alive[joined.images]) if len(joined.images) else joined

    def _tidied(self) -> tuple[tuple[_Segment, ...], npt.NDArray[np.bool_]]:
        """Put what was added into the small segment, or all into one when that has grown."""
        with self._lock:
            if self._pending:
                fresh, self._pending = self._pending, []
                large, small = self._segments[:1], self._segments[1:]
                added = sum(len(one.words) for one in fresh) + sum(map(len, small))
                merge = not large or added > max(_SMALL, _MERGE_SHARE * len(large[0]))
                kept = () if merge else large
                parts = [*(one.entries for one in (large if merge else ()) + small), *fresh]
                self._segments = (*kept, _Segment(self._living(parts)))
            return self._segments, self._alive

    def _living(self, parts: Sequence[Entries]) -> Entries:
        entries = Entries(
            np.concatenate([one.words for one in parts]),
            np.concatenate([one.images for one in parts]),
            np.concatenate([one.signatures for one in parts]),
            np.concatenate([one.places for one in parts]),
        )
        return entries.where(self._alive[entries.images])
