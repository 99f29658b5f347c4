"""Reference images: the same every time, well framed, codes readable, variants distinct."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
import zxingcpp

from shared.demo.catalogue import Product, products
from shared.demo.views import SIZE_PX, poses, views
from shared.errors import NotFound

PACKAGES = [item for item in products() if item.packaged]
ONE_OF_EACH = list({item.kind: item for item in products()}.values())

_DIGEST = """
import hashlib
from shared.demo.scenes import scene
from shared.demo.views import views
digest = hashlib.sha256()
for sku in ("TEA-001", "CAN-062", "SHI-111", "GLS-104", "HAT-203", "ARM-501"):
    for view in views(sku):
        digest.update(view.image_rgb.tobytes())
digest.update(scene(5, "shelf").image_rgb.tobytes())
print(digest.hexdigest())
"""


def _by_sku(item: Product) -> str:
    return item.sku


def test_an_unknown_sku_has_no_views() -> None:
    """Views of a product that is not there are refused."""
    with pytest.raises(NotFound):
        views("NOPE-1")


def test_pixels_are_the_same_in_every_process() -> None:
    """Two processes with different hash seeds draw the same bytes."""
    digests = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


@pytest.mark.parametrize("item", ONE_OF_EACH, ids=_by_sku)
def test_a_product_has_three_to_five_framed_views(item: Product) -> None:
    """Views are square on white, the front first, the product whole and large within."""
    pictures = views(item.sku)
    assert 3 <= len(pictures) <= 5
    assert pictures[0].name == "front"
    for picture in pictures:
        side = 960 if picture.name == "back" else SIZE_PX
        assert picture.image_rgb.shape == (side, side, 3)
        assert (picture.image_rgb[0] == 255).all()
        assert (picture.quad >= 0).all()
        assert (picture.quad <= 1).all()
        assert np.ptp(picture.quad, axis=0).max() > 0.7


@pytest.mark.parametrize("item", ONE_OF_EACH, ids=_by_sku)
def test_what_lies_outside_the_frame_is_only_shadow(item: Product) -> None:
    """Outside its quad a view has no more than light grey."""
    picture = views(item.sku)[0]
    side = picture.image_rgb.shape[0]
    x0, y0 = np.floor(picture.quad.min(axis=0) * side).astype(int)
    x1, y1 = np.ceil(picture.quad.max(axis=0) * side).astype(int)
    outside = picture.image_rgb.copy()
    outside[y0:y1, x0:x1] = 255
    assert outside.min() > 80
    assert (np.ptp(outside, axis=2) == 0).all()


@pytest.mark.parametrize("item", PACKAGES, ids=_by_sku)
def test_the_back_of_a_package_shows_its_code_and_no_other(item: Product) -> None:
    """zxing-cpp reads exactly the product's GTIN from the back, as the truth says."""
    back = views(item.sku)[list(poses(item.sku)).index("back")]
    found = [result.text for result in zxingcpp.read_barcodes(back.image_rgb)]
    assert found == [item.gtin] == list(back.codes)


def test_fronts_of_variants_are_alike_but_not_the_same() -> None:
    """A hard pair differs in some part of the picture only."""
    for one, other in (("CER-010", "CER-011"), ("CAN-062", "CAN-063"), ("CTN-080", "CTN-081")):
        a, b = (views(sku)[0].image_rgb.astype(int) for sku in (one, other))
        changed = (np.abs(a - b).max(axis=2) > 40).mean()
        assert 0.002 < changed < 0.25


def test_no_two_products_have_the_same_front() -> None:
    """Every product can be told from every other by its front."""
    digests = {hashlib.sha256(views(p.sku)[0].image_rgb.tobytes()).digest() for p in products()}
    assert len(digests) == len(products())
