"""WebSockets: frames in, answers out, through a real gateway to a peer that obeys the test."""

from __future__ import annotations

import json
from socket import SHUT_RDWR
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.gateway.contents import picture
from tests.gateway.scan_door import (
    SECONDS,
    Door,
    closed,
    frame,
    told,
)


def test_a_frame_is_answered_with_its_own_number(door: Door) -> None:
    """The number and the capture time come back, and the bytes arrive as they were sent."""
    image = picture(1)
    with door.socket() as socket:
        socket.send('{"store_id": "berlin-1"}')
        socket.send(frame(7, image, capture_time_us=123456789))
        answer = told(socket)["answer"]
    assert (answer["seq"], answer["capture_time_us"]) == ("7", "123456789")
    assert answer["items"] == []
    assert door.peer.frames[0].image == image
    assert door.peer.stores == ["berlin-1"]


def test_the_newest_frame_wins_while_two_are_in_flight(door: Door) -> None:
    """Frames that waited are dropped and counted; the last is answered."""
    door.hold()
    with door.socket() as socket:
        socket.send("{}")
        for seq in (1, 2):
            socket.send(frame(seq))
            door.until(lambda seq=seq: len(door.peer.frames) >= min(seq, 1))
        for seq in range(3, 20):
            socket.send(frame(seq))
        socket.ping().wait(SECONDS)
        door.release()
        answers = [told(socket)["answer"] for _ in range(3)]
    assert [answer["seq"] for answer in answers] == ["1", "2", "19"]
    assert sum(answer["frames_dropped"] for answer in answers) == 16


def test_a_new_configuration_reaches_the_open_stream(door: Door) -> None:
    """The shopper may change the store without a new socket."""
    with door.socket() as socket:
        socket.send('{"store_id": "berlin-1"}')
        socket.send(frame(1))
        told(socket)
        socket.send('{"store_id": "munich-1"}')
        socket.send(frame(2))
        told(socket)
    assert door.peer.stores == ["berlin-1", "munich-1"]


def test_a_closed_tab_ends_the_stream_behind_it(door: Door) -> None:
    """Nothing stays open at the service, in mid-frame too."""
    door.hold()
    with door.socket() as socket:
        socket.send("{}")
        socket.send(frame(1))
        door.until(lambda: len(door.peer.frames) == 1)
    door.until(lambda: door.peer.ended == 1)


def test_a_tab_that_vanishes_ends_the_stream_behind_it(door: Door) -> None:
    """A connection that breaks without a goodbye is the same."""
    with door.socket() as socket:
        socket.send("{}")
        socket.send(frame(1))
        told(socket)
        socket.socket.shutdown(SHUT_RDWR)
        door.until(lambda: door.peer.ended == 1)


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        ("not json", 1007, "BODY_UNREADABLE"),
        ("[]", 1007, "BODY_UNREADABLE"),
        ("[" * 10_000, 1007, "BODY_UNREADABLE"),
        ('{"stor_id": "x"}', 1008, "INVALID_INPUT"),
        ('{"max_items": "many"}', 1008, "INVALID_INPUT"),
        (b"frame before configuration", 1008, "STREAM_CONFIG_MISSING"),
        (b"", 1008, "STREAM_CONFIG_MISSING"),
    ],
)
def test_a_first_message_that_is_no_configuration_is_refused(
    door: Door, message: Any, code: int, reason: str
) -> None:
    """The problem is told, then the socket closes."""
    with door.socket() as socket:
        socket.send(message)
        assert told(socket)["problem"]["reason"] == reason
        assert closed(socket) == (code, reason)


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        (b"", 1007, "BODY_UNREADABLE"),
        (b"\0\0\0", 1007, "BODY_UNREADABLE"),
        (b"\0\0\0\0", 1007, "BODY_UNREADABLE"),
        (b"\xff\xff\xff\xff{}", 1007, "BODY_UNREADABLE"),
        (b"\0\0\0\x09{}", 1007, "BODY_UNREADABLE"),
        (b"\0\0\0\x02[]", 1007, "BODY_UNREADABLE"),
        (b"\0\0\0\x02\xff\xfe", 1007, "BODY_UNREADABLE"),
        (frame("x"), 1008, "INVALID_INPUT"),
        (frame(-1), 1008, "INVALID_INPUT"),
        (frame(2**64), 1008, "INVALID_INPUT"),
        (frame(1.5), 1008, "INVALID_INPUT"),
        (frame(1, image_too="x"), 1008, "INVALID_INPUT"),
    ],
)
def test_a_frame_that_cannot_be_read_is_refused(
    door: Door, message: bytes, code: int, reason: str
) -> None:
    """A bad header is a client's mistake: told, and the socket closes."""
    with door.socket() as socket:
        socket.send("{}")
        socket.send(message)
        assert told(socket)["problem"]["reason"] == reason
        assert closed(socket) == (code, reason)
    assert door.peer.frames == []


def test_what_the_service_refuses_is_told_with_its_reason(door: Door) -> None:
    """An error of the stream is the same problem as over REST."""
    with door.socket() as socket:
        socket.send('{"store_id": "nowhere"}')
        problem = told(socket)["problem"]
        assert (problem["status"], problem["reason"]) == (404, "STORE_NOT_FOUND")
        assert closed(socket) == (1008, "STORE_NOT_FOUND")


def test_frames_of_a_person_without_consent_go_nowhere(door: Door) -> None:
    """The mirror is refused before any service is called."""
    with door.socket("/v1/tryon") as socket:
        socket.send('{"options": {"skus": ["GLS-104"]}}')
        assert told(socket)["problem"]["reason"] == "CONSENT_MISSING"
        assert closed(socket) == (1008, "CONSENT_MISSING")


def test_a_service_that_is_away_asks_to_come_back_later(door: Door) -> None:
    """1013, so that a page tries again."""
    with door.socket("/v1/tryon") as socket:
        socket.send('{"consent_token": "x", "options": {"skus": ["GLS-104"]}}')
        assert told(socket)["problem"]["reason"] == "UNAVAILABLE"
        assert closed(socket) == (1013, "UNAVAILABLE")


def test_pages_of_other_origins_may_not_open_a_socket(door: Door) -> None:
    """CORS does not guard WebSockets, so the gateway does; configured origins may."""
    with pytest.raises(InvalidStatus) as refused:
        door.socket(origin="https://evil.example")
    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body)["reason"] == "ORIGIN_FOREIGN"
    for origin in (door.url, "https://kiosk.example"):
        with door.socket(origin=origin) as socket:
            socket.send("{}")
            socket.send(frame(1))
            assert told(socket)["answer"]["seq"] == "1"


def test_the_request_id_reaches_the_service(door: Door) -> None:
    """One id follows a session through all logs."""
    with door.socket(additional_headers={"X-Request-Id": "kiosk-7"}) as socket:
        socket.send("{}")
        socket.send(frame(1))
        told(socket)
    assert door.peer.request_ids == ["kiosk-7"]
