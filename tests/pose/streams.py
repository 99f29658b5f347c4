"""A try-on stream as a client has it."""

from __future__ import annotations

from typing import Any

import grpc

from vitrine.v1 import pose_pb2 as pb

TIMEOUT_S = 60


def options(*skus: str, **fields: Any) -> Any:
    """What and how to place."""
    return pb.PlacementOptions(skus=skus, **fields)


def config(token: str, *skus: str, **fields: Any) -> Any:
    """The message that opens a stream."""
    asked = pb.TrackProductsConfig(consent_token=token, options=options(*skus, **fields))
    return pb.TrackProductsRequest(config=asked)


def frame(seq: int, image: bytes, time_us: int | None = None) -> Any:
    """A frame, 40 ms after the one before where no time is given."""
    time = seq * 40_000 if time_us is None else time_us
    return pb.TrackProductsRequest(
        frame=pb.TrackProductsFrame(seq=seq, capture_time_us=time, image=image)
    )


async def first(call: Any) -> Any:
    """The first answer; None where there is none."""
    async for answer in call:
        return answer
    return None


class Stream:
    """A stream that is spoken to one message at a time."""

    def __init__(self, pose: Any, token: str, *skus: str, **fields: Any) -> None:
        self._call = pose.TrackProducts()
        self._config = config(token, *skus, **fields)

    async def __aenter__(self) -> Stream:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cancel()

    async def start(self) -> None:
        await self._call.write(self._config)

    def cancel(self) -> None:
        self._call.cancel()

    async def send(self, message: Any) -> None:
        await self._call.write(message)

    async def ask(self, message: Any) -> Any:
        await self._call.write(message)
        return await self._call.read()

    async def read(self) -> Any:
        return await self._call.read()

    async def end(self) -> None:
        await self._call.done_writing()
        assert await self._call.read() is grpc.aio.EOF
