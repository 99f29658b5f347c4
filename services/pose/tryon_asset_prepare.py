"""What `vitrine tryon-asset` does: a photo, a PNG or a glTF becomes a checked try-on asset.

A PNG with alpha is kept, a photo on white is cut out, a glTF is looked at from its front and
says its own width. Points that are not given are proposed from the outline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from services.pose.placement.asset_points import POINTS, canonical
from services.pose.placement.types import Bytes, TryOnAsset, TryOnKind
from services.pose.tryon_asset_checks import Finding, check, describe, is_near
from services.pose.tryon_asset_cutout import cut_out
from services.pose.tryon_asset_gltf import front_view
from shared.errors import InvalidInput
from shared.image import decode, inspect

SEE_THROUGH = frozenset(
    {
        TryOnKind.GLASSES,
        TryOnKind.EARRINGS,
        TryOnKind.NECKLACE,
        TryOnKind.RING,
        TryOnKind.BRACELET,
    }
)
"""Kinds with holes: background that they enclose is cut out too."""
LENS_ALPHA = 40
"""What is left of an enclosed background in glasses: a lens, of 255."""
MM = 1000.0
Point = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class PreparedAsset:
    """An asset as a retailer would store it.

    Attributes:
        png: the picture, cropped to the product, with alpha.
        asset: its measures and points.
        findings: what is wrong with it; serious ones must be mended first.
        proposed: names of points that were guessed from the outline: look at them.
    """

    png: bytes
    asset: TryOnAsset
    findings: tuple[Finding, ...]
    proposed: tuple[str, ...]

    @property
    def usable(self) -> bool:
        """Whether nothing serious is wrong."""
        return not any(finding.serious for finding in self.findings)

    def facts(self) -> dict[str, object]:
        """What belongs into the catalogue beside the picture, as plain values."""
        return {
            "kind": self.asset.kind.name.lower(),
            "width_mm": round(self.asset.width_mm, 1),
            "points": {name: [round(v, 4) for v in at] for name, at in self.asset.points.items()},
        }


def prepare(
    path: Path,
    kind: TryOnKind,
    width_mm: float = 0.0,
    points: Mapping[str, Point] | None = None,
) -> PreparedAsset:
    """Make a try-on asset of a picture or model file.

    Args:
        path: PNG with alpha, photo (JPEG, PNG, WebP) on white, ``.gltf`` or ``.glb``.
        kind: what the product is; lipstick has no picture.
        width_mm: real width of the product; 0 = not known, or as the glTF says.
        points: named points, normalised to the picture as it is in ``path``; those that are
            missing are proposed.

    Raises:
        ImageRefused: the picture cannot be read.
        InvalidInput: a glTF that cannot be read, or a lipstick.
        NotReady: the photo's background is not plain and light.
    """
    if kind is TryOnKind.LIPSTICK:
        raise InvalidInput.of("kind", "is lipstick, which has a colour and no picture")
    given = canonical(points or {})
    if path.suffix.lower() in (".gltf", ".glb"):
        view = front_view(path)
        texture, width_mm = view.image_rgba, width_mm or view.width_m * MM
    else:
        texture = read_texture(path.read_bytes(), kind)
    cropped, moved = _cropped(texture, given)
    near = {name: at for name, at in moved.items() if is_near(at)}
    everything = {**propose_points(kind, cropped), **near}
    asset = describe(kind, cropped, width_mm, everything)
    proposed = tuple(name for name in everything if name not in near)
    far = [_not_on_product(name, at) for name, at in given.items() if name not in near]
    findings = far + check(asset, cropped) + _model_findings(path, asset)
    return PreparedAsset(_png(cropped), asset, tuple(findings), proposed)


def _not_on_product(name: str, point: Point) -> Finding:
    x, y = point
    return Finding(
        True,
        f"the point {name!r} at {x:g},{y:g} is not on the product; "
        "give parts of the picture (0..1) from its upper left corner",
    )


def read_texture(data: bytes, kind: TryOnKind) -> Bytes:
    """A picture file as (h, w, 4) uint8: with its own alpha, or cut out of its background.

    Raises:
        ImageRefused: the picture cannot be read.
        NotReady: the background is not plain and light.
    """
    inspect(data)
    raw = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if raw is not None and raw.ndim == 3 and raw.shape[2] == 4 and raw.dtype == np.uint8:
        rgba = np.asarray(cv2.cvtColor(raw, cv2.COLOR_BGRA2RGBA), np.uint8)
        if rgba[..., 3].min() < 255:
            return rgba
    holes = kind in SEE_THROUGH
    return cut_out(
        decode(data).image_rgb,
        holes=holes,
        hole_alpha=LENS_ALPHA if kind is TryOnKind.GLASSES else 0,
    )


def propose_points(kind: TryOnKind, texture_rgba: Bytes) -> dict[str, Point]:
    """The required points of a kind as its outline suggests them: a start for "three taps".

    Args:
        kind: what the product is.
        texture_rgba: (h, w, 4), cropped to the product.
    """
    opaque = texture_rgba[..., 3] > 127
    if not opaque.any():
        return {}
    usual = {name: _USUAL[kind][name] for name in POINTS[kind].required}
    if kind is TryOnKind.GLASSES:
        usual |= _on_glasses(opaque)
    return usual


_USUAL: Mapping[TryOnKind, Mapping[str, Point]] = {
    TryOnKind.GLASSES: {
        "bridge": (0.5, 0.35),
        "hinge_left": (0.0, 0.25),
        "hinge_right": (1.0, 0.25),
    },
    TryOnKind.HAT: {"band_left": (0.08, 0.8), "band_right": (0.92, 0.8)},
    TryOnKind.EARRINGS: {"hook": (0.5, 0.03)},
    TryOnKind.NECKLACE: {"end_left": (0.04, 0.01), "end_right": (0.96, 0.01)},
    TryOnKind.WATCH: {"centre": (0.5, 0.5)},
    TryOnKind.BRACELET: {"left": (0.0, 0.3), "right": (1.0, 0.3)},
    TryOnKind.RING: {"left": (0.0, 0.3), "right": (1.0, 0.3)},
    TryOnKind.TOP: {"shoulder_left": (0.22, 0.06), "shoulder_right": (0.78, 0.06)},
    TryOnKind.DRESS: {"shoulder_left": (0.28, 0.02), "shoulder_right": (0.72, 0.02)},
    TryOnKind.TROUSERS: {
        "waist_left": (0.08, 0.03),
        "waist_right": (0.92, 0.03),
        "crotch": (0.5, 0.3),
    },
    TryOnKind.SHOES: {"heel": (0.0, 0.96), "toe": (1.0, 0.95)},
    TryOnKind.LIPSTICK: {},
}


def _on_glasses(opaque: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> dict[str, Point]:
    """Hinges where the frame is widest, the bridge in the middle of what crosses the middle."""
    height, width = opaque.shape
    middle = np.flatnonzero(opaque[:, width // 2])
    left, right = np.flatnonzero(opaque[:, 0]), np.flatnonzero(opaque[:, -1])
    points: dict[str, Point] = {}
    if len(middle):
        points["bridge"] = (0.5, float(middle.mean() / height))
    if len(left) and len(right):
        points["hinge_left"] = (0.0, float(left.mean() / height))
        points["hinge_right"] = (1.0, float(right.mean() / height))
    return points


def _cropped(texture: Bytes, points: Mapping[str, Point]) -> tuple[Bytes, dict[str, Point]]:
    """The picture cut to its opaque part, and the points moved with it."""
    rows = np.flatnonzero((texture[..., 3] > 8).any(axis=1))
    columns = np.flatnonzero((texture[..., 3] > 8).any(axis=0))
    if not len(rows):
        return texture, dict(points)
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    height, width = texture.shape[:2]
    moved = {
        name: (
            float((x * width - left) / (right - left)),
            float((y * height - top) / (bottom - top)),
        )
        for name, (x, y) in points.items()
    }
    return np.ascontiguousarray(texture[top:bottom, left:right]), moved


def _model_findings(path: Path, asset: TryOnAsset) -> list[Finding]:
    if path.suffix.lower() not in (".gltf", ".glb") or 0.02 <= asset.width_mm / MM <= 3:
        return []
    return [
        Finding(
            False,
            f"the model is {asset.width_mm / MM:g} m wide: it is not in metres; "
            "say the product's width with --width-mm",
        )
    ]


def _png(texture_rgba: Bytes) -> bytes:
    _, encoded = cv2.imencode(".png", cv2.cvtColor(texture_rgba, cv2.COLOR_RGBA2BGRA))
    return encoded.tobytes()
