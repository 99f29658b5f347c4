"""What stands in front of a product: the face's own surface, hair, hands and arms.

The chin hides collars and chains, a cheek the ear that is turned away. Hands and bare
forearms are ``limbs``, hair is told by its colour: unlike the face's skin, like
what crowns the face.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement import canonical_face
from services.pose.placement.frame import Frame
from services.pose.placement.head import Head
from services.pose.placement.picture import pair
from services.pose.placement.rotation import yaw_pitch_roll_deg
from services.pose.placement.types import (
    Bytes,
    Floats,
    Item,
    Occluder,
    Placement,
    TryOnAsset,
    TryOnKind,
)
from services.pose.placement.warp import warp
from services.pose.rendering.hair import hair_mask
from services.pose.rendering.limbs import cover_forearms, cover_hand
from services.pose.rendering.raster import Float32, Window

_NECK_HALF = 0.21  # half a collar's opening over the shoulders' distance
_SCOOP_FROM, _V_FROM = 1.6, 3.0  # depth of an opening over half its breadth
_SCOOP_WIDER = 1.4
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
    if Occluder.HAND in placement.occluders and placement.kind in _HAND_COVERS:
        for hand in frame.subjects.hands:
            cover_hand(covered, hand, image_rgb)
    if placement.kind in _TORSO:
        _cover_garment(covered, placement, item, frame, image_rgb)
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


def _cover_garment(
    covered: Bytes, placement: Placement, item: Item, frame: Frame, image_rgb: Bytes
) -> None:
    """Fill bare forearms, and the neck within the collar."""
    size_wh = covered.shape[1], covered.shape[0]
    if placement.subject < len(frame.subjects.bodies):
        body = frame.subjects.bodies[placement.subject]
        cover_forearms(covered, body, placement, image_rgb)
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
    aspect = asset.size_wh[0] / max(asset.size_wh[1], 1)
    depth = (y - top) / max(half * aspect, 1e-6)
    half *= _SCOOP_WIDER if depth > _SCOOP_FROM else 1.0
    angle = np.linspace(0.0, np.pi, 13)
    down = 1 - np.abs(np.cos(angle)) if depth > _V_FROM else np.sin(angle)
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


def _whole(points_px: Floats) -> npt.NDArray[np.int32]:
    return np.rint(points_px).astype(np.int32)
