"""Products followed over the frames of a camera.

Each face, hand and body keeps an identity from frame to frame, and with it its filters and the
median of its scale. A product that is not seen is HELD where it was for 0.4 s, then LOST once.
All is driven by capture times: the same frames give byte-identical placements.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from services.pose.placement import reference_card
from services.pose.placement.camera import mirrored as mirrored_camera
from services.pose.placement.frame import Frame, frame_of
from services.pose.placement.head import OUTLINE
from services.pose.placement.mirror import mirror_placement, mirror_subjects
from services.pose.placement.place import scales_of
from services.pose.placement.regions import carried_by_points, measure, realise, subject_kind
from services.pose.placement.rig import Rig
from services.pose.placement.scale import ScaleMedian, read_iris, with_face_sizes
from services.pose.placement.smoothing import Point, RigFilter
from services.pose.placement.tunings import BODY, FEET, HAND, HEAD, NECK, Tunings
from services.pose.placement.types import (
    Camera,
    Floats,
    Item,
    LandmarkKind,
    Placement,
    Scale,
    Subjects,
    TrackingState,
    TryOnKind,
)
from shared.errors import InvalidInput

_TUNINGS = {LandmarkKind.FACE: HEAD, LandmarkKind.HAND: HAND, LandmarkKind.BODY: BODY}
_OWN_TUNINGS = {TryOnKind.SHOES: FEET, TryOnKind.NECKLACE: NECK}
GRACE_US = 400_000
"""How long a product is held where it was."""
HYSTERESIS_DEG = 4.0
"""A hidden part appears this much later, a shown one hides this much later."""
_REACH = 1.0  # a subject moves less than its own size between two frames


@dataclass(slots=True)
class _Identity:
    """A face, hand or body that is followed."""

    number: int
    centre_px: Point
    size_px: float
    seen_us: int
    scale: ScaleMedian = field(default_factory=ScaleMedian)


@dataclass(slots=True)
class _Track:
    """One product on one identity."""

    filter: RigFilter
    shown: tuple[bool, ...] = ()
    lead: int | None = None
    last: Placement | None = None
    seen_us: int = 0


class PlacementTracker:
    """Places products on a stream of frames.

    Args:
        items: products, each with a try-on asset that ``tryon_asset`` has checked.
        mirrored: the pictures are mirror images.
        screen_mesh: add ready triangles.
    """

    def __init__(
        self, items: Sequence[Item], *, mirrored: bool = False, screen_mesh: bool = False
    ) -> None:
        self._items = tuple(items)
        self._mirrored = mirrored
        self._screen_mesh = screen_mesh
        self._identities: dict[LandmarkKind, list[_Identity]] = {kind: [] for kind in LandmarkKind}
        self._tracks: dict[tuple[int, int], _Track] = {}
        self._next = 0
        self._time_us: int | None = None
        self._size_wh: tuple[int, int] | None = None

    def update(self, subjects: Subjects, camera: Camera, capture_time_us: int) -> list[Placement]:
        """Placements in one frame, in the order of products.

        Args:
            subjects: landmarks of the frame.
            camera: the lens.
            capture_time_us: when the camera took it, of any monotonic clock.

        Raises:
            InvalidInput: the frame is not younger than the one before
                (``FRAME_OUT_OF_ORDER``); the tracker is as it was.
        """
        self._check_time(capture_time_us)
        if self._mirrored:
            subjects, camera = mirror_subjects(subjects), mirrored_camera(camera)
        if camera.size_wh != self._size_wh:  # another picture format: nothing carries over
            self._tracks.clear()
            self._identities = {kind: [] for kind in LandmarkKind}
            self._size_wh = camera.size_wh
        self._time_us = capture_time_us
        placements = self._place(frame_of(subjects, camera))
        return [mirror_placement(one) for one in placements] if self._mirrored else placements

    def _check_time(self, time_us: int) -> None:
        if self._time_us is not None and time_us <= self._time_us:
            raise InvalidInput.of(
                "frame.capture_time_us",
                f"is {time_us}, must be later than {self._time_us} of the frame before",
                reason="FRAME_OUT_OF_ORDER",
            )

    def _place(self, frame: Frame) -> list[Placement]:
        needed = {subject_kind(item.asset.kind) for item in self._items}
        followed = {kind: self._follow(kind, frame) for kind in sorted(needed)}
        scales = {kind: self._scales(kind, followed[kind], frame) for kind in followed}
        placements: list[Placement] = []
        for index, item in enumerate(self._items):
            kind = subject_kind(item.asset.kind)
            rigs = measure(item.asset.kind, frame, scales[kind])
            for subject, rig in rigs.items():
                identity = followed[kind][subject]
                placements.append(self._track(index, identity, subject, rig, frame))
            placements += self._unseen(index, set(rigs))
        return placements

    def _track(
        self, index: int, identity: _Identity, subject: int, rig: Rig, frame: Frame
    ) -> Placement:
        now = self._now()
        key = (index, identity.number)
        if key not in self._tracks:
            self._tracks[key] = _Track(self._filter(self._items[index].asset.kind))
        track = self._tracks[key]
        smooth = track.filter.update(rig, frame.camera, now)
        track.shown = _with_hysteresis(rig.margins, track.shown)
        track.lead = _lead(rig.margins, track.lead)
        velocity = track.filter.velocity_px_per_s()
        width, height = frame.camera.size_wh
        track.last = realise(
            self._items[index],
            subject,
            replace(smooth, shown=track.shown, lead=track.lead),
            frame.camera,
            with_mesh=self._screen_mesh,
            state=TrackingState.TRACKING,
            velocity_xy_per_s=(velocity[0] / width, velocity[1] / height),
        )
        track.seen_us = now
        return track.last

    def _filter(self, kind: TryOnKind) -> RigFilter:
        with_points = self._screen_mesh or carried_by_points(kind)
        return RigFilter(_tunings(kind), with_points=with_points)

    def _unseen(self, index: int, placed: Collection[int]) -> list[Placement]:
        """The products that this frame does not show: held, or lost and forgotten.

        After a gap in the stream the same subject is found anew: that is not lost.
        """
        now = self._now()
        placements = []
        for key, track in sorted(self._tracks.items()):
            if key[0] != index or track.seen_us == now or track.last is None:
                continue
            held = now - track.seen_us <= GRACE_US
            state = TrackingState.HELD if held else TrackingState.LOST
            if held or track.last.subject not in placed:
                placements.append(replace(track.last, state=state, velocity_xy_per_s=(0.0, 0.0)))
            if not held:
                del self._tracks[key]
        return placements

    def _now(self) -> int:
        return self._time_us or 0

    def _follow(self, kind: LandmarkKind, frame: Frame) -> list[_Identity]:
        """The identity of each subject: that of the nearest one in the frame before."""
        now = self._now()
        known = [one for one in self._identities[kind] if now - one.seen_us <= GRACE_US]
        found: list[_Identity] = []
        for centre, size in _outlines(kind, frame):
            free = [one for one in known if one not in found]
            best = min(free, key=lambda one: math.dist(one.centre_px, centre), default=None)
            if best is None or math.dist(best.centre_px, centre) > _REACH * max(size, best.size_px):
                best = _Identity(self._next, centre, size, now)
                self._next += 1
                known.append(best)
            best.centre_px, best.size_px, best.seen_us = centre, size, now
            found.append(best)
        self._identities[kind] = known
        return found

    def _scales(
        self, kind: LandmarkKind, followed: Sequence[_Identity], frame: Frame
    ) -> list[Scale]:
        if kind is not LandmarkKind.FACE:
            return scales_of(kind, frame)
        return [_face_scale(one, subject, frame) for subject, one in enumerate(followed)]


def _face_scale(identity: _Identity, subject: int, frame: Frame) -> Scale:
    head = frame.heads[subject]
    if head is None:
        return identity.scale.update(None)
    scale = identity.scale.update(read_iris(head, frame.camera))
    card = reference_card.head_scale(head, frame)
    return with_face_sizes(card or scale, head, frame.camera)


def _outlines(kind: LandmarkKind, frame: Frame) -> list[tuple[Point, float]]:
    """Centre and size in pixels of each subject of a kind."""
    if kind is LandmarkKind.FACE:
        points = [
            frame.to_px(face.points[OUTLINE]) if head is None else head.outline_px
            for face, head in zip(frame.subjects.faces, frame.heads, strict=True)
        ]
    elif kind is LandmarkKind.HAND:
        points = [frame.to_px(hand.points) for hand in frame.subjects.hands]
    else:  # legs outside the picture are guesses
        points = [frame.to_px(body.points[[11, 12]]) for body in frame.subjects.bodies]
    return [_outline(one) for one in points]


def _outline(points_px: Floats) -> tuple[Point, float]:
    left, top = points_px.min(axis=0).tolist()
    right, bottom = points_px.max(axis=0).tolist()
    return ((left + right) / 2, (top + bottom) / 2), max(right - left, bottom - top)


def _tunings(kind: TryOnKind) -> Tunings:
    return _OWN_TUNINGS.get(kind) or _TUNINGS[subject_kind(kind)]


def _lead(margins: tuple[float, ...], before: int | None) -> int | None:
    """Which of a pair has the anchor: it changes only to one that is clearly better."""
    if not margins:
        return None
    best = int(np.argmax(margins))
    if before is None or margins[best] > margins[before] + HYSTERESIS_DEG:
        return best
    return before


def _with_hysteresis(margins: tuple[float, ...], before: tuple[bool, ...]) -> tuple[bool, ...]:
    if len(before) != len(margins):
        return tuple(margin > 0 for margin in margins)
    return tuple(
        margin > (-HYSTERESIS_DEG if was else HYSTERESIS_DEG)
        for margin, was in zip(margins, before, strict=True)
    )
