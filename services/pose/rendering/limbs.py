"""Hands and bare forearms as masks: capsules around their joints, trimmed to their own colours."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement.types import BodyLandmarks, Bytes, Floats, HandLandmarks, Placement

_FINGERS = (
    (0, 1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20),
)  # fmt: skip
_PALM = (0, 1, 5, 9, 13, 17)
_FINGER_BREADTH = 0.26  # of the palm's length
_ARM_BREADTH = 0.22  # of the shoulders' distance, at the elbow
_OWN = 3.2  # a pixel is the limb's within so many deviations of its colours
_LEAST_SPREAD = np.array((16.0, 6.0, 6.0), np.float32)  # CIELAB, 8 bits
_LEAST_SHARE = 0.35  # of a capsule: fewer own pixels mean that the colours were misread
_SAMPLES = 24


def cover_hand(mask: Bytes, hand: HandLandmarks, image_rgb: Bytes) -> None:
    """Fill a hand in a mask (H, W) with 255."""
    pixels = hand.points[:, :2] * (mask.shape[1], mask.shape[0])
    palm = float(np.hypot(*(pixels[9] - pixels[0])))
    breadth = max(1, round(_FINGER_BREADTH * palm))
    shape = np.zeros_like(mask)
    for finger in _FINGERS:
        cv2.polylines(shape, [_whole(pixels[list(finger)])], False, 255, breadth)
    cv2.fillConvexPoly(shape, cv2.convexHull(_whole(pixels[list(_PALM)])), 255)
    _fill(mask, shape, image_rgb, np.concatenate([pixels[[0, 9, 5, 13]], pixels[:1]]))


def cover_forearms(
    mask: Bytes, body: BodyLandmarks, placement: Placement, image_rgb: Bytes
) -> None:
    """Fill the parts of both arms that a garment's sleeves leave bare, where they are seen."""
    size_wh = mask.shape[1], mask.shape[0]
    pixels = body.points[:, :2] * size_wh
    breadth = max(1, round(_ARM_BREADTH * float(np.hypot(*(pixels[11] - pixels[12])))))
    for shoulder, elbow, wrist in ((11, 13, 15), (12, 14, 16)):
        if body.points[[elbow, wrist], 3].min() < 0.5 or _behind(body, shoulder, wrist):
            continue
        bare = bare_arm(pixels[[shoulder, elbow, wrist]], placement.image_points * size_wh)
        if len(bare) > 1:
            tip = pixels[wrist] + 0.4 * (pixels[wrist] - pixels[elbow])
            shape, line = np.zeros_like(mask), np.concatenate([bare, tip[None]])
            cv2.polylines(shape, [_whole(line)], False, 255, breadth)
            _fill(mask, shape, image_rgb, bare)


def _fill(mask: Bytes, shape: Bytes, image_rgb: Bytes, axis_px: Floats) -> None:
    """Fill a limb's shape, without the pixels in it that have not the colours of its axis."""
    x, y, width, height = cv2.boundingRect(shape)
    if width == 0 or height == 0:
        return
    box = np.s_[y : y + height, x : x + width]
    lab = cv2.cvtColor(np.ascontiguousarray(image_rgb[box]), cv2.COLOR_RGB2LAB)
    colours = _along(lab.astype(np.float32), axis_px - (x, y))
    part = shape[box] > 0
    if len(colours) >= 5:
        middle = np.median(colours, axis=0)
        spread = np.maximum(1.48 * np.median(np.abs(colours - middle), axis=0), _LEAST_SPREAD)
        own = part & ((((lab - middle) / spread) ** 2).sum(axis=-1) < _OWN**2)
        if own.sum() >= _LEAST_SHARE * part.sum():
            closed = cv2.morphologyEx(own.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5)))
            part &= closed > 0
    mask[box][part] = 255


def _along(lab: npt.NDArray[np.float32], axis_px: Floats) -> npt.NDArray[np.float32]:
    """Colours (N, 3) at even steps along a line (M, 2), where it is in the picture."""
    steps = np.linspace(0.0, 1.0, _SAMPLES // max(len(axis_px) - 1, 1))[:, None]
    points = np.concatenate([a + (b - a) * steps for a, b in itertools.pairwise(axis_px)])
    at = np.rint(points).astype(int)
    inside = ((at >= 0) & (at < (lab.shape[1], lab.shape[0]))).all(axis=1)
    found: npt.NDArray[np.float32] = lab[at[inside, 1], at[inside, 0]]
    return found


def _behind(body: BodyLandmarks, shoulder: int, wrist: int) -> bool:
    """Whether an arm is held behind the back."""
    return bool(body.world_points_mm[wrist, 2] > body.world_points_mm[shoulder, 2] + 120)


def bare_arm(arm_px: Floats, controls_px: Floats) -> Floats:
    """The arm (N, 2) beyond the sleeve: all but its beginning where there is no sleeve.

    Args:
        arm_px: (3, 2) shoulder, elbow, wrist.
        controls_px: (M, 2) the garment's control points: the sleeve ends with the last of them
            that lies on this arm.
    """
    steps = np.hypot(*np.diff(arm_px, axis=0).T)
    reach = max((_reach(arm_px, goal) for goal in controls_px), default=0.0)
    start = max(reach, 0.35 * float(steps[0]))
    if start >= steps.sum():
        return arm_px[:0]
    if start < steps[0]:
        begin = arm_px[0] + (arm_px[1] - arm_px[0]) * start / max(float(steps[0]), 1e-6)
        return np.array([begin, arm_px[1], arm_px[2]])
    rest = (start - float(steps[0])) / max(float(steps[1]), 1e-6)
    return np.array([arm_px[1] + (arm_px[2] - arm_px[1]) * rest, arm_px[2]])


def _reach(arm_px: Floats, goal: Floats) -> float:
    """How far along an arm a control point lies, if it lies on that arm; else 0."""
    done, best, nearest = 0.0, 0.0, np.inf
    for start, end in itertools.pairwise(arm_px):
        way = end - start
        length = max(float(np.hypot(*way)), 1e-6)
        part = float(np.clip((goal - start) @ way / length**2, 0, 1))
        distance = float(np.hypot(*(goal - start - part * way)))
        if distance < nearest:
            nearest, best = distance, done + part * length
        done += length
    return best if nearest < 0.12 * done else 0.0


def _whole(points_px: Floats) -> npt.NDArray[np.int32]:
    return np.rint(points_px).astype(np.int32)
