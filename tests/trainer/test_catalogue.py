"""The catalogue's reference images become training data."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rich.console import Console

from services.cli.stack import Stack
from services.trainer.catalogue import download_references
from services.trainer.dataset import Photo, read_photos
from shared.config import read_settings
from shared.errors import InvalidInput
from tests.trainer.conftest import draw_product
from vitrine.v1 import catalog_pb2


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """A catalogue of its own, in this process."""
    settings = read_settings(state_dir=tmp_path / "state")
    return Stack(settings, Console(quiet=True), embedded_only=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "photos"
    path.mkdir()
    return path


async def stock(catalog: Any, images: dict[str, int]) -> None:
    """Put products with so many reference images each into the catalogue."""

    async def products() -> AsyncIterator[Any]:
        for sku in images:
            product = catalog_pb2.Product(sku=sku, title=sku, category_path=["Food", "Tea"])
            yield catalog_pb2.UpsertProductsRequest(product=product)

    async def references() -> AsyncIterator[Any]:
        random = np.random.default_rng(0)
        for label, (sku, count) in enumerate(images.items()):
            for view in range(count):
                _, data = cv2.imencode(".jpg", draw_product(label, random))
                yield catalog_pb2.UpsertReferenceImagesRequest(
                    sku=sku, view=str(view), data=data.tobytes()
                )

    await catalog.UpsertProducts(products())
    await catalog.UpsertReferenceImages(references())


async def fetched(stack: Stack, images: dict[str, int], folder: Path) -> list[Photo]:
    async with stack.catalog() as catalog:
        await stock(catalog, images)
        return read_photos(await download_references(catalog, folder, lambda: None))


def test_references_are_labelled_by_sku(stack: Stack, folder: Path) -> None:
    """Every reference image of every product, with its category as coarse label."""
    photos = stack.run(fetched(stack, {"TEA-1": 2, "TEA-2": 1}, folder))
    assert sorted((photo.label, photo.coarse) for photo in photos) == [
        ("TEA-1", "Tea"),
        ("TEA-1", "Tea"),
        ("TEA-2", "Tea"),
    ]
    assert all(photo.path.is_file() for photo in photos)


def test_what_is_there_is_not_fetched_again(stack: Stack, folder: Path) -> None:
    """A second run leaves the files of the first untouched."""

    async def twice() -> list[Photo]:
        async with stack.catalog() as catalog:
            await stock(catalog, {"TEA-1": 1, "TEA-2": 1})
            source = await download_references(catalog, folder, lambda: None)
            mark(source)
            return read_photos(await download_references(catalog, folder, lambda: None))

    def mark(source: Path) -> None:
        read_photos(source)[0].path.write_bytes(b"marked")

    assert stack.run(twice())[0].path.read_bytes() == b"marked"


def test_catalogue_without_images_is_refused(stack: Stack, folder: Path) -> None:
    """Nothing to learn from; the message says how to get some."""
    with pytest.raises(InvalidInput, match="vitrine import"):
        stack.run(fetched(stack, {"TEA-1": 0, "TEA-2": 1}, folder))
