"""Textured triangles with depth, drawn in numpy: small meshes, exact and the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement.types import Bytes, Floats, Indices, ScreenMesh

Float32 = npt.NDArray[np.float32]
SUPERSAMPLING = 2
"""Samples along each side of a pixel."""
_MIN_ALPHA = 8  # of 255: what is clearer than this hides nothing behind it


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the picture that is drawn, in whole pixels; right and bottom excluded."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels; zero where the window is empty."""
        return max(0, self.right - self.left), max(0, self.bottom - self.top)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns, for indexing an image."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


def window_of(points_px: Floats, size_wh: tuple[int, int], margin_px: float = 0.0) -> Window:
    """The window around points (N, 2), cut at the picture's edge."""
    if not len(points_px):
        return Window(0, 0, 0, 0)
    low = np.clip(np.floor(points_px.min(axis=0) - margin_px), 0, size_wh).astype(int)
    high = np.clip(np.ceil(points_px.max(axis=0) + margin_px) + 1, 0, size_wh).astype(int)
    return Window(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def distances_mm(depth: npt.NDArray[np.floating]) -> Floats:
    """Distances of depths 0..1 of a ``ScreenMesh``; 1 becomes very far."""
    known = np.asarray(depth, np.float64)
    far: Floats = 1000.0 * known / np.maximum(1.0 - known, 1e-6)
    return far


def parts(triangles: Indices, vertex_count: int) -> list[Indices]:
    """The triangles of each connected part of a mesh."""
    label = np.arange(vertex_count)
    while True:
        lowest = label[triangles].min(axis=1)
        fresh = label.copy()
        np.minimum.at(fresh, triangles.ravel(), np.repeat(lowest, 3))
        if (fresh == label).all():
            break
        label = fresh
    owner = label[triangles[:, 0]] if len(triangles) else label[:0]
    return [triangles[owner == one] for one in np.unique(owner)]


@dataclass(slots=True, eq=False)
class Canvas:
    """What is nearest at each sample of a window.

    Attributes:
        window: the part of the picture.
        distance: (H * s, W * s) float32 in mm; inf where nothing is.
        texture: (H * s, W * s, 2) float32 u, v of what is nearest; NaN where nothing is.
    """

    window: Window
    distance: Float32
    texture: Float32

    @classmethod
    def empty(cls, window: Window) -> Canvas:
        """A canvas on which nothing is."""
        shape = window.size_wh[1] * SUPERSAMPLING, window.size_wh[0] * SUPERSAMPLING
        return cls(
            window, np.full(shape, np.inf, np.float32), np.full((*shape, 2), np.nan, np.float32)
        )

    def draw(
        self,
        points_px: Floats,
        distance_mm: Floats,
        uv: Floats,
        triangles: Indices,
        alpha: Bytes | None = None,
    ) -> None:
        """Draw triangles where they are nearest.

        Args:
            points_px: (V, 2) in pixels of the whole picture.
            distance_mm: (V,) from the lens.
            uv: (V, 2) texture coordinates.
            triangles: (T, 3).
            alpha: (h, w) the texture's; clear texels are left out. None = all is opaque.
        """
        local = (points_px - (self.window.left, self.window.top)) * SUPERSAMPLING - 0.5
        inverse = 1.0 / distance_mm
        for corners in triangles:
            self._draw_one(local[corners], inverse[corners], uv[corners], alpha)

    def _draw_one(self, p: Floats, inverse: Floats, uv: Floats, alpha: Bytes | None) -> None:
        height, width = self.distance.shape
        x0, y0 = np.maximum(np.ceil(p.min(axis=0)), 0).astype(int)
        x1, y1 = np.minimum(np.floor(p.max(axis=0)) + 1, (width, height)).astype(int)
        (ax, ay), (bx, by), (cx, cy) = p.tolist()
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if x1 <= x0 or y1 <= y0 or abs(area) < 1e-9:
            return
        x, y = np.arange(x0, x1)[None], np.arange(y0, y1)[:, None]
        wb = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area
        wc = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / area
        weights = np.stack([1 - wb - wc, wb, wc], axis=-1)  # (h, w, 3)
        over_z = weights @ inverse
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = 1 / over_z
            texture = (weights * inverse) @ uv / over_z[..., None]
        here = self.distance[y0:y1, x0:x1]
        hit = (weights >= -1e-6).all(axis=-1) & (distance < here)
        if alpha is not None:
            hit &= _opaque(texture, alpha)
        here[hit] = distance[hit]
        self.texture[y0:y1, x0:x1][hit] = texture[hit]


def _opaque(texture: Floats, alpha: Bytes) -> npt.NDArray[np.bool_]:
    height, width = alpha.shape
    known = np.nan_to_num(texture)
    column = np.clip(known[..., 0] * width, 0, width - 1).astype(int)
    row = np.clip(known[..., 1] * height, 0, height - 1).astype(int)
    return alpha[row, column] >= _MIN_ALPHA


def sample(canvas: Canvas, texture_rgba: Float32) -> Float32:
    """Colours (H * s, W * s, 4) of a canvas, from a texture with premultiplied alpha."""
    height, width = texture_rgba.shape[:2]
    place = canvas.texture * np.array((width, height), np.float32) - 0.5
    covered = np.isfinite(canvas.texture[..., 0])
    place = np.where(covered[..., None], place, -10.0).astype(np.float32)
    x, y = place[..., 0], place[..., 1]
    inside = covered[..., None]
    colours = cv2.remap(texture_rgba, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.where(inside, colours, 0).astype(np.float32)


def reduce(samples: Float32) -> Float32:
    """Average the samples of each pixel."""
    height, width = samples.shape[0] // SUPERSAMPLING, samples.shape[1] // SUPERSAMPLING
    grouped = samples.reshape(height, SUPERSAMPLING, width, SUPERSAMPLING, *samples.shape[2:])
    return np.asarray(grouped.mean(axis=(1, 3)), np.float32)


def minified(texture_rgba: Bytes, mesh: ScreenMesh, size_wh: tuple[int, int]) -> Float32:
    """The texture with premultiplied alpha 0..1, shrunk to about the size it is drawn at."""
    spread_px = np.ptp(mesh.vertices[:, :2], axis=0) * size_wh * SUPERSAMPLING
    spread_uv = np.maximum(np.ptp(mesh.texture_coordinates, axis=0), 1e-3)
    height, width = texture_rgba.shape[:2]
    ratio = float(np.max(spread_px / spread_uv / (width, height)))
    scaled = texture_rgba.astype(np.float32) / 255
    scaled[..., :3] *= scaled[..., 3:]
    if 0 < ratio < 1:
        target = max(1, round(width * ratio)), max(1, round(height * ratio))
        scaled = cv2.resize(scaled, target, interpolation=cv2.INTER_AREA)
    return np.asarray(scaled, np.float32)
