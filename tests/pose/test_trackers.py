"""Networks on hand: bounded, refused at once when all are busy, free again afterwards."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from services.pose.placement.types import LandmarkKind
from services.pose.trackers import WAITING_PER_FINDER, Networks, StreamTracker
from shared.errors import NotReady, Overloaded

FACE = [LandmarkKind.FACE]


@pytest.fixture
def networks(models_dir: Path):
    opened = Networks(models_dir, streams=1, threads=1)
    yield opened
    opened.close()


async def test_a_second_stream_is_told_when_to_come_back(networks: Networks):
    """One tracker: the second stream is refused until the first one ends."""
    async with networks.tracker():
        with pytest.raises(Overloaded) as refused:
            async with networks.tracker():
                pass
        assert refused.value.retry_after_ms
    async with networks.tracker():
        pass


async def test_pictures_wait_in_a_short_queue(networks: Networks):
    """As many as the queue holds wait; one more is refused; all others get their turn."""
    release = asyncio.Event()

    async def look() -> None:
        async with networks.finder():
            await release.wait()

    waiting = [asyncio.create_task(look()) for _ in range(WAITING_PER_FINDER + 1)]
    await asyncio.sleep(0.01)
    with pytest.raises(Overloaded):
        async with networks.finder():
            pass
    release.set()
    await asyncio.wait_for(asyncio.gather(*waiting), 10)
    async with networks.finder():
        pass


async def test_a_cancelled_caller_waits_for_its_thread(networks: Networks):
    """What a thread works with is not given to the next caller before it is done."""
    started, release, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        release.wait(10)
        done.set()

    task = asyncio.create_task(networks.run(work))
    await asyncio.to_thread(started.wait, 10)
    task.cancel()
    await asyncio.sleep(0.01)
    assert not task.done()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done.is_set()


async def test_ready_means_that_the_models_are_there(networks: Networks, tmp_path: Path):
    """Without models the health check says so, and a picture FAILED_PRECONDITION."""
    assert await networks.is_ready()
    empty = Networks(tmp_path, streams=1, threads=1)
    assert not await empty.is_ready()
    with pytest.raises(NotReady) as missing:
        empty.cards(FACE)
    assert missing.value.reason == "MODEL_MISSING"
    empty.close()


def test_cards_name_the_models_of_the_kinds_asked(networks: Networks):
    """Faces come from two detectors, hands and bodies from one each."""
    assert [card.task for card in networks.cards(FACE)] == ["face", "face"]
    assert [card.task for card in networks.cards([LandmarkKind.BODY])] == ["body"]


def test_a_stream_follows_a_face(models_dir: Path, astronaut: np.ndarray):
    """Times may be negative, of any clock, and nearer than a millisecond."""
    tracker = StreamTracker(models_dir)
    noses = []
    for time_us, shift in ((-5_000_000, 0), (-4_999_900, 4), (-4_960_000, 8)):
        frame = np.roll(astronaut, shift, axis=1)
        (face,) = tracker.track(frame, FACE, time_us).faces
        noses.append(float(face.points[1, 0]) * 512)
    tracker.close()
    np.testing.assert_allclose(np.diff(noses), 4, atol=1.0)


def test_only_the_kinds_asked_for_are_followed(models_dir: Path, astronaut: np.ndarray):
    """Glasses need no body; what is not needed is not loaded."""
    tracker = StreamTracker(models_dir)
    found = tracker.track(astronaut, FACE, 0)
    assert (len(found.faces), found.hands, found.bodies) == (1, (), ())
    found = tracker.track(astronaut, [LandmarkKind.BODY], 40_000)
    assert (found.faces, len(found.bodies)) == ((), 1)
    tracker.close()


@pytest.mark.parametrize("factor", [1.0, 0.45])
def test_near_and_far_faces_are_both_acquired(
    models_dir: Path, astronaut: np.ndarray, factor: float
):
    """Two detectors take turns until one finds a face: within three frames."""
    from tests.pose.conftest import shrunk

    frame = astronaut if factor == 1.0 else shrunk(astronaut, factor)
    tracker = StreamTracker(models_dir)
    found = [len(tracker.track(frame, FACE, i * 40_000).faces) for i in range(4)]
    tracker.close()
    assert found[-1] == 1


def test_a_near_face_is_looked_at_in_half_the_size(models_dir: Path, astronaut: np.ndarray):
    """It follows from the frames alone: near, still near, gone; never with a body asked for."""
    near = cv2.resize(astronaut[:256, 100:356], (720, 720), interpolation=cv2.INTER_CUBIC)
    tracker = StreamTracker(models_dir)
    sides = [tracker.side_px]
    for number, frame in enumerate((near, near, astronaut, np.full_like(astronaut, 90))):
        tracker.track(frame, FACE, number * 40_000)
        sides.append(tracker.side_px)
    assert sides == [1280, 640, 640, 1280, 1280]
    tracker.track(near, [LandmarkKind.FACE, LandmarkKind.BODY], 400_000)
    assert tracker.side_px == 1280
    tracker.close()
