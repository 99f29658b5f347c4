"""How far landmarks of streams tremble and are late: what a scorecard's noise must stand for.

A still portrait is filmed: each frame gets a camera's noise and JPEG's, and in a second run the
picture sways by a known way that is taken off again. What then still moves is the landmarks'
error that changes from frame to frame. An error that is the same in all frames does not show.
Figures are in percent of the face's width, of a hand's length for hands; a portrait counts
as much as the next, so a figure is the median over portraits, the worst stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from skimage import data

from services.pose.mediapipe_tasks import native_log_hidden
from services.pose.placement.types import Floats, LandmarkKind, Subjects
from services.pose.trackers import StreamTracker
from services.pose.views import Rgb
from shared.config import read_settings
from shared.errors import NotReady
from shared.image import decode
from tests.benchmarks.bench_pose_landmarks import DATA
from tests.benchmarks.tables import Bar, print_bars

FRAMES, SETTLED, FRAME_US = 150, 30, 33_333
HEIGHT_PX = 720
CAMERA_NOISE = 4.0
"""Deviation of a webcam's pixels indoors, of 255."""
SWAY_WH, SWAY_HZ = (60.0, 18.0), (0.4, 0.27)
PORTRAITS = ("hopper.jpg", "faces/2007_007763.jpg", "faces/2008_001009.jpg")
"""One person each, her shoulders in the picture; the astronaut comes with scikit-image."""
TEMPLES = (234, 454)
LATER = (1, 3, 10)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Points (frames, points, 2) of one portrait, the sway taken off, in percent of its width."""

    points: Floats

    @property
    def off(self) -> Floats:
        """What moves, from each point's mean."""
        off: Floats = self.points - self.points.mean(axis=0)
        return off

    @property
    def deviation(self) -> float:
        """Standard deviation of a coordinate."""
        return float(np.sqrt(np.square(self.off).mean()))

    @property
    def step(self) -> float:
        """Standard deviation of a coordinate's change from frame to frame."""
        return float(np.sqrt(np.square(np.diff(self.off, axis=0)).mean()))

    def alike(self, later: int) -> float:
        """Correlation of errors so many frames apart."""
        off = self.off
        return float((off[later:] * off[:-later]).sum() / max(float((off**2).sum()), 1e-12))


Part = Callable[[Subjects, Floats], tuple[Floats, float] | None]
"""Points (N, 2) in pixels of a frame's subjects, and the width that they are told in."""


def of_face(subjects: Subjects, size_wh: Floats) -> tuple[Floats, float] | None:
    """The face mesh."""
    if not subjects.faces:
        return None
    points = subjects.faces[0].points[:468, :2] * size_wh
    return points, float(np.hypot(*(points[TEMPLES[0]] - points[TEMPLES[1]])))


def of_body(joints: Sequence[int]) -> Part:
    """Some of a body's landmarks, told in its face's width."""

    def part(subjects: Subjects, size_wh: Floats) -> tuple[Floats, float] | None:
        face = of_face(subjects, size_wh)
        if face is None or not subjects.bodies:
            return None
        return subjects.bodies[0].points[list(joints), :2] * size_wh, face[1]

    return part


def of_hand(points: Sequence[int]) -> Part:
    """Some of a hand's landmarks, told in its length."""

    def part(subjects: Subjects, size_wh: Floats) -> tuple[Floats, float] | None:
        if not subjects.hands:
            return None
        hand = subjects.hands[0].points[:, :2] * size_wh
        return hand[list(points)], float(np.ptp(hand, axis=0).max())

    return part


WEARER: dict[str, Part] = {
    "face mesh": of_face,
    "a body's shoulders": of_body((11, 12)),
    "a body's nose, eyes, mouth": of_body((0, 1, 2, 3, 4, 5, 6, 9, 10)),
}
HAND: dict[str, Part] = {"hand": of_hand(range(21)), "hand's wrist": of_hand((0,))}


def portraits() -> dict[str, Rgb]:
    """Portraits as high as a 720p frame."""
    found = {"astronaut": np.ascontiguousarray(data.astronaut())}
    paths = [DATA / "people" / name for name in PORTRAITS]
    found |= {path.stem: decode(path.read_bytes()).image_rgb for path in paths if path.is_file()}
    return {name: _as_high(picture) for name, picture in found.items()}


def hands() -> dict[str, Rgb]:
    """Photos of hands."""
    paths = sorted((DATA / "people" / "hands").glob("*.jpg"))
    return {path.stem: _as_high(decode(path.read_bytes()).image_rgb) for path in paths}


def _as_high(picture: Rgb) -> Rgb:
    scale = HEIGHT_PX / picture.shape[0]
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def film(picture: Rgb, sways: bool) -> Iterator[tuple[Rgb, Floats]]:
    """Frames of a camera before the picture, and how far each is shifted (2,) in pixels."""
    random, size_wh = np.random.default_rng(0), (picture.shape[1], picture.shape[0])
    for frame in range(FRAMES):
        turn = 2 * np.pi * np.array(SWAY_HZ) * frame * FRAME_US / 1e6
        shift = np.array(SWAY_WH) * np.sin(turn) * sways
        matrix = np.column_stack([np.eye(2), shift])
        moved = cv2.warpAffine(picture, matrix, size_wh, borderMode=cv2.BORDER_REPLICATE)
        noisy = moved + random.normal(0, CAMERA_NOISE, moved.shape)
        _, packed = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8))
        yield np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8), shift


def followed(
    picture: Rgb, kinds: Sequence[LandmarkKind], sways: bool, models: Path, parts: Sequence[Part]
) -> list[Track | None]:
    """Each part of the landmarks over the film; None where a frame did not show it."""
    size_wh = np.array((picture.shape[1], picture.shape[0]))
    seen: list[list[Floats]] = [[] for _ in parts]
    widths: list[list[float]] = [[] for _ in parts]
    with native_log_hidden(), closing(StreamTracker(models)) as tracker:
        for frame, (image, shift) in enumerate(film(picture, sways)):
            subjects = tracker.track(image, kinds, frame * FRAME_US)
            for index, part in enumerate(parts):
                found = part(subjects, size_wh) if frame >= SETTLED else None
                if found is not None:
                    seen[index].append(found[0] - shift)
                    widths[index].append(found[1])
    # One width for all frames: that of each errs itself, and places are far from the origin.
    return [
        Track(100 * np.array(places) / np.median(wide)) if len(places) == FRAMES - SETTLED else None
        for places, wide in zip(seen, widths, strict=True)
    ]


def told(
    pictures: dict[str, Rgb], kinds: Sequence[LandmarkKind], parts: dict[str, Part], models: Path
) -> list[Bar]:
    """What each part's landmarks are off by, at rest and swaying."""
    bars = []
    for motion, sways in (("at rest", False), ("swaying", True)):
        tracks = [
            followed(picture, kinds, sways, models, list(parts.values()))
            for picture in pictures.values()
        ]
        for name, column in zip(parts, zip(*tracks, strict=True), strict=True):
            seen = [one for one in column if one is not None]
            if seen:
                bars.append(_bar(f"{name} {motion}, % of the width", seen))
    return bars


def _bar(name: str, tracks: Sequence[Track]) -> Bar:
    deviations = [one.deviation for one in tracks]
    step = float(np.median([one.step for one in tracks]))
    alike = [float(np.median([one.alike(later) for one in tracks])) for later in LATER]
    words = " ".join(f"{one:.2f}" for one in alike)
    detail = (
        f"{len(tracks)} pictures, {min(deviations):.2f} to {max(deviations):.2f}; "
        f"step {step:.2f}; alike {LATER} frames apart {words}"
    )
    return Bar(name, float(np.median(deviations)), detail=detail)


def main() -> int:
    """Print the deviations; nothing is judged."""
    models = read_settings().state_dir / "models"
    try:
        bars = told(portraits(), (LandmarkKind.FACE, LandmarkKind.BODY), WEARER, models)
        bars += told(hands(), (LandmarkKind.HAND,), HAND, models)
    except NotReady as missing:
        print(f"pose_jitter: {missing.message}")
        return 1
    return print_bars("pose_jitter: landmarks of a filmed still", bars)
