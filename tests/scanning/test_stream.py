"""Frames as they come: the newest wins, at most two in flight."""

import asyncio

import numpy as np
import pytest

from services.scanning.options import Options
from services.scanning.stream import (
    Frame,
    FramePipeline,
    Refusal,
    thumbnail,
    unchanged,
)
from shared.errors import ImageRefused, InvalidInput, Unavailable
from tests.scanning.pictures import noise


def frame(seq):
    return Frame(seq, seq * 1000, b"", Options())


async def sending(*frames: object, pause=None):
    for one in frames:
        yield one
        if pause:
            await pause(one)


async def at_once(one):
    return one.seq


async def told(one, seen, dropped):
    return (one.seq, dropped)


def refused(refusal, dropped):
    return (refusal.frame.seq, refusal.error.reason)


async def answers(frames, look=at_once, recognise=told):
    pipeline = FramePipeline(look, recognise, refused)
    async with asyncio.timeout(10):
        return [answer async for answer in pipeline.run(frames)]


async def breathe(_):
    """Let everything that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_frames_give_no_answers():
    """A client that only opens and closes."""
    assert await answers(sending()) == []


async def test_slow_frames_are_all_answered_in_order():
    """With time between them nothing is dropped."""
    frames = sending(*map(frame, range(6)), pause=breathe)
    assert await answers(frames) == [(seq, 0) for seq in range(6)]


async def test_a_burst_is_answered_by_its_newest_frame():
    """What arrives while work is under way is dropped but for the last, and counted."""
    found = await answers(sending(*map(frame, range(10))))
    assert found[-1][0] == 9
    assert len(found) + sum(dropped for _, dropped in found) == 10


async def test_at_most_two_frames_are_in_flight():
    """However many are sent and however slow each stage is."""
    in_flight, most = 0, 0

    async def look(one):
        nonlocal in_flight, most
        in_flight += 1
        most = max(most, in_flight)
        await breathe(one)
        return one.seq

    async def recognise(one, seen, dropped):
        nonlocal in_flight
        await breathe(one)
        await breathe(one)
        in_flight -= 1
        return seen

    await answers(
        sending(*map(frame, range(30)), pause=lambda _: asyncio.sleep(0)), look, recognise
    )
    assert most == 2


async def test_each_stage_works_on_one_frame_at_a_time_in_order():
    """So each answer knows all answers before it."""
    log = []

    async def look(one):
        log.append(("look", one.seq))
        await breathe(one)
        return one.seq

    async def recognise(one, seen, dropped):
        log.append(("begin", one.seq))
        await breathe(one)
        log.append(("end", one.seq))
        return seen

    await answers(sending(*map(frame, range(8)), pause=breathe), look, recognise)
    second = [entry for entry in log if entry[0] != "look"]
    assert all(a[1] == b[1] for a, b in zip(second[::2], second[1::2], strict=True))
    assert [seq for _, seq in second[::2]] == sorted(seq for _, seq in second[::2])


async def test_a_client_that_does_not_read_costs_nothing():
    """Frames are dropped while nobody takes the answers."""
    looked = []

    async def look(one):
        looked.append(one.seq)
        return one.seq

    pipeline = FramePipeline(look, told, refused)
    run = pipeline.run(sending(*map(frame, range(200)), pause=breathe))
    first = await anext(run)
    await asyncio.sleep(0.2)
    assert first == (0, 0)
    assert len(looked) <= 6
    await run.aclose()


async def test_a_refused_picture_is_answered_and_the_stream_goes_on():
    """One bad frame among good ones."""

    async def look(one):
        if one.seq == 1:
            raise ImageRefused("cut short", reason="IMAGE_TRUNCATED")
        return one.seq

    found = await answers(sending(*map(frame, range(3)), pause=breathe), look)
    assert found == [(0, 0), (1, "IMAGE_TRUNCATED"), (2, 0)]


async def test_a_frame_refused_on_arrival_takes_no_slot():
    """It does not push a good frame out of the mailbox."""
    late = Refusal(frame(0), InvalidInput("late", reason="FRAME_OUT_OF_ORDER"))
    found = await answers(sending(frame(5), late))
    assert sorted(found, key=str) == [(0, "FRAME_OUT_OF_ORDER"), (5, 0)]


@pytest.mark.parametrize("stage", ["look", "recognise", "client"])
async def test_what_breaks_ends_the_stream_with_its_error(stage):
    """No answer is made up when the catalogue is away or the client misbehaves."""

    async def fails(*_: object):
        raise Unavailable("gone")

    async def bad_client():
        yield frame(0)
        raise Unavailable("gone")

    with pytest.raises(Unavailable):
        await answers(
            bad_client() if stage == "client" else sending(frame(0)),
            fails if stage == "look" else at_once,
            fails if stage == "recognise" else told,
        )


async def test_leaving_early_stops_the_work():
    """A client that hangs up leaves no task behind."""
    before = asyncio.all_tasks()
    pipeline = FramePipeline(at_once, told, refused)
    run = pipeline.run(sending(*map(frame, range(5)), pause=lambda _: asyncio.sleep(0.01)))
    await anext(run)
    await run.aclose()
    assert asyncio.all_tasks() == before


def test_a_thumbnail_is_small_and_grey():
    """16 x 12 cells, from black to white."""
    assert thumbnail(np.zeros((90, 160, 3), np.uint8)).shape == (12, 16)
    assert set(np.unique(thumbnail(np.full((9, 16, 3), 255, np.uint8)))) == {255}


def test_the_first_frame_has_changed():
    """There is nothing to compare it with."""
    assert not unchanged(None, thumbnail(noise()))


def test_sensor_noise_is_no_change():
    """Grain of 6 grey levels averages out over a cell."""
    picture = noise().astype(np.float64)
    grain = np.random.default_rng(2).normal(0, 6, (2, *picture.shape))
    first, second = (thumbnail(np.clip(picture + g, 0, 255).astype(np.uint8)) for g in grain)
    assert unchanged(first, second)


def test_a_small_thing_that_appears_is_a_change():
    """A dark thing of a twentieth of the picture's width on light ground."""
    picture = np.full((480, 640, 3), 220, np.uint8)
    with_thing = picture.copy()
    with_thing[200:232, 300:332] = 20
    assert not unchanged(thumbnail(picture), thumbnail(with_thing))
