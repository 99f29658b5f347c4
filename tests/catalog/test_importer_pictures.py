"""Pictures of a feed: files, the web, what is refused, what is removed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.catalog.images import image_id
from services.catalog.importer import import_feed
from services.catalog.importing.report import ImportOptions
from tests.catalog.making import jpeg, row, views, write_feed
from tests.catalog.web_server import Answer, web_server


def test_no_http_is_loaded_for_pictures_that_are_files(tmp_path: Path) -> None:
    """It takes longer to load than a small feed to import."""
    path = write_feed(tmp_path, row("A", "a.jpg"), a=jpeg(1))
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


async def test_a_picture_broken_inside_is_told_and_the_product_stays(
    stub: Any, feed_dir: Path
) -> None:
    """Only decoding finds it, so that is the catalogue's answer, told by line."""
    whole = jpeg(1, (640, 480))
    at = whole.index(b"\xff\xc4")  # the first Huffman table
    broken = whole[: at + 5] + b"\xff" * 16 + whole[at + 21 :]
    path = write_feed(feed_dir, row("A", "a.jpg", "b.jpg"), a=broken, b=jpeg(2))
    report = await import_feed(path, stub)
    assert (report.products, report.images) == (1, 1)
    assert report.rejected[0].line == 2
    assert report.rejected[0].reason.startswith("image_link a.jpg: the ")


async def test_pictures_that_left_the_row_are_removed(stub: Any, feed_dir: Path) -> None:
    """And new ones are added, in one go."""
    await import_feed(write_feed(feed_dir, row("A", "a.jpg", "b.jpg"), a=jpeg(1), b=jpeg(2)), stub)
    await import_feed(write_feed(feed_dir, row("A", "b.jpg", "c.jpg"), c=jpeg(3)), stub)
    assert set(await views(stub, "A")) == {image_id(jpeg(2)), image_id(jpeg(3))}
    await import_feed(write_feed(feed_dir, row("A")), stub)
    assert await views(stub, "A") == {}


async def test_no_picture_is_removed_while_one_cannot_be_had(stub: Any, feed_dir: Path) -> None:
    """A shop whose image server stumbles keeps its pictures."""
    await import_feed(write_feed(feed_dir, row("A", "a.jpg", "b.jpg"), a=jpeg(1), b=jpeg(2)), stub)
    await import_feed(write_feed(feed_dir, row("A", "a.jpg", "gone.jpg")), stub)
    assert set(await views(stub, "A")) == {image_id(jpeg(1)), image_id(jpeg(2))}


@pytest.mark.parametrize("href", ["../secret.jpg", "/etc/passwd", "link.jpg", "file:///etc/passwd"])
async def test_a_path_cannot_leave_the_feeds_folder(stub: Any, feed_dir: Path, href: str) -> None:
    """By dots, by an absolute path, by a symbolic link."""
    (feed_dir.parent / "secret.jpg").write_bytes(jpeg())
    (feed_dir / "link.jpg").symlink_to(feed_dir.parent / "secret.jpg")
    report = await import_feed(write_feed(feed_dir, row("A", href)), stub)
    assert "lies outside the feed's folder; --allow-outside" in report.rejected[0].reason


async def test_a_path_may_leave_the_folder_when_allowed(stub: Any, feed_dir: Path) -> None:
    """Absolute paths and file URLs too."""
    outside = feed_dir.parent / "öff entlich.jpg"
    outside.write_bytes(jpeg())
    path = write_feed(feed_dir, row("A", str(outside)), row("B", outside.as_uri()))
    report = await import_feed(path, stub, options=ImportOptions(allow_outside=True))
    assert (report.images, report.rejected) == (2, [])


@pytest.mark.parametrize("href", ["ftp://x/a.jpg", "data:image/png;base64,AA", "http://[x", "a\0b"])
async def test_what_is_no_path_or_url_is_told(stub: Any, feed_dir: Path, href: str) -> None:
    """By line and column."""
    report = await import_feed(write_feed(feed_dir, row("A", href)), stub)
    assert report.rejected[0].reason.startswith("image_link ")


async def test_pictures_come_from_the_web_when_allowed(stub: Any, feed_dir: Path) -> None:
    """Unchanged ones are not fetched again; a private address wants permission."""
    with web_server() as server:
        etag = {"Content-Type": "image/jpeg", "ETag": '"x"'}
        server.answers["/a.jpg"] = Answer(jpeg(), etag)
        path = write_feed(feed_dir, row("A", server.url("/a.jpg")), row("B", server.url("/b.jpg")))
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
        report = await import_feed(write_feed(feed_dir, *rows), stub, options=options)
        assert (report.products, report.images, report.rejected) == (150, 150, [])
