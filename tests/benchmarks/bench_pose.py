"""A try-on frame against the bare MediaPipe call that it needs, and a camera's pace.

Both sides look at the same 1280 x 720 frames in turn, in one process, and the order changes
from frame to frame, so that what else the machine does hits both alike; compared are the
processor times of neighbours. What is counted:

- bare: ``mediapipe.Image`` of the decoded frame and ``FaceLandmarker.detect_for_video``, as its
  documentation has it: the one call that a frame with a followed face needs, near or far;
- ours: the same call as ``services.pose.trackers`` makes it (a near face is looked at in half
  the size), identity, smoothing, placement of glasses, and the answer packed into its bytes.

Decoding belongs to neither: it is in the pace, which counts all that a stream does with a frame:
once as it is, once with ready meshes and masks before a person whose hair hides the arms, and
with hands looked for too. What the masks alone cost is told for a near and for a far face.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import skimage.data

from services.pose.consent import Consent
from services.pose.mediapipe_tasks import native_log_hidden
from services.pose.messages import frame_response
from services.pose.placement import PlacementTracker
from services.pose.placement.camera import camera_of
from services.pose.placement.types import Item, LandmarkKind, TryOnAsset, TryOnKind
from services.pose.rendering.live_masks import LiveMasks
from services.pose.stream import FrameAnswer, Session, StreamFrame, answer_frame
from services.pose.trackers import StreamTracker
from services.pose.views import Rgb
from shared.config import read_settings
from shared.errors import NotReady
from shared.image import DEFAULT_LIMITS, decode, encode_jpeg
from shared.models.mediapipe_bundles import installed_bundle
from shared.privacy import forbid_egress
from tests.benchmarks.tables import Bar, percentile, print_bars
from tests.long_hair import camera_frame, long_haired, noisy

Result = TypeVar("Result")

FRAMES = 210
WARM_UP = 10
FRAMES_PER_S = 25
BUDGET_MS = 1000 / FRAMES_PER_S
"""What a stream has for a frame: processor time of all threads, so that one core would do."""
PERIOD_US = 1_000_000 // FRAMES_PER_S
FACES_PX = {"near": 720, "far": 400}
"""Sides of the square that holds the head: a mirror's face, and one a few steps behind."""
MASKED_FRAMES = 110
LONG_HAIRED = {"near": 4.0, "far": 2.0}
"""How much the portrait is enlarged: faces of about 380 and 190 pixels."""
OWN_RESULTS: list[Any] = []
"""MediaPipe's own result class, kept before pose puts its own in its place."""
POINTS = {"bridge": (0.5, 0.35), "hinge_left": (0.02, 0.25), "hinge_right": (0.98, 0.25)}
GLASSES = Item("GLS-1", TryOnAsset(TryOnKind.GLASSES, (420, 160), 140.0, POINTS))


def camera_frames(side_px: int) -> list[bytes]:
    """A head that sways in a 720p picture."""
    head = skimage.data.astronaut()[:240, 105:345]
    face = cv2.resize(head, (side_px, side_px), interpolation=cv2.INTER_CUBIC)
    top = (720 - side_px) // 2
    frames = []
    for number in range(FRAMES):
        canvas = np.full((720, 1280, 3), 120, np.uint8)
        left = (1280 - side_px) // 2 + round(60 * np.sin(number / 10))
        canvas[top : top + side_px, left : left + side_px] = face
        frames.append(encode_jpeg(canvas, 85))
    return frames


class Costs:
    """Processor and wall-clock milliseconds by name, of all threads of the process."""

    def __init__(self) -> None:
        self.cpu_ms: dict[str, list[float]] = defaultdict(list)
        self.wall_ms: dict[str, list[float]] = defaultdict(list)

    def of(self, name: str, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do the work and note what it cost."""
        cpu, wall = time.process_time(), time.perf_counter()
        result = work(*arguments)
        self.cpu_ms[name].append((time.process_time() - cpu) * 1000)
        self.wall_ms[name].append((time.perf_counter() - wall) * 1000)
        return result

    def cpu(self, name: str) -> float:
        """Median processor time after warming up."""
        return percentile(self.cpu_ms[name][WARM_UP:], 0.5)

    def wall(self, name: str) -> float:
        """Median wall-clock time after warming up."""
        return percentile(self.wall_ms[name][WARM_UP:], 0.5)

    def ratio(self, name: str, other: str) -> float:
        """Median of the ratio of processor times, frame by frame."""
        pairs = zip(self.cpu_ms[name], self.cpu_ms[other], strict=True)
        return percentile([a / b for a, b in list(pairs)[WARM_UP:]], 0.5)


class Bare:
    """MediaPipe's own landmarker, used as its documentation says."""

    def __init__(self, models: Path) -> None:
        from mediapipe.tasks.python import vision
        from mediapipe.tasks.python.core.base_options import BaseOptions
        from mediapipe.tasks.python.vision import face_landmarker

        if not OWN_RESULTS:
            OWN_RESULTS.append(face_landmarker.FaceLandmarkerResult)
        bundle = str(installed_bundle("face_far", models).path)
        mode = vision.RunningMode.VIDEO
        base = BaseOptions(model_asset_path=bundle)
        options = vision.FaceLandmarkerOptions(base_options=base, running_mode=mode)
        self._task = vision.FaceLandmarker.create_from_options(options)

    def __call__(self, pixels: Rgb, time_ms: int) -> None:
        """Look at a frame."""
        import mediapipe

        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=pixels)
        assert self._task.detect_for_video(image, time_ms).face_landmarks

    def close(self) -> None:
        """Free the network."""
        self._task.close()


class Ours:
    """A stream's work on a decoded frame."""

    def __init__(self, models: Path) -> None:
        self.tracker = StreamTracker(models)
        self._placements = PlacementTracker((GLASSES,))
        self._camera = camera_of((1280, 720))

    def __call__(self, pixels: Rgb, number: int) -> None:
        """Follow the face, place the glasses, pack the answer."""
        time_us = number * PERIOD_US
        subjects = self.tracker.track(pixels, [LandmarkKind.FACE], time_us)
        placed = self._placements.update(subjects, self._camera, time_us)
        assert placed
        answer = FrameAnswer(number, time_us, placed, self._camera)
        assert frame_response(answer, []).SerializeToString()


def compare(models: Path, side_px: int) -> Costs:
    """Cost of each frame: the bare call, and ours."""
    bare, ours, costs = Bare(models), Ours(models), Costs()

    def look_bare(image: bytes, number: int) -> None:
        pixels = decode(image).image_rgb
        with mediapipes_own_results():
            costs.of("bare", bare, pixels, number * PERIOD_US // 1000)

    def look_ours(image: bytes, number: int) -> None:
        pixels = decode(image, max_side=ours.tracker.side_px).image_rgb
        costs.of("ours", ours, pixels, number)

    for number, image in enumerate(camera_frames(side_px)):
        for look in (look_bare, look_ours) if number % 2 else (look_ours, look_bare):
            look(image, number)
    bare.close()
    ours.tracker.close()
    return costs


def long_haired_frames(scale: float) -> list[bytes]:
    """A person who sways in a 720p picture, hair over her temples; a camera's noise."""
    portrait = long_haired()
    return [
        encode_jpeg(noisy(camera_frame(portrait, (1280, 720), scale, number / 60), number), 85)
        for number in range(MASKED_FRAMES)
    ]


def session_of(*, meshes: bool = False, masks: bool = False, hands: bool = False) -> Session:
    """A stream of glasses."""
    placements = PlacementTracker((GLASSES,), screen_mesh=meshes)
    live = LiveMasks((GLASSES,)) if masks else None
    return Session(Consent(0, frozenset()), (GLASSES,), placements, masks=live, hands=hands)


def pace(models: Path, frames: list[bytes], session: Session) -> Costs:
    """Cost of all that a stream does with a frame, from JPEG to answer."""
    tracker, costs = StreamTracker(models), Costs()

    def answer(frame: StreamFrame) -> bytes:
        answered = answer_frame(frame, tracker, DEFAULT_LIMITS, 0)
        assert answered.placements
        return bytes(frame_response(answered, []).SerializeToString())

    for number, image in enumerate(frames):
        costs.of("whole", answer, StreamFrame(number, number * PERIOD_US, image, session))
    tracker.close()
    return costs


@contextmanager
def mediapipes_own_results() -> Iterator[None]:
    """Within the block MediaPipe makes its own result objects, as it does for others."""
    from mediapipe.tasks.python.vision import face_landmarker

    ours = face_landmarker.FaceLandmarkerResult
    face_landmarker.FaceLandmarkerResult = OWN_RESULTS[0]
    try:
        yield
    finally:
        face_landmarker.FaceLandmarkerResult = ours


def _ratio_bar(name: str, costs: Costs) -> Bar:
    made_of = f"p50 processor ms of a frame: {costs.cpu('ours'):.1f} / {costs.cpu('bare'):.1f}"
    title = f"glasses, {name} face / bare MediaPipe call"
    return Bar(title, costs.ratio("ours", "bare"), "<=", 1.10, made_of)


def _pace_bar(what: str, costs: Costs, *, judged: bool = True) -> Bar:
    left = f"({FRAMES_PER_S} a second leave {BUDGET_MS:g})"
    title = f"processor ms of a frame{what}, JPEG to answer {left}"
    made_of = f"wall-clock ms on this machine as busy as it is: {costs.wall('whole'):.1f}"
    return Bar(title, costs.cpu("whole"), "<=", BUDGET_MS if judged else None, made_of)


def masked_bars(models: Path) -> list[Bar]:
    """What meshes with masks make of a frame, and what the masks alone cost."""
    bars = []
    for name, scale in LONG_HAIRED.items():
        frames = long_haired_frames(scale)
        without = pace(models, frames, session_of(meshes=True))
        costs = pace(models, frames, session_of(meshes=True, masks=True))
        bars.append(_pace_bar(f" with mesh and mask, {name} face", costs))
        made_of = f"{costs.cpu('whole'):.1f} with, {without.cpu('whole'):.1f} without"
        alone = costs.cpu("whole") - without.cpu("whole")
        bars.append(Bar(f"of it the mask and its PNG, {name} face", alone, detail=made_of))
    near = long_haired_frames(LONG_HAIRED["near"])
    costs = pace(models, near, session_of(meshes=True, masks=True, hands=True))
    return [*bars, _pace_bar(" with mask and hands looked for", costs, judged=False)]


def main() -> int:
    """Measure and compare with the bars of the try-on issue."""
    models = read_settings().state_dir / "models"
    try:
        forbid_egress()
        with native_log_hidden():
            bars = [_ratio_bar(name, compare(models, side)) for name, side in FACES_PX.items()]
            plain = pace(models, camera_frames(FACES_PX["near"]), session_of())
            bars.append(_pace_bar("", plain))
            bars += masked_bars(models)
    except NotReady as error:
        print(f"pose: {error.message}")
        return 1
    return print_bars("pose", bars)
