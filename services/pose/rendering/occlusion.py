"""What stands in front of a product: the face's own surface, hair, hands and arms.

The chin hides collars and chains, a cheek the ear that is turned away. Hands and arms are
drawn from their joints as capsules, hair is told by its colour: unlike the face's skin, like
what crowns the face.
"""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement import canonical_face
from services.pose.placement.frame import Frame
from services.pose.placement.head import Head
from services.pose.placement.picture import pair
from services.pose.placement.rotation import yaw_pitch_roll_deg
from services.pose.placement.types import (
    BodyLandmarks,
    Bytes,
    Floats,
    HandLandmarks,
    Item,
    Occluder,
    Placement,
    TryOnAsset,
    TryOnKind,
)
from services.pose.placement.warp import warp
from services.pose.rendering.hair import hair_mask
from services.pose.rendering.raster import Float32, Window

_FINGERS = (
    (0, 1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20),
)  # fmt: skip
_PALM = (0, 1, 5, 9, 13, 17)
_FINGER_BREADTH = 0.24  # of the palm's length
_ARM_BREADTH = 0.20  # of the shoulders' distance, at the elbow
_NECK_HALF = 0.21  # half a collar's opening over the shoulders' distance
_TURNED_DEG = 4.0
_TORSO = frozenset({TryOnKind.TOP, TryOnKind.DRESS})
_UNDER_CHIN = frozenset({TryOnKind.TOP, TryOnKind.DRESS, TryOnKind.NECKLACE})
_HAND_COVERS = frozenset(
    {
        TryOnKind.GLASSES, TryOnKind.HAT, TryOnKind.EARRINGS, TryOnKind.NECKLACE,
        TryOnKind.LIPSTICK, TryOnKind.TOP, TryOnKind.DRESS, TryOnKind.TROUSERS,
    }
)  # fmt: skip


def keep_mask(
    placement: Placement, item: Item, frame: Frame, image_rgb: Bytes, window: Window
) -> Float32:
    """Where nothing stands in front of a product: (h, w) of the window, 0..1, soft at the edges.

    Args:
        placement: with a mesh or without.
        item: the product.
        frame: the picture's landmarks.
        image_rgb: the whole picture.
        window: the part of it that is asked for.
    """
    covered = np.zeros(image_rgb.shape[:2], np.uint8)
    size_wh = image_rgb.shape[1], image_rgb.shape[0]
    if Occluder.HAND in placement.occluders and placement.kind in _HAND_COVERS:
        for hand in frame.subjects.hands:
            draw_hand(covered, hand, size_wh)
    if placement.kind in _TORSO:
        _cover_garment(covered, placement, item, frame)
    head = _head(placement, frame)
    if head is not None:
        _cover_by_head(covered, placement, head, image_rgb)
    part = covered[window.slices].astype(np.float32) / 255
    return np.asarray(1.0 - cv2.GaussianBlur(part, (0, 0), 0.8), np.float32)


def _cover_by_head(covered: Bytes, placement: Placement, head: Head, image_rgb: Bytes) -> None:
    """Fill what face and hair hide."""
    if Occluder.HAIR in placement.occluders:
        np.maximum(covered, hair_mask(placement.kind, head, image_rgb), out=covered)
    oval = head.points_px[list(canonical_face.FACE_OVAL)]
    if placement.kind in _UNDER_CHIN:
        cv2.fillPoly(covered, [_whole(oval)], 255)
    yaw = yaw_pitch_roll_deg(head.rotation)[0]
    if placement.kind is TryOnKind.EARRINGS and abs(yaw) > _TURNED_DEG:
        # The cheek stands before the ear that is turned away.
        far = oval[(oval[:, 0] - oval[:, 0].mean()) * yaw > 0]
        cv2.fillConvexPoly(covered, cv2.convexHull(_whole(far)), 255)


def _cover_garment(covered: Bytes, placement: Placement, item: Item, frame: Frame) -> None:
    """Fill bare forearms, and the neck within the collar."""
    size_wh = covered.shape[1], covered.shape[0]
    if placement.subject < len(frame.subjects.bodies):
        draw_forearms(covered, frame.subjects.bodies[placement.subject], placement, size_wh)
    opening = neck_opening(item.asset)
    if opening is not None and len(placement.item_points):
        square = np.array([item.asset.size_wh[0] / max(item.asset.size_wh[1], 1), 1.0])
        controls = placement.item_points * square, placement.image_points * size_wh
        cv2.fillPoly(covered, [_whole(warp(opening * square, *controls))], 255)


def neck_opening(asset: TryOnAsset) -> Floats | None:
    """Outline (N, 2) in a garment's picture of what the wearer's neck hides: the collar's back.

    A bow, or a V where it is deep, from the shoulders' line down to the named point
    ``collar``; None without it.
    """
    if "collar" not in asset.points or asset.kind not in _TORSO:
        return None
    left, right = pair(asset, "shoulder")
    x, y = asset.points["collar"]
    top = asset.opaque_xyxy[1]
    half = _NECK_HALF * float(right[0] - left[0])
    angle = np.linspace(0.0, np.pi, 13)
    aspect = asset.size_wh[0] / max(asset.size_wh[1], 1)
    deep = y - top > 1.3 * half * aspect  # a V, not a bow
    down = 1 - np.abs(np.cos(angle)) if deep else np.sin(angle)
    bow = np.column_stack([x + half * np.cos(angle), top + (y - top) * down])
    above = np.array([(x - half, top - 0.2), (x + half, top - 0.2)])
    return np.concatenate([bow, above])


def _head(placement: Placement, frame: Frame) -> Head | None:
    """The head that a product is on, or for a body's product the first one."""
    if not frame.heads:
        return None
    on_face = placement.kind <= TryOnKind.NECKLACE
    subject = placement.subject if on_face else 0
    return frame.heads[subject] if subject < len(frame.heads) else None


def draw_hand(mask: Bytes, hand: HandLandmarks, size_wh: tuple[int, int]) -> None:
    """Fill a hand in a mask with 255."""
    pixels = hand.points[:, :2] * size_wh
    palm = float(np.hypot(*(pixels[9] - pixels[0])))
    breadth = max(1, round(_FINGER_BREADTH * palm))
    for finger in _FINGERS:
        cv2.polylines(mask, [_whole(pixels[list(finger)])], False, 255, breadth)
    cv2.fillConvexPoly(mask, cv2.convexHull(_whole(pixels[list(_PALM)])), 255)


def draw_forearms(
    mask: Bytes, body: BodyLandmarks, placement: Placement, size_wh: tuple[int, int]
) -> None:
    """Fill the parts of both arms that a garment's sleeves leave bare, where they are seen."""
    points = body.points
    pixels = points[:, :2] * size_wh
    shoulders = float(np.hypot(*(pixels[11] - pixels[12])))
    for shoulder, elbow, wrist in ((11, 13, 15), (12, 14, 16)):
        if points[[elbow, wrist], 3].min() < 0.5 or _behind(body, shoulder, wrist):
            continue
        bare = _bare(pixels[[shoulder, elbow, wrist]], placement, size_wh)
        if len(bare) > 1:
            breadth = max(1, round(_ARM_BREADTH * shoulders))
            cv2.polylines(mask, [_whole(bare)], False, 255, breadth)
            tip = pixels[wrist] + 0.4 * (pixels[wrist] - pixels[elbow])
            cv2.line(mask, _point(pixels[wrist]), _point(tip), 255, round(breadth * 0.9))


def _behind(body: BodyLandmarks, shoulder: int, wrist: int) -> bool:
    """Whether an arm is held behind the back."""
    return bool(body.world_points_mm[wrist, 2] > body.world_points_mm[shoulder, 2] + 120)


def _bare(arm_px: Floats, placement: Placement, size_wh: tuple[int, int]) -> Floats:
    """The arm (N, 2) beyond the sleeve: all but its beginning where there is no sleeve."""
    steps = np.hypot(*np.diff(arm_px, axis=0).T)
    reach = 0.0
    for goal in placement.image_points * size_wh:
        along = _reach(arm_px, goal)
        reach = max(reach, along)
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


def _point(point_px: Floats) -> tuple[int, int]:
    return round(float(point_px[0])), round(float(point_px[1]))
