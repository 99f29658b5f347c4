"""Try-on assets: a product's picture with alpha, its real width and its named points.

Loading checks everything that placement and drawing take for granted, and says what is
wrong in the retailer's words. ``cut_out`` makes such a picture from a photo on white.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement.asset_points import POINTS, canonical
from services.pose.placement.types import Bytes, Item, TryOnAsset, TryOnKind
from shared.errors import NotReady, Resource, VitrineError
from shared.image import Limits, inspect

OPAQUE = 0.5
"""Alpha, 0..1, from which on a pixel belongs to the product."""
SMALLEST_PX = 32
LARGEST_PX = 4096
WIDTHS_MM: Mapping[TryOnKind, tuple[float, float]] = {
    TryOnKind.GLASSES: (90, 190),
    TryOnKind.HAT: (120, 700),
    TryOnKind.EARRINGS: (2, 120),
    TryOnKind.NECKLACE: (60, 500),
    TryOnKind.WATCH: (10, 120),
    TryOnKind.RING: (10, 60),
    TryOnKind.BRACELET: (35, 150),
    TryOnKind.TOP: (200, 2200),
    TryOnKind.DRESS: (200, 2200),
    TryOnKind.TROUSERS: (150, 1200),
    TryOnKind.SHOES: (80, 450),
}
"""Real widths that a picture of the kind can have; beyond them the width is a mistake."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_CACHED = 64


@dataclass(frozen=True, slots=True, eq=False)
class LoadedAsset:
    """A product that can be tried on.

    Attributes:
        item: what placement needs.
        texture_rgba: (H, W, 4) uint8, straight alpha; (0, 0, 4) for lipstick.
    """

    item: Item
    texture_rgba: Bytes


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """What the catalogue says of a product's try-on asset.

    Attributes:
        sku: the product.
        kind: what kind of thing it is.
        uri: path or ``file:`` URL of the picture; empty for lipstick.
        width_mm: real width of the picture's opaque part; 0 = not known.
        points: named points, normalised to the picture.
        color: "#rrggbb" of a lipstick.
    """

    sku: str
    kind: TryOnKind
    uri: str
    width_mm: float
    points: Mapping[str, tuple[float, float]]
    color: str = ""


class AssetShelf:
    """Loads assets and keeps the last few, as long as their files stay as they are."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[object, LoadedAsset]] = OrderedDict()

    def load(self, facts: AssetFacts) -> LoadedAsset:
        """The asset, read and checked.

        Raises:
            NotReady: it cannot be used (``TRY_ON_ASSET_INVALID``).
        """
        state = (repr(facts), _file_state(facts))
        kept = self._kept.pop(facts.sku, None)
        loaded = kept[1] if kept and kept[0] == state else load(facts)
        self._kept[facts.sku] = (state, loaded)
        if len(self._kept) > _CACHED:
            self._kept.popitem(last=False)
        return loaded


def load(facts: AssetFacts) -> LoadedAsset:
    """Read and check an asset.

    Raises:
        NotReady: it cannot be used (``TRY_ON_ASSET_INVALID``); the message says why.
    """
    if facts.kind is TryOnKind.LIPSTICK:
        return _lipstick(facts)
    data = _read(facts)
    texture = _decode(facts, data)
    box = _opaque_box(facts, texture)
    asset = TryOnAsset(
        facts.kind,
        (texture.shape[1], texture.shape[0]),
        _checked_width(facts),
        _checked_points(facts),
        opaque_xyxy=box,
        texture_id=hashlib.sha256(data).hexdigest(),
    )
    return LoadedAsset(Item(facts.sku, asset), texture)


def cut_out(image_rgb: Bytes) -> Bytes:
    """Cut a product out of a photo on a plain light background.

    The background is what is like the border and hangs together with it; so a white
    label within the product stays. The result is cropped to the product.

    Args:
        image_rgb: (H, W, 3) uint8.

    Returns:
        (h, w, 4) uint8 with straight alpha, soft by about a pixel at the edge.

    Raises:
        NotReady: the border is not of one light colour, or nothing is left
            (``BACKGROUND_NOT_PLAIN``).
    """
    lab = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    ground = np.median(border, axis=0)
    apart = np.linalg.norm(lab - ground, axis=2)
    rim = np.linalg.norm(border - ground, axis=1)
    if ground[0] < 150 or np.mean(rim > _UNLIKE) > 0.2:
        raise NotReady(
            "the background is not plain and light; photograph the product on white",
            reason="BACKGROUND_NOT_PLAIN",
        )
    return _cropped(image_rgb, _alpha(apart))


_UNLIKE = 14.0
"""CIELAB distance (8-bit scale) from the background at which a pixel is the product's."""


def _alpha(apart: npt.NDArray[np.float32]) -> Bytes:
    like = np.asarray(apart < _UNLIKE, np.uint8)
    framed = cv2.copyMakeBorder(like, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(framed, None, (0, 0), 2)
    product = np.asarray(framed[1:-1, 1:-1] != 2, np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(product)
    areas = stats[1:count, cv2.CC_STAT_AREA]
    specks = [i + 1 for i, area in enumerate(areas) if area < areas.max() * 0.002]
    product[np.isin(labels, specks)] = 0
    solid = cv2.erode(product, np.ones((3, 3), np.uint8)).astype(np.float32)
    return np.asarray(np.round(cv2.GaussianBlur(solid, (0, 0), 0.8) * 255), np.uint8)


def _cropped(image_rgb: Bytes, alpha: Bytes) -> Bytes:
    rows, columns = (np.flatnonzero((alpha > 127).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise NotReady(
            "there is nothing but background in the picture", reason="BACKGROUND_NOT_PLAIN"
        )
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.dstack([image_rgb[window], alpha[window]])


def _lipstick(facts: AssetFacts) -> LoadedAsset:
    if not _COLOUR.fullmatch(facts.color):
        raise _invalid(facts, f"its color is {facts.color!r}, must be like #b3202e")
    asset = TryOnAsset(facts.kind, (0, 0), 0.0, {}, color=facts.color.lower())
    return LoadedAsset(Item(facts.sku, asset), np.zeros((0, 0, 4), np.uint8))


def _path(facts: AssetFacts) -> Path:
    parts = urlsplit(facts.uri)
    if parts.scheme in ("", "file"):
        return Path(unquote(parts.path) if parts.scheme else facts.uri)
    raise _invalid(
        facts, f"it is at {parts.scheme}://..., but pose reads files only: it calls nobody"
    )


def _file_state(facts: AssetFacts) -> tuple[int, int] | None:
    """What changes when the file does."""
    if facts.kind is TryOnKind.LIPSTICK:
        return None
    try:
        stat = _path(facts).stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _read(facts: AssetFacts) -> bytes:
    path = _path(facts)
    if path.suffix.lower() in (".gltf", ".glb"):
        raise _invalid(facts, "it is a glTF: make a picture of it with `vitrine tryon-asset`")
    try:
        return path.read_bytes()
    except OSError as error:
        raise _invalid(facts, f"{path} cannot be read: {error.strerror}") from error


def _decode(facts: AssetFacts, data: bytes) -> Bytes:
    try:
        header = inspect(data, Limits(max_side_px=LARGEST_PX, min_side_px=SMALLEST_PX))
    except VitrineError as error:
        raise _invalid(facts, error.message) from error
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if header.format == "jpeg" or picture is None or picture.ndim != 3 or picture.shape[2] != 4:
        raise _invalid(
            facts, "the picture has no alpha; cut the product out with `vitrine tryon-asset`"
        )
    if picture.dtype == np.uint16:
        picture = np.asarray(np.right_shift(picture.astype(np.uint16), 8), np.uint8)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA), np.uint8)


def _opaque_box(facts: AssetFacts, texture: Bytes) -> tuple[float, float, float, float]:
    opaque = texture[..., 3] >= OPAQUE * 255
    if not opaque.any():
        raise _invalid(facts, "the picture is transparent everywhere")
    if opaque.all() and (texture[..., 3] == 255).all() and facts.kind is not TryOnKind.BRACELET:
        raise _invalid(facts, "the picture is opaque everywhere; cut the product out")
    rows, columns = (np.flatnonzero(opaque.any(axis=axis)) for axis in (1, 0))
    height, width = opaque.shape
    return (
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )


def _checked_width(facts: AssetFacts) -> float:
    width = facts.width_mm
    low, high = WIDTHS_MM[facts.kind]
    if width != 0 and not low <= width <= high:
        raise _invalid(
            facts,
            f"its width is {width:g} mm; a picture of {facts.kind.name.lower()} is {low:g} to "
            f"{high:g} mm wide (0 = not known)",
        )
    return float(width)


def _checked_points(facts: AssetFacts) -> dict[str, tuple[float, float]]:
    points = canonical(facts.points)
    missing = [name for name in POINTS[facts.kind].required if name not in points]
    if missing:
        raise _invalid(facts, f"it lacks the points {', '.join(missing)}")
    for name, point in points.items():
        if not all(-0.5 <= value <= 1.5 for value in point):
            raise _invalid(facts, f"its point {name} is at {point}, far outside the picture")
    return points


def _invalid(facts: AssetFacts, why: str) -> NotReady:
    return NotReady(
        f"{facts.sku} cannot be tried on: {why}",
        reason="TRY_ON_ASSET_INVALID",
        resource=Resource("product", facts.sku),
    )
