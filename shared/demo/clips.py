"""Short clips: a camera that moves past a product, a person who moves before a mirror."""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np

from shared.demo import backdrops
from shared.demo.catalogue import product
from shared.demo.drawing.camera import LONG_SIDE_PX, Pose
from shared.demo.drawing.paint import Image, rng_of
from shared.demo.stage import Scene, Stage
from shared.demo.views import cutout

FRAME_WH = (960, 540)
"""Size of a frame, width and height in pixels."""
MIRROR_WH = (640, 480)
"""The same of a mirror's camera."""
_FACE_XY = (225.0, 148.0)
"""About the middle of the face in the 512 x 512 portrait, a little low: hats want room."""


def clip(seed: int, frames: int, sku: str = "CER-010") -> Iterator[Scene]:
    """Film one package that stands on a table while the camera swings past it.

    Args:
        seed: chooses the path, the light and the noise.
        frames: how many; the whole movement takes that long.
        sku: what is filmed.

    Yields:
        one `Scene` a frame, (540, 960, 3), with the product's true place.

    Raises:
        NotFound: the catalogue has no such SKU.

    >>> [len(frame.items) for frame in clip(3, 2)]
    [1, 1]
    """
    rng = rng_of("clip", seed, sku)
    stage = _set(rng, sku)
    phase = rng.uniform(0, 2 * math.pi, 4)
    for index in range(frames):
        t = index / max(frames - 1, 1)
        yield stage.shoot(FRAME_WH, _camera(t, phase), rng_of("frame", seed, sku, index))


def portrait_clip(portrait_rgb: Image, frames: int) -> Iterator[Image]:
    """Film a portrait as a mirror does: the person leans, and comes closer.

    Args:
        portrait_rgb: (512, 512, 3), a head whose middle is at about (225, 148) px.
        frames: how many; the whole movement takes that long.

    Yields:
        one frame (480, 640, 3) at a time.

    >>> [frame.shape for frame in portrait_clip(np.zeros((512, 512, 3), np.uint8), 2)]
    [(480, 640, 3), (480, 640, 3)]
    """
    for index in range(frames):
        swing = math.pi * index / max(frames - 1, 1)
        centre = (_FACE_XY[0] + 9 * math.sin(2 * swing), _FACE_XY[1])
        scale = 1.9 - 0.15 * math.cos(swing)
        angle_deg = 5 * math.sin(2 * swing)
        turn = np.asarray(cv2.getRotationMatrix2D(centre, angle_deg, scale), np.float64)
        turn[:, 2] += np.array(MIRROR_WH) / 2 - centre
        frame = cv2.warpAffine(
            portrait_rgb, turn, MIRROR_WH, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        yield np.asarray(frame, np.uint8)


def _set(rng: np.random.Generator, sku: str) -> Stage:
    """One package on a table before a wall, on a set of 1600 x 1000 pixels."""
    size = (1600, 1000)
    stage = Stage(backdrops.plaster(size, (204, 206, 200), rng))
    stage.image[560:] = backdrops.wood((size[0], 440), (176, 128, 84), rng, plank=110)
    shape = cutout(product(sku).sku, Pose(round(float(rng.uniform(-15, 15))), 8))
    scale = 600 / LONG_SIDE_PX
    w, h = shape.shape[1] * scale, shape.shape[0] * scale
    x, y = size[0] / 2 - w / 2, 780.0
    stage.put(shape, np.array([(x, y - h), (x + w, y - h), (x + w, y), (x, y)]), sku, shadow=0.5)
    return stage


def _camera(t: float, phase: np.ndarray) -> np.ndarray:
    """Pan, move closer, roll and tilt a little, smoothly in ``t`` from 0 to 1."""
    swing = [
        math.sin(2 * math.pi * t * k + p) for k, p in zip((0.6, 0.5, 0.8, 0.7), phase, strict=True)
    ]
    half_w = 560 - 90 * swing[1]
    half_h = half_w * FRAME_WH[1] / FRAME_WH[0]
    centre = np.array([800 + 110 * swing[0], 490 + 40 * swing[2]])
    roll = math.radians(3.5 * swing[3])
    turn = np.array([[math.cos(roll), math.sin(roll)], [-math.sin(roll), math.cos(roll)]])
    tilt = 1 + 0.04 * np.array([swing[0], -swing[0], -swing[2], swing[2]])[:, None]
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (half_w, half_h) * tilt
    target = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32) * FRAME_WH
    source = (corners @ turn + centre).astype(np.float32)
    return np.asarray(cv2.getPerspectiveTransform(source, target.astype(np.float32)))
