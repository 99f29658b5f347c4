"""What a phone does to a product photo, drawn at random: the trainer's augmentation.

Every function takes and returns an RGB image (H, W, 3) uint8 and draws from the
generator it is given, so that a seed repeats an epoch exactly.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Random = np.random.Generator

# Share of the picture that a crop keeps, its aspect, and the turn in degrees: the probe
# behind these ranges is in the README beside this file.
_CROP_AREA = (0.3, 1.0)
_CROP_ASPECT = (3 / 4, 4 / 3)
_TURN_DEGREES = 25.0
_PERSPECTIVE = 0.08
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_BACKGROUND_WHITE = 238
# Radians. More makes lemons of satsumas: colour tells many products apart.
_HUE = 0.08


def augment(image_rgb: Image, other: Callable[[], Image], side: int, random: Random) -> Image:
    """Return one training view, (side, side, 3) uint8.

    Args:
        image_rgb: the photo.
        other: gives another photo, taken as background where this one's is white.
        side: width and height of the view in pixels.
        random: the only source of chance.
    """
    if random.random() < 0.5:
        image_rgb = replace_white_background(image_rgb, other, random)
    view = crop_and_warp(image_rgb, side, random)
    view = change_light(view, random)
    view = degrade(view, random)
    return erase(view, random) if random.random() < 0.3 else view


def replace_white_background(image_rgb: Image, other: Callable[[], Image], random: Random) -> Image:
    """Put a catalogue picture that stands on white onto a crop of another photo.

    White counts as background where it is joined to the border. A picture whose
    border is not mostly white is returned as it is.
    """
    white = (image_rgb.min(axis=2) >= _BACKGROUND_WHITE).astype(np.uint8)
    border = np.concatenate([white[0], white[-1], white[:, 0], white[:, -1]])
    if border.mean() < 0.6:
        return image_rgb
    background = _border_component(white)
    height, width = white.shape
    scene = crop_and_warp(other(), max(width, height), random)[:height, :width]
    alpha = cv2.blur(background.astype(np.float32), (3, 3))[..., None]
    return np.asarray(image_rgb * (1 - alpha) + scene * alpha, np.uint8)


def _border_component(white: NDArray[np.uint8]) -> NDArray[np.bool_]:
    framed = np.pad(white, 1, constant_values=1)
    _, labels = cv2.connectedComponents(framed, connectivity=4)
    return np.asarray((labels == labels[0, 0])[1:-1, 1:-1])


def crop_and_warp(image_rgb: Image, side: int, random: Random) -> Image:
    """Cut a random turned, tilted and perhaps mirrored window, scaled to ``side``."""
    height, width = image_rgb.shape[:2]
    corners = _window(width, height, random)
    if random.random() < 0.5:
        corners = corners[[1, 0, 3, 2]]
    target = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    size_wh = (side, side)
    view = cv2.warpPerspective(image_rgb, matrix, size_wh, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(view, np.uint8)


def _window(width: int, height: int, random: Random) -> NDArray[np.float64]:
    """Corners (4, 2) in pixels, clockwise from the top left."""
    area = width * height * random.uniform(*_CROP_AREA)
    aspect = np.exp(random.uniform(*np.log(_CROP_ASPECT))) * (width / height) ** 0.5
    size = np.minimum([np.sqrt(area * aspect), np.sqrt(area / aspect)], [width, height])
    centre = size / 2 + random.random(2) * (np.array([width, height]) - size)
    square = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    square = square + random.uniform(-_PERSPECTIVE, _PERSPECTIVE, (4, 2)) * (random.random() < 0.5)
    turn = np.radians(random.uniform(-_TURN_DEGREES, _TURN_DEGREES))
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray(centre + (square * size) @ rotation)


def change_light(image_rgb: Image, random: Random) -> Image:
    """Vary saturation, hue, white balance, brightness, contrast and gamma."""
    saturation = random.uniform(0.6, 1.4)
    matrix = saturation * _hue_rotation(random.uniform(-_HUE, _HUE))
    matrix = matrix + (1 - saturation) * np.ones((3, 1), np.float32) * _LUMA
    gains = random.uniform(0.65, 1.4) * random.uniform(0.92, 1.08, 3)
    changed = cv2.transform(image_rgb.astype(np.float32), matrix * gains[:, None])
    contrast, mean = random.uniform(0.7, 1.3), float(changed.mean())
    levels = np.clip((changed - mean) * contrast + mean, 0, 255).astype(np.uint8)
    gamma = random.uniform(0.75, 1.33)
    table = (np.linspace(0, 1, 256) ** gamma * 255).astype(np.uint8)
    return np.asarray(cv2.LUT(levels, table), np.uint8)


def _hue_rotation(radians: float) -> NDArray[np.float32]:
    """Rotation (3, 3) about the grey axis (Rodrigues' formula)."""
    cosine, sine = np.cos(radians), np.sin(radians) / np.sqrt(3)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    return np.asarray(cosine * np.eye(3) + (1 - cosine) / 3 + sine * cross, np.float32)


def degrade(image_rgb: Image, random: Random) -> Image:
    """Blur, grain and JPEG artefacts, each on some of the images."""
    blur, grain, jpeg = random.random(3) < (0.2, 0.15, 0.25)
    if blur:
        image_rgb = _blurred(image_rgb, random)
    if grain:
        noise = random.normal(0, random.uniform(2, 10), image_rgb.shape).astype(np.float32)
        image_rgb = np.clip(image_rgb + noise, 0, 255).astype(np.uint8)
    if jpeg:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 90))]
        _, encoded = cv2.imencode(".jpg", image_rgb, quality)
        image_rgb = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    return image_rgb


def _blurred(image_rgb: Image, random: Random) -> Image:
    if random.random() < 0.5:
        sigma = random.uniform(0.4, 1.6)
        return np.asarray(cv2.GaussianBlur(image_rgb, (0, 0), sigma), np.uint8)
    length, angle = int(random.integers(3, 8)), random.uniform(0, np.pi)
    kernel = np.zeros((length, length), np.float32)
    middle = (length - 1) / 2
    reach = middle * np.array([np.cos(angle), np.sin(angle)])
    start, end = (np.rint(middle + sign * reach).astype(int) for sign in (-1, 1))
    cv2.line(kernel, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), (1.0,), 1)
    return np.asarray(cv2.filter2D(image_rgb, -1, kernel / kernel.sum()), np.uint8)


def erase(image_rgb: Image, random: Random) -> Image:
    """Hide a rectangle of 2 to 20 % behind a colour or grain, as a hand or shelf would."""
    height, width = image_rgb.shape[:2]
    area, aspect = random.uniform(0.02, 0.2), np.exp(random.uniform(-1, 1))
    w = int(min(width, width * np.sqrt(area * aspect)))
    h = int(min(height, height * np.sqrt(area / aspect)))
    x, y = int(random.integers(0, width - w + 1)), int(random.integers(0, height - h + 1))
    shape = (h, w, 3) if random.random() < 0.5 else (1, 1, 3)
    erased = image_rgb.copy()
    erased[y : y + h, x : x + w] = random.integers(0, 256, shape, np.uint8)
    return erased
