"""A client that stops reading costs its own answers: not the others' pace, and no memory."""

from __future__ import annotations

import asyncio
import resource
from typing import Any

import grpc
import numpy as np
import pytest

from shared.image import encode_jpeg
from tests.pose.streams import Stream, frame

FLOOD = 400
ROOM_MB = 80
"""Room for both streams' networks and gRPC's windows; the flood itself is 100 MB."""


def peak_mb() -> float:
    """Largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.fixture
def heavy_jpeg(astronaut: np.ndarray) -> bytes:
    """A face in a picture of about 250 kB."""
    noise = np.random.default_rng(0).integers(-12, 12, astronaut.shape)
    return encode_jpeg(np.clip(astronaut + noise, 0, 255).astype(np.uint8), 98)


@pytest.mark.slow
async def test_who_reads_nothing_slows_nobody(
    pose: Any, token: str, astronaut_jpeg: bytes, heavy_jpeg: bytes
):
    """Four hundred unread frames beside a stream that gets each of its answers."""
    options = {"screen_mesh": True}
    async with (
        Stream(pose, token, "GLS-1", **options) as deaf,
        Stream(pose, token, "GLS-1") as reader,
    ):
        await deaf.ask(frame(1, heavy_jpeg))
        await reader.ask(frame(1, astronaut_jpeg))
        before = peak_mb()

        async def flood() -> None:
            for seq in range(2, FLOOD + 2):
                await deaf.send(frame(seq, heavy_jpeg))

        flooding = asyncio.create_task(flood())
        for seq in range(2, 22):
            async with asyncio.timeout(20):
                answer = await reader.ask(frame(seq, astronaut_jpeg))
            assert answer.seq == seq
            assert answer.placements
        async with asyncio.timeout(60):
            await flooding
        assert peak_mb() - before < ROOM_MB
        last = await _drain(deaf)
    assert last.seq == FLOOD + 1


async def test_who_leaves_without_reading_gives_his_tracker_back(
    pose: Any, token: str, heavy_jpeg: bytes
):
    """Clients vanish amid unread answers, one after the other: the next one finds a tracker."""
    for _ in range(4):
        deaf = await _opened(pose, token, heavy_jpeg)
        for seq in range(2, 60):
            await deaf.send(frame(seq, heavy_jpeg))
        deaf.cancel()


async def _opened(pose: Any, token: str, image: bytes) -> Stream:
    """A stream that has answered once, within the time that closing others may take."""
    async with asyncio.timeout(20):
        while True:
            stream = Stream(pose, token, "GLS-1", screen_mesh=True)
            try:
                await stream.start()
                if await stream.ask(frame(1, image)) is not grpc.aio.EOF:
                    return stream
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
                await asyncio.sleep(0.1)


async def _drain(stream: Stream) -> Any:
    """Read what waited; the newest frame is among it."""
    answer = await stream.read()
    while answer.seq < FLOOD + 1:
        answer = await stream.read()
    return answer
