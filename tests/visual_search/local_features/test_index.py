"""The index of local features: finding, following, outliving a kill."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.visual_search.local_features.features import PICTURE_SIDE
from services.visual_search.local_features.index import LocalIndex
from tests.visual_search.pictures import on_shelf, pack


def found(index, image):
    """SKUs of what is found, the surest first."""
    return [thing.best.sku for thing in index.find(image, PICTURE_SIDE)]


def test_an_empty_index_finds_nothing(tmp_path):
    """And does not fail."""
    index = LocalIndex(tmp_path / "local.sqlite")
    assert index.find(pack(1), PICTURE_SIDE) == []
    assert (index.revision, index.images, index.catalog_id) == (0, 0, "")
    index.close()


@pytest.mark.parametrize("size_wh", [(16, 16), (1, 300), (640, 480)])
def test_a_plain_or_tiny_picture_shows_nothing(local, size_wh):
    """Nothing is computed for it."""
    assert local.find(np.full((size_wh[1], size_wh[0], 3), 180, np.uint8), PICTURE_SIDE) == []


def test_noise_shows_nothing(local):
    """Thousands of features that agree on nothing."""
    noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3)).astype(np.uint8)
    assert local.find(noise, PICTURE_SIDE) == []


@pytest.mark.parametrize("seed", range(6))
def test_a_pack_is_found_with_its_outline(local, seed):
    """At an angle; the corners come back within a fiftieth of the picture."""
    photo, corners = on_shelf(pack(seed), seed)
    things = local.find(photo, PICTURE_SIDE)
    assert [thing.best.sku for thing in things] == [f"SKU-{seed}"]
    assert things[0].best.log_odds > 2
    np.testing.assert_allclose(things[0].best.outline, corners, atol=0.02)


def test_a_pack_that_is_not_in_the_catalogue_is_not_found(local):
    """Same style, other print."""
    assert found(local, on_shelf(pack(77), 1)[0]) == []


def test_several_packs_and_several_of_one_are_found(local):
    """Two of one product, one of another, side by side on a grey wall."""
    shelf = np.full((480, 1000, 3), 120, np.uint8)
    for x, seed in ((40, 1), (340, 1), (660, 2)):
        shelf[80:400, x : x + 240] = pack(seed)
    things = local.find(shelf, PICTURE_SIDE)
    seen = sorted((float(thing.best.outline[0, 0]), thing.best.sku) for thing in things)
    assert [sku for _, sku in seen] == ["SKU-1", "SKU-1", "SKU-2"]
    np.testing.assert_allclose([x for x, _ in seen], [0.04, 0.34, 0.66], atol=0.01)


def test_a_band_of_another_colour_tells_two_products_of_one_design_apart(local):
    """All features agree with both; the band alone differs."""
    from services.visual_search.local_features.references import of_image

    red, blue = pack(1), pack(1)
    red[200:260], blue[200:260] = (220, 30, 30), (30, 30, 220)
    fresh = {"red": of_image(red), "blue": of_image(blue)}
    local.apply({"RED": ["red"], "BLUE": ["blue"]}, fresh, 7)
    local.apply({f"SKU-{seed}": [] for seed in range(6)}, {}, 8)
    darker = cv2.convertScaleAbs(on_shelf(blue, 3)[0], alpha=0.8)
    assert found(local, darker) == ["BLUE"]
    assert found(local, on_shelf(red, 3)[0]) == ["RED"]


def test_a_deleted_product_is_not_found(local):
    """At once, and the revision moves on."""
    local.apply({"SKU-1": []}, {}, 9)
    assert found(local, on_shelf(pack(1), 1)[0]) == []
    assert (local.revision, local.images) == (9, 5)


def test_a_replaced_image_is_found_instead(local, references):
    """The product's features are those of its images now."""
    local.apply({"SKU-1": ["image-2"], "SKU-2": []}, {}, 9)
    assert found(local, on_shelf(pack(1), 1)[0]) == []
    assert found(local, on_shelf(pack(2), 1)[0]) == ["SKU-1"]


def test_applying_a_change_twice_does_no_harm(local, references):
    """As after a kill between two stores."""
    for _ in range(2):
        local.apply({"SKU-1": ["image-1"], "SKU-3": []}, references, 9)
    assert local.images == 5
    assert found(local, on_shelf(pack(1), 1)[0]) == ["SKU-1"]


def test_an_image_that_could_not_be_read_is_left_out(local):
    """Neither known nor given."""
    local.apply({"NEW": ["broken"]}, {}, 10)
    assert (local.images, local.known(["broken", "image-1"])) == (6, {"image-1"})


def test_it_is_the_same_after_opening_again(local):
    """Revision, catalogue and answers."""
    again = LocalIndex(local.path)
    assert (again.revision, again.images) == (6, 6)
    assert found(again, on_shelf(pack(4), 4)[0]) == ["SKU-4"]
    again.close()


def test_a_broken_file_is_built_anew(tmp_path):
    """From revision 0, so that the catalogue is followed again."""
    path = tmp_path / "local.sqlite"
    path.write_bytes(b"no database at all" * 1000)
    index = LocalIndex(path)
    assert (index.revision, index.images) == (0, 0)
    index.close()


def test_another_catalogue_begins_empty(local):
    """Its revisions are not those of the one before."""
    local.clear("other")
    assert (local.revision, local.images, local.catalog_id) == (0, 0, "other")
    assert found(local, on_shelf(pack(1), 1)[0]) == []
