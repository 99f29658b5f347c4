"""JSON Lines with the own names of the catalogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.catalog.feeds.rows import ImageRef
from services.catalog.products import Dimensions, Money, ProductStatus, TryOnAsset, TryOnKind
from tests.catalog.feeds.reading import read


def test_json_lines_carry_every_field(tmp_path: Path) -> None:
    """By the catalogue's own names."""
    value: dict[str, Any] = {
        "sku": "A",
        "title": "T",
        "gtin": 4006381333931,
        "gtins": ["96385074"],
        "price": {"currency": "EUR", "amount": "2.79"},
        "category_path": ["G", "Tea"],
        "attributes": {"bags": 20},
        "dimensions": {"width_mm": 128, "depth_mm": 64.5},
        "images": ["a.jpg", {"href": "b.jpg", "view": "back"}],
        "status": "archived",
        "quantity": 3,
        "try_on_asset": {"kind": "hat", "uri": "h.png", "width_mm": 9, "points": {"b": [0, 1]}},
    }
    rows, rejected, _ = read(tmp_path, json.dumps(value) + "\n\n")
    assert rejected == []
    (row,) = rows
    assert row.product.gtins == ("00000096385074", "04006381333931")
    assert row.product.price == Money("EUR", 2_790_000)
    assert row.product.attributes == {"bags": "20"}
    assert row.product.dimensions == Dimensions(128.0, 0.0, 64.5)
    assert row.product.status is ProductStatus.ARCHIVED
    assert row.product.try_on_asset == TryOnAsset(TryOnKind.HAT, "h.png", 9.0, {"b": (0.0, 1.0)})
    assert row.images[1] == ImageRef("b.jpg", "images[1]", "back")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no JSON"),
        ("5", "is no JSON object"),
        ("[" * 100_000, "no JSON"),
        ('{"sku": "A", "title": "T", "colour": "x"}', "colour is unknown; fields are"),
        ('{"sku": "A", "title": 5.5}', "title must be a text"),
        ('{"sku": "A"}', "title is missing"),
        ('{"title": "T"}', "sku is ''"),
        ('{"sku": "A", "title": "T", "gtins": "x"}', "gtins must be a list"),
        ('{"sku": "A", "title": "T", "price": "x"}', "price is 'x'"),
        ('{"sku": "A", "title": "T", "price": true}', "price must be a text"),
        ('{"sku": "A", "title": "T", "images": [{}]}', "images[0] needs a path or URL"),
        ('{"sku": "A", "title": "T", "status": "x"}', "status must be one of active, archived"),
        ('{"sku": "A", "title": "T", "quantity": -1}', "quantity must be a whole number"),
        ('{"sku": "A", "title": "T", "quantity": 9999999999}', "quantity must be a whole number"),
        ('{"sku": "A", "title": "T\\ud800"}', "no JSON: \\ud800 is half of a character"),
        ('{"sku": "A", "title": "T", "x\\udfff": 1}', "no JSON: \\udfff is half of a character"),
        (
            f'{{"sku": "A", "title": "T", "dimensions": {{"width_mm": 1{"0" * 400}}}}}',
            "dimensions.width_mm is too large a number",
        ),
        ('{"sku": "A", "title": "T", "dimensions": 5}', "dimensions must be an object"),
        ('{"sku": "A", "title": "T", "dimensions": {"width_mm": -1}}', "dimensions.width_mm is -1"),
    ],
)
def test_a_wrong_json_line_is_rejected_alone(tmp_path: Path, line: str, reason: str) -> None:
    """With the field by its own name; the next line is read."""
    good = '{"sku": "GOOD", "title": "T"}'
    rows, rejected, _ = read(tmp_path, f"{good}\n{line}\n{good}\n")
    assert len(rows) == 2
    assert rejected[0].line == 2
    assert rejected[0].reason.startswith(reason)
