"""Mirror images: a front camera's preview is placed as the world is, then turned over.

Placing a mirror image and mirroring a placement give the same: the picture's landmarks are
those of a person whose left is right, so sides are renamed both ways.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.pose.placement import canonical_face
from services.pose.placement.types import (
    BodyLandmarks,
    FaceLandmarks,
    Floats,
    Handedness,
    HandLandmarks,
    Placement,
    ScreenMesh,
    Subjects,
)

BODY_MIRROR = np.array(
    [0, 4, 5, 6, 1, 2, 3, *(index + 1 - 2 * (index % 2 == 0) for index in range(7, 33))]
)
"""(33,) the BlazePose landmark that each one becomes in a mirror image."""
_OTHER_HAND = {
    Handedness.LEFT: Handedness.RIGHT,
    Handedness.RIGHT: Handedness.LEFT,
    Handedness.UNKNOWN: Handedness.UNKNOWN,
}
_FLIP = np.diag([-1.0, 1.0, 1.0, 1.0])


def mirror_subjects(subjects: Subjects) -> Subjects:
    """What would have been found in the mirror image."""
    mask, card = subjects.person_mask, subjects.card_corners
    return Subjects(
        tuple(FaceLandmarks(_over(f.points)[canonical_face.MIRROR]) for f in subjects.faces),
        tuple(_mirror_hand(hand) for hand in subjects.hands),
        tuple(_mirror_body(body) for body in subjects.bodies),
        None if mask is None else np.ascontiguousarray(mask[:, ::-1]),
        None if card is None else _over(card),
    )


def _over(points: Floats) -> Floats:
    flipped = points.copy()
    flipped[..., 0] = 1.0 - flipped[..., 0]
    return flipped


def _mirror_hand(hand: HandLandmarks) -> HandLandmarks:
    world = hand.world_points_mm * (-1.0, 1.0, 1.0)
    return HandLandmarks(_over(hand.points), _OTHER_HAND[hand.handedness], world)


def _mirror_body(body: BodyLandmarks) -> BodyLandmarks:
    world = body.world_points_mm * (-1.0, 1.0, 1.0)
    return BodyLandmarks(_over(body.points)[BODY_MIRROR], world[BODY_MIRROR])


def mirror_placement(placement: Placement) -> Placement:
    """The placement in the mirror image."""
    velocity = placement.velocity_xy_per_s
    return replace(
        placement,
        camera_from_item=_FLIP @ placement.camera_from_item,
        anchor_xy=(1.0 - placement.anchor_xy[0], placement.anchor_xy[1]),
        velocity_xy_per_s=None if velocity is None else (-velocity[0], velocity[1]),
        image_points=_over(placement.image_points),
        mesh=None if placement.mesh is None else _mirror_mesh(placement.mesh),
    )


def _mirror_mesh(mesh: ScreenMesh) -> ScreenMesh:
    vertices = mesh.vertices.copy()
    vertices[:, 0] = 1.0 - vertices[:, 0]
    return replace(
        mesh,
        vertices=vertices,
        triangles=np.ascontiguousarray(mesh.triangles[:, ::-1]),
        mask=None if mesh.mask is None else np.ascontiguousarray(mesh.mask[:, ::-1]),
    )
