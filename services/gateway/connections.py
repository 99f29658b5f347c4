"""HTTP connections that must ask in HTTP and in time: for that, uvicorn waits for ever."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, ClassVar, Final
from uuid import uuid4

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.gateway.door import REQUEST_ID
from services.gateway.problems import MEDIA_TYPE, Problem, of_error, respond
from services.gateway.transcoding import to_json
from shared.errors import Overloaded

_HEADERS: Final = [
    ("Content-Type", MEDIA_TYPE),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Connection", "close"),
]
_TOO_SLOW: Final = Problem(408, "REQUEST_TOO_SLOW", "the request's head did not come in time")
_UNREADABLE: Final = Problem(400, "REQUEST_UNREADABLE", "this is no HTTP/1.1 request")


async def _tell_crowded(scope: Scope, receive: Receive, send: Send) -> None:
    crowded = Overloaded("too many connections; try again shortly", retry_after_ms=1000)
    await respond(of_error(crowded), uuid4().hex)(scope, receive, send)


class Connection(H11Protocol):
    """uvicorn's connection, closed when it is held without a request.

    A request's head may take ``head_timeout_s``, and so may the rest of a body whose request is
    answered already. Bodies are timed where they are read (``services.gateway.bodies``), and
    connections between requests by uvicorn. While there are more than ``most_connections``,
    requests are told to come back.
    """

    head_timeout_s: ClassVar[float] = 10.0
    most_connections: ClassVar[int] = 2000
    _timer: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._answers = self.app

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take what came; wait on if it is not a whole head."""
        is_crowded = len(self.connections) > self.most_connections
        self.app = _tell_crowded if is_crowded else self._answers
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait no longer than for a head for what is left of the body."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, as every refusal is told, and close."""
        self._refuse(_UNREADABLE)

    def _watch(self) -> None:
        theirs, ours = self.conn.their_state, self.conn.our_state
        is_held = theirs is h11.IDLE or (theirs is h11.SEND_BODY and ours is h11.DONE)
        if not is_held or self.transport.is_closing():
            self._stop_waiting()
        elif self._timer is None and not self._is_between_requests():
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self.head_timeout_s, self._give_up)

    def _is_between_requests(self) -> bool:
        """Answered, with nothing of the next request as yet: uvicorn's own clock runs."""
        return self.timeout_keep_alive_task is not None and self.conn.their_state is h11.IDLE

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self._refuse(_TOO_SLOW)

    def _refuse(self, problem: Problem) -> None:
        """Tell a problem where nothing was answered yet, and close."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            request_id = uuid4().hex
            body = to_json(problem.as_json(request_id))
            told = [("Content-Length", str(len(body))), (REQUEST_ID, request_id)]
            phrase = HTTPStatus(problem.status).phrase.encode()
            response = h11.Response(
                status_code=problem.status, headers=[*_HEADERS, *told], reason=phrase
            )
            for event in (response, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event))
        self.transport.close()
