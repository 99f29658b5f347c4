"""One try-on stream: its configuration, its tracker, and what becomes of each frame.

Everything is driven by the frames' capture times, so the same frames give the same
answers. A frame that cannot be used is refused and the stream goes on; what ends it is a
wrong configuration, a missing model, or a consent that expires meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.pose.consent import Consent
from services.pose.pictures import Lens, needed
from services.pose.placement import PlacementTracker
from services.pose.placement.camera import camera_of
from services.pose.placement.types import Camera, Item, LandmarkKind, Placement
from services.pose.reference_card_finder import with_card
from services.pose.rendering.live_masks import LiveMasks
from services.pose.trackers import StreamTracker
from shared.errors import InvalidInput
from shared.image import Limits, decode
from shared.telemetry import Stages


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """What holds for frames until the next configuration.

    Attributes:
        consent: under which they are looked at.
        items: the products.
        placements: follows them.
        lens: of the camera, or None.
        reference_card: a card is held to the face.
        masks: says what stands in front of the products; None where nobody asked for meshes.
        hands: look for hands too, whatever the products need.
    """

    consent: Consent
    items: tuple[Item, ...]
    placements: PlacementTracker
    lens: Lens | None = None
    reference_card: bool = False
    masks: LiveMasks | None = None
    hands: bool = False

    @property
    def kinds(self) -> frozenset[LandmarkKind]:
        """The landmarks that frames are searched for."""
        return needed(self.items, hands=self.hands)


@dataclass(frozen=True, slots=True, eq=False)
class StreamFrame:
    """One frame, with the session that it belongs to."""

    seq: int
    capture_time_us: int
    image: bytes
    session: Session


@dataclass(frozen=True, slots=True, eq=False)
class FrameAnswer:
    """What is said to one frame.

    Attributes:
        seq, capture_time_us: the frame's own.
        placements: where the products sit in it.
        camera: the lens used; None when refused.
        refusal: why the frame was not used.
        frames_dropped: since the answer before.
        timings_ms: per stage.
    """

    seq: int
    capture_time_us: int
    placements: list[Placement] = field(default_factory=list)
    camera: Camera | None = None
    refusal: InvalidInput | None = None
    frames_dropped: int = 0
    timings_ms: Mapping[str, float] = field(default_factory=dict)


def answer_frame(
    frame: StreamFrame, tracker: StreamTracker, limits: Limits, dropped: int
) -> FrameAnswer:
    """Look at a frame and place the products. Plain work for a thread.

    Raises:
        NotReady: a model is missing.
    """
    stages = Stages()
    try:
        camera, placements = _place(frame, tracker, limits, stages)
    except InvalidInput as refusal:
        return FrameAnswer(
            frame.seq, frame.capture_time_us, refusal=refusal, frames_dropped=dropped
        )
    return FrameAnswer(
        frame.seq,
        frame.capture_time_us,
        placements,
        camera,
        frames_dropped=dropped,
        timings_ms=stages.as_ms(),
    )


def _place(
    frame: StreamFrame, tracker: StreamTracker, limits: Limits, stages: Stages
) -> tuple[Camera, list[Placement]]:
    session = frame.session
    with stages("decode"):
        image = decode(frame.image, limits, max_side=tracker.side_px)
    camera = camera_of(image.original_size_wh, session.lens, image.focal_length_35mm)
    with stages("landmarks"):
        subjects = tracker.track(image.image_rgb, session.kinds, frame.capture_time_us)
        if session.reference_card:
            subjects = with_card(subjects, image.image_rgb)
    with stages("placement"):
        placements = session.placements.update(subjects, camera, frame.capture_time_us)
    if session.masks is not None:
        with stages("masks"):
            placements = session.masks.add(
                placements, image.image_rgb, subjects, camera, frame.capture_time_us
            )
    return camera, placements
