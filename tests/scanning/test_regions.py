"""Where to look."""

import numpy as np
import pytest

from services.scanning.regions import MAX_REGIONS, propose_regions
from shared.demo.scenes import scene
from shared.geometry import iou


@pytest.mark.parametrize("size_wh", [(16, 16), (1, 300), (640, 480)])
def test_a_plain_picture_has_no_regions(size_wh):
    """There is nothing to look at in one colour, whatever the size."""
    assert propose_regions(np.full((size_wh[1], size_wh[0], 3), 180, np.uint8)) == []


def test_no_regions_wanted_gives_none():
    """A limit of zero is respected."""
    assert propose_regions(scene(1, "table").image_rgb, 0) == []


def test_a_printed_square_is_found():
    """A patterned thing on plain ground is boxed."""
    picture = np.full((480, 640, 3), (200, 205, 210), np.uint8)
    random = np.random.default_rng(3)
    blocks = random.integers(0, 256, (10, 10, 3)).astype(np.uint8)
    picture[120:360, 200:440] = np.kron(blocks, np.ones((24, 24, 1), np.uint8))
    boxes = propose_regions(picture)
    assert iou(boxes, [(200 / 640, 120 / 480, 440 / 640, 360 / 480)]).max() > 0.8


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_the_number_of_regions_is_bounded(limit):
    """Each region costs an embedding."""
    boxes = propose_regions(scene(4, "shelf").image_rgb, limit)
    assert 1 <= len(boxes) <= min(limit, MAX_REGIONS)


def test_regions_lie_in_the_picture():
    """Boxes are normalised, in order, and have an area."""
    boxes = np.array(propose_regions(scene(2, "shelf").image_rgb, 16))
    assert ((boxes >= 0) & (boxes <= 1)).all()
    assert (boxes[:, 2:] > boxes[:, :2]).all()


def test_the_same_picture_gives_the_same_regions():
    """No chance is involved."""
    picture = scene(3, "table").image_rgb
    assert propose_regions(picture) == propose_regions(picture)


@pytest.mark.parametrize(
    ("style", "limit", "share"),
    [
        ("table", 8, 0.6),
        ("flat_lay", 8, 0.7),
        ("rail", 8, 0.7),
        ("barcode", 8, 1.0),
        ("shelf", 16, 0.5),
    ],
)
def test_most_products_of_demo_photos_are_found(style, limit, share):
    """A box overlaps each visible product by half (intersection over union), mostly."""
    found = total = 0
    for seed in range(30, 34):
        photo = scene(seed, style)
        boxes = propose_regions(photo.image_rgb, limit)
        truth = [item.box_xyxy for item in photo.items if item.visible > 0.4]
        found += int((iou(truth, boxes).max(axis=1) >= 0.5).sum())
        total += len(truth)
    assert found >= share * total
