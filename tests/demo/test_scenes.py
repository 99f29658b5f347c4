"""Photos with truth: boxes in the image, codes that are there, awkward cases as told."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp

from shared.demo.catalogue import product, products
from shared.demo.scenes import SIZE_WH, STYLES, Style, scene
from shared.demo.stage import Stage
from shared.errors import NotFound

SKUS = {item.sku for item in products()}
GTINS = {item.gtin for item in products()}


def test_an_unknown_sku_cannot_be_in_a_photo() -> None:
    """A wanted product must exist."""
    with pytest.raises(NotFound):
        scene(1, "shelf", ["NOPE-1"])


def test_an_empty_stage_has_an_empty_truth() -> None:
    """Nothing put, nothing told."""
    stage = Stage(np.full((40, 60, 3), 128, np.uint8))
    photo = stage.shoot((60, 40), np.eye(3), np.random.default_rng(0))
    assert photo.items == ()


def test_what_is_covered_is_not_told() -> None:
    """A product that another one hides entirely is not in the truth."""
    stage = Stage(np.full((100, 100, 3), 128, np.uint8))
    shape = np.full((20, 20, 4), 255, np.uint8)
    quad = np.array([(30, 30), (70, 30), (70, 70), (30, 70)])
    stage.put(shape, quad, "TEA-001", shadow=0)
    stage.put(shape, quad, "TEA-002", shadow=0)
    photo = stage.shoot((100, 100), np.eye(3), np.random.default_rng(0))
    assert [item.sku for item in photo.items] == ["TEA-002"]


def test_truth_follows_the_camera() -> None:
    """A camera that moves by ten pixels moves quad and box by as much."""
    shape = np.full((20, 20, 4), 255, np.uint8)
    quad = np.array([(30, 30), (70, 30), (70, 70), (30, 70)])
    stage = Stage(np.zeros((100, 100, 3), np.uint8))
    stage.put(shape, quad, "TEA-001", shadow=0)
    moved = np.array([[1, 0, 10], [0, 1, 0], [0, 0, 1]], float)
    (item,) = stage.shoot((100, 100), moved, np.random.default_rng(0)).items
    assert np.allclose(item.quad * 100, np.add(quad, (10, 0)), atol=1e-3)
    assert np.allclose(item.box_xyxy * 100, (40, 30, 80, 70), atol=1.5)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("seed", [3, 4])
def test_boxes_lie_within_the_photo_and_round_what_is_seen(style: Style, seed: int) -> None:
    """Truth is normalised, boxes are not empty and lie in the bounds of their quads."""
    photo = scene(seed, style)
    assert photo.image_rgb.shape == (SIZE_WH[1], SIZE_WH[0], 3)
    assert photo.items
    for item in photo.items:
        assert item.sku in SKUS or item.sku is None
        assert (item.box_xyxy >= 0).all()
        assert (item.box_xyxy <= 1).all()
        assert (item.box_xyxy[2:] > item.box_xyxy[:2]).all()
        slack = 0.01
        assert (item.box_xyxy[:2] >= item.quad.min(axis=0) - slack).all()
        assert (item.box_xyxy[2:] <= item.quad.max(axis=0) + slack).all()
        assert 0.2 <= item.visible <= 1


def test_the_same_seed_gives_the_same_photo() -> None:
    """Pixels and truth are repeated; another seed differs."""
    one, again, other = scene(9, "table"), scene(9, "table"), scene(10, "table")
    assert (one.image_rgb == again.image_rgb).all()
    assert [item.sku for item in one.items] == [item.sku for item in again.items]
    assert (one.image_rgb != other.image_rgb).any()


@pytest.mark.parametrize("seed", range(4))
def test_a_shelf_shows_what_was_wanted(seed: int) -> None:
    """Products asked for are among those on the shelf."""
    wanted = ["TEA-001", "CER-010", "CAN-062"]
    assert set(wanted) <= {item.sku for item in scene(seed, "shelf", wanted).items}


@pytest.mark.parametrize("seed", range(1, 7))
def test_a_visible_code_can_be_read(seed: int) -> None:
    """In these photos of backs zxing-cpp reads the code that the truth tells."""
    photo = scene(seed, "barcode")
    (item,) = photo.items
    assert item.sku is not None
    assert item.codes == (product(item.sku).gtin,)
    assert {result.text for result in zxingcpp.read_barcodes(photo.image_rgb)} == set(item.codes)


@pytest.mark.parametrize("seed", range(6))
def test_a_swapped_label_reads_as_another_product(seed: int) -> None:
    """The sticker carries a known code, but not that of the product it is on."""
    photo = scene(seed, "conflict")
    (item,) = photo.items
    assert item.sku is not None
    assert item.conflict
    assert {result.text for result in zxingcpp.read_barcodes(photo.image_rgb)} == set(item.codes)
    assert set(item.codes) < GTINS
    assert product(item.sku).gtin not in item.codes


def test_a_stranger_stands_among_products() -> None:
    """One thing has no SKU, the others have."""
    skus = [item.sku for item in scene(2, "stranger").items]
    assert skus.count(None) == 1
    assert len(skus) == 3
