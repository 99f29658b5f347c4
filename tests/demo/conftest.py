"""One demo folder, written once for all the tests that look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.demo.writing import write_demo


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the whole demo into a temporary folder."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return folder
