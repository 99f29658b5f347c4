"""The demo folder: every file that the feed and the truth speak of is there and is right."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from shared.demo.catalogue import products, stores
from shared.demo.writing import write_demo


def _rows(path: Path, dialect: str = "excel") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, dialect=dialect))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A file in the way is an error of the system, not silence."""
    (tmp_path / "demo").write_text("in the way")
    with pytest.raises(OSError, match="demo"):
        write_demo(tmp_path / "demo")


def test_the_feed_lists_every_product_with_images_that_exist(demo_folder: Path) -> None:
    """Each row has its SKU, price and GTIN; each linked image is a JPEG of at least 640 px."""
    rows = _rows(demo_folder / "feed.tsv", "excel-tab")
    assert [row["id"] for row in rows] == [item.sku for item in products()]
    for row, item in zip(rows, products(), strict=True):
        assert row["price"] == f"{item.price_eur} EUR"
        assert row["gtin"] == item.gtin
        for link in [row["image_link"], *row["additional_image_link"].split(",")]:
            data = (demo_folder / link).read_bytes()
            assert data.startswith(b"\xff\xd8")
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            assert image is not None
            assert min(image.shape[:2]) >= 640


def test_no_image_is_left_over(demo_folder: Path) -> None:
    """The folder holds the linked images and no others."""
    linked = {
        link
        for row in _rows(demo_folder / "feed.tsv", "excel-tab")
        for link in [row["image_link"], *row["additional_image_link"].split(",")]
    }
    assert {f"images/{path.name}" for path in (demo_folder / "images").iterdir()} == linked


def test_dimensions_are_in_the_unit_of_the_feed(demo_folder: Path) -> None:
    """Google's specification wants a number and ``cm``."""
    row = next(r for r in _rows(demo_folder / "feed.tsv", "excel-tab") if r["id"] == "GLS-104")
    assert (row["product_width"], row["product_height"]) == ("14.2 cm", "5 cm")


def test_stock_is_told_for_every_product_and_store(demo_folder: Path) -> None:
    """The stock table is complete and names known stores."""
    rows = _rows(demo_folder / "stock.csv")
    assert len(rows) == len(products()) * len(stores())
    names = {row["id"] for row in _rows(demo_folder / "stores.csv")}
    assert {row["store"] for row in rows} == names


def test_wearables_have_an_asset_and_others_have_none(demo_folder: Path) -> None:
    """Each asset's picture exists with alpha and the size that its JSON tells."""
    for row, item in zip(_rows(demo_folder / "feed.tsv", "excel-tab"), products(), strict=True):
        assert bool(row["tryon_asset"]) == item.wearable
        if not item.wearable or item.kind == "lipstick":
            continue
        path = demo_folder / row["tryon_asset"]
        facts = json.loads(path.read_text(encoding="utf-8"))
        image = cv2.imread(str(path.parent / facts["image"]), cv2.IMREAD_UNCHANGED)
        assert image is not None
        assert [image.shape[1], image.shape[0]] == facts["size_wh_px"]
        assert image.shape[2] == 4
        assert facts["width_mm"] > 0


def test_the_clip_is_pictures_one_after_the_other(demo_folder: Path) -> None:
    """Two seconds of motion JPEG: each part reads as a picture, the first differs from the last."""
    data = (demo_folder / "photos" / "cereal.mjpeg").read_bytes()
    parts = [part + b"\xff\xd9" for part in data.split(b"\xff\xd9")[:-1]]
    frames = [cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_COLOR) for one in parts]
    assert [frame.shape for frame in frames] == [(540, 960, 3)] * 24
    assert not np.array_equal(frames[0], frames[-1])


def test_the_clip_of_a_person_is_there_if_its_source_is_installed(demo_folder: Path) -> None:
    """A mirror's frames; the person moves."""
    pytest.importorskip("skimage")
    data = (demo_folder / "photos" / "portrait.mjpeg").read_bytes()
    parts = [part + b"\xff\xd9" for part in data.split(b"\xff\xd9")[:-1]]
    frames = [cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_COLOR) for one in parts]
    assert [frame.shape for frame in frames] == [(480, 640, 3)] * 24
    assert not np.array_equal(frames[0], frames[-1])


def test_photos_and_truth_belong_together(demo_folder: Path) -> None:
    """Each photo with products has its truth, and the names of the front door are there."""
    truth = json.loads((demo_folder / "photos" / "truth.json").read_text(encoding="utf-8"))
    photos = {path.name for path in (demo_folder / "photos").glob("*.jpg")}
    assert set(truth) == photos - {"portrait.jpg"}
    assert {f"shelf-0{k}.jpg" for k in range(1, 7)} | {"armchair.jpg"} <= photos
    assert {"conflict.jpg", "stranger.jpg", "barcode.jpg"} <= photos
    assert all(entry["items"] for entry in truth.values())
    assert [item["sku"] for item in truth["armchair.jpg"]["items"]].count("ARM-501") == 1


def test_the_portrait_is_there_if_its_source_is_installed(demo_folder: Path) -> None:
    """scikit-image carries the portrait; without it there is none."""
    pytest.importorskip("skimage")
    image = cv2.imread(str(demo_folder / "photos" / "portrait.jpg"))
    assert image is not None
    assert image.shape == (512, 512, 3)


def test_progress_is_told_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last report says that all is done; reports only grow."""
    monkeypatch.setattr("shared.demo.writing.products", lambda: products()[:2])
    told: list[tuple[int, int]] = []
    write_demo(tmp_path, lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert told[-1] == (len(told), len(told))
