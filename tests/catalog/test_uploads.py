"""Feeds that are sent, over a real channel."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc.aio
import pytest

from services.catalog.importing import uploads
from services.catalog.importing.report import ImportOptions
from services.catalog.importing.uploads import InProcess, Uploads, UploadSettings
from shared.errors import InvalidInput, NotFound, Overloaded, TooSlow, VitrineError
from shared.status import from_rpc_error
from tests.catalog.feeds.reading import tsv
from tests.catalog.making import jpeg
from tests.catalog.test_importer import products, row
from tests.catalog.web_server import Answer, WebServer, web_server
from vitrine.v1 import catalog_pb2 as pb
from vitrine.v1 import catalog_pb2_grpc

Replies = list[pb.ImportFeedResponse]


def requests(feed: bytes, *, piece: int = 1000, **options: str) -> Iterator[pb.ImportFeedRequest]:
    """Options, then the feed in pieces."""
    yield pb.ImportFeedRequest(options=pb.ImportFeedOptions(**options))
    for start in range(0, len(feed), piece):
        yield pb.ImportFeedRequest(chunk=feed[start : start + piece])


async def each(items: Iterator[pb.ImportFeedRequest]) -> AsyncIterator[pb.ImportFeedRequest]:
    """The items, asynchronously."""
    for item in items:
        yield item


async def sent(stub: Any, feed: bytes, **options: str) -> Replies:
    """All answers to a feed."""
    return [reply async for reply in stub.ImportFeed(requests(feed, **options))]


async def refused(work: Any) -> VitrineError:
    """The error that an import ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await work
    return from_rpc_error(failure.value)


def rejections(replies: Replies) -> list[pb.ImportFeedRejection]:
    """The rejections among answers."""
    return [one.rejection for one in replies if one.WhichOneof("message") == "rejection"]


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A server on loopback with one picture."""
    with web_server() as server:
        server.answers["/a.jpg"] = Answer(jpeg(1), {"Content-Type": "image/jpeg"})
        yield server


async def test_a_feed_that_is_sent_is_imported(stub: Any) -> None:
    """Progress comes first and grows, the result last; the products are there."""
    feed = tsv(*(row(f"S{i}") for i in range(200))).encode()
    replies = await sent(stub, feed, file_name="feed.tsv")
    assert replies[-1].result == pb.ImportFeedResult(products=200, revision=200)
    told = [one.progress for one in replies[:-1]]
    assert (told[0].rows_read, told[0].bytes_total) == (0, len(feed))
    assert len(told) >= 4
    assert [one.products for one in told] == sorted(one.products for one in told)
    assert (told[-1].rows_read, told[-1].bytes_read) == (200, len(feed))
    assert len(await products(stub)) == 200


async def test_each_rejection_names_line_sku_and_reason(stub: Any) -> None:
    """A word for a program and a sentence for a person; the rest is imported."""
    rows = (row("A", gtin="4006381333931"), row("B", gtin="0400638133393"), row("A"), row("C"))
    replies = await sent(stub, tsv(*rows, row("D", gtin="4006381333931")).encode())
    assert [(r.line, r.sku, r.reason) for r in rejections(replies)] == [
        (3, "B", "GTIN_CHECK_DIGIT"),
        (4, "A", "SKU_REPEATED"),
        (6, "D", "GTIN_TAKEN"),
    ]
    assert rejections(replies)[0].message == "gtin 0400638133393: check digit is 3, expected 0"
    assert replies[-1].result == pb.ImportFeedResult(products=2, rejected=3, revision=2)


async def test_a_feed_of_nothing_but_rejections_is_told_as_it_is_read(stub: Any) -> None:
    """Rejections are not gathered until a good row comes."""
    feed = tsv(*({"id": f"S{i}", "title": ""} for i in range(300)), row("good")).encode()
    replies = await sent(stub, feed)
    kinds = [one.WhichOneof("message") for one in replies]
    assert kinds.index("rejection") < kinds.index("progress", 1) < len(kinds) - 100
    assert replies[-1].result == pb.ImportFeedResult(products=1, rejected=300, revision=1)


async def test_a_line_of_another_encoding_is_a_warning(stub: Any) -> None:
    """It is imported, and told."""
    replies = await sent(stub, tsv(row("A", brand="Möbel")).encode("cp1252"))
    (warning,) = (one.warning for one in replies if one.WhichOneof("message") == "warning")
    assert warning.line == 2
    assert "Windows-1252" in warning.message
    assert replies[-1].result.products == 1


async def test_a_feed_that_is_sent_names_no_files(stub: Any, tmp_path: Path) -> None:
    """Neither pictures nor try-on assets are read from the service's own disk."""
    (tmp_path / "a.jpg").write_bytes(jpeg(1))
    rows = [
        row("A", "a.jpg"),
        row("B", str(tmp_path / "a.jpg")),
        row("C", (tmp_path / "a.jpg").as_uri()),
        row("D", tryon_asset=str(tmp_path / "asset.json")),
    ]
    replies = await sent(stub, tsv(*rows).encode())
    assert [r.sku for r in rejections(replies)] == ["A", "B", "C", "D"]
    assert all("came without files" in r.message for r in rejections(replies))
    assert await products(stub) == {}


async def test_private_addresses_are_refused(stub: Any, web: WebServer) -> None:
    """Nobody makes the service fetch from its own network."""
    replies = await sent(stub, tsv(row("A", web.url("/a.jpg"))).encode())
    (rejection,) = rejections(replies)
    assert "private address 127.0.0.1" in rejection.message
    assert web.asked == []


async def test_pictures_come_from_the_web(stub: Any, web: WebServer) -> None:
    """Where private addresses are allowed, here; a second import sends nothing again."""
    imports = Uploads(stub, UploadSettings(ImportOptions(alone=True, allow_private=True)))
    for _ in range(2):
        feed = tsv(row("A", web.url("/a.jpg")), row("B", web.url("/gone.jpg"))).encode()
        replies = [one async for one in imports.imported(each(requests(feed)))]
        (rejection,) = rejections(replies)
        assert (rejection.sku, rejection.reason) == ("B", "IMAGE_MISSING")
        result = replies[-1].result
        assert (result.products, result.images, result.revision) == (1, 1, 2)


async def test_stock_and_currency_are_as_the_options_say(stub: Any) -> None:
    """Prices that name no currency take the given one, and the store's stock is set."""
    await stub.UpsertStores(pb.UpsertStoresRequest(stores=[pb.Store(id="berlin-1", name="B")]))
    feed = b'{"sku": "A", "title": "A", "price": "2.79", "quantity": 3}\n'
    replies = await sent(stub, feed, currency_code="eur", store_id="berlin-1")
    assert replies[-1].result.products == 1
    (found,) = (await stub.GetOffers(pb.GetOffersRequest(skus=["A"], store_id="berlin-1"))).offers
    assert (found.price.currency_code, found.quantity) == ("EUR", 3)


async def test_an_unknown_store_imports_nothing(stub: Any) -> None:
    """The call fails before anything is written."""
    error = await refused(sent(stub, tsv(row("A")).encode(), store_id="nowhere"))
    assert isinstance(error, NotFound)
    assert await products(stub) == {}


@pytest.mark.parametrize(
    ("feed", "reason"),
    [(b"", "FEED_EMPTY"), (b"\x00\x01\x02\n", "INVALID_INPUT"), (b"[1]", "INVALID_INPUT")],
)
async def test_what_is_no_feed_is_refused(stub: Any, feed: bytes, reason: str) -> None:
    """The reason says so, and the sentence names the file."""
    error = await refused(sent(stub, feed, file_name="../my/feed.bin"))
    assert isinstance(error, InvalidInput)
    assert error.reason == reason
    assert "feed.bin" in error.message
    assert "my" not in error.message


async def test_the_first_message_is_the_options(stub: Any) -> None:
    """Nothing at all, or bytes at once, is refused."""
    for wrong in ([], [pb.ImportFeedRequest(chunk=b"id\n")]):
        error = await refused(_all(stub.ImportFeed(iter(wrong))))
        assert error.reason == "FEED_OPTIONS_MISSING"


async def _all(call: Any) -> list[Any]:
    return [reply async for reply in call]


async def test_a_second_options_message_is_refused(stub: Any) -> None:
    """After the options comes the feed."""
    twice = [pb.ImportFeedRequest(options=pb.ImportFeedOptions())] * 2
    error = await refused(_all(stub.ImportFeed(iter(twice))))
    assert error.violations[0].field == "chunk"


async def test_a_feed_that_is_too_large_is_refused_while_it_comes(stub: Any) -> None:
    """The rest is not waited for, and the spooled part is gone."""
    taken = 0

    async def endless() -> AsyncIterator[pb.ImportFeedRequest]:
        nonlocal taken
        yield pb.ImportFeedRequest(options=pb.ImportFeedOptions())
        for taken in itertools.count():  # noqa: B007 - read below
            yield pb.ImportFeedRequest(chunk=bytes(1000))

    imports = Uploads(stub, UploadSettings(max_bytes=10_000))
    with pytest.raises(InvalidInput) as refusal:
        await anext(imports.imported(endless()))
    assert refusal.value.reason == "FEED_TOO_LARGE"
    assert taken == 10


async def test_a_feed_that_stops_coming_is_given_up(stub: Any) -> None:
    """A place is not held for ever."""

    async def silent() -> AsyncIterator[pb.ImportFeedRequest]:
        yield pb.ImportFeedRequest(options=pb.ImportFeedOptions())
        await asyncio.Event().wait()

    imports = Uploads(stub, UploadSettings(chunk_timeout_s=0.05))
    with pytest.raises(TooSlow):
        await anext(imports.imported(silent()))


async def test_only_a_few_imports_run_at_once(stub: Any) -> None:
    """One more is told when to come back; places are given back."""
    imports = Uploads(stub, UploadSettings())
    feed = tsv(row("A")).encode()
    running = [imports.imported(each(requests(feed))) for _ in range(uploads.IMPORTS_AT_ONCE)]
    for one in running:
        await anext(one)
    with pytest.raises(Overloaded) as refusal:
        await anext(imports.imported(each(requests(feed))))
    assert refusal.value.retry_after_ms
    for one in running:
        await one.aclose()
    assert [one async for one in imports.imported(each(requests(feed)))][-1].result.products == 1


async def test_what_was_imported_stays_when_the_caller_goes(
    stub: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled in the middle, the same feed sent again completes it; no file is left."""
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    feed = tsv(*(row(f"S{i:04}") for i in range(3000))).encode()
    call = stub.ImportFeed(requests(feed))
    async for reply in call:
        if reply.progress.products >= 64:
            break
    call.cancel()
    async with asyncio.timeout(30):
        while any(spool.iterdir()):
            await asyncio.sleep(0.01)
    status = await stub.GetCatalogStatus(pb.GetCatalogStatusRequest())
    assert 64 <= status.products <= 3000
    again = (await sent(stub, feed))[-1].result
    assert (again.products, again.revision) == (3000, 3000)


async def test_the_service_is_a_stub_of_itself() -> None:
    """Unary calls, streams in and errors are those of the service."""

    class Echo(catalog_pb2_grpc.CatalogServiceServicer):  # type: ignore[misc]
        async def ListStores(self, request: Any, context: Any) -> Any:
            return pb.ListStoresResponse(stores=[pb.Store(id="b")])

        async def GetOffers(self, request: Any, context: Any) -> Any:
            raise NotFound.of("store", request.store_id)

    stub = InProcess(Echo())
    assert (await stub.ListStores(pb.ListStoresRequest(), timeout=1)).stores[0].id == "b"
    with pytest.raises(NotFound):
        await stub.GetOffers(pb.GetOffersRequest(store_id="x"))
