"""A person and a hand that are drawn: nobody's picture, with landmarks known exactly."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement import rotation
from services.pose.placement.camera import camera_of, project
from services.pose.placement.types import Bytes, Camera, Floats, Subjects
from services.pose.scorecard.synthetic import (
    BODY_MM,
    HAND_MM,
    Noise,
    Pose,
    body_landmarks,
    face_landmarks,
    hand_landmarks,
)

Color = tuple[int, int, int]

SIZE_WH = (600, 900)
HAND_SIZE_WH = (600, 600)
EXACT = Noise(0.0, 0.0, 0.0, 0.0)
_POSE = Pose(np.eye(3), np.array([0.0, -40.0, 1560.0]))
_SKIN, _SHADED, _HAIR = (216, 174, 146), (196, 152, 124), (74, 52, 42)
_CLOTH, _LIPS, _IRIS = (126, 132, 141), (186, 104, 100), (62, 46, 42)
_WHITE, _NAIL = (245, 243, 240), (232, 196, 176)
_WALL, _FLOOR = (230, 228, 223), (208, 205, 199)
_LEGS = (((24, 26, 28), (86, 60, 40)), ((23, 25, 27), (86, 60, 40)))
_FEET = (((28, 32), (40, 34)), ((27, 31), (40, 34)))
_ARMS = (((12, 14, 16, 20), (54, 43, 30, 30)), ((11, 13, 15, 19), (54, 43, 30, 30)))
"""Chains of joints, and half of the limb's width at each, in mm."""
_TRUNK = (
    (-62, -580), (-110, -535), (-190, -525), (-225, -470), (-186, -330), (-150, -140),
    (-168, 40), (-150, 110), (0, 120),
)  # fmt: skip
"""Right half of the trunk's outline in mm, from the neck down; the left one mirrors it."""
_CLOTHED_BELOW_MM = -400
_FACE_MM = np.array([0.0, -690.0, -20.0])  # where the canonical face is in the body's axes
_PALM = (1, 5, 9, 13, 17, 0)
_FINGERS = ((14, 12, 10, 9), (11, 10, 9, 8), (11, 10, 9, 8), (11, 10, 9, 8), (10, 9, 8, 7))
"""Half of each finger's width at its joints, in mm."""


def drawn_person() -> tuple[Bytes, Subjects, Camera]:
    """The picture (H, W, 3) uint8, its landmarks with the person's mask, and its lens."""
    camera, random = camera_of(SIZE_WH), np.random.default_rng(0)
    body = body_landmarks(_POSE, camera, EXACT, random)
    head = Pose(_POSE.rotation, _POSE.translation_mm + _FACE_MM)
    face = face_landmarks(head, 1.0, camera, EXACT, random)
    canvas = _Canvas(SIZE_WH, camera, _POSE)
    _body(canvas)
    _head(canvas)
    mask = canvas.mask()
    return _shaded(canvas.image, mask), Subjects((face,), (), (body,), mask), camera


def drawn_hand() -> tuple[Bytes, Subjects, Camera]:
    """The back of a right hand with its forearm, as ``drawn_person`` gives a person."""
    camera, pose = camera_of(HAND_SIZE_WH), Pose(rotation.exp((0, 0, 0.2)), np.array([4, 52, 400]))
    hand = hand_landmarks(pose, camera, EXACT, np.random.default_rng(0))
    canvas = _Canvas(HAND_SIZE_WH, camera, pose)
    canvas.limb(np.array([(6, 20), (4, 300)]), (29, 44), _SKIN)
    canvas.fill(HAND_MM[list(_PALM), :2] * 1.06, _SKIN)
    canvas.limb(np.array([(4, 26), (3, -30)]), (29, 34), _SKIN)
    for first, halves in zip(range(1, 21, 4), _FINGERS, strict=True):
        canvas.limb(HAND_MM[first : first + 4, :2], halves, _SKIN)
        canvas.oval(HAND_MM[first + 3, :2] + (0, -4), (halves[3] - 3, halves[3]), _NAIL)
    mask = canvas.mask()
    return _shaded(canvas.image, mask), Subjects(hands=(hand,), person_mask=mask), camera


class _Canvas:
    """A flat figure being drawn, in millimetres of its own axes."""

    def __init__(self, size_wh: tuple[int, int], camera: Camera, pose: Pose) -> None:
        self._camera, self._pose = camera, pose
        self._scale = camera.focal_xy_px[0] / float(pose.translation_mm[2])
        self.image: Bytes = np.full((size_wh[1], size_wh[0], 3), _WALL, np.uint8)
        self._wall = self.image.copy()

    def floor(self, centre_mm: npt.ArrayLike, radii_mm: tuple[int, int]) -> None:
        """A shadow on the ground, which is not part of the figure."""
        self.oval(centre_mm, radii_mm, _FLOOR)
        self._wall = self.image.copy()

    def mask(self) -> Bytes:
        """Where the figure is, (H, W) uint8."""
        changed = (self.image != self._wall).any(axis=-1).astype(np.uint8) * 255
        return np.asarray(cv2.morphologyEx(changed, cv2.MORPH_CLOSE, np.ones((5, 5))), np.uint8)

    def limb(self, points: Floats, halves: tuple[int, ...], color: Color) -> None:
        """A chain of joints (N, 2), as wide as twice ``halves`` at each."""
        for start, end, wide, narrow in zip(points, points[1:], halves, halves[1:], strict=False):
            along = end - start
            across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6)
            corners = [start + across * wide, end + across * narrow]
            corners += [end - across * narrow, start - across * wide]
            self.fill(np.array(corners), color)
            self.oval(start, (wide, wide), color)
            self.oval(end, (narrow, narrow), color)

    def fill(self, corners_mm: npt.ArrayLike, color: Color) -> None:
        """A polygon (N, 2)."""
        corners = np.rint(self._px(corners_mm) * 16).astype(np.int32)
        cv2.fillPoly(self.image, [corners], color, cv2.LINE_AA, 4)

    def oval(self, centre_mm: npt.ArrayLike, radii_mm: tuple[int, int], color: Color) -> None:
        """An upright oval."""
        x, y = np.rint(self._px(centre_mm)[0] * 16).astype(int).tolist()
        wide, high = (round(radius * self._scale * 16) for radius in radii_mm)
        cv2.ellipse(self.image, (x, y), (wide, high), 0, 0, 360, color, -1, cv2.LINE_AA, 4)

    def _px(self, points_mm: npt.ArrayLike) -> Floats:
        flat = np.atleast_2d(np.asarray(points_mm, np.float64))
        return project(self._camera, self._pose.apply(np.column_stack([flat, np.zeros(len(flat))])))


def _body(canvas: _Canvas) -> None:
    canvas.floor((0, 905), (330, 26))
    for joints, halves in (*_LEGS, *_FEET):
        canvas.limb(BODY_MM[list(joints), :2], halves, _SKIN)
    half = np.array(_TRUNK, np.float64)
    outline = np.concatenate([half, half[::-1] * (-1, 1)])
    canvas.fill(outline, _SKIN)
    top = [(-186, _CLOTHED_BELOW_MM), (186, _CLOTHED_BELOW_MM)]
    clothed = outline[outline[:, 1] > _CLOTHED_BELOW_MM]
    canvas.fill(np.concatenate([top[:1], clothed, top[1:]]), _CLOTH)
    for side in (-1, 1):
        strap = [(70, -545), (105, -540), (130, -390), (80, -390)]
        canvas.fill(np.array(strap) * (side, 1), _CLOTH)
    for chain, widths in _ARMS:
        canvas.limb(BODY_MM[list(chain), :2], widths, _SKIN)


def _head(canvas: _Canvas) -> None:
    canvas.oval((0, -735), (92, 122), _HAIR)
    canvas.fill([(-52, -640), (52, -640), (66, -540), (-66, -540)], _SHADED)
    canvas.oval((0, -540), (66, 22), _SHADED)
    canvas.oval((0, -715), (74, 108), _SKIN)
    angle = np.linspace(np.pi, 2 * np.pi, 40)
    top = np.column_stack([80 * np.cos(angle), -735 + 112 * np.sin(angle)])
    line = np.column_stack([78 * np.cos(angle), -742 + 44 * np.sin(angle)])
    canvas.fill(np.concatenate([top, line[::-1]]), _HAIR)
    for side in (-1, 1):
        canvas.oval((32 * side, -720), (11, 6), _WHITE)
        canvas.oval((32 * side, -720), (6, 6), _IRIS)
        canvas.oval((32 * side, -742), (16, 3), _HAIR)
    canvas.oval((0, -684), (10, 6), _SHADED)
    canvas.oval((0, -650), (22, 7), _LIPS)


def _shaded(image: Bytes, mask: Bytes) -> Bytes:
    """The figure a little darker towards its edges, as round things are."""
    inner = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    light = np.where(mask > 0, 0.84 + 0.16 * np.minimum(inner / 22, 1), 1.0)
    return np.asarray(np.clip(image * light[..., None], 0, 255), np.uint8)
