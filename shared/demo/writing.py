"""Write the demo catalogue into a folder: a feed, its images, stock, try-on assets, photos."""

from __future__ import annotations

import csv
import importlib
import importlib.util
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from shared.demo.catalogue import Product, products, stores
from shared.demo.clips import clip, portrait_clip
from shared.demo.drawing.paint import Image
from shared.demo.scenes import Style, scene
from shared.demo.stage import SceneItem
from shared.demo.tryon import try_on_asset
from shared.demo.views import View, views
from shared.errors import VitrineError

_PHOTOS: tuple[tuple[str, int, Style, tuple[str, ...]], ...] = (
    ("shelf-01", 11, "shelf", ("TEA-001", "TEA-002", "TEA-003", "TEA-004")),
    ("shelf-02", 12, "shelf", ("CAN-062", "CAN-063", "CAN-064", "BOT-071", "BOT-072")),
    ("shelf-03", 13, "shelf", ("CER-010", "CER-011", "COF-040", "TEA-001")),
    ("shelf-04", 14, "shelf", ("CTN-080", "CTN-081", "CTN-082")),
    ("shelf-05", 15, "shelf", ("PAS-020", "PAS-021", "CAN-060", "CAN-061")),
    ("shelf-06", 16, "shelf", ("CHI-050", "CHI-051", "CHO-030", "CHO-031")),
    ("table", 21, "table", ("BOT-070", "PAS-020", "CAN-060")),
    ("armchair", 31, "room", ("ARM-501",)),
    ("rail", 41, "rail", ("TSH-101", "DRE-121", "TRO-130")),
    ("wearables", 51, "flat_lay", ("GLS-104", "HAT-201", "WAT-330", "SHO-402")),
    ("barcode", 61, "barcode", ("COF-040",)),
    ("conflict", 71, "conflict", ("CER-010", "TEA-002")),
    ("stranger", 81, "stranger", ("CAN-062", "TEA-003")),
)
"""The photos that are written: name, seed, style and what must be in it."""

_CLIP_FRAMES = 24

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
    ``images/SKU-1.jpg`` and on, ``tryon/SKU.json`` and ``.png``, ``stores.csv``,
    ``stock.csv``, ``photos/*.jpg``, the clips ``photos/cereal.mjpeg`` (a camera that moves past
    a packet) and ``photos/portrait.mjpeg`` (a person who moves before a mirror) and
    ``photos/truth.json``, which comes last: where it is, the demo is complete. The same bytes
    every time.

    Args:
        folder: made if it is missing.
        progress: told after each product and each photo.

    Raises:
        OSError: the folder cannot be written.
    """
    steps = len(products()) + len(_PHOTOS)
    for name in ("images", "tryon", "photos"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    rows = []
    for done, item in enumerate(products(), 1):
        names = _write_images(folder, item.sku, views(item.sku))
        if item.wearable:
            _write_try_on(folder, item)
        rows.append(_feed_row(item, names))
        if progress is not None:
            progress(done, steps)
    _write_table(folder / "feed.tsv", _FEED_COLUMNS, rows, "excel-tab")
    _write_stores(folder)
    _write_photos(
        folder / "photos", lambda done: progress and progress(len(products()) + done, steps)
    )


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
        _write(
            folder / "tryon" / f"{item.sku}.png", asset.image_rgba, [cv2.IMWRITE_PNG_COMPRESSION, 3]
        )
        size = (asset.image_rgba.shape[1], asset.image_rgba.shape[0])
        facts |= {"image": f"{item.sku}.png", "size_wh_px": size, "width_mm": asset.width_mm}
        facts |= {"points": dict(asset.points)}
    _write_json(folder / "tryon" / f"{item.sku}.json", facts)


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


def _write_photos(folder: Path, told: Callable[[int], object]) -> None:
    """Write the scenes and, in ``truth.json``, what is in each of them."""
    truth = {}
    for done, (name, seed, style, skus) in enumerate(_PHOTOS, 1):
        photo = scene(seed, style, skus)
        write_jpeg(folder / f"{name}.jpg", photo.image_rgb)
        height, width = photo.image_rgb.shape[:2]
        truth[f"{name}.jpg"] = {
            "size_wh_px": [width, height],
            "items": [_told(item) for item in photo.items],
        }
        told(done)
    _write_portrait(folder)
    _write_clip(folder / "cereal.mjpeg", (frame.image_rgb for frame in clip(3, _CLIP_FRAMES)))
    _write_json(folder / "truth.json", truth)


def _told(item: SceneItem) -> dict[str, object]:
    return {
        "sku": item.sku,
        "quad": item.quad.round(5).tolist(),
        "box_xyxy": item.box_xyxy.round(5).tolist(),
        "visible": item.visible,
        "codes": list(item.codes),
        "conflict": item.conflict,
    }


def _write_portrait(folder: Path) -> None:
    """Write NASA's public-domain portrait, as a photo and as a clip.

    Only where scikit-image, which carries it, is installed.
    """
    if importlib.util.find_spec("skimage") is None:
        return
    portrait = np.ascontiguousarray(importlib.import_module("skimage.data").astronaut())
    write_jpeg(folder / "portrait.jpg", portrait)
    _write_clip(folder / "portrait.mjpeg", portrait_clip(portrait, _CLIP_FRAMES))


def _write_clip(path: Path, frames_rgb: Iterable[Image]) -> None:
    """Write a short film as motion JPEG, whose pictures any program can read."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, 80]
    with path.open("wb") as file:
        for frame_rgb in frames_rgb:
            done, data = cv2.imencode(".jpg", cv2.cvtColor(frame_rgb, cv2.COLOR_RGB2BGR), settings)
            if not done:
                raise VitrineError(f"{path}: a frame could not be coded")
            file.write(data.tobytes())


def _write_json(path: Path, value: object) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def _write_table(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], dialect: str = "excel"
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, dialect=dialect, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
