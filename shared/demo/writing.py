"""Write the demo catalogue into a folder: a feed, its images, stock, try-on assets, photos."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2

from shared.demo.catalogue import Product, products, stores
from shared.demo.paint import Image
from shared.demo.views import View, views
from shared.errors import VitrineError

Progress = Callable[[int, int], None]
"""Called with (steps done, steps in all)."""

_FEED_COLUMNS = (
    "id",
    "title",
    "description",
    "link",
    "image_link",
    "additional_image_link",
    "availability",
    "price",
    "brand",
    "gtin",
    "product_type",
    "item_group_id",
    "color",
    "size",
    "material",
    "product_width",
    "product_height",
    "product_length",
    "product_detail",
)
"""Attributes of Google's product data specification; ``product_length`` is the depth."""

_OWN_COLUMNS = frozenset({"color", "size", "material"})


def write_demo(folder: Path, progress: Progress | None = None) -> None:
    """Write everything that the demo needs under ``folder``, replacing what is there.

    Files: ``feed.tsv`` (Google Merchant columns, image links relative to it),
    ``images/SKU-1.jpg`` and on, ``stores.csv``, ``stock.csv``.

    Args:
        folder: made if it is missing.
        progress: told after each product.
    """
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rows = []
    for done, item in enumerate([p for p in products() if p.packaged], 1):
        names = _write_images(folder, item.sku, views(item.sku))
        rows.append(_feed_row(item, names))
        if progress is not None:
            progress(done, len(products()))
    _write_table(folder / "feed.tsv", _FEED_COLUMNS, rows, "excel-tab")
    _write_stores(folder)


def write_jpeg(path: Path, image_rgb: Image, quality: int = 90) -> None:
    """Write an RGB image as JPEG."""
    done, data = cv2.imencode(
        ".jpg", cv2.cvtColor(image_rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    if not done:
        raise VitrineError(f"{path}: the image {image_rgb.shape} could not be coded as JPEG")
    path.write_bytes(data.tobytes())


def _write_images(folder: Path, sku: str, pictures: Sequence[View]) -> list[str]:
    names = [f"images/{sku}-{index}.jpg" for index in range(1, len(pictures) + 1)]
    for name, picture in zip(names, pictures, strict=True):
        write_jpeg(folder / name, picture.image_rgb)
    return names


def _feed_row(item: Product, images: Sequence[str]) -> list[str]:
    width, height, depth = (f"{mm / 10:g} cm" for mm in item.size_mm)
    details = [
        f"Product:{name}:{value}"
        for name, value in item.attributes.items()
        if name not in _OWN_COLUMNS
    ]
    return [
        item.sku,
        item.title,
        item.description,
        f"https://shop.example/p/{item.sku}",
        images[0],
        ",".join(images[1:]),
        "in_stock" if any(item.stock.values()) else "out_of_stock",
        f"{item.price_eur} EUR",
        item.brand,
        item.gtin,
        " > ".join(item.category),
        item.item_group_id or "",
        *(item.attributes.get(name, "") for name in ("color", "size", "material")),
        width,
        height,
        depth,
        ",".join(details),
    ]


def _write_stores(folder: Path) -> None:
    places = [[s.id, s.name, s.city, str(s.latitude), str(s.longitude)] for s in stores()]
    _write_table(folder / "stores.csv", ("id", "name", "city", "latitude", "longitude"), places)
    stock = [
        [item.sku, store, str(quantity)]
        for item in products()
        for store, quantity in item.stock.items()
    ]
    _write_table(folder / "stock.csv", ("sku", "store", "quantity"), stock)


def _write_table(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], dialect: str = "excel"
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, dialect=dialect, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
