"""Try-on assets: a product's picture with alpha, its real width and its named points.

Loading checks everything that placement and drawing take for granted, and says what is
wrong in the retailer's words.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import cv2
import numpy as np

from services.pose.placement.types import Bytes, Item, TryOnAsset, TryOnKind
from services.pose.tryon_asset_checks import check, check_color, describe
from shared.errors import NotReady, Resource, VitrineError
from shared.image import Limits, inspect

SMALLEST_PX = 16
LARGEST_PX = 4096
_CACHED = 64


@dataclass(frozen=True, slots=True, eq=False)
class LoadedAsset:
    """A product that can be tried on.

    Attributes:
        item: what placement needs.
        texture_rgba: (H, W, 4) uint8, straight alpha; (0, 0, 4) for lipstick.
        file: the picture's bytes as they were read; empty for lipstick.
    """

    item: Item
    texture_rgba: Bytes
    file: bytes = b""


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
    texture_id = hashlib.sha256(data).hexdigest()
    asset = describe(facts.kind, texture, facts.width_mm, facts.points, texture_id)
    serious = [one.message for one in check(asset, texture) if one.serious]
    if serious:
        raise _invalid(facts, "; ".join(serious))
    return LoadedAsset(Item(facts.sku, asset), texture, data)


def _lipstick(facts: AssetFacts) -> LoadedAsset:
    for finding in check_color(facts.color):
        raise _invalid(facts, finding.message)
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


def _invalid(facts: AssetFacts, why: str) -> NotReady:
    return NotReady(
        f"{facts.sku} cannot be tried on: {why}",
        reason="TRY_ON_ASSET_INVALID",
        resource=Resource("product", facts.sku),
    )
