"""The change feed: server-sent events that resume where a reader stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.gateway.conftest import Shop


def events(response: httpx.Response) -> Iterator[dict[str, Any]]:
    """Events as they come."""
    fields: dict[str, Any] = {}
    for line in response.iter_lines():
        name, _, value = line.partition(": ")
        if line and name:
            fields[name] = value
        elif "event" in fields:
            yield {**fields, "data": json.loads(fields["data"])}
            fields = {}
        elif not line:
            fields = {}


def until_caught_up(response: httpx.Response) -> list[dict[str, Any]]:
    """The events of a replay, the one that ends it included."""
    found = []
    for event in events(response):
        found.append(event)
        if event["event"] == "caught_up":
            break
    return found


def test_the_feed_replays_every_product_in_order(client: httpx.Client) -> None:
    """From nothing: the products in their present state, then the end of the replay."""
    with client.stream("GET", "/v1/changes") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        replayed = until_caught_up(response)
    assert {event["data"]["sku"] for event in replayed[:-1]} >= {"TEA-1", "CUP-1"}
    ids = [int(event["id"].partition("-")[0]) for event in replayed]
    assert ids == sorted(ids)
    status = client.get("/v1/catalog-status").json()
    told = {name: status[name] for name in ("revision", "catalog_id")}
    assert replayed[-1]["data"] == told


def test_a_reader_resumes_after_the_last_event_it_saw(client: httpx.Client) -> None:
    """What a browser's EventSource sends when it connects again."""
    with client.stream("GET", "/v1/changes") as response:
        replayed = until_caught_up(response)
    seen = replayed[1]["id"]
    with client.stream("GET", "/v1/changes", headers={"Last-Event-ID": seen}) as response:
        resumed = until_caught_up(response)
    assert resumed == replayed[2:]


def test_a_backend_may_say_where_to_begin(client: httpx.Client) -> None:
    """The contract's since_revision; with nothing new, the replay is empty."""
    revision = client.get("/v1/catalog-status").json()["revision"]
    with client.stream("GET", f"/v1/changes?since_revision={revision}") as response:
        assert [event["event"] for event in until_caught_up(response)] == ["caught_up"]


@pytest.mark.parametrize(
    ("query", "headers", "reason"),
    [
        ("since_revision=999999", {}, "REVISION_FROM_FUTURE"),
        ("since_revision=soon", {}, "INVALID_INPUT"),
        ("since_revision=1&since_revision=2", {}, "INVALID_INPUT"),
        ("since_revision=1&catalog_id=another", {}, "CATALOG_CHANGED"),
        ("", {"Last-Event-ID": "1-another"}, "CATALOG_CHANGED"),
        ("from=1", {}, "INVALID_INPUT"),
        ("", {"Last-Event-ID": "abc"}, "INVALID_INPUT"),
    ],
)
def test_a_wrong_beginning_is_a_problem_and_no_stream(
    client: httpx.Client, query: str, headers: dict[str, str], reason: str
) -> None:
    """A refusal is an HTTP answer of its own, so that no reader waits for events."""
    response = client.get(f"/v1/changes?{query}", headers=headers)
    assert (response.status_code, response.json()["reason"]) == (422, reason)


def test_feeds_over_the_limit_are_told_to_come_back(shop: Shop) -> None:
    """Each open feed holds a place; a closed one gives it back."""
    with shop.client() as client:
        opened = [
            client.send(client.build_request("GET", "/v1/changes"), stream=True)
            for _ in range(shop.settings.gateway_max_streams)
        ]
        refused = client.get("/v1/changes")
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "1"
        for response in opened:
            response.close()
    with shop.client(transport=httpx.HTTPTransport(retries=1)) as client:
        _until_ok(client)


def _until_ok(client: httpx.Client) -> None:
    for _ in range(500):
        with client.stream("GET", "/v1/changes") as response:
            if response.status_code == 200:
                return
    pytest.fail("places are not given back")


def test_asking_for_the_head_of_the_feed_opens_none(client: httpx.Client) -> None:
    """An answer that ends; it holds no place."""
    response = client.head("/v1/changes")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
