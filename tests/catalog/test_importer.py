"""A feed into a running catalogue."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.__main__ import open_service
from services.catalog.feeds.rows import ImageRef
from services.catalog.images import image_id
from services.catalog.importer import import_feed
from services.catalog.importing.report import ImportOptions, ImportReport
from services.catalog.importing.sources import LocatedImage, plan_images
from shared.config import read_settings
from shared.errors import InvalidInput
from shared.rpc import open_channel, socket_path, start_server
from tests.catalog.feeds.reading import tsv
from tests.catalog.making import jpeg
from tests.catalog.web_server import Answer, web_server
from vitrine.v1 import catalog_pb2 as pb
from vitrine.v1.catalog_pb2_grpc import CatalogServiceStub


def write(folder: Path, *rows: dict[str, str], **images: bytes) -> Path:
    """Write a feed and the pictures beside it."""
    for name, data in images.items():
        (folder / f"{name}.jpg").write_bytes(data)
    path = folder / "feed.tsv"
    path.write_text(tsv(*rows), encoding="utf-8")
    return path


def row(sku: str, *images: str, **values: str) -> dict[str, str]:
    """A row of a Google feed."""
    links = {"image_link": "".join(images[:1]), "additional_image_link": ",".join(images[1:])}
    return {"id": sku, "title": f"Product {sku}", **links, **values}


async def products(stub: Any) -> dict[str, pb.Product]:
    """All products of the catalogue."""
    reply = await stub.ListProducts(pb.ListProductsRequest(page_size=1000))
    return {product.sku: product for product in reply.products}


async def views(stub: Any, sku: str) -> dict[str, str]:
    """The views of a product by the id of their image."""
    return {image.id: image.view for image in (await products(stub))[sku].reference_images}


@pytest.fixture
def feed_dir(tmp_path: Path) -> Path:
    """Where the feed lies."""
    folder = tmp_path / "feed"
    folder.mkdir()
    return folder


async def test_a_feed_becomes_products_with_images(stub: Any, feed_dir: Path) -> None:
    """The report counts what is there afterwards."""
    path = write(
        feed_dir, row("A", "a.jpg", "b.jpg"), row("B"), row("C", "b.jpg"), a=jpeg(1), b=jpeg(2)
    )
    report = await import_feed(path, stub)
    assert report.as_json() == {"products": 3, "images": 3, "rejected": [], "revision": 6}
    assert await views(stub, "A") == {image_id(jpeg(1)): "1", image_id(jpeg(2)): "2"}
    assert await views(stub, "C") == {image_id(jpeg(2)): "1"}


async def test_a_currency_that_is_none_stops_the_import(stub: Any, feed_dir: Path) -> None:
    """One error about the option, not one a row; nothing is imported."""
    path = write(feed_dir, row("A", price="1.00"), row("B"))
    with pytest.raises(InvalidInput, match="currency: is 'EURO'"):
        await import_feed(path, stub, options=ImportOptions(currency="EURO"))
    assert await products(stub) == {}


def test_no_http_is_loaded_for_pictures_that_are_files(tmp_path: Path) -> None:
    """It takes longer to load than a small feed to import."""
    path = write(tmp_path, row("A", "a.jpg"), a=jpeg(1))
    code = (
        "import sys; from services.cli import main\n"
        f"sys.argv = ['vitrine', '--embedded', 'import', {str(path)!r}]\n"
        "try: main()\n"
        "finally: print('httpx' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "VITRINE_STATE_DIR": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "1 imported, 0 rejected" in done.stdout, done.stderr
    assert done.stdout.endswith("False\n")


async def test_importing_again_changes_nothing(stub: Any, feed_dir: Path) -> None:
    """The same report, the same revision."""
    path = write(feed_dir, row("A", "a.jpg", price="1 EUR"), row("B"), a=jpeg(1))
    first = await import_feed(path, stub)
    assert (await import_feed(path, stub)).as_json() == first.as_json()


async def test_each_rejected_row_is_named_and_the_rest_imported(stub: Any, feed_dir: Path) -> None:
    """Bad digits, repeated SKUs, missing and broken pictures, negative prices, taken GTINs."""
    path = write(
        feed_dir,
        row("A", "a.jpg", gtin="4006381333931"),
        row("B", gtin="0400638133393"),
        row("A", title="again"),
        row("C", "gone.jpg"),
        row("D", "text.jpg"),
        row("E", price="-1.00 EUR"),
        row("F", gtin="4006381333931"),
        row("G", "a.jpg", "gone.jpg"),
        row("H"),
        a=jpeg(1),
        text=b"hello",
    )
    report = await import_feed(path, stub)
    assert report.as_json()["rejected"] == [
        {"line": 3, "reason": "gtin 0400638133393: check digit is 3, expected 0"},
        {"line": 4, "reason": "SKU 'A' is already on line 2"},
        {"line": 5, "reason": "image_link gone.jpg: no such file"},
        {
            "line": 6,
            "reason": "image_link text.jpg: the image is of no known format, which is not "
            "accepted; send JPEG, PNG or still WebP",
        },
        {"line": 7, "reason": "price is -1.00 EUR, must be 0 or more"},
        {"line": 8, "reason": "GTIN 04006381333931 belongs to SKU 'A'"},
        {"line": 9, "reason": "additional_image_link gone.jpg: no such file"},
    ]
    assert set(await products(stub)) == {"A", "G", "H"}
    assert (report.products, report.images) == (3, 2)


async def test_a_picture_broken_inside_is_told_and_the_product_stays(
    stub: Any, feed_dir: Path
) -> None:
    """Only decoding finds it, so that is the catalogue's answer, told by line."""
    whole = jpeg(1, (640, 480))
    at = whole.index(b"\xff\xc4")  # the first Huffman table
    broken = whole[: at + 5] + b"\xff" * 16 + whole[at + 21 :]
    path = write(feed_dir, row("A", "a.jpg", "b.jpg"), a=broken, b=jpeg(2))
    report = await import_feed(path, stub)
    assert (report.products, report.images) == (1, 1)
    assert report.rejected[0].line == 2
    assert report.rejected[0].reason.startswith("image_link a.jpg: the ")


async def test_pictures_that_left_the_row_are_removed(stub: Any, feed_dir: Path) -> None:
    """And new ones are added, in one go."""
    await import_feed(write(feed_dir, row("A", "a.jpg", "b.jpg"), a=jpeg(1), b=jpeg(2)), stub)
    await import_feed(write(feed_dir, row("A", "b.jpg", "c.jpg"), c=jpeg(3)), stub)
    assert set(await views(stub, "A")) == {image_id(jpeg(2)), image_id(jpeg(3))}
    await import_feed(write(feed_dir, row("A")), stub)
    assert await views(stub, "A") == {}


async def test_no_picture_is_removed_while_one_cannot_be_had(stub: Any, feed_dir: Path) -> None:
    """A shop whose image server stumbles keeps its pictures."""
    await import_feed(write(feed_dir, row("A", "a.jpg", "b.jpg"), a=jpeg(1), b=jpeg(2)), stub)
    await import_feed(write(feed_dir, row("A", "a.jpg", "gone.jpg")), stub)
    assert set(await views(stub, "A")) == {image_id(jpeg(1)), image_id(jpeg(2))}


@pytest.mark.parametrize("href", ["../secret.jpg", "/etc/passwd", "link.jpg", "file:///etc/passwd"])
async def test_a_path_cannot_leave_the_feeds_folder(stub: Any, feed_dir: Path, href: str) -> None:
    """By dots, by an absolute path, by a symbolic link."""
    (feed_dir.parent / "secret.jpg").write_bytes(jpeg())
    (feed_dir / "link.jpg").symlink_to(feed_dir.parent / "secret.jpg")
    report = await import_feed(write(feed_dir, row("A", href)), stub)
    assert "lies outside the feed's folder; --allow-outside" in report.rejected[0].reason


async def test_a_path_may_leave_the_folder_when_allowed(stub: Any, feed_dir: Path) -> None:
    """Absolute paths and file URLs too."""
    outside = feed_dir.parent / "öff entlich.jpg"
    outside.write_bytes(jpeg())
    path = write(feed_dir, row("A", str(outside)), row("B", outside.as_uri()))
    report = await import_feed(path, stub, options=ImportOptions(allow_outside=True))
    assert (report.images, report.rejected) == (2, [])


@pytest.mark.parametrize("href", ["ftp://x/a.jpg", "data:image/png;base64,AA", "http://[x", "a\0b"])
async def test_what_is_no_path_or_url_is_told(stub: Any, feed_dir: Path, href: str) -> None:
    """By line and column."""
    report = await import_feed(write(feed_dir, row("A", href)), stub)
    assert report.rejected[0].reason.startswith("image_link ")


async def test_pictures_come_from_the_web_when_allowed(stub: Any, feed_dir: Path) -> None:
    """Unchanged ones are not fetched again; a private address wants permission."""
    with web_server() as server:
        etag = {"Content-Type": "image/jpeg", "ETag": '"x"'}
        server.answers["/a.jpg"] = Answer(jpeg(), etag)
        path = write(feed_dir, row("A", server.url("/a.jpg")), row("B", server.url("/b.jpg")))
        refused = await import_feed(path, stub)
        assert "is at the private address" in refused.rejected[0].reason
        assert "--allow-private" in refused.rejected[0].reason
        options = ImportOptions(allow_private=True, memory=feed_dir.parent / "fetched.sqlite")
        for _ in range(2):
            report = await import_feed(path, stub, options=options)
            assert (report.products, report.images, report.revision) == (1, 1, 2)
            reason = f"image_link {server.url('/b.jpg')}: 404"
            assert [entry.reason for entry in report.rejected] == [reason]
        asked = [headers.get("If-None-Match") for path, headers in server.asked if path == "/a.jpg"]
        assert asked == [None, '"x"']


async def test_a_picture_that_two_rows_share_is_had_by_both(stub: Any, feed_dir: Path) -> None:
    """Variants often show the same one."""
    with web_server() as server:
        server.answers["/a.jpg"] = Answer(jpeg(), {"Content-Type": "image/jpeg"})
        rows = [row(f"S{i}", server.url("/a.jpg")) for i in range(150)]
        options = ImportOptions(allow_private=True)
        report = await import_feed(write(feed_dir, *rows), stub, options=options)
        assert (report.products, report.images, report.rejected) == (150, 150, [])


async def test_stock_is_set_where_a_store_is_named(stub: Any, feed_dir: Path) -> None:
    """Quantity as said; in stock without one is at least one piece."""
    await stub.UpsertStores(pb.UpsertStoresRequest(stores=[pb.Store(id="berlin")]))
    path = write(
        feed_dir,
        row("A", availability="in_stock", quantity="7"),
        row("B", availability="in stock"),
        row("C", availability="out_of_stock"),
        row("D"),
    )
    await import_feed(path, stub, options=ImportOptions(store_id="berlin"))
    request = pb.GetOffersRequest(skus=["A", "B", "C", "D"], store_id="berlin")
    offers = (await stub.GetOffers(request)).offers
    assert [offer.quantity for offer in offers] == [7, 1, 0, 0]
    assert [offer.availability for offer in offers] == [1, 1, 2, 0]


async def test_a_store_that_is_not_there_imports_nothing(stub: Any, feed_dir: Path) -> None:
    """The catalogue's own answer, before the first row is written."""
    path = write(feed_dir, row("A", availability="in_stock"))
    with pytest.raises(grpc.aio.AioRpcError, match="no store 'berlin-9'"):
        await import_feed(path, stub, options=ImportOptions(store_id="berlin-9"))
    assert (await stub.GetCatalogStatus(pb.GetCatalogStatusRequest())).revision == 0


async def test_what_is_no_feed_imports_nothing(stub: Any, feed_dir: Path) -> None:
    """One clear error."""
    path = feed_dir / "feed.tsv"
    path.write_text("a\tb\n1\t2\n")
    for wrong, message in ((path, "needs the columns"), (feed_dir / "gone", "cannot read")):
        with pytest.raises(InvalidInput, match=message):
            await import_feed(wrong, stub)
    assert (await stub.GetCatalogStatus(pb.GetCatalogStatusRequest())).revision == 0


async def test_progress_is_told(stub: Any, feed_dir: Path) -> None:
    """Never backwards, at the end the whole feed."""
    path = write(feed_dir, *(row(f"S{i}") for i in range(200)))
    told: list[tuple[int, int]] = []

    def on_progress(report: ImportReport) -> None:
        told.append((report.products, report.bytes_read))

    report = await import_feed(path, stub, on_progress)
    assert told == sorted(told)
    assert told[-1] == (200, report.bytes_total) == (200, path.stat().st_size)
    assert len(told) >= 4


async def test_memory_stays_flat(stub: Any, feed_dir: Path) -> None:
    """A hundred megabytes of pictures pass through a fraction of that."""
    count = 26
    picture = jpeg(1, (64, 64))
    filler = b"\xff\xfe\xff\xff" + b"x" * 0xFFFD
    for i in range(count):
        comment = b"\xff\xfe\x00\x06" + f"{i:04}".encode()
        (feed_dir / f"{i}.jpg").write_bytes(picture[:2] + comment + filler * 60 + picture[2:])
    path = write(feed_dir, *(row(f"S{i}", f"{i}.jpg") for i in range(count)))
    tracemalloc.start()
    report = await import_feed(path, stub)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.images == count
    # The service is in this process too: it holds one commit's worth of images (16 MiB),
    # and six threads hash a picture each.
    assert peak < 64 << 20


IMPORT = """
import asyncio, sys
from pathlib import Path
from services.catalog.__main__ import open_service
from services.catalog.importer import import_feed
from shared.config import read_settings
from shared.rpc import open_channel, start_server
from vitrine.v1.catalog_pb2_grpc import CatalogServiceStub

async def main(state, feed):
    async with open_service(read_settings(state_dir=Path(state))) as servicer:
        server = await start_server("127.0.0.1:0", [servicer])
        async with open_channel(server.address) as channel:
            told = lambda report: print(report.products, flush=True)
            await import_feed(Path(feed), CatalogServiceStub(channel), told)

asyncio.run(main(*sys.argv[1:]))
"""


def import_and_kill(state: Path, feed: Path, after: int) -> None:
    """Import in another process and kill it after a number of reports."""
    command = [sys.executable, "-c", IMPORT, str(state), str(feed)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        for _ in range(after):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)


async def test_a_killed_import_run_again_ends_in_the_same_state(tmp_path: Path) -> None:
    """Twice killed, then finished: as one that was never interrupted."""
    folder = tmp_path / "feed"
    folder.mkdir()
    rows = [row(f"S{i}", f"p{i % 40}.jpg") for i in range(300)]
    path = write(folder, *rows, **{f"p{i}": jpeg(i) for i in range(40)})
    for after in (1, 2):
        await asyncio.to_thread(import_and_kill, tmp_path / "state", path, after)
    async with open_service(read_settings(state_dir=tmp_path / "state")) as servicer:
        server = await start_server(socket_path(tmp_path, "catalog"), [servicer])
        async with open_channel(server.address) as channel:
            stub = CatalogServiceStub(channel)
            report = await import_feed(path, stub)
            found = await products(stub)
        await server.stop(0)
    assert (report.products, report.images, report.rejected) == (300, 300, [])
    assert report.revision == 600  # nothing was written twice
    for i in range(300):
        (image,) = found[f"S{i}"].reference_images
        assert image.id == image_id(jpeg(i % 40))


ids = st.lists(st.sampled_from("abcdef"), unique=True)


@given(ids, ids, st.booleans())
def test_a_plan_leads_to_what_the_feed_wants(
    present: list[str], wanted: list[str], complete: bool
) -> None:
    """Applied as the catalogue does, views stay unique and the wanted pictures are there."""
    state = {image: str(i) for i, image in enumerate(present, 1)}
    located = [LocatedImage(image, Path(image), ImageRef(image, "image_link")) for image in wanted]
    plan = plan_images(state, located, complete=complete)
    after = dict(state)
    for image, view in plan.sent:
        after = {key: name for key, name in after.items() if name != view}
        after[image.id] = view
    for gone in plan.removed:
        after.pop(gone)
    assert set(after) == (set(wanted) if complete else {*present, *wanted})
    assert len(set(after.values())) == len(after)
    assert {image: view for image, view in after.items() if image in state} == {
        image: state[image] for image in after if image in state
    }
