"""A try-on frame against the bare MediaPipe call that it needs, and a camera's pace.

All in one process and one run, frame by frame in turn, so that what else the machine does
hits both alike. The picture is 1280 x 720, as phones send it; the bare call looks at all of
it, ours at half its size once the face is near (``services.pose.trackers``).
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
from services.pose.placement import PlacementTracker
from services.pose.placement.camera import camera_of
from services.pose.placement.types import Item, LandmarkKind, TryOnAsset, TryOnKind
from services.pose.stream import Session, StreamFrame, answer_frame
from services.pose.trackers import StreamTracker
from services.pose.views import Rgb
from shared.config import read_settings
from shared.errors import NotReady
from shared.image import DEFAULT_LIMITS, decode, encode_jpeg
from shared.models.mediapipe_bundles import installed_bundle
from shared.privacy import forbid_egress
from tests.benchmarks.tables import Bar, percentile, print_bars

Result = TypeVar("Result")

FRAMES = 150
WARM_UP = 10
PERIOD_US = 40_000
OWN_RESULTS: list[Any] = []
"""MediaPipe's own result class, kept before pose puts its own in its place."""
POINTS = {"bridge": (0.5, 0.35), "hinge_left": (0.02, 0.25), "hinge_right": (0.98, 0.25)}
GLASSES = Item("GLS-1", TryOnAsset(TryOnKind.GLASSES, (420, 160), 140.0, POINTS))


def camera_frames() -> list[bytes]:
    """A face that sways in a 720p picture, half as high as that, as in a mirror."""
    head = skimage.data.astronaut()[:240, 105:345]
    face = cv2.resize(head, (720, 720), interpolation=cv2.INTER_CUBIC)
    frames = []
    for number in range(FRAMES):
        canvas = np.full((720, 1280, 3), 120, np.uint8)
        left = 280 + round(60 * np.sin(number / 10))
        canvas[:, left : left + 720] = face
        frames.append(encode_jpeg(canvas, 85))
    return frames


def bare_task(models: Path) -> Any:
    """MediaPipe's own landmarker, used as its documentation says."""
    from mediapipe.tasks.python import vision
    from mediapipe.tasks.python.core.base_options import BaseOptions
    from mediapipe.tasks.python.vision import face_landmarker

    OWN_RESULTS.append(face_landmarker.FaceLandmarkerResult)
    bundle = str(installed_bundle("face_far", models).path)
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=bundle), running_mode=vision.RunningMode.VIDEO
    )
    return vision.FaceLandmarker.create_from_options(options)


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


def measure(models: Path) -> Costs:
    """Cost of each frame: the bare call, landmarks and placement, and the whole answer."""
    import mediapipe

    bare, costs = bare_task(models), Costs()
    ours, whole = (StreamTracker(models) for _ in range(2))
    placements = PlacementTracker((GLASSES,))
    session = Session(Consent(0, frozenset()), (GLASSES,), PlacementTracker((GLASSES,)))
    camera = camera_of((1280, 720))

    def bare_call(pixels: Rgb, time_ms: int) -> None:
        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=pixels)
        assert bare.detect_for_video(image, time_ms).face_landmarks

    def our_call(pixels: Rgb, time_us: int) -> None:
        subjects = ours.track(pixels, [LandmarkKind.FACE], time_us)
        assert placements.update(subjects, camera, time_us)

    for number, image in enumerate(camera_frames()):
        pixels, time_us = decode(image).image_rgb, number * PERIOD_US
        seen = decode(image, max_side=ours.side_px).image_rgb
        with mediapipes_own_results():
            costs.of("bare", bare_call, pixels, number * 40)
        costs.of("ours", our_call, seen, time_us)
        frame = StreamFrame(number, time_us, image, session)
        assert costs.of("whole", answer_frame, frame, whole, DEFAULT_LIMITS, 0).placements
    for task in (bare, ours, whole):
        task.close()
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


def main() -> int:
    """Measure and compare with the bars of the try-on issue."""
    models = read_settings().state_dir / "models"
    try:
        forbid_egress()
        with native_log_hidden():
            costs = measure(models)
    except NotReady as error:
        print(f"pose: {error.message}")
        return 1
    frames = FRAMES - WARM_UP
    cost = f"p50 processor ms of {frames} frames of 720p: {costs.cpu('ours'):.1f} / "
    pace = f"p50 wall-clock ms, decoding included: {costs.wall('whole'):.1f}"
    return print_bars(
        "pose",
        [
            Bar(
                "landmarks + placement / bare MediaPipe call",
                costs.cpu("ours") / costs.cpu("bare"),
                "<=",
                1.10,
                cost + f"{costs.cpu('bare'):.1f}",
            ),
            Bar("frames a second, glasses", 1000 / costs.wall("whole"), ">=", 25.0, pace),
        ],
    )
