"""Networks on hand: one tracker per stream, a few finders for single pictures.

Both are bounded. A stream that finds no free tracker, or a picture that too many others
wait before, is refused at once with the time after which to come back.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from services.pose.landmarks import DEFAULT_SUBJECTS, LandmarkFinder
from services.pose.mediapipe_tasks import BodyTask, FaceTask, Found, HandTask, TaskOptions
from services.pose.placement.types import (
    BodyLandmarks,
    FaceLandmarks,
    Floats,
    HandLandmarks,
    LandmarkKind,
    Subjects,
)
from services.pose.views import Rgb
from shared.errors import Overloaded
from shared.models.card import ModelCard
from shared.models.mediapipe_bundles import BUNDLES, BundleName, installed_bundle

Result = TypeVar("Result")

LARGEST_SIDE_PX = 1280
"""Frames are looked at no larger: the networks take 256 pixels of a part of them."""
NEAR_FACE = (0.22, 0.25)
"""A face that is so large a part of the longer side is as well seen at half that size: its
own crop still has the network's pixels, and a camera's noise is averaged out of them
(jitter at rest is half as large). The lower bound is for a face that was near before."""
_EXTREMES = np.array((10, 152, 234, 454))
"""Forehead, chin, and both sides of a face (MediaPipe's face mesh)."""
RETRY_AFTER_STREAM_MS = 2_000
RETRY_AFTER_PICTURE_MS = 250
WAITING_PER_FINDER = 8
"""Pictures that may wait for each finder."""


class StreamTracker:
    """Follows faces, hands and bodies over the frames of one stream. Not thread-safe.

    Each kind costs one network call a frame: MediaPipe follows what it found before.
    Networks are loaded when a kind is first asked for.

    Args:
        folder: where the bundles are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tasks: dict[BundleName, FaceTask | HandTask | BodyTask] = {}
        self._face: BundleName = "face_far"
        self._start_us: int | None = None
        self._last_ms = -1
        self._near = False

    @property
    def side_px(self) -> int:
        """Longer side at which the next frame should be given; it follows from those before."""
        return LARGEST_SIDE_PX // 2 if self._near else LARGEST_SIDE_PX

    def track(
        self, image_rgb: Rgb, kinds: Collection[LandmarkKind], capture_time_us: int
    ) -> Subjects:
        """Landmarks in the next frame.

        Args:
            image_rgb: (H, W, 3) uint8.
            kinds: what to follow.
            capture_time_us: later than that of the frame before.

        Raises:
            NotReady: a model is missing or damaged.
        """
        time_ms = self._next_ms(capture_time_us)
        faces = self._faces(image_rgb, time_ms) if LandmarkKind.FACE in kinds else []
        hands = self._run("hand", image_rgb, time_ms) if LandmarkKind.HAND in kinds else []
        bodies = self._run("body", image_rgb, time_ms) if LandmarkKind.BODY in kinds else []
        self._near = set(kinds) == {LandmarkKind.FACE} and self._all_near(faces, image_rgb)
        return Subjects(
            tuple(FaceLandmarks(face.points) for face in faces),
            tuple(HandLandmarks(h.points, h.handedness, h.world_points_mm) for h in hands),
            tuple(BodyLandmarks(body.points, body.world_points_mm) for body in bodies),
        )

    def close(self) -> None:
        """Free the networks."""
        for task in self._tasks.values():
            task.close()
        self._tasks.clear()

    def _faces(self, image_rgb: Rgb, time_ms: int) -> list[Found]:
        """Faces; while there is none, the short- and the full-range detector take turns."""
        faces = self._run(self._face, image_rgb, time_ms)
        if not faces:
            self._face = "face" if self._face == "face_far" else "face_far"
        return faces

    def _all_near(self, faces: Sequence[Found], image_rgb: Rgb) -> bool:
        size_wh = (image_rgb.shape[1], image_rgb.shape[0])
        bound = NEAR_FACE[0 if self._near else 1] * max(size_wh)
        return bool(faces) and min(_extent_px(face, size_wh) for face in faces) >= bound

    def _run(self, name: BundleName, image_rgb: Rgb, time_ms: int) -> list[Found]:
        if name not in self._tasks:
            kind, make = _STREAMED[name]
            bundle = installed_bundle(name, self._folder).path
            self._tasks[name] = make(TaskOptions(bundle, "video", DEFAULT_SUBJECTS[kind]))
        found = self._tasks[name].detect(image_rgb, time_ms)
        return sorted(found, key=_height, reverse=True) if len(found) > 1 else found

    def _next_ms(self, capture_time_us: int) -> int:
        """MediaPipe wants whole milliseconds that grow; clients send any microseconds."""
        if self._start_us is None:
            self._start_us = capture_time_us
        self._last_ms = max(self._last_ms + 1, (capture_time_us - self._start_us) // 1000)
        return self._last_ms


_STREAMED: dict[BundleName, tuple[LandmarkKind, type[FaceTask | HandTask | BodyTask]]] = {
    "face": (LandmarkKind.FACE, FaceTask),
    "face_far": (LandmarkKind.FACE, FaceTask),
    "hand": (LandmarkKind.HAND, HandTask),
    "body": (LandmarkKind.BODY, BodyTask),
}


def _extent_px(face: Found, size_wh: tuple[int, int]) -> float:
    """The longer of a face's height and width."""
    top, chin, right, left = (face.points[_EXTREMES, :2] * size_wh).tolist()
    return max(math.dist(top, chin), math.dist(right, left))


def _height(found: Found) -> float:
    extent: Floats = np.ptp(found.points[:, :2], axis=0)
    return float(extent.max())


class Networks:
    """All finders and trackers of the process, and the threads that they run in.

    Args:
        folder: where the bundles are.
        streams: trackers at most.
        threads: pictures worked on at once.
    """

    def __init__(self, folder: Path, *, streams: int, threads: int) -> None:
        self._folder = folder
        self._free_trackers = streams
        self._most_waiting = WAITING_PER_FINDER * threads
        self._finders = [LandmarkFinder(folder) for _ in range(threads)]
        self._free_finders = asyncio.Semaphore(threads)
        self._waiting = 0
        self._closed = False
        self._cards: dict[BundleName, ModelCard] = {}
        self._threads = ThreadPoolExecutor(threads + streams, thread_name_prefix="pose")

    def cards(self, kinds: Collection[LandmarkKind]) -> list[ModelCard]:
        """Cards of the models that answer for some kinds.

        Raises:
            NotReady: a model is missing or damaged.
        """
        names = [name for name, (kind, _) in _STREAMED.items() if kind in kinds]
        return [self._card(name) for name in names]

    async def is_ready(self) -> bool:
        """Whether all models are there."""
        return await self.run(_all_there, self._folder)

    def _card(self, name: BundleName) -> ModelCard:
        if name not in self._cards:
            self._cards[name] = installed_bundle(name, self._folder).card
        return self._cards[name]

    @asynccontextmanager
    async def finder(self) -> AsyncIterator[LandmarkFinder]:
        """A finder for one picture, waited for in a short queue.

        Raises:
            Overloaded: the queue is full.
        """
        if self._waiting >= self._most_waiting:
            raise _busy("too many pictures wait to be looked at", RETRY_AFTER_PICTURE_MS)
        self._waiting += 1
        try:
            await self._free_finders.acquire()
        finally:
            self._waiting -= 1
        finder = self._finders.pop()
        try:
            yield finder
        finally:
            self._finders.append(finder)
            self._free_finders.release()

    @asynccontextmanager
    async def tracker(self) -> AsyncIterator[StreamTracker]:
        """A tracker for one stream, new and closed after it.

        Raises:
            Overloaded: all are in use.
        """
        if self._free_trackers <= 0:
            raise _busy("all trackers are in use by other streams", RETRY_AFTER_STREAM_MS)
        self._free_trackers -= 1
        tracker = StreamTracker(self._folder)
        try:
            yield tracker
        finally:
            self._free_trackers += 1
            if self._closed:
                tracker.close()
            else:
                await self.run(tracker.close)

    async def run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do blocking work in a thread.

        A caller that is cancelled waits until the thread is done with it: what the
        work uses is free afterwards in any case.
        """
        future = asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            raise

    def close(self) -> None:
        """Free all networks and threads; a stream that still runs frees its own."""
        self._closed = True
        self._threads.shutdown(wait=True, cancel_futures=True)
        for finder in self._finders:
            finder.close()


def _all_there(folder: Path) -> bool:
    return all((folder / bundle.file).is_file() for bundle in BUNDLES.values())


def _busy(what: str, retry_after_ms: int) -> Overloaded:
    return Overloaded(f"{what}; come back later", retry_after_ms=retry_after_ms)
