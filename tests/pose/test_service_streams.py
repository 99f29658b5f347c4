"""TrackProducts over a real channel: order, freshness, places, the same bytes twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from shared.image import encode_jpeg
from tests.pose.streams import Stream, config, first, frame
from tests.pose.test_service import noise, refused
from vitrine.v1 import pose_pb2 as pb


async def test_each_frame_is_answered_with_its_own_number(pose, token, astronaut_jpeg):
    """Frame-locked: seq and capture time come back, the product is TRACKING."""
    async with Stream(pose, token, "GLS-1") as stream:
        for seq in (1, 2, 5):
            answer = await stream.ask(frame(seq, astronaut_jpeg))
            assert (answer.seq, answer.capture_time_us) == (seq, seq * 40_000)
            assert [one.state for one in answer.placements] == [pb.TRACKING_STATE_TRACKING]
        await stream.end()


async def test_a_product_is_held_then_lost(pose, token, astronaut_jpeg):
    """Out of sight it is HELD for 0.4 s of capture time, LOST once, then gone."""
    async with Stream(pose, token, "GLS-1") as stream:
        await stream.ask(frame(1, astronaut_jpeg, 0))
        states = []
        for seq, time_us in ((2, 200_000), (3, 390_000), (4, 500_000), (5, 600_000)):
            answer = await stream.ask(frame(seq, noise(), time_us))
            states.append([one.state for one in answer.placements])
    held, lost = [pb.TRACKING_STATE_HELD], [pb.TRACKING_STATE_LOST]
    assert states == [held, held, lost, []]


@pytest.mark.parametrize(("seq", "time_us"), [(2, 999_999), (1, 999_999), (3, 80_000), (3, 10)])
async def test_a_frame_out_of_order_is_refused_and_the_stream_goes_on(
    pose, token, astronaut_jpeg, seq, time_us
):
    """Numbers and times must grow; what does not is told and forgotten."""
    async with Stream(pose, token, "GLS-1") as stream:
        await stream.ask(frame(2, astronaut_jpeg))
        refused_answer = await stream.ask(frame(seq, astronaut_jpeg, time_us))
        assert refused_answer.refusal.reason == "FRAME_OUT_OF_ORDER"
        assert refused_answer.seq == seq
        assert (await stream.ask(frame(9, astronaut_jpeg))).placements


async def test_a_broken_frame_is_refused_and_the_stream_goes_on(pose, token, astronaut_jpeg):
    """A truncated picture costs its own frame only."""
    async with Stream(pose, token, "GLS-1") as stream:
        answer = await stream.ask(frame(1, astronaut_jpeg[:2000]))
        assert answer.refusal.reason == "IMAGE_TRUNCATED"
        assert (await stream.ask(frame(2, astronaut_jpeg))).placements


async def test_a_frame_before_the_configuration_ends_the_stream(pose, astronaut_jpeg):
    """STREAM_CONFIG_MISSING: nobody has consented yet."""
    call = pose.TrackProducts(iter([frame(1, astronaut_jpeg)]))
    assert (await refused(first(call))).reason == "STREAM_CONFIG_MISSING"


async def test_products_change_with_a_new_configuration(pose, token, astronaut_jpeg):
    """From the next frame on the new products are placed."""
    async with Stream(pose, token, "GLS-1") as stream:
        before = await stream.ask(frame(1, astronaut_jpeg))
        await stream.send(config(token, "LIP-1"))
        after = await stream.ask(frame(2, astronaut_jpeg))
    assert [[one.sku for one in answer.placements] for answer in (before, after)] == [
        ["GLS-1"],
        ["LIP-1"],
    ]


async def test_only_the_newest_of_many_waiting_frames_is_answered(pose, token, astronaut_jpeg):
    """Sixty frames at once: most are dropped and counted, the last is answered."""
    call = pose.TrackProducts(_burst(token, astronaut_jpeg, 60))
    answers = [answer async for answer in call]
    assert answers[-1].seq == 60
    assert len(answers) + sum(answer.frames_dropped for answer in answers) == 60
    assert len(answers) < 60
    assert [a.seq for a in answers] == sorted(a.seq for a in answers)


async def _burst(token: str, image: bytes, count: int) -> AsyncIterator[Any]:
    yield config(token, "GLS-1")
    for seq in range(1, count + 1):
        yield frame(seq, image)


async def test_a_third_stream_is_told_to_come_back(pose, token, astronaut_jpeg):
    """RESOURCE_EXHAUSTED with RetryInfo when all trackers are in use, free again after."""
    async with Stream(pose, token, "GLS-1") as one:
        await one.ask(frame(1, astronaut_jpeg))
        async with Stream(pose, token, "GLS-1") as two:
            await two.ask(frame(1, astronaut_jpeg))
            error = await refused(first(pose.TrackProducts(iter([config(token, "GLS-1")]))))
            assert error.status == "RESOURCE_EXHAUSTED"
            assert error.retry_after_ms
            await two.end()
        async with Stream(pose, token, "GLS-1") as three:
            assert (await three.ask(frame(1, astronaut_jpeg))).placements


async def test_the_same_frames_give_the_same_bytes(pose, token, astronaut, astronaut_jpeg):
    """Replay is exact: two streams of the same frames answer alike, timings aside."""
    moved = [encode_jpeg(np.roll(astronaut, shift, axis=1)) for shift in (0, 3, 7, 12)]

    async def answers() -> list[bytes]:
        told = []
        async with Stream(pose, token, "GLS-1", screen_mesh=True) as stream:
            for seq, image in enumerate(moved, 1):
                answer = await stream.ask(frame(seq, image))
                answer.ClearField("provenance")
                told.append(answer.SerializeToString(deterministic=True))
        return told

    assert await answers() == await answers()
