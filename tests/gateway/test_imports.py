"""Feeds over HTTP: who may send them, and what is told as they are imported."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from services.gateway.bodies import FEED_TYPES
from tests.gateway.conftest import Shop

TSV = {"Content-Type": "text/tab-separated-values"}
HEAD = "id\ttitle\timage_link\tavailability\n"


def feed(*skus: str) -> bytes:
    """A feed of products without pictures."""
    return (HEAD + "".join(f"{sku}\tProduct {sku}\t\tin stock\n" for sku in skus)).encode()


def lines(response: httpx.Response) -> list[dict[str, Any]]:
    """The lines of an answer."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


@pytest.fixture
def imported(shop: Shop) -> Iterator[list[str]]:
    """SKUs that a test imports; they are taken out of the catalogue again."""
    skus: list[str] = []
    yield skus
    shop.run(shop.delete(skus))


@pytest.mark.parametrize("content_type", FEED_TYPES)
def test_a_feed_is_imported(client: httpx.Client, imported: list[str], content_type: str) -> None:
    """Whatever it calls itself; progress first, the result last."""
    imported += ["NEW-1", "NEW-2"]
    told = lines(
        client.post("/v1/import", content=feed(*imported), headers={"Content-Type": content_type})
    )
    assert told[0]["progress"]["bytes_total"] == str(len(feed(*imported)))
    assert told[-1]["result"]["products"] == "2"
    assert client.get("/v1/products/NEW-2").json()["title"] == "Product NEW-2"


def test_a_form_carries_a_feed(client: httpx.Client, imported: list[str]) -> None:
    """As the part ``feed``, larger than is kept in memory."""
    imported += [f"FORM-{i}" for i in range(100)]
    padded = feed(*imported) + b"\n" * (2 << 20)
    told = lines(client.post("/v1/import", files={"feed": ("feed.tsv", padded)}))
    assert told[-1]["result"]["products"] == "100"


def test_rejected_rows_are_told(client: httpx.Client, imported: list[str]) -> None:
    """With line, SKU, a word and a sentence; the rest is imported."""
    imported.append("GOOD")
    body = feed("GOOD") + b"BAD\t\t\t\n" + b"PIC\tPicture\tpicture.jpg\t\n"
    told = lines(client.post("/v1/import", content=body, headers=TSV))
    rejected = [line["rejection"] for line in told if "rejection" in line]
    assert rejected[0] == {
        "line": "3",
        "sku": "BAD",
        "reason": "TITLE_REQUIRED",
        "message": "title is missing",
    }
    assert (rejected[1]["sku"], rejected[1]["reason"]) == ("PIC", "IMAGE_MISSING")
    assert "came without files" in rejected[1]["message"]
    result = {"products": "1", "images": "0", "rejected": "2"}
    assert {**told[-1]["result"], "revision": ""} == {**result, "revision": ""}


def test_the_stock_of_a_store_is_set(client: httpx.Client, imported: list[str]) -> None:
    """Where the query names one."""
    imported.append("STOCKED")
    params = {"store": "munich-1", "currency": "EUR", "file_name": "x.tsv"}
    lines(client.post("/v1/import", params=params, content=feed("STOCKED"), headers=TSV))
    offers = client.get("/v1/offers", params={"sku": "STOCKED", "store": "munich-1"}).json()
    assert offers["offers"][0]["availability"] == "AVAILABILITY_IN_STOCK"


@pytest.mark.parametrize(
    ("sent", "status", "reason"),
    [
        ({"content": b"", "headers": TSV}, 422, "FEED_EMPTY"),
        ({"content": b"\x00\x01", "headers": TSV}, 422, "INVALID_INPUT"),
        ({"content": b"x", "headers": {"Content-Type": "image/png"}}, 415, None),
        ({"content": feed("A"), "headers": TSV, "params": {"store": "no"}}, 404, "STORE_NOT_FOUND"),
        ({"content": feed("A"), "headers": TSV, "params": {"shop": "x"}}, 422, "INVALID_INPUT"),
        ({"files": {"other": b"x"}}, 422, "INVALID_INPUT"),
        ({"files": {"feed": b"x", "more": b"y"}}, 400, "BODY_UNREADABLE"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400, None),
    ],
)
def test_what_is_no_feed_is_a_problem(
    client: httpx.Client, sent: Any, status: int, reason: str | None
) -> None:
    """Before anything is imported, so that it is an HTTP status of its own."""
    response = client.post("/v1/import", **sent)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert reason is None or response.json()["reason"] == reason


def test_a_feed_that_is_too_large_is_refused(shop: Shop) -> None:
    """By its declared length, or as it comes."""
    with shop.another(max_feed_bytes=10_000) as url:
        for content in (bytes(200_000), iter([bytes(100_000)] * 2)):
            response = httpx.post(f"{url}/v1/import", content=content, headers=TSV)
            assert response.status_code == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "shop.example"},
        {"Host": "["},
        {"X-Forwarded-For": "192.0.2.1"},
        {"Forwarded": "for=192.0.2.1"},
    ],
)
def test_only_this_machine_may_import(client: httpx.Client, headers: dict[str, str]) -> None:
    """A name that was made to point here, or a proxy, is somebody else; both ways say so."""
    refused = client.post("/v1/import", content=feed("A"), headers=TSV | headers)
    assert refused.status_code == 403
    assert refused.json()["reason"] == "IMPORT_OFF"
    told = client.get("/v1/import", headers=headers).json()
    assert told["allowed"] is False
    assert told["reason"] == refused.json()["detail"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://["])
def test_a_page_of_another_origin_may_not_import(client: httpx.Client, origin: str) -> None:
    """A form that posts here from elsewhere is refused, though a browser would send it."""
    files = {"feed": feed("A")}
    refused = client.post("/v1/import", files=files, headers={"Origin": origin})
    assert (refused.status_code, refused.json()["reason"]) == (403, "ORIGIN_FOREIGN")


def test_our_own_page_may_import(client: httpx.Client, imported: list[str]) -> None:
    """Its origin is this gateway."""
    imported.append("OWN")
    origin = {"Origin": str(client.base_url).rstrip("/")}
    told = lines(client.post("/v1/import", content=feed("OWN"), headers=TSV | origin))
    assert told[-1]["result"]["products"] == "1"
    assert client.get("/v1/import", headers=origin).json()["allowed"] is True


def test_importing_is_a_setting(shop: Shop, imported: list[str]) -> None:
    """``off`` is off even here, ``on`` is on for whoever reaches it."""
    imported.append("SET")
    elsewhere = {"Host": "shop.example"}
    with shop.another(gateway_import="off") as url:
        assert httpx.post(f"{url}/v1/import", content=feed("SET"), headers=TSV).status_code == 403
    with shop.another(gateway_import="on") as url:
        response = httpx.post(f"{url}/v1/import", content=feed("SET"), headers=TSV | elsewhere)
        assert lines(response)[-1]["result"]["products"] == "1"


def test_a_gateway_that_others_can_reach_does_not_import_by_default(shop: Shop) -> None:
    """Listening on every address is not listening on loopback."""
    with shop.another(gateway_listen="0.0.0.0:0") as url:
        response = httpx.post(f"{url}/v1/import", content=feed("A"), headers=TSV)
        assert response.status_code == 403


def test_lines_come_while_the_import_runs(shop: Shop, imported: list[str]) -> None:
    """Not all at the end, compressed or not; a caller that goes leaves what is there."""
    imported += [f"LONG-{i:05}" for i in range(20_000)]
    body = feed(*imported)
    headers = TSV | {"Accept-Encoding": "gzip"}
    with shop.client() as client:
        before = int(client.get("/v1/catalog-status").json()["products"])
        with client.stream("POST", "/v1/import", content=body, headers=headers) as response:
            for line in response.iter_lines():
                if int(json.loads(line)["progress"]["products"]) > 0:
                    break
        after = int(client.get("/v1/catalog-status").json()["products"])
        assert before < after < before + 20_000
        _until_still(client)
    shop.run(shop.delete(imported[:1000]))
    for start in range(1000, 20_000, 1000):
        shop.run(shop.delete(imported[start : start + 1000]))
    imported.clear()


def _until_still(client: httpx.Client) -> None:
    """Wait until nothing is imported any more."""
    seen = -1
    deadline = time.monotonic() + 60
    while (now := int(client.get("/v1/catalog-status").json()["products"])) != seen:
        assert time.monotonic() < deadline
        seen = now
        time.sleep(0.5)


def test_a_catalogue_that_is_away_is_a_503(shop: Shop) -> None:
    """Said as every other answer says it."""
    with shop.with_backends_away() as url:
        response = httpx.post(f"{url}/v1/import", content=feed("A"), headers=TSV, timeout=30)
        assert response.status_code == 503


def test_products_that_can_be_tried_on_are_listed(client: httpx.Client) -> None:
    """All of them, or those of a kind."""
    for params, skus in (
        ({"try_on": "true"}, ["GLS-1"]),
        ({"try_on_kind": ["TRY_ON_KIND_GLASSES", "TRY_ON_KIND_HAT"]}, ["GLS-1"]),
        ({"try_on_kind": "TRY_ON_KIND_RING"}, []),
    ):
        listed = client.get("/v1/products", params=params).json()["products"]
        assert [product["sku"] for product in listed] == skus
    assert client.get("/v1/products", params={"try_on_kind": "SOCKS"}).status_code == 422
