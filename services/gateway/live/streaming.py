"""A service's stream on one side, an HTTP response that stays open on the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import grpc.aio
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.gateway.backends import as_error
from shared.errors import TooSlow

FIRST_TIMEOUT_S = 10.0


class HeldStream(StreamingResponse):
    """A stream that gives back what it held, however it ends."""

    def __init__(self, told: AsyncIterator[bytes], media_type: str, held: ExitStack) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(told, media_type=media_type, headers=headers)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is told until it ends or the caller goes."""
        with self._held:
            await super().__call__(scope, receive, send)


async def first_answer(call: Any, service: str) -> Any:
    """The first answer of a stream, so that a refusal is still an HTTP answer of its own.

    Args:
        call: the stream.
        service: full name of the service called, for errors.

    Raises:
        VitrineError: what the service said, or that it does not answer.
    """
    try:
        async with asyncio.timeout(FIRST_TIMEOUT_S):
            return await call.read()
    except TimeoutError as error:
        name = service.rpartition(".")[2]
        raise TooSlow(f"{name} was silent for {FIRST_TIMEOUT_S:.0f} s") from error
    except grpc.aio.AioRpcError as failure:
        raise as_error(failure, service) from failure


async def following(call: Any, heartbeat_s: float) -> AsyncIterator[Any]:
    """Answers as they come; None for each pause, which keeps the connection alive."""
    reading = asyncio.ensure_future(call.read())
    try:
        while True:
            await asyncio.wait((reading,), timeout=heartbeat_s)
            if not reading.done():
                yield None
                continue
            answer = reading.result()
            if answer is grpc.aio.EOF:
                return
            reading = asyncio.ensure_future(call.read())
            yield answer
    finally:
        reading.cancel()
