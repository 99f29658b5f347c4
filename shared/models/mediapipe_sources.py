"""Getting the ``.task`` bundles: from a folder, from MediaPipe's host, or from PyPI.

Each source in turn is asked for each bundle that is not there yet; whatever comes is
kept only if one of the bundle's cards knows its hash. A source that does not answer is
no error while another one does.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from shared.errors import NotReady
from shared.models.card import ModelCard, sha256_of
from shared.models.mediapipe_assembly import assemble
from shared.models.mediapipe_bundles import (
    BUNDLES,
    OFFICIAL,
    Bundle,
    BundleName,
    InstalledBundle,
    installed_bundle,
)
from shared.privacy import CLOSED_PROXY

WHEEL_REQUIREMENT = "mediapipe==0.10.21"
WHEEL_FILE = "mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl"
WHEEL_SHA256 = "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3"
WHEEL_TIMEOUT_S = 600.0
CONNECT_TIMEOUT_S = 4.0
READ_TIMEOUT_S = 30.0
OTHER_EDITION = "another file than its SHA-256 says"

Tell = Callable[[str, int, int], None]
"""Called with what is being done, and how much of how much (0 of 0 = not known)."""


class SourceFailed(Exception):
    """A source has not got a bundle; the message says why, in a few words."""


def _silent(_what: str, _done: int, _total: int) -> None:
    return


@dataclass(slots=True)
class LocalFolder:
    """A folder that somebody put bundles, or the wheel, into."""

    folder: Path
    name: str = "local folder"

    def fetch(self, bundle: Bundle, _tell: Tell) -> bytes:
        """The bundle's bytes; raises ``SourceFailed``."""
        known = {card.sha256 for card in bundle.cards}
        for path in sorted(self.folder.glob("*.task")):
            if sha256_of(path) in known:
                return path.read_bytes()
        wheel = self.folder / WHEEL_FILE
        if wheel.is_file() and sha256_of(wheel) == WHEEL_SHA256:
            return assemble(bundle.name, wheel)
        raise SourceFailed(f"{self.folder} holds neither it nor {WHEEL_FILE}")


@dataclass(slots=True)
class OfficialHost:
    """MediaPipe's storage host. One failure to connect is taken for all bundles."""

    base_url: str = OFFICIAL
    name: str = "official bundle"
    _failure: str = ""

    def fetch(self, bundle: Bundle, tell: Tell) -> bytes:
        """The bundle's bytes; raises ``SourceFailed``."""
        path = _official_path(bundle.cards)
        if self._failure or not path:
            raise SourceFailed(self._failure or "there is no official edition")
        try:
            return self._download(f"{self.base_url}/{path}", bundle.name, tell)
        except httpx.TransportError as error:
            self._failure = f"not reachable ({type(error).__name__})"
            raise SourceFailed(self._failure) from error
        except httpx.HTTPStatusError as error:
            raise SourceFailed(f"answered {error.response.status_code}") from error

    def _download(self, url: str, name: str, tell: Tell) -> bytes:
        timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        with httpx.stream("GET", url, timeout=timeout, follow_redirects=True) as reply:
            reply.raise_for_status()
            total = int(reply.headers.get("content-length", 0))
            data = bytearray()
            for part in reply.iter_bytes():
                data += part
                tell(f"{name}: downloading", len(data), total)
        return bytes(data)


@dataclass(slots=True)
class PinnedWheel:
    """The pinned wheel from the package index that pip is set up for, downloaded once."""

    command: Sequence[str] = (sys.executable, "-m", "pip")
    name: str = "pinned wheel"
    _resources: ExitStack = field(default_factory=ExitStack)
    _wheel: Path | None = None
    _failure: str = ""

    def fetch(self, bundle: Bundle, tell: Tell) -> bytes:
        """The bundle's bytes; raises ``SourceFailed``."""
        if self._failure:
            raise SourceFailed(self._failure)
        if self._wheel is None:
            tell(f"downloading {WHEEL_REQUIREMENT} (36 MB)", 0, 0)
            try:
                temporary = tempfile.TemporaryDirectory(prefix="vitrine-wheel-")
                self._wheel = self.download(Path(self._resources.enter_context(temporary)))
            except SourceFailed as error:
                self._failure = str(error)
                raise
        tell(f"{bundle.name}: assembling", 0, 0)
        return assemble(bundle.name, self._wheel)

    def close(self) -> None:
        """Remove the downloaded wheel."""
        self._resources.close()
        self._wheel = None

    def download(self, folder: Path) -> Path:
        """Fetch the wheel into ``folder`` and check it; raises ``SourceFailed``."""
        self._run_pip(folder)
        wheel = folder / WHEEL_FILE
        if not wheel.is_file() or sha256_of(wheel) != WHEEL_SHA256:
            raise SourceFailed(f"the package index gave {OTHER_EDITION}")
        return wheel

    def _run_pip(self, folder: Path) -> None:
        platform = ["--python-version", "3.11", "--platform", "manylinux_2_28_x86_64"]
        options = ["--no-deps", "--only-binary=:all:", *platform, "--dest", str(folder)]
        command = [*self.command, "download", "--quiet", *options, WHEEL_REQUIREMENT]
        # A process that closed its own egress may still ask pip to fetch.
        environment = {k: v for k, v in os.environ.items() if v != CLOSED_PROXY}
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter's pip, fixed arguments
                command,
                env=environment,
                capture_output=True,
                text=True,
                timeout=WHEEL_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SourceFailed(f"pip download did not run: {error}") from error
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no output"])[-1]
            raise SourceFailed(f"pip download failed: {last}")


Source = LocalFolder | OfficialHost | PinnedWheel


@dataclass(frozen=True, slots=True)
class Obtained:
    """A bundle that is in place now, and the source it came from; empty = it was there."""

    name: BundleName
    installed: InstalledBundle
    source: str


def install_bundles(
    folder: Path, sources: Sequence[Source], tell: Tell = _silent
) -> list[Obtained]:
    """See to it that all bundles are in ``folder``. Works offline once they are.

    Args:
        folder: where they live; created if need be.
        sources: asked in this order for what is missing.
        tell: hears what is going on.

    Raises:
        NotReady: no source has a bundle (``MODELS_UNREACHABLE``); the message says what
            each of them answered.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_obtain(bundle, folder, sources, tell) for bundle in BUNDLES.values()]


def _obtain(bundle: Bundle, folder: Path, sources: Sequence[Source], tell: Tell) -> Obtained:
    try:
        return Obtained(bundle.name, installed_bundle(bundle.name, folder), "")
    except NotReady:
        tell(f"{bundle.name}: looking for it", 0, 0)
    answers = []
    for source in sources:
        try:
            _keep(source.fetch(bundle, tell), bundle, folder)
        except SourceFailed as error:
            answers.append(f"{source.name}: {error}")
        else:
            return Obtained(bundle.name, installed_bundle(bundle.name, folder), source.name)
    raise _unreachable(bundle, answers)


def _keep(data: bytes, bundle: Bundle, folder: Path) -> None:
    """Put the bytes in place if a card knows them; a reader never sees half a file."""
    digest = hashlib.sha256(data).hexdigest()
    if digest not in {card.sha256 for card in bundle.cards}:
        raise SourceFailed(f"gave {OTHER_EDITION} ({digest[:12]})")
    partial = folder / f".{bundle.file}.{os.getpid()}"
    try:
        partial.write_bytes(data)
        partial.replace(folder / bundle.file)
    finally:
        partial.unlink(missing_ok=True)


def _official_path(cards: Sequence[ModelCard]) -> str:
    prefix = f"{OFFICIAL}/"
    found = [card.source.removeprefix(prefix) for card in cards if card.source.startswith(prefix)]
    return found[0] if found else ""


def _unreachable(bundle: Bundle, answers: Sequence[str]) -> NotReady:
    return NotReady(
        f"cannot get the {bundle.name} model ({'; '.join(answers) or 'no source asked'}). Put "
        f"{bundle.file} or {WHEEL_FILE} into a folder and run `vitrine models --from FOLDER`",
        reason="MODELS_UNREACHABLE",
    )
