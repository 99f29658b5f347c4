"""The light of a picture, read from the picture itself, and put on a product.

Exposure and cast come from the brightest nearly neutral surfaces around the subject: skin says
little, since how light a skin is differs between people. From side to side the face itself
tells: its two halves have the same colour, so a difference between them is the light.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement.types import Bytes, Floats, Subjects

Float32 = npt.NDArray[np.float32]
_CHEEKS = ((50, 280), (101, 330), (118, 347), (205, 425), (108, 337), (69, 299))
"""Mirror pairs of the mesh on cheeks and forehead, the person's right first."""
_WHITE = 235.0  # what a white surface has in a well exposed picture
_GAIN_RANGE = (0.55, 1.05)
_CAST_STRENGTH = 0.4
_SIDE_RANGE = 0.22  # most that one side is lightened or darkened
_NEUTRAL_CHROMA = 14.0  # CIELAB


@dataclass(frozen=True, slots=True)
class Light:
    """How a product's colours change in a picture.

    Attributes:
        gain_rgb: factor of each channel.
        side_per_px: relative change of brightness a pixel to the right of ``centre_x_px``.
        centre_x_px: middle of the face.
        reach_px: beyond this distance from the middle brightness changes no more.
    """

    gain_rgb: tuple[float, float, float] = (1.0, 1.0, 1.0)
    side_per_px: float = 0.0
    centre_x_px: float = 0.0
    reach_px: float = 1.0

    def on(self, colours: Float32, left_px: int) -> Float32:
        """Light premultiplied colours (H, W, 4) whose left column is at ``left_px``."""
        x = left_px + np.arange(colours.shape[1], dtype=np.float32) - self.centre_x_px
        side = 1.0 + self.side_per_px * np.clip(x, -self.reach_px, self.reach_px)
        lit = colours.copy()
        lit[..., :3] *= np.array(self.gain_rgb, np.float32) * side[None, :, None]
        return np.minimum(lit, np.maximum(colours[..., 3:], lit[..., 3:])).astype(np.float32)


def light_of(image_rgb: Bytes, subjects: Subjects) -> Light:
    """The light on the first face, or of the whole picture where nobody shows one."""
    gain = _gain(_around(image_rgb, subjects))
    if not subjects.faces:
        return Light(gain)
    points_px = subjects.faces[0].points[:, :2] * (image_rgb.shape[1], image_rgb.shape[0])
    width = float(np.ptp(points_px[:468, 0]))
    if width < 20:
        return Light(gain)
    slope = _side(image_rgb, points_px)
    return Light(gain, slope / width, float(points_px[:468, 0].mean()), 0.7 * width)


def _around(image_rgb: Bytes, subjects: Subjects) -> Bytes:
    """The picture around the subjects' faces, twice as large; all of it without faces."""
    if not subjects.faces:
        return image_rgb
    height, width = image_rgb.shape[:2]
    points = subjects.faces[0].points[:468, :2] * (width, height)
    low, high = points.min(axis=0), points.max(axis=0)
    low, high = low - (high - low), high + (high - low)
    x0, y0 = np.clip(low, 0, (width - 2, height - 2)).astype(int)
    x1, y1 = np.clip(high, (x0 + 2, y0 + 2), (width, height)).astype(int)
    return image_rgb[y0:y1, x0:x1]


def _gain(region_rgb: Bytes) -> tuple[float, float, float]:
    step = max(1, max(region_rgb.shape[:2]) // 200)
    small = np.ascontiguousarray(region_rgb[::step, ::step])
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32) - (0, 128, 128)
    neutral = np.hypot(lab[..., 1], lab[..., 2]) < _NEUTRAL_CHROMA
    colours = small[neutral] if neutral.sum() > 50 else small.reshape(-1, 3)
    brightness = colours.mean(axis=1)
    bright = colours[brightness >= np.percentile(brightness, 96)].mean(axis=0)
    exposure = float(np.clip(bright.mean() / _WHITE, *_GAIN_RANGE))
    cast = bright / max(float(bright.mean()), 1.0)
    red, green, blue = exposure * (1 + _CAST_STRENGTH * (cast - 1))
    return float(red), float(green), float(blue)


def _side(image_rgb: Bytes, points_px: Floats) -> float:
    """Relative change of brightness over the width of the face, to the right."""
    height, width = image_rgb.shape[:2]
    ratios = []
    for right, left in _CHEEKS:
        values = [_patch(image_rgb, points_px[index], width, height) for index in (right, left)]
        across = points_px[left, 0] - points_px[right, 0]
        if min(values) > 10 and abs(across) > 4:
            ratios.append(np.log(values[1] / values[0]) / across)
    if not ratios:
        return 0.0
    face_px = float(np.ptp(points_px[:468, 0]))
    return float(np.clip(0.5 * np.median(ratios) * face_px, -_SIDE_RANGE, _SIDE_RANGE))


def _patch(image_rgb: Bytes, point_px: Floats, width: int, height: int) -> float:
    x, y = np.clip(point_px, 1, (width - 2, height - 2)).astype(int)
    return float(image_rgb[y - 1 : y + 2, x - 1 : x + 2].mean())
