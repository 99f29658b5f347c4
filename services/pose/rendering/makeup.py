"""Lipstick in CIELAB: the colour of the shade, the light and texture of the lips."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement.types import Bytes, Floats, ScreenMesh

Float32 = npt.NDArray[np.float32]
OPACITY = 0.82
_CONTRAST = 0.85  # how much of the lips' own light and dark stays
_FEATHER = 0.05  # of the mouth's width


def paint_lips(image_rgb: Bytes, mesh: ScreenMesh, color: str, keep: Float32) -> Bytes:
    """Paint lips.

    Highlights stay: where the lips are lighter than usual they stay as much lighter.

    Args:
        image_rgb: (H, W, 3).
        mesh: both lips.
        color: sRGB "#rrggbb".
        keep: (H, W) 0..1, where nothing stands in front.
    """
    height, width = image_rgb.shape[:2]
    points = mesh.vertices[:, :2].astype(np.float64) * (width, height)
    mask = _lips_mask(points, mesh, (width, height)) * keep
    rows, columns = np.nonzero(mask > 0.01)
    if not len(rows):
        return image_rgb
    box = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    rgb = image_rgb[box].astype(np.float32) / 255
    lab: Float32 = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), np.float32)
    painted = _shade(lab, mask[box], lab_of(color))
    blended = lab + (OPACITY * mask[box])[..., None] * (painted - lab)
    result = image_rgb.copy()
    mixed = cv2.cvtColor(blended.astype(np.float32), cv2.COLOR_LAB2RGB)
    inside = (mask[box] > 0.01)[..., None]
    result[box] = np.where(inside, np.clip(np.rint(mixed * 255), 0, 255), image_rgb[box])
    return result


def lab_of(color: str) -> Float32:
    """CIELAB (3,) of an sRGB colour "#rrggbb".

    >>> lab_of("#ffffff").round().tolist()
    [100.0, 0.0, 0.0]
    """
    rgb = np.array([[[int(color[i : i + 2], 16) for i in (1, 3, 5)]]], np.float32) / 255
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[0, 0], np.float32)


def _shade(lab: Float32, mask: Float32, shade: Float32) -> Float32:
    """The lips' pixels in the shade, lighter and darker as they were."""
    usual = float(np.average(lab[..., 0], weights=mask))
    painted = np.empty_like(lab)
    # A shade in a dim picture is dim: half the way from the lips' lightness to the shade's.
    level = usual + 0.5 * (float(shade[0]) - usual) * min(1.0, usual / 45.0)
    painted[..., 0] = np.clip(level + _CONTRAST * (lab[..., 0] - usual), 0, 100)
    chroma = np.clip(usual / 50.0, 0.35, 1.0)
    # A highlight is the lamp's colour, not the lipstick's.
    gloss = np.clip((lab[..., 0] - usual - 12) / 25, 0, 0.8)[..., None]
    painted[..., 1:] = shade[1:] * chroma * (1 - gloss) + lab[..., 1:] * gloss
    return painted


def _lips_mask(points_px: Floats, mesh: ScreenMesh, size_wh: tuple[int, int]) -> Float32:
    """Soft mask (H, W) 0..1 of both lips, without the open mouth between them."""
    mask = np.zeros((size_wh[1], size_wh[0]), np.uint8)
    for triangle in mesh.triangles:
        corners = np.rint(points_px[triangle] * 16).astype(np.int32)
        cv2.fillConvexPoly(mask, corners, 255, lineType=cv2.LINE_8, shift=4)
    sigma = max(0.6, _FEATHER / 2 * float(np.ptp(points_px[:, 0])))
    soft = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), sigma)
    return np.asarray(soft, np.float32)
