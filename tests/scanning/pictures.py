"""Pictures for the tests of scanning: codes drawn by zxing-cpp on plain or busy ground."""

import cv2
import numpy as np
import zxingcpp

EAN = "4006381333931"


def code_picture(text=EAN, kind="EAN13", scale=3, margin=40, **options: object):
    """A code, black on white with a quiet zone: (H, W, 3) uint8 RGB."""
    barcode = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind), **options)
    drawn = np.array(barcode.to_image(scale=scale))
    return np.repeat(np.pad(drawn, margin, constant_values=255)[..., None], 3, axis=2)


def turned(image_rgb, degrees, canvas_wh=(1280, 720), shrink=1.0, ground=200):
    """A picture turned about its centre and laid in the middle of a grey canvas."""
    height, width = image_rgb.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, shrink)
    matrix[:, 2] += (canvas_wh[0] / 2 - width / 2, canvas_wh[1] / 2 - height / 2)
    soft = cv2.GaussianBlur(image_rgb, (0, 0), 0.45 / shrink)
    return cv2.warpAffine(
        soft, matrix, canvas_wh, flags=cv2.INTER_LINEAR, borderValue=(ground,) * 3
    )


def noise(size_wh=(640, 480), seed=1):
    """A picture that shows nothing: soft coloured noise."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (size_wh[1] // 16, size_wh[0] // 16, 3)).astype(np.uint8)
    return cv2.resize(coarse, size_wh, interpolation=cv2.INTER_CUBIC)


def checked(digits):
    """Twelve digits with their check digit."""
    weighted = sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(digits))
    return digits + str(-weighted % 10)
