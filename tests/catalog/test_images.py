"""Where the bytes of the images are kept."""

from __future__ import annotations

import os
import time
from pathlib import Path
from uuid import uuid4

import pytest

from services.catalog.images import (
    Blobs,
    FolderBlobs,
    RemoteBlobs,
    check_image,
    image_id,
    open_blobs,
)
from shared.errors import ImageRefused, NotReady, Unavailable
from tests.catalog.making import jpeg


@pytest.fixture(params=["folder", "fsspec"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """An empty place of each kind."""
    name = str(tmp_path) if request.param == "folder" else f"memory://{uuid4().hex}/images"
    return open_blobs(name)


def test_bytes_come_back(kept: Blobs) -> None:
    """As they were put, also when put twice."""
    name = image_id(b"abc")
    kept.put({name: b"abc"})
    kept.put({name: b"abc"})
    assert kept.get([name]) == {name: b"abc"}


def test_what_is_not_there_is_none(kept: Blobs) -> None:
    """Reading it is no error, nor is removing it."""
    assert kept.get(["0" * 64]) == {}
    kept.remove(["0" * 64])


def test_what_is_removed_is_gone(kept: Blobs) -> None:
    """The others stay."""
    for data in (b"a", b"b"):
        kept.put({image_id(data): data})
    kept.remove([image_id(b"a")])
    assert kept.get([image_id(b"a"), image_id(b"b")]) == {image_id(b"b"): b"b"}


def test_a_url_chooses_the_place(tmp_path: Path) -> None:
    """A path and a file URL are a folder, everything else is fsspec's."""
    assert isinstance(open_blobs(str(tmp_path / "a")), FolderBlobs)
    assert isinstance(open_blobs(f"file://{tmp_path}/b"), FolderBlobs)
    assert isinstance(open_blobs("memory://x"), RemoteBlobs)


@pytest.mark.parametrize("url", ["nonsense://x", "http+s3://x"])
def test_a_url_that_nobody_serves_is_refused(url: str) -> None:
    """At start-up, not at the first image."""
    with pytest.raises(NotReady) as refused:
        open_blobs(url)
    assert refused.value.reason == "IMAGES_URL_UNKNOWN"


def test_a_file_that_was_half_written_has_no_name(tmp_path: Path) -> None:
    """A writer that dies leaves nothing under the name, and its rest is removed later."""
    kept = FolderBlobs(tmp_path)
    rest, fresh = tmp_path / "incoming" / "dead", tmp_path / "incoming" / "alive"
    for path in (rest, fresh):
        path.write_bytes(b"half")
    os.utime(rest, (time.time() - 7200,) * 2)
    assert kept.get(["dead"]) == {}
    FolderBlobs(tmp_path)
    assert [path.name for path in (tmp_path / "incoming").iterdir()] == ["alive"]


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    """Told as such, with a reason; nothing appears under the name."""
    kept = FolderBlobs(tmp_path)
    (tmp_path / "incoming").rmdir()
    (tmp_path / "incoming").write_bytes(b"no folder")
    with pytest.raises(Unavailable) as away:
        kept.put({image_id(b"x"): b"x"})
    assert away.value.reason == "IMAGES_UNAVAILABLE"
    assert kept.get([image_id(b"x")]) == {}


def test_a_checked_image_has_its_kind_and_upright_size() -> None:
    """The id is the hash of the bytes."""
    found = check_image(jpeg(size_wh=(40, 30)))
    assert (found.mime_type, found.size_wh) == ("image/jpeg", (40, 30))
    assert found.id == image_id(jpeg(size_wh=(40, 30)))


@pytest.mark.parametrize("data", [b"", b"GIF89a", jpeg()[:-10], b"<svg/>"])
def test_what_the_gate_refuses_is_refused(data: bytes) -> None:
    """With the gate's own reason."""
    with pytest.raises(ImageRefused):
        check_image(data)
