"""Textured triangles with depth, drawn in numpy: small meshes, exact and the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement.types import Bytes, Floats, Indices, ScreenMesh

Float32 = npt.NDArray[np.float32]
_SUPERSAMPLED_PX = 200_000  # windows up to this size are drawn with four samples a pixel
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

    def within(self, other: Window) -> Window:
        """The part that lies in another window."""
        return Window(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def relative_to(self, other: Window) -> tuple[slice, slice]:
        """Rows and columns, for indexing an image of another window around this one."""
        return (
            slice(self.top - other.top, self.bottom - other.top),
            slice(self.left - other.left, self.right - other.left),
        )


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


class Canvas:
    """What is nearest at each sample of a window.

    Attributes:
        window: the part of the picture.
        samples: along each side of a pixel.
        distance: (H * s, W * s) float32 in mm; inf where nothing is.
        texture: (H * s, W * s, K) float32 of what is nearest; its first two are u, v.

    Args:
        window: the part of the picture.
        channels: K, how many numbers each vertex carries.
        samples: along each side of a pixel; 0 = two in small windows, one in large ones.
    """

    def __init__(self, window: Window, channels: int = 2, samples: int = 0) -> None:
        width, height = window.size_wh
        self.window = window
        self.samples = samples or (2 if width * height <= _SUPERSAMPLED_PX else 1)
        shape = height * self.samples, width * self.samples
        self.distance: Float32 = np.full(shape, np.inf, np.float32)
        self.texture: Float32 = np.zeros((*shape, channels), np.float32)

    def draw(
        self,
        points_px: Floats,
        distance: Floats,
        values: Floats,
        triangles: Indices,
        alpha: Bytes | None = None,
    ) -> None:
        """Draw triangles where they are nearest and not clear.

        Args:
            points_px: (V, 2) in pixels of the whole picture, a pixel's middle at one half.
            distance: (V,) from the lens, positive.
            values: (V, K) texture coordinates and what else there is.
            triangles: (T, 3).
            alpha: (h, w) the texture's; None = all is opaque.
        """
        local = (points_px - (self.window.left, self.window.top)) * self.samples - 0.5
        # Values over distance are linear on the screen, as 1 over distance is.
        nearness = 1.0 / distance
        linear = np.column_stack([values * nearness[:, None], nearness])
        for corners in triangles:
            self._draw_one(local[corners], linear[corners], alpha)

    def _draw_one(self, p: Floats, linear: Floats, alpha: Bytes | None) -> None:
        rows, columns, second, third = _covered(p, self.distance.shape)
        if not len(rows):
            return
        edges = linear[1:] - linear[0]
        values = linear[0] + second[:, None] * edges[0] + third[:, None] * edges[1]
        distance = (1.0 / values[:, -1]).astype(np.float32)
        texture = (values[:, :-1] / values[:, -1:]).astype(np.float32)
        nearer = distance < self.distance[rows, columns]
        if alpha is not None:
            nearer &= _opaque(texture, alpha)
        rows, columns = rows[nearer], columns[nearer]
        self.distance[rows, columns] = distance[nearer]
        self.texture[rows, columns] = texture[nearer]

    def colours(self, texture_rgba: Float32) -> Float32:
        """Colours (H, W, 4) of the window's pixels, from a texture with premultiplied alpha."""
        height, width = texture_rgba.shape[:2]
        place = self.texture * np.array((width, height), np.float32) - np.float32(0.5)
        drawn = cv2.remap(
            texture_rgba,
            place[..., 0],
            place[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        drawn[np.isinf(self.distance)] = 0
        if self.samples == 1:
            return np.asarray(drawn, np.float32)
        size_wh = self.window.size_wh
        return np.asarray(cv2.resize(drawn, size_wh, interpolation=cv2.INTER_AREA), np.float32)


def _covered(
    p: Floats, shape: tuple[int, ...]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats, Floats]:
    """Samples in a triangle (3, 2): rows, columns, weights of its second and third corner."""
    x0, y0 = np.maximum(np.ceil(p.min(axis=0)), 0).astype(int).tolist()
    x1, y1 = np.minimum(np.floor(p.max(axis=0)) + 1, shape[1::-1]).astype(int).tolist()
    (ax, ay), (bx, by), (cx, cy) = p.tolist()
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if x1 <= x0 or y1 <= y0 or abs(area) < 1e-9:
        none, nothing = np.zeros(0, np.intp), np.zeros(0)
        return none, none, nothing, nothing
    x = np.arange(x0, x1)[None] - ax
    y = np.arange(y0, y1)[:, None] - ay
    second = (x * (cy - ay) - y * (cx - ax)) / area
    third = ((bx - ax) * y - (by - ay) * x) / area
    rows, columns = np.nonzero((second >= -1e-6) & (third >= -1e-6) & (second + third <= 1 + 1e-6))
    return rows + y0, columns + x0, second[rows, columns], third[rows, columns]


def _opaque(texture: Float32, alpha: Bytes) -> npt.NDArray[np.bool_]:
    """Whether the texel at each u, v (N, 2) is more than a trace."""
    height, width = alpha.shape
    column = np.clip(texture[:, 0] * width, 0, width - 1).astype(np.intp)
    row = np.clip(texture[:, 1] * height, 0, height - 1).astype(np.intp)
    return np.asarray(alpha[row, column] >= _MIN_ALPHA, np.bool_)


def minified(texture_rgba: Bytes, mesh: ScreenMesh, size_wh: tuple[int, int]) -> Float32:
    """The texture with premultiplied alpha 0..1, shrunk to about the size it is drawn at."""
    spread_px = np.ptp(mesh.vertices[:, :2], axis=0) * size_wh * 2
    spread_uv = np.maximum(np.ptp(mesh.texture_coordinates, axis=0), 1e-3)
    height, width = texture_rgba.shape[:2]
    ratio = float(np.max(spread_px / spread_uv / (width, height)))
    scaled: Float32 = (texture_rgba / 255).astype(np.float32)
    scaled[..., :3] *= scaled[..., 3:]
    if 0 < ratio < 1:
        target = max(1, round(width * ratio)), max(1, round(height * ratio))
        scaled = np.asarray(cv2.resize(scaled, target, interpolation=cv2.INTER_AREA), np.float32)
    return scaled
