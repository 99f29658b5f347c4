"""What a camera should not send: each has its answer, and the stream goes on."""

from __future__ import annotations

import resource
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from services.pose.placement.types import LandmarkKind
from services.pose.trackers import StreamTracker
from shared.image import encode_jpeg
from tests.pose.streams import Stream, frame

WARM_UP_STREAMS = 5
STREAMS = 50
ROOM_MB = 60
"""Fifty trackers of about 12 MB each would take ten times as much."""


def _drawing() -> np.ndarray:
    """A face as a child draws it."""
    canvas = np.full((480, 640, 3), 255, np.uint8)
    cv2.circle(canvas, (320, 240), 150, (0, 0, 0), 4)
    for x in (265, 375):
        cv2.circle(canvas, (x, 200), 18, (0, 0, 0), -1)
    cv2.ellipse(canvas, (320, 290), (70, 40), 0, 0, 180, (0, 0, 0), 4)
    return canvas


def _crowd(face: np.ndarray) -> np.ndarray:
    """Ten faces in two rows."""
    row = np.hstack([cv2.resize(face[40:260, 130:330], (200, 220))] * 5)
    return np.vstack([row, row])


BAD = {
    "nobody": lambda image: np.full((480, 640, 3), 90, np.uint8),
    "ten faces": _crowd,
    "half a face": lambda image: np.ascontiguousarray(image[:, 225:]),
    "a mirror image": lambda image: np.ascontiguousarray(image[:, ::-1]),
    "a 16 x 16 picture": lambda image: cv2.resize(image, (16, 16), interpolation=cv2.INTER_AREA),
    "a drawing": lambda image: _drawing(),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_picture_without_one_whole_face_ends_no_stream(
    pose: Any, token: str, astronaut: np.ndarray, astronaut_jpeg: bytes, name: str
):
    """It is answered with its number; the good frames after it find their face again."""
    bad = encode_jpeg(BAD[name](astronaut), 90)
    async with Stream(pose, token, "GLS-1") as stream:
        assert (await stream.ask(frame(1, astronaut_jpeg))).placements
        answer = await stream.ask(frame(2, bad))
        assert answer.seq == 2
        assert len(answer.placements) <= 2  # what is tracked now, and what was held before
        again = [await stream.ask(frame(seq, astronaut_jpeg)) for seq in range(3, 7)]
        assert again[-1].placements
        await stream.end()


async def test_time_that_runs_backwards_ends_no_stream(
    pose: Any, token: str, astronaut_jpeg: bytes
):
    """The frame is refused by its reason; the next one in time is placed."""
    async with Stream(pose, token, "GLS-1") as stream:
        assert (await stream.ask(frame(1, astronaut_jpeg, 80_000))).placements
        refused = await stream.ask(frame(2, astronaut_jpeg, 40_000))
        assert refused.refusal.reason == "FRAME_OUT_OF_ORDER"
        assert not refused.placements
        assert (await stream.ask(frame(3, astronaut_jpeg, 120_000))).placements
        await stream.end()


@pytest.mark.slow
def test_fifty_streams_one_after_the_other_leave_no_memory_behind(
    models_dir: Path, astronaut: np.ndarray
):
    """Each opens its networks, follows a face and closes them again.

    In a process of its own: what other tests left to this one would be counted too.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        assert process.submit(_growth_mb, models_dir, astronaut).result() < ROOM_MB


def _growth_mb(models_dir: Path, image: np.ndarray) -> float:
    """By how much the most memory grows over many streams, after the first few."""
    for _ in range(WARM_UP_STREAMS):
        _one_stream(models_dir, image)
    before = _peak_mb()
    for _ in range(STREAMS):
        _one_stream(models_dir, image)
    return _peak_mb() - before


def _one_stream(models_dir: Path, image: np.ndarray) -> None:
    tracker = StreamTracker(models_dir)
    assert tracker.track(image, [LandmarkKind.FACE], 0).faces
    tracker.close()


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
