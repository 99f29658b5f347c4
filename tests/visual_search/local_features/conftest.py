"""A small catalogue of printed packs, found by their local features."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.visual_search.local_features.index import LocalIndex
from services.visual_search.local_features.references import of_image
from tests.visual_search.pictures import pack

SEEDS = range(6)


@pytest.fixture(scope="session")
def references():
    """Features of the packs' images by image id."""
    return {f"image-{seed}": of_image(pack(seed)) for seed in SEEDS}


@pytest.fixture
def local(tmp_path: Path, references):
    """An index of six products with one image each, at revision 6."""
    index = LocalIndex(tmp_path / "local.sqlite")
    index.apply({f"SKU-{seed}": [f"image-{seed}"] for seed in SEEDS}, references, 6)
    yield index
    index.close()
