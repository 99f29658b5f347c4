"""The README's commands against a running Vitrine, and with nothing running."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.geometry import iou
from tests.shop import Shop, environment_of, run_vitrine


def truth(shop: Shop) -> dict[str, Any]:
    return dict(json.loads((shop.demo / "photos" / "truth.json").read_text()))


def overlap(first: list[float], second: list[float]) -> float:
    return float(iou(np.array([first]), np.array([second]))[0, 0])


def test_scan_names_the_product_its_price_and_its_stock(shop: Shop) -> None:
    """A product from the demo, photographed: IDENTIFIED, with the offer of the store."""
    scanned = shop.json("scan", shop.demo / "photos" / "barcode.jpg", "--store", "berlin-1")
    found = [item for item in scanned["items"] if item["decision"] == "identified"]
    assert found, scanned
    assert found[0]["offer"]["price"] > 0
    assert found[0]["offer"]["store"] == "berlin-1"
    assert found[0]["offer"]["quantity"] is not None
    assert scanned["timings_ms"]["total"] > 0


def test_scan_has_the_promised_shape(shop: Shop) -> None:
    """Every item carries the keys that the README lists."""
    scanned = shop.json("scan", shop.demo / "photos" / "shelf-03.jpg")
    assert {"image", "items", "timings_ms"} <= set(scanned)
    wanted = [
        "decision",
        "sku",
        "gtin",
        "probability",
        "box",
        "codes",
        "evidence",
        "conflicts",
        "candidates",
        "offer",
    ]
    for item in scanned["items"]:
        assert set(wanted) <= set(item)


def test_a_swapped_label_is_a_conflict(shop: Shop) -> None:
    """Code and look disagree: no silent choice."""
    scanned = shop.json("scan", shop.demo / "photos" / "conflict.jpg")
    assert any(item["conflicts"] for item in scanned["items"]), scanned
    conflicted = [item for item in scanned["items"] if item["conflicts"]]
    assert all(item["decision"] != "identified" for item in conflicted)


def test_a_stranger_is_not_given_anothers_name(shop: Shop) -> None:
    """Among known products, the one that the shop does not sell is not IDENTIFIED."""
    items = shop.json("scan", shop.demo / "photos" / "stranger.jpg")["items"]
    placed = truth(shop)["stranger.jpg"]["items"]
    stranger = next(one["box_xyxy"] for one in placed if one["sku"] is None)
    there = [item for item in items if overlap(item["box"], stranger) > 0.3]
    assert all(item["decision"] != "identified" for item in there), there
    neighbours = {one["sku"] for one in placed if one["sku"]}
    assert neighbours & {item["sku"] for item in items}, items


def test_search_by_photo_with_a_filter(shop: Shop) -> None:
    """The armchair's photo finds an armchair below the price asked for."""
    photo = shop.demo / "photos" / "armchair.jpg"
    found = shop.json("search", photo, "--filter", "price<300")
    results = found["groups"][0]["results"]
    assert results
    assert all(result["price"] < 300 for result in results)
    assert found["catalog_revision"] > 0


def test_search_by_text(shop: Shop) -> None:
    """Words of a title find its product first."""
    found = shop.json("search", "--text", "green tea", "--top-k", "3")
    assert found["groups"][0]["results"][0]["sku"] == "TEA-002"


def test_importing_again_changes_nothing(shop: Shop) -> None:
    """The same feed twice: no new revision."""
    feed = shop.demo / "feed.tsv"
    first = shop.json("import", feed)
    second = shop.json("import", feed)
    assert first["rejected"] == []
    assert second["revision"] == first["revision"]
    assert second["products"] == 64


def test_an_image_that_is_none_is_refused_in_plain_words(shop: Shop) -> None:
    """Exit code 1 and a sentence, no traceback."""
    wrong = shop.folder / "not-an-image.jpg"
    wrong.write_text("hello")
    printed = shop.vitrine("scan", wrong, "--json", code=1)
    assert json.loads(printed)["error"]["reason"] == "IMAGE_FORMAT_UNSUPPORTED"


def test_everything_works_with_nothing_running(shop: Shop, tmp_path: Path) -> None:
    """Import, scan and search embedded in the command's own process."""
    environment = environment_of(tmp_path / "state")

    def vitrine(*arguments: str | Path) -> Any:
        printed = run_vitrine((*arguments, "--json"), tmp_path, environment, 0)
        return json.loads(printed.strip().splitlines()[-1])

    imported = vitrine("import", shop.demo / "feed.tsv")
    assert imported["products"] == 64
    scanned = vitrine("scan", shop.demo / "photos" / "barcode.jpg")
    assert any(item["decision"] == "identified" for item in scanned["items"])
    shelf = vitrine("scan", shop.demo / "photos" / "shelf-03.jpg")
    assert len({item["sku"] for item in shelf["items"] if item["decision"] == "identified"}) >= 3
    assert vitrine("search", "--sku", "GLS-104")["groups"][0]["results"]


@pytest.mark.parametrize("command", ["", "scan", "search", "import", "run", "evaluate", "catalog"])
def test_every_command_explains_itself(shop: Shop, command: str) -> None:
    """--help answers with what the command does."""
    printed = shop.vitrine(*([command] if command else []), "--help")
    assert "Usage" in printed
