"""What is kept of a reference image: features, the part that shows the product, a thumbnail.

As bytes: a header, then columns of whole numbers. Descriptors keep 8 bits a value.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from services.visual_search.local_features.features import LocalFeatures, of_reference
from shared.image import fit
from shared.image_pixels import Rgb

Content = tuple[float, float, float, float]

THUMBNAIL_SIDE: Final = 96
"""Longer side of a thumbnail in pixels."""
_FORMAT: Final = 1
_HEADER: Final = struct.Struct("<BHHHHHHH")
_PLACE_STEPS: Final = 64.0
_TURN_STEPS: Final = 10_000.0
_PLAIN: Final = 14
_QUALITY: Final = 88


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference image as the local index keeps it.

    Attributes:
        features: at most 400.
        content_xyxy_px: the part that shows the product, in pixels of the features.
        thumbnail_rgb: (h, w, 3) uint8, the whole image.
    """

    features: LocalFeatures
    content_xyxy_px: Content
    thumbnail_rgb: Rgb


def of_image(image_rgb: Rgb) -> Reference:
    """Take what is kept of a reference image (H, W, 3) uint8."""
    features = of_reference(image_rgb)
    height, width = image_rgb.shape[:2]
    scale = min(1.0, THUMBNAIL_SIDE / max(width, height))
    thumbnail = fit(image_rgb, (max(1, round(width * scale)), max(1, round(height * scale))))
    grow = features.size_wh[0] / thumbnail.shape[1], features.size_wh[1] / thumbnail.shape[0]
    left, top, right, bottom = content_box(thumbnail)
    content = (left * grow[0], top * grow[1], right * grow[0], bottom * grow[1])
    return Reference(features, content, thumbnail)


def content_box(image_rgb: Rgb) -> tuple[int, int, int, int]:
    """Find the part that is not the plain colour of the border, in pixels.

    The whole image when its border is not plain.

    >>> picture = np.full((40, 40, 3), 255, np.uint8)
    >>> picture[10:30, 5:20] = 0
    >>> content_box(picture)
    (5, 10, 20, 30)
    """
    height, width = image_rgb.shape[:2]
    border = np.concatenate(
        [image_rgb[0], image_rgb[-1], image_rgb[:, 0], image_rgb[:, -1]]
    ).astype(np.int16)
    colour = np.median(border, axis=0)
    if np.mean(np.abs(border - colour).max(axis=1) > _PLAIN) > 0.2:
        return 0, 0, width, height
    shown = np.abs(image_rgb.astype(np.int16) - colour).max(axis=2) > 2 * _PLAIN
    columns, rows = np.flatnonzero(shown.any(axis=0)), np.flatnonzero(shown.any(axis=1))
    if not len(columns) or len(columns) * len(rows) < 0.05 * width * height:
        return 0, 0, width, height
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def pack(reference: Reference) -> bytes:
    """Write a reference as bytes: about 55 kB with 400 features."""
    features = reference.features
    done, jpeg = cv2.imencode(
        ".jpg",
        cv2.cvtColor(reference.thumbnail_rgb, cv2.COLOR_RGB2BGR),
        [cv2.IMWRITE_JPEG_QUALITY, _QUALITY],
    )
    if not done:
        raise ValueError(f"a thumbnail of shape {reference.thumbnail_rgb.shape} cannot be coded")
    box = (round(value) for value in reference.content_xyxy_px)
    header = _HEADER.pack(_FORMAT, *features.size_wh, *box, len(features))
    return b"".join(
        [
            header,
            _steps(features.points_px, _PLACE_STEPS, "<u2"),
            _steps(features.sizes_px, _PLACE_STEPS, "<u2"),
            _steps(features.angles_rad, _TURN_STEPS, "<i2"),
            features.descriptors.tobytes(),
            jpeg.tobytes(),
        ]
    )


def unpack(data: bytes) -> Reference:
    """Read what ``pack`` wrote.

    Raises:
        ValueError: these are not such bytes.
    """
    if len(data) < _HEADER.size or data[0] != _FORMAT:
        raise ValueError(f"{len(data)} bytes are no packed reference of format {_FORMAT}")
    _, width, height, left, top, right, bottom, count = _HEADER.unpack_from(data)
    buffer, at = memoryview(data), _HEADER.size
    columns = []
    for dtype, per_row in (("<u2", 2), ("<u2", 1), ("<i2", 1), ("u1", 128)):
        columns.append(np.frombuffer(buffer, dtype, count * per_row, at))
        at += columns[-1].nbytes
    bgr = cv2.imdecode(np.frombuffer(buffer, np.uint8, offset=at), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError("the thumbnail of a packed reference cannot be decoded")
    features = LocalFeatures(
        (columns[0].reshape(count, 2) / _PLACE_STEPS).astype(np.float32),
        (columns[1] / _PLACE_STEPS).astype(np.float32),
        (columns[2] / _TURN_STEPS).astype(np.float32),
        columns[3].reshape(count, 128),
        (width, height),
    )
    thumbnail = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
    return Reference(features, (left, top, right, bottom), thumbnail)


def _steps(values: np.ndarray, steps: float, dtype: str) -> bytes:
    limits = np.iinfo(dtype)
    return np.clip(np.rint(values * steps), limits.min, limits.max).astype(dtype).tobytes()
