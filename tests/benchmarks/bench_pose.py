"""A try-on frame against the bare MediaPipe call that it needs, and a camera's pace.

All in one process and one run, frame by frame in turn, so that what else the machine does
hits both alike. The picture is 1280 x 720, as phones send it.
"""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from services.pose.consent import Consent
from services.pose.mediapipe_tasks import FaceTask, TaskOptions, native_log_hidden
from services.pose.placement import PlacementTracker
from services.pose.placement.types import Item, TryOnAsset, TryOnKind
from services.pose.stream import Session, StreamFrame, answer_frame
from services.pose.trackers import StreamTracker
from shared.config import read_settings
from shared.errors import NotReady
from shared.image import DEFAULT_LIMITS, decode, encode_jpeg
from shared.models.mediapipe_bundles import installed_bundle
from tests.benchmarks.tables import Bar, percentile, print_bars

FRAMES = 150
WARM_UP = 10
PERIOD_US = 40_000
POINTS = {"bridge": (0.5, 0.35), "hinge_left": (0.02, 0.25), "hinge_right": (0.98, 0.25)}
GLASSES = Item("GLS-1", TryOnAsset(TryOnKind.GLASSES, (420, 160), 140.0, POINTS))


def camera_frames() -> list[bytes]:
    """A face that sways in a 720p picture."""
    face = cv2.resize(skimage.data.astronaut(), (720, 720), interpolation=cv2.INTER_CUBIC)
    frames = []
    for number in range(FRAMES):
        canvas = np.full((720, 1280, 3), 120, np.uint8)
        left = 280 + round(60 * np.sin(number / 10))
        canvas[:, left : left + 720] = face
        frames.append(encode_jpeg(canvas, 85))
    return frames


def measure(models: Path) -> list[dict[str, float]]:
    """Milliseconds of each frame: bare call, our stages, and everything."""
    bare = FaceTask(TaskOptions(installed_bundle("face_far", models).path, "video"))
    tracker = StreamTracker(models)
    session = Session(Consent(0, frozenset()), (GLASSES,), PlacementTracker((GLASSES,)))
    rows = []
    for number, image in enumerate(camera_frames()):
        pixels = decode(image).image_rgb
        start = time.perf_counter()
        bare.detect(pixels, number * 40)
        bare_ms = (time.perf_counter() - start) * 1000
        frame = StreamFrame(number, number * PERIOD_US, image, session)
        answer = answer_frame(frame, tracker, DEFAULT_LIMITS, 0)
        assert answer.placements
        rows.append({"bare": bare_ms, **answer.timings_ms})
    bare.close()
    tracker.close()
    return rows[WARM_UP:]


def main() -> int:
    """Measure and compare with the bars of the try-on issue."""
    models = read_settings().state_dir / "models"
    try:
        with native_log_hidden():
            rows = measure(models)
    except NotReady as error:
        print(f"pose: {error.message}")
        return 1
    middle = {name: percentile([row[name] for row in rows], 0.5) for name in rows[0]}
    ratio = (middle["landmarks"] + middle["placement"]) / middle["bare"]
    shares = ", ".join(f"{name} {value:.1f}" for name, value in middle.items())
    detail = f"p50 ms of {len(rows)} frames of 720p: {shares}"
    return print_bars(
        "pose",
        [
            Bar("landmarks + placement / bare MediaPipe call", ratio, "<=", 1.10, detail),
            Bar("frames a second, one stream, glasses", 1000 / middle["total"], ">=", 25.0),
        ],
    )
