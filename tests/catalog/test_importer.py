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
from tests.catalog.making import jpeg, products, row, views, write_feed
from vitrine.v1 import catalog_pb2 as pb
from vitrine.v1.catalog_pb2_grpc import CatalogServiceStub


async def test_a_feed_becomes_products_with_images(stub: Any, feed_dir: Path) -> None:
    """The report counts what is there afterwards."""
    path = write_feed(
        feed_dir, row("A", "a.jpg", "b.jpg"), row("B"), row("C", "b.jpg"), a=jpeg(1), b=jpeg(2)
    )
    report = await import_feed(path, stub)
    assert report.as_json() == {"products": 3, "images": 3, "rejected": [], "revision": 6}
    assert await views(stub, "A") == {image_id(jpeg(1)): "1", image_id(jpeg(2)): "2"}
    assert await views(stub, "C") == {image_id(jpeg(2)): "1"}


async def test_a_currency_that_is_none_stops_the_import(stub: Any, feed_dir: Path) -> None:
    """One error about the option, not one a row; nothing is imported."""
    path = write_feed(feed_dir, row("A", price="1.00"), row("B"))
    with pytest.raises(InvalidInput, match="currency: is 'EURO'"):
        await import_feed(path, stub, options=ImportOptions(currency="EURO"))
    assert await products(stub) == {}


async def test_importing_again_changes_nothing(stub: Any, feed_dir: Path) -> None:
    """The same report, the same revision."""
    path = write_feed(feed_dir, row("A", "a.jpg", price="1 EUR"), row("B"), a=jpeg(1))
    first = await import_feed(path, stub)
    assert (await import_feed(path, stub)).as_json() == first.as_json()


async def test_each_rejected_row_is_named_and_the_rest_imported(stub: Any, feed_dir: Path) -> None:
    """Bad digits, repeated SKUs, missing and broken pictures, negative prices, taken GTINs."""
    path = write_feed(
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


async def test_stock_is_set_where_a_store_is_named(stub: Any, feed_dir: Path) -> None:
    """Quantity as said; in stock without one is at least one piece."""
    await stub.UpsertStores(pb.UpsertStoresRequest(stores=[pb.Store(id="berlin")]))
    path = write_feed(
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
    path = write_feed(feed_dir, row("A", availability="in_stock"))
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
    path = write_feed(feed_dir, *(row(f"S{i}") for i in range(200)))
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
    path = write_feed(feed_dir, *(row(f"S{i}", f"{i}.jpg") for i in range(count)))
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
    path = write_feed(folder, *rows, **{f"p{i}": jpeg(i) for i in range(40)})
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
