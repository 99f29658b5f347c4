"""Painting: colours, text, curves, noise, light and compositing for the demo drawings.

Images are RGB uint8 (H, W, 3); cut-outs are RGB plus straight alpha (H, W, 4).
Coordinates are pixels as (x, y) floats, x right and y down. Everything paints in
place unless it returns an image.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]
Colour = tuple[int, int, int]
Point = tuple[float, float]

_SUBPIXEL_BITS = 4


def rgb(colour: str) -> Colour:
    """Read a colour.

    >>> rgb("#1f4e79")
    (31, 78, 121)
    """
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))


def channels(colour: Colour) -> Floats:
    """Make a colour an array (3,) to reckon with."""
    return np.array(colour, np.float32)


def pixels(values: ArrayLike) -> Image:
    """Cut values off at 0 and 255 and make them bytes."""
    return np.asarray(np.clip(values, 0, 255).astype(np.uint8))


def shrink(image: Image, size_wh: tuple[int, int]) -> Image:
    """Resize by averaging, as is right for making smaller."""
    return np.asarray(cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """Blend two colours, ``t`` = 0 gives ``a``.

    >>> mix((0, 0, 0), (200, 100, 50), 0.5)
    (100, 50, 25)
    """
    r, g, b_ = (round(x + (y - x) * t) for x, y in zip(a, b, strict=True))
    return (r, g, b_)


def darker(colour: Colour, t: float) -> Colour:
    """Blend towards a warm black."""
    return mix(colour, (18, 14, 16), t)


def lighter(colour: Colour, t: float) -> Colour:
    """Blend towards white."""
    return mix(colour, (255, 255, 255), t)


def luminance(colour: Colour) -> float:
    """Rec. 709 luma, 0 to 1."""
    return (0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]) / 255


def ink_on(colour: Colour) -> Colour:
    """Pick white or near-black, whichever reads better on ``colour``."""
    return (255, 255, 255) if luminance(colour) < 0.55 else (28, 26, 30)


def rng_of(*names: object) -> np.random.Generator:
    """Seed a generator from names: the same in every process (unlike ``hash``)."""
    digest = hashlib.sha256("/".join(map(str, names)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))


def canvas(size_wh: tuple[int, int], colour: Colour) -> Image:
    """Make a plain image."""
    return np.full((size_wh[1], size_wh[0], 3), colour, np.uint8)


def gradient(size_wh: tuple[int, int], top: Colour, bottom: Colour) -> Image:
    """Make an image that runs from one colour at the top to another at the bottom."""
    t = np.linspace(0, 1, size_wh[1], dtype=np.float32)[:, None, None]
    column = channels(top) * (1 - t) + channels(bottom) * t
    return np.repeat(column.round().astype(np.uint8), size_wh[0], axis=1)


def polygon(image: Image, points: ArrayLike, colour: Sequence[float]) -> None:
    """Fill a polygon (N, 2), anti-aliased, with sub-pixel corners."""
    fixed = np.round(np.asarray(points, np.float64) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillPoly(image, [fixed], tuple(colour), cv2.LINE_AA, _SUBPIXEL_BITS)


def line(image: Image, points: ArrayLike, colour: Sequence[float], width: float) -> None:
    """Stroke an open polyline (N, 2), anti-aliased."""
    fixed = np.round(np.asarray(points, np.float64) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    thickness = max(1, round(width))
    cv2.polylines(image, [fixed], False, tuple(colour), thickness, cv2.LINE_AA, _SUBPIXEL_BITS)


def disc(image: Image, centre: Point, radius: float, colour: Sequence[float]) -> None:
    """Fill a circle, anti-aliased."""
    x, y, r = (round(v * (1 << _SUBPIXEL_BITS)) for v in (*centre, max(radius, 0.1)))
    cv2.circle(image, (x, y), r, tuple(colour), cv2.FILLED, cv2.LINE_AA, _SUBPIXEL_BITS)


def ellipse_points(
    centre: Point, radii: Point, angle_deg: float = 0.0, count: int = 48
) -> NDArray[np.float64]:
    """Sample an ellipse as a closed polygon (count, 2)."""
    t = np.linspace(0, 2 * math.pi, count, endpoint=False)
    local = np.stack([radii[0] * np.cos(t), radii[1] * np.sin(t)], axis=1)
    return np.asarray(local @ rotation(angle_deg).T + np.asarray(centre))


def rotation(angle_deg: float) -> NDArray[np.float64]:
    """Make the 2x2 matrix that turns clockwise on the screen."""
    c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    return np.array([[c, -s], [s, c]])


def rounded_rectangle(box_xyxy: Sequence[float], radius: float) -> NDArray[np.float64]:
    """Give the outline of a rectangle with round corners as a polygon (N, 2)."""
    x0, y0, x1, y1 = box_xyxy
    r = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    corners = ((x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180))
    parts = []
    for cx, cy, start in (*corners, (x1 - r, y0 + r, 270)):
        t = np.radians(np.linspace(start, start + 90, 10))
        parts.append(np.stack([cx + r * np.cos(t), cy + r * np.sin(t)], axis=1))
    return np.concatenate(parts)


def spline(points: ArrayLike, closed: bool = True, steps: int = 12) -> NDArray[np.float64]:
    """Run a centripetal-free Catmull-Rom curve through ``points`` (N, 2)."""
    p = np.asarray(points, np.float64)
    padded = (
        np.concatenate([p[-1:], p, p[:2]])
        if closed
        else np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    )
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    a, b, c, d = padded[:-3, None], padded[1:-2, None], padded[2:-1, None], padded[3:, None]
    curve = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * (b - c) + d - a) * t**3
    )
    flat: NDArray[np.float64] = curve.reshape(-1, 2)
    return flat if closed else np.concatenate([flat, p[-1:]])


def joined(*runs: ArrayLike) -> NDArray[np.float64]:
    """Join smooth runs of points into one outline; where two meet is a corner."""
    return np.concatenate([spline(run, closed=False, steps=8) for run in runs])


@cache
def _face(name: str) -> Any:
    # cv2's own embedded fonts (OpenCV 5): "sans" and "italic" are variable in weight.
    return cv2.FontFace(name)


def text(
    image: Image,
    words: str,
    centre: Point,
    size: float,
    colour: Colour,
    *,
    weight: int = 500,
    face: str = "sans",
    max_width: float | None = None,
    align: float = 0.5,
) -> float:
    """Print one line of words and return its width in pixels.

    Args:
        image: painted in place.
        words: what to print.
        centre: middle of the line; with ``align`` 0 or 1 its left or right end.
        size: height of the letters' body in pixels; shrunk to keep within ``max_width``.
        colour: of the ink.
        weight: 100 thin to 900 black.
        face: ``sans`` or ``italic``.
        max_width: widest that the line may become.
        align: 0 left, 0.5 centred, 1 right.
    """
    size_px = max(4, round(size))
    width = _text_width(words, face, size_px, weight)
    if max_width is not None and width > max_width:
        size_px = max(4, int(size_px * max_width / width))
        width = _text_width(words, face, size_px, weight)
    origin = (round(centre[0] - width * align), round(centre[1] + size_px * 0.35))
    cv2.putText(image, words, origin, colour, _face(face), size_px, weight)
    return width


def _text_width(words: str, face: str, size_px: int, weight: int) -> float:
    box = cv2.getTextSize((0, 0), words, (0, 0), _face(face), size_px, weight)
    return float(box[2])


def noise(size_wh: tuple[int, int], cell: float, rng: np.random.Generator) -> Floats:
    """Make smooth value noise (H, W) float32 about 0, roughly -1 to 1, features ``cell`` px."""
    w, h = size_wh
    grid = rng.standard_normal((max(2, int(h / cell) + 3), max(2, int(w / cell) + 3)))
    field = cv2.resize(grid.astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    return np.asarray(field * 0.6, np.float32)


def shade(image: Image, light: ArrayLike) -> Image:
    """Multiply by light (H, W) or (H, W, 3) float, 1 leaves as it is; returns a new image."""
    factor = np.asarray(light, np.float32)
    factor = factor[..., None] if factor.ndim == 2 else factor
    return pixels(image[..., :3] * factor)


def stack(low: Image, high: Image) -> Image:
    """Lay one cut-out (H, W, 4) over another of the same size."""
    top = high[..., 3:].astype(np.float32) / 255
    under = low[..., 3:].astype(np.float32) / 255 * (1 - top)
    alpha = top + under
    rgb_ = (high[..., :3] * top + low[..., :3] * under) / np.maximum(alpha, 1e-3)
    return np.dstack([np.clip(rgb_, 0, 255), alpha * 255]).round().astype(np.uint8)


def premultiplied(cutout: Image) -> Image:
    """Multiply the colour of a cut-out (H, W, 4) by its alpha."""
    out = cutout.copy()
    soft = cutout[..., 3] < 255
    alpha = cutout[soft][:, 3:].astype(np.uint16)
    out[soft, :3] = ((cutout[soft][:, :3] * alpha + 127) // 255).astype(np.uint8)
    return out


def straight(cutout: Image) -> Image:
    """Undo `premultiplied`, in place, and return the cut-out."""
    soft = (cutout[..., 3] > 0) & (cutout[..., 3] < 255)
    edge = cutout[soft].astype(np.uint16)
    cutout[soft, :3] = np.minimum(edge[:, :3] * 255 // edge[:, 3:], 255).astype(np.uint8)
    return cutout
