"""Write the demo catalogue into a folder: a feed, its images, stock, try-on assets, photos."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2

from shared.demo.catalogue import Product, products, stores
from shared.demo.paint import Image
from shared.demo.tryon import try_on_asset
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
    "kind",
    "tryon_asset",
)
"""Attributes of Google's product data specification; ``product_length`` is the depth.

The last two are our own: what is drawn, and the try-on asset relative to the feed.
"""

_OWN_COLUMNS = frozenset({"color", "size", "material"})


def write_demo(folder: Path, progress: Progress | None = None) -> None:
    """Write everything that the demo needs under ``folder``, replacing what is there.

    Files: ``feed.tsv`` (Google Merchant columns, image links relative to it),
    ``images/SKU-1.jpg`` and on, ``stores.csv``, ``stock.csv``.

    Args:
        folder: made if it is missing.
        progress: told after each product.
    """
    for name in ("images", "tryon"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    rows = []
    for done, item in enumerate(products(), 1):
        names = _write_images(folder, item.sku, views(item.sku))
        if item.wearable:
            _write_try_on(folder, item)
        rows.append(_feed_row(item, names))
        if progress is not None:
            progress(done, len(products()))
    _write_table(folder / "feed.tsv", _FEED_COLUMNS, rows, "excel-tab")
    _write_stores(folder)


def write_jpeg(path: Path, image_rgb: Image, quality: int = 90) -> None:
    """Write an RGB image as JPEG."""
    _write(path, image_rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])


def _write_images(folder: Path, sku: str, pictures: Sequence[View]) -> list[str]:
    names = [f"images/{sku}-{index}.jpg" for index in range(1, len(pictures) + 1)]
    for name, picture in zip(names, pictures, strict=True):
        write_jpeg(folder / name, picture.image_rgb)
    return names


def _write_try_on(folder: Path, item: Product) -> None:
    """Write the picture with alpha as PNG and what else is known as JSON beside it."""
    asset = try_on_asset(item.sku)
    facts: dict[str, object] = {"sku": item.sku, "kind": asset.kind}
    if asset.image_rgba is None:
        facts |= {"colour": asset.colour, "finish": asset.finish}
    else:
        _write(folder / "tryon" / f"{item.sku}.png", asset.image_rgba, [cv2.IMWRITE_PNG_COMPRESSION, 3])
        size = (asset.image_rgba.shape[1], asset.image_rgba.shape[0])
        facts |= {"image": f"{item.sku}.png", "size_wh_px": size, "width_mm": asset.width_mm}
        facts |= {"points": dict(asset.points)}
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    (folder / "tryon" / f"{item.sku}.json").write_text(text + "\n", encoding="utf-8")


def _write(path: Path, image: Image, settings: Sequence[int]) -> None:
    """Write RGB or RGBA in the format that the name says."""
    order = cv2.COLOR_RGB2BGR if image.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
    done, data = cv2.imencode(path.suffix, cv2.cvtColor(image, order), settings)
    if not done:
        raise VitrineError(f"{path}: the image {image.shape} could not be coded")
    path.write_bytes(data.tobytes())


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
        item.kind,
        f"tryon/{item.sku}.json" if item.wearable else "",
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
