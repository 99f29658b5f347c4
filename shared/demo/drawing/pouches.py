"""Filled pouches, and how a flat cut-out looks when it is turned."""

from __future__ import annotations

import math

import cv2
import numpy as np

from shared.demo.drawing.camera import (
    Pose,
    gloss,
    lambert,
)
from shared.demo.drawing.paint import (
    Floats,
    Image,
    noise,
    pixels,
    polygon,
    premultiplied,
    rng_of,
    shrink,
    straight,
)


def fill_pouch(
    texture: Image, size_mm: tuple[int, int, int], pose: Pose, name: str, crimp: float
) -> Image:
    """Render a filled pouch from its flat print: bulging, creased, sealed at the ends.

    Args:
        texture: the face that is seen (H, W, 3).
        size_mm: width, height, depth.
        pose: how it is seen; the print turns with the yaw.
        name: seeds the creases.
        crimp: height of the seal at top and bottom as a share of the height.
    """
    scale = (pose.long_side_px - 4) / max(size_mm[:2])
    w, h = (round(v * scale) for v in size_mm[:2])
    flat = shrink(texture, (w, h))
    relief = _relief((w, h), size_mm[2] * scale, name, crimp)
    gx, gy = cv2.Sobel(relief, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(relief, cv2.CV_32F, 0, 1) / 8
    normal = np.dstack([-gx, gy, np.ones_like(gx)])
    normal /= np.sqrt(1 + gx * gx + gy * gy)[..., None]
    lit = flat * lambert(normal, pose.light) + (gloss(normal, pose.light, 24) * 105)[..., None]
    mask = _pouch_outline((w, h), crimp)
    cutout = np.dstack([pixels(lit), mask])
    return _swing(cutout, relief, pose.yaw_deg)


def _relief(size_wh: tuple[int, int], depth: float, name: str, crimp: float) -> Floats:
    """Height of the front in pixels: a pillow, finer creases towards the seals."""
    w, h = size_wh
    x = np.linspace(-1, 1, w, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, h, dtype=np.float32)[:, None]
    body = 1 - 2 * crimp
    inner = np.clip(np.abs(y) / body, 0, 1)
    pillow = np.sqrt(np.clip(1 - x**4, 0, 1)) * np.sqrt(np.clip(1 - inner**3, 0, 1))
    rng = rng_of("pouch", name)
    creases = noise(size_wh, w / 7, rng) * 0.05 + noise((w, h), w / 22, rng) * 0.014 * (0.3 + inner)
    radial = 0.03 * np.sin(x * 26 + 4 * noise((w, h), w / 3, rng)) * np.clip(inner - 0.55, 0, 1)
    seal = 0.006 * np.sin(np.arange(h, dtype=np.float32) * 1.4)[:, None] * (np.abs(y) > body)
    relief = depth * 0.5 * (0.8 * pillow + (creases + radial) * np.clip(pillow * 2, 0, 1) + seal)
    return np.asarray(cv2.GaussianBlur(relief.astype(np.float32), (0, 0), 1.2), np.float32)


def _pouch_outline(size_wh: tuple[int, int], crimp: float) -> Image:
    w, h = size_wh
    y = np.linspace(-1, 1, 200)
    waist = 0.5 * w * (0.985 - 0.045 * np.clip(np.abs(y) - (1 - 2 * crimp) + 0.25, 0, 0.25) * 4)
    rows = (y + 1) / 2 * (h - 1)
    outline = np.concatenate(
        [np.stack([w / 2 - waist, rows], 1), np.stack([w / 2 + waist, rows], 1)[::-1]]
    )
    mask = np.zeros((h, w), np.uint8)
    polygon(mask, outline, (255,))
    return mask


def _swing(cutout: Image, relief: Floats, yaw_deg: float) -> Image:
    """Turn a nearly flat cut-out about its upright axis: relief moves, far side shrinks."""
    h, w = cutout.shape[:2]
    if yaw_deg == 0:
        return cutout
    s, c = math.sin(math.radians(yaw_deg)), math.cos(math.radians(yaw_deg))
    shift = (relief - float(relief.max()) * 0.5) * s / c * 0.6
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    bulged = cv2.remap(
        cutout, (x - shift).astype(np.float32), y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
    )
    return swing_flat(np.asarray(bulged, np.uint8), yaw_deg)


def swing_flat(cutout: Image, yaw_deg: float) -> Image:
    """Turn a flat cut-out (H, W, 4) about its upright axis in perspective, tightly framed."""
    h, w = cutout.shape[:2]
    s, c = math.sin(math.radians(yaw_deg)), math.cos(math.radians(yaw_deg))
    distance = 3.2 * max(w, h)
    quad = []
    for x, y in ((-w / 2, -h / 2), (w / 2, -h / 2), (w / 2, h / 2), (-w / 2, h / 2)):
        k = (distance - w / 2 * abs(s)) / (distance + x * s)
        quad.append((x * c * k, y * k))
    points = np.asarray(quad, np.float32)
    points -= points.min(axis=0)
    size = np.ceil(points.max(axis=0)).astype(int)
    size += size % 2
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    warp = cv2.getPerspectiveTransform(source, points)
    flat = cv2.warpPerspective(premultiplied(cutout), warp, (int(size[0]), int(size[1])))
    return straight(np.asarray(flat, np.uint8))
