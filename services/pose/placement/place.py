"""Where products sit in one picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.pose.placement import reference_card
from services.pose.placement.camera import mirrored as mirrored_camera
from services.pose.placement.frame import Frame, frame_of
from services.pose.placement.mirror import mirror_placement, mirror_subjects
from services.pose.placement.regions import measure, realise, subject_kind
from services.pose.placement.scale import ASSUMED, read_iris, single_scale, with_face_sizes
from services.pose.placement.solving import translation_mm
from services.pose.placement.types import (
    Camera,
    HandLandmarks,
    Item,
    LandmarkKind,
    Placement,
    Scale,
    Subjects,
)


def place(
    items: Sequence[Item],
    subjects: Subjects,
    camera: Camera,
    *,
    mirrored: bool = False,
    screen_mesh: bool = False,
) -> list[Placement]:
    """Place products on everybody in a picture.

    Args:
        items: products, each with a try-on asset that ``tryon_asset`` has checked.
        subjects: landmarks of the picture.
        camera: the lens.
        mirrored: the picture is a mirror image.
        screen_mesh: add ready triangles.

    Returns:
        One placement a product and subject, in the order of products, then subjects; none
        where nobody is there.
    """
    if mirrored:
        turned = place(
            items, mirror_subjects(subjects), mirrored_camera(camera), screen_mesh=screen_mesh
        )
        return [mirror_placement(one) for one in turned]
    frame = frame_of(subjects, camera)
    placements = []
    for item in items:
        scales = scales_of(subject_kind(item.asset.kind), frame)
        for subject, rig in measure(item.asset.kind, frame, scales).items():
            placements.append(realise(item, subject, rig, camera, with_mesh=screen_mesh))
    return placements


def scales_of(kind: LandmarkKind, frame: Frame) -> list[Scale]:
    """True scale of each face, hand or body of one frame alone."""
    if kind is LandmarkKind.FACE:
        return [_face_scale(subject, frame) for subject in range(len(frame.heads))]
    if kind is LandmarkKind.HAND:
        return [_hand_scale(hand, frame) for hand in frame.subjects.hands]
    return [ASSUMED for _ in frame.subjects.bodies]


def _face_scale(subject: int, frame: Frame) -> Scale:
    head = frame.heads[subject]
    if head is None:
        return ASSUMED
    scale = reference_card.head_scale(head, frame)
    if scale is None:
        scale = single_scale(read_iris(head, frame.camera))
    return with_face_sizes(scale, head, frame.camera)


def _hand_scale(hand: HandLandmarks, frame: Frame) -> Scale:
    if frame.subjects.card_corners is None:
        return ASSUMED
    pixels, world = frame.to_px(hand.points), hand.world_points_mm
    moved = translation_mm(world, pixels, np.ones(len(world)), frame.camera)
    scale = None if moved is None else reference_card.hand_scale(hand, float(moved[2]), frame)
    return scale or ASSUMED
