"""The same thing over frames: evidence is pooled until it decides.

A thing is followed by where it is and what it looks like: its box overlaps the track's
last one, and its look does not contradict the pooled one. Everything is driven by the
frames' own order and capture times, so that the same frames give the same answers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from services.scanning.decision import Decision, Verdict, decide
from services.scanning.evidence import UNLIKE, Look, NamedCode, pool, with_details
from services.scanning.items import Item
from services.scanning.scene import is_unclear
from shared import geometry

WINDOW: Final = 8
"""Frames whose evidence is pooled; older evidence is forgotten."""
LOST_AFTER_US: Final = 1_000_000
"""A track that was not seen for this long, by capture time, has ended."""
FRAME_CORRELATION: Final = 0.6
"""Of the looks of two frames of one thing. However many frames, they are worth at most
1 / 0.6 independent ones. An assumption on the careful side."""

CLOSER_LOOKS: Final = 2
"""Closer looks at a track that count; older ones are forgotten, as the thing may have been
changed for a sibling that only its details tell from it."""

_MIN_IOU: Final = 0.3
# The same for a thing that does not look like what its codes or details made of it: only one
# that has hardly moved is taken for it. Else a pack that is put away would lend its code to
# the shelf behind it.
_STEADY_IOU: Final = 0.6
# Bhattacharyya coefficient of two looks below which they show different things.
_MIN_AGREEMENT: Final = 0.1


@dataclass(frozen=True, slots=True)
class TrackedItem:
    """A thing in one frame of a stream.

    Attributes:
        item: where it is and the pooled evidence.
        verdict: what it is, from the evidence of all pooled frames.
        track_id: the same number for the same thing, from 1.
        frames_used: frames whose evidence was pooled.
        frames_to_decide: frames it took until it was identified; 0 = it is not as yet.
    """

    item: Item
    verdict: Verdict
    track_id: int
    frames_used: int
    frames_to_decide: int


@dataclass(frozen=True, slots=True)
class OpenTrack:
    """A track of the newest frame that looks and codes alone leave open.

    Attributes:
        track_id: its number.
        item: where it is in that frame, what that frame alone says, and all its codes.
        frames: frames in which it was seen.
        since_looked: frames since the one that was looked at closely; None = none was.
    """

    track_id: int
    item: Item
    frames: int
    since_looked: int | None


@dataclass(slots=True)
class _Track:
    id: int
    box_xyxy: tuple[float, float, float, float]
    seen_us: int
    frames: int = 0
    frames_to_decide: int = 0
    window: deque[Item] = field(default_factory=lambda: deque(maxlen=WINDOW))
    looked_at: int | None = None
    details: deque[tuple[Look, Look]] = field(default_factory=lambda: deque(maxlen=CLOSER_LOOKS))

    def add(self, item: Item, time_us: int) -> None:
        self.window.append(item)
        self.box_xyxy, self.seen_us = item.box_xyxy, time_us
        self.frames += 1

    def pooled(self) -> Item:
        """The last frame's item with the looks and codes of all frames of the window."""
        last = self.window[-1]
        codes = {one.code.lookup: one for item in self.window for one in item.codes}
        codes |= {one.code.lookup: one for one in last.codes}
        looks = [item.look for item in self.window if item.look]
        look = pool(looks, FRAME_CORRELATION) if looks else None
        return Item(last.box_xyxy, look, tuple(codes.values()))

    def detailed(self) -> Item:
        """The pooled item, with what closer looks added."""
        item = self.pooled()
        if item.look is None or not self.details:
            return item
        plain, closer = (
            pool(looks, FRAME_CORRELATION) for looks in zip(*self.details, strict=True)
        )
        return replace(item, look=with_details(item.look, closer, plain))


class Tracks:
    """All tracks of one stream."""

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._shown: list[_Track] = []
        self._made = 0

    def update(
        self, items: Sequence[Item], time_us: int, skus_with_gtin: Collection[str] = ()
    ) -> list[TrackedItem]:
        """Add one frame's items to their tracks and decide on each, in the order given.

        Args:
            items: what the frame shows.
            time_us: when the camera took it; never less than that of the frame before.
            skus_with_gtin: see ``decide``.
        """
        self._tracks = [t for t in self._tracks if time_us - t.seen_us <= LOST_AFTER_US]
        free = list(self._tracks)
        self._shown = []
        for item in items:
            track = self._match(item, free)
            track.add(item, time_us)
            self._shown.append(track)
        return self.decided(skus_with_gtin)

    def decided(self, skus_with_gtin: Collection[str] = ()) -> list[TrackedItem]:
        """The items of the newest frame, decided on with all that is known now."""
        return [_answer(track, skus_with_gtin) for track in self._shown]

    def open(self, skus_with_gtin: Collection[str] = ()) -> list[OpenTrack]:
        """The tracks of the newest frame that a closer look could decide.

        Those that an earlier closer look decided are among them: what is in view may have
        been changed for something that looks alike.
        """
        return [_opened(track) for track in self._shown if _is_open(track, skus_with_gtin)]

    def looked(self, track_ids: Collection[int]) -> None:
        """Note that the newest frame is looked at closely for these tracks."""
        for track in self._shown:
            if track.id in track_ids:
                track.looked_at = track.frames

    def learn(self, track_id: int, plain: Look, closer: Look) -> None:
        """Add what a closer look said to its track; nothing when the track has ended.

        Args:
            track_id: the track's number.
            plain: what the frame looked at had said by its looks alone.
            closer: what the closer look at that frame says.
        """
        for track in self._tracks:
            if track.id == track_id:
                track.details.append((plain, closer))

    def skus(self) -> set[str]:
        """Every product that any evidence still held speaks of."""
        tracks = [*self._tracks, *self._shown]
        items = [item for track in tracks for item in track.window]
        looks = [look for track in tracks for _, look in track.details]
        looks += [item.look for item in items if item.look]
        seen = {one.sku for look in looks for one in look.candidates}
        return seen | {one.sku for item in items for one in item.codes if one.sku}

    def still_there(self, time_us: int) -> None:
        """The picture has not changed: what was seen last is seen still."""
        latest = max((track.seen_us for track in self._tracks), default=time_us)
        for track in self._tracks:
            if track.seen_us == latest:
                track.seen_us = time_us

    def _match(self, item: Item, free: list[_Track]) -> _Track:
        """The track that an item continues, or a new one."""
        overlaps = geometry.iou([item.box_xyxy], [t.box_xyxy for t in free])[0]
        for index in np.argsort(-overlaps, kind="stable"):
            if _continues(item, free[index], overlaps[index]):
                return free.pop(int(index))
        self._made += 1
        track = _Track(self._made, item.box_xyxy, 0)
        self._tracks.append(track)
        return track


def _answer(track: _Track, skus_with_gtin: Collection[str]) -> TrackedItem:
    item = track.detailed()
    verdict = decide(item.look, item.codes, skus_with_gtin)
    if not track.frames_to_decide and verdict.decision is Decision.IDENTIFIED:
        track.frames_to_decide = track.frames
    return TrackedItem(item, verdict, track.id, len(track.window), track.frames_to_decide)


def _opened(track: _Track) -> OpenTrack:
    item = replace(track.window[-1], codes=track.pooled().codes)
    since = None if track.looked_at is None else track.frames - track.looked_at
    return OpenTrack(track.id, item, track.frames, since)


def _is_open(track: _Track, skus_with_gtin: Collection[str]) -> bool:
    if track.window[-1].look is None:
        return False
    item = track.pooled()
    verdict = decide(item.look, item.codes, skus_with_gtin)
    return verdict.decision is not Decision.IDENTIFIED or is_unclear(item)


def _continues(item: Item, track: _Track, overlap: float) -> bool:
    least = _MIN_IOU if _looks_like_what_it_was(item, track) else _STEADY_IOU
    return overlap >= least and _alike(item, track)


def _looks_like_what_it_was(item: Item, track: _Track) -> bool:
    """Whether an item may, by its look, be what codes and details said that the track is."""
    said = {code.sku for one in track.window for code in one.codes if code.sku}
    bests = (closer.best for _, closer in track.details)
    said |= {best.sku for best in bests if best and best.verified}
    if not said or item.look is None or said & {code.sku for code in item.codes}:
        return True
    return any(item.look.probability_of(sku) >= UNLIKE for sku in said)


def _alike(item: Item, track: _Track) -> bool:
    """Whether an item may be the track's thing: no other code's product, no other look."""
    pooled = track.pooled()
    named, known = (_named(one.codes) for one in (item, pooled))
    if named and known:
        return bool(named & known)
    if item.look is None or pooled.look is None:
        return True
    return agreement(item.look, pooled.look) >= _MIN_AGREEMENT


def _named(codes: Sequence[NamedCode]) -> set[str]:
    return {one.sku or one.code.lookup for one in codes}


def agreement(a: Look, b: Look) -> float:
    """Bhattacharyya coefficient of two looks: 1 = the same, 0 = nothing in common.

    >>> from services.scanning.evidence import Candidate
    >>> agreement(Look((Candidate("TEA", 1.0),), 0.0), Look((Candidate("JAM", 1.0),), 0.0))
    0.0
    """
    skus = {one.sku for look in (a, b) for one in look.candidates}
    of_a, of_b = ({one.sku: one.probability for one in look.candidates} for look in (a, b))
    shared = sum((of_a.get(sku, 0.0) * of_b.get(sku, 0.0)) ** 0.5 for sku in sorted(skus))
    rest = (a.unknown * b.unknown) ** 0.5 + (a.left_over * b.left_over) ** 0.5
    return float(shared + rest)
