"""Try-on pictures drawn for the tests."""

from __future__ import annotations

import cv2
import numpy as np


def glasses_rgba() -> np.ndarray:
    """Black frames, front view, (160, 420, 4) uint8, opaque from edge to edge in x."""
    picture = np.zeros((160, 420, 4), np.uint8)
    black = (20, 20, 20, 255)
    for x in (105, 315):
        cv2.ellipse(picture, (x, 90), (85, 60), 0, 0, 360, black, 14)
    cv2.line(picture, (190, 75), (230, 75), black, 12)
    cv2.line(picture, (0, 50), (30, 60), black, 14)
    cv2.line(picture, (390, 60), (419, 50), black, 14)
    return picture


def glasses_png() -> bytes:
    """The same as a PNG file."""
    return cv2.imencode(".png", glasses_rgba())[1].tobytes()
