"""Try-on assets: true widths, points on the product, alpha that cuts it out."""

from __future__ import annotations

import numpy as np
import pytest

from shared.demo.catalogue import Product, products
from shared.demo.tryon import TryOnAsset, try_on_asset
from shared.errors import NotFound

WORN = [item for item in products() if item.wearable]
PICTURED = [item for item in WORN if item.kind != "lipstick"]


def _by_sku(item: Product) -> str:
    return item.sku


def _pictured(item: Product) -> tuple[TryOnAsset, np.ndarray]:
    asset = try_on_asset(item.sku)
    assert asset.image_rgba is not None
    return asset, asset.image_rgba


@pytest.mark.parametrize("sku", ["TEA-001", "ARM-501", "NOPE-1"])
def test_what_is_not_worn_has_no_asset(sku: str) -> None:
    """Groceries, furniture and unknown SKUs are refused."""
    with pytest.raises(NotFound):
        try_on_asset(sku)


@pytest.mark.parametrize("item", PICTURED, ids=_by_sku)
def test_the_picture_is_cropped_to_the_product(item: Product) -> None:
    """Something of the product touches each side, so its width is the picture's."""
    _, image = _pictured(item)
    alpha = image[..., 3]
    for edge in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]):
        assert edge.max() > 8
    assert alpha.min() == 0
    assert alpha.max() == 255


@pytest.mark.parametrize("item", PICTURED, ids=_by_sku)
def test_points_lie_in_or_at_the_picture(item: Product) -> None:
    """Named points are normalised; those of a band may lie just behind its edge."""
    asset, _ = _pictured(item)
    assert len(asset.points) >= 2
    for x, y in asset.points.values():
        assert -0.03 <= x <= 1.03
        assert -0.03 <= y <= 1.03


@pytest.mark.parametrize("item", PICTURED, ids=_by_sku)
def test_left_is_left_of_right(item: Product) -> None:
    """Left and right are those of the picture."""
    points = _pictured(item)[0].points
    for name, (x, _) in points.items():
        if name.endswith("left"):
            assert x < points[name.removesuffix("left") + "right"][0]


def test_glasses_are_exactly_as_wide_as_the_catalogue_says() -> None:
    """The front of GLS-104 spans 142 mm from hinge to hinge."""
    asset = try_on_asset("GLS-104")
    assert asset.width_mm == 142
    assert asset.points["hinge_left"][0] == pytest.approx(0, abs=0.01)
    assert asset.points["hinge_right"][0] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    "item", [p for p in PICTURED if p.kind not in ("earrings", "shoe")], ids=_by_sku
)
def test_widths_agree_with_the_catalogue(item: Product) -> None:
    """A picture's real width is within 6 % of the product's."""
    asset, _ = _pictured(item)
    assert asset.width_mm == pytest.approx(item.size_mm[0], rel=0.06)


def test_lenses_let_the_wearer_be_seen() -> None:
    """Through clear lenses one sees the eyes, through sunglasses hardly."""
    share = {}
    for sku in ("GLS-104", "GLS-106"):
        image = try_on_asset(sku).image_rgba
        assert image is not None
        h, w = image.shape[:2]
        share[sku] = float(image[h // 2, w // 4, 3]) / 255
    assert share["GLS-104"] < 0.4
    assert 0.7 < share["GLS-106"] < 1


def test_a_lipstick_is_a_colour() -> None:
    """Lipsticks have no picture but a colour and a finish."""
    asset = try_on_asset("LIP-350")
    assert asset.image_rgba is None
    assert (asset.colour, asset.finish) == ("#c4202f", "matte")
