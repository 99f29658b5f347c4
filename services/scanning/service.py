"""The gRPC adapter of scanning: unpack, call, pack."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any

from services.scanning import messages
from services.scanning.answers import Answers
from services.scanning.options import Options
from services.scanning.scanner import Scanner
from services.scanning.session import Session
from services.scanning.stream import Frame, FramePipeline, Refusal
from shared.errors import InvalidInput, Overloaded
from shared.mailbox import FrameOrder
from vitrine.v1 import scanning_pb2 as pb
from vitrine.v1 import scanning_pb2_grpc

NAME = "vitrine.v1.ScanningService"
RETRY_AFTER_MS = 1000


class ScanningService(scanning_pb2_grpc.ScanningServiceServicer):
    """``vitrine.v1.ScanningService``; the contract's comments say what each RPC does."""

    def __init__(self, scanner: Scanner, answers: Answers, max_streams: int = 16) -> None:
        self._scanner, self._answers = scanner, answers
        self._free_streams = max_streams

    async def ScanImage(self, request: pb.ScanImageRequest, context: Any) -> pb.ScanImageResponse:
        """Scan one picture."""
        options = messages.to_options(request.options)
        return await self._answers.scan_image(request.image, options)

    async def ScanStream(
        self, request_iterator: AsyncIterator[pb.ScanStreamRequest], context: Any
    ) -> AsyncIterator[pb.ScanStreamResponse]:
        """Scan frames as they come."""
        with self._one_stream():
            offers = self._answers.of_stream()
            async with aclosing(Session(self._scanner)) as session:
                pipeline = FramePipeline(session.look, session.recognise, session.refuse)
                async for answer in pipeline.run(read_frames(request_iterator)):
                    reply = messages.frame_message(answer)
                    if not answer.refusal:
                        await offers.add(reply.items, answer)
                    yield reply

    @contextmanager
    def _one_stream(self) -> Iterator[None]:
        if self._free_streams <= 0:
            raise Overloaded(
                "too many streams at once; try again shortly", retry_after_ms=RETRY_AFTER_MS
            )
        self._free_streams -= 1
        try:
            yield
        finally:
            self._free_streams += 1


async def read_frames(
    requests: AsyncIterator[pb.ScanStreamRequest],
) -> AsyncIterator[Frame | Refusal]:
    """Turn a client's messages into frames, each with the options that hold for it.

    Raises:
        InvalidInput: the first message is no configuration (``STREAM_CONFIG_MISSING``),
            or a message is empty.
    """
    options: Options | None = None
    order = FrameOrder(time_may_stand=True)
    async for request in requests:
        kind = request.WhichOneof("message")
        if kind == "options":
            options = messages.to_options(request.options)
        elif options is None:
            raise InvalidInput.of(
                "options", "must be the first message", reason="STREAM_CONFIG_MISSING"
            )
        elif kind == "frame":
            yield _frame(request.frame, options, order)
        else:
            raise InvalidInput.of("message", "is empty; send options or a frame")


def _frame(message: pb.ScanFrame, options: Options, order: FrameOrder) -> Frame | Refusal:
    frame = Frame(message.seq, message.capture_time_us, message.image, options)
    try:
        order.check(frame.seq, frame.capture_time_us)
    except InvalidInput as error:
        return Refusal(frame, error)
    return frame
