"""What stands in front of a product: the face's own surface, hair, hands and arms.

The chin hides collars and chains, a cheek the ear that is turned away. Hands and bare
forearms are ``limbs``, hair is told by its colour: unlike the face's skin, like
what crowns the face.
"""

from __future__ import annotations

import cv2
import numpy as np

from services.pose.placement import canonical_face
from services.pose.placement.frame import Frame
from services.pose.placement.glasses import FRONT_OUTLINE
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
_FINE_BITS = 4  # an edge is placed to a sixteenth of a pixel
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
    cover_solid(covered, placement, item, frame, image_rgb)
    head = head_of(placement, frame)
    if head is not None and Occluder.HAIR in placement.occluders:
        found = hair_mask(placement.kind, head, image_rgb)
        whole = Window(0, 0, found.shape[1], found.shape[0])
        found = np.minimum(found, 255 - front_of(placement, frame.camera.size_wh, whole))
        np.maximum(covered, found, out=covered)
    return softened(covered[window.slices].astype(np.float32) / np.float32(255))


def softened(hidden: Float32) -> Float32:
    """What is kept (h, w) 0..1 where so much is hidden, soft at the edges."""
    return np.asarray(1.0 - cv2.GaussianBlur(hidden, (0, 0), 0.8), np.float32)


def cover_solid(
    covered: Bytes, placement: Placement, item: Item, frame: Frame, image_rgb: Bytes
) -> None:
    """Fill what hands, arms and the face hide, all but hair, in a mask (H, W) with 255.

    Args:
        covered: of the size of ``frame.camera``.
        placement: with a mesh or without.
        item: the product.
        frame: the landmarks.
        image_rgb: of the mask's size; read only if ``needs_colours``.
    """
    if Occluder.HAND in placement.occluders and placement.kind in _HAND_COVERS:
        for hand in frame.subjects.hands:
            cover_hand(covered, hand, image_rgb)
    if placement.kind in _TORSO:
        _cover_garment(covered, placement, item, frame, image_rgb)
    head = head_of(placement, frame)
    if head is not None:
        _cover_by_face(covered, placement, head)


def needs_colours(kind: TryOnKind, frame: Frame) -> bool:
    """Whether ``cover_solid`` reads the picture: for hands, and for arms over a garment."""
    return kind in _TORSO or (kind in _HAND_COVERS and bool(frame.subjects.hands))


def _cover_by_face(covered: Bytes, placement: Placement, head: Head) -> None:
    """Fill what the face hides."""
    oval = head.points_px[list(canonical_face.FACE_OVAL)]
    if placement.kind in _UNDER_CHIN:
        _fill(covered, oval)
    yaw = yaw_pitch_roll_deg(head.rotation)[0]
    if placement.kind is TryOnKind.EARRINGS and abs(yaw) > _TURNED_DEG:
        # The cheek stands before the ear that is turned away.
        far = oval[(oval[:, 0] - oval[:, 0].mean()) * yaw > 0]
        _fill(covered, np.asarray(cv2.convexHull(far.astype(np.float32))[:, 0], np.float64))


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
        _fill(covered, warp(opening * square, *controls))


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


def front_of(placement: Placement, size_wh: tuple[int, int], window: Window) -> Bytes:
    """What rests before the hair that hides the rest, in a window (h, w): 255 there, else 0.

    The front of glasses stands out from the temples: hair beside the face hides the arms.
    """
    front = np.zeros(window.size_wh[::-1], np.uint8)
    if placement.mesh is not None and placement.kind is TryOnKind.GLASSES:
        outline = placement.mesh.vertices[FRONT_OUTLINE, :2].astype(np.float64) * size_wh
        _fill(front, outline - (window.left, window.top))
        front = np.asarray(cv2.dilate(front, np.ones((3, 3), np.uint8)), np.uint8)
    return front


def head_of(placement: Placement, frame: Frame) -> Head | None:
    """The head that a product is on, or for a body's product the first one."""
    subject = head_index(placement)
    return frame.heads[subject] if subject < len(frame.heads) else None


def head_index(placement: Placement) -> int:
    """Position among the faces of the head that may hide a product."""
    return placement.subject if placement.kind <= TryOnKind.NECKLACE else 0


def _fill(covered: Bytes, outline_px: Floats) -> None:
    """Fill an outline (N, 2), its edges in parts of pixels: a small move is a small change."""
    fine = np.rint((outline_px - 0.5) * (1 << _FINE_BITS)).astype(np.int32)
    cv2.fillPoly(covered, [fine], 255, cv2.LINE_AA, _FINE_BITS)
