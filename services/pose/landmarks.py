"""Landmarks in single pictures, found with effort: small, turned, cut-off subjects too.

A picture is searched in rounds (``services.pose.search``), and everything found is looked at
again from close by (``services.pose.refinement``). Streams do without either: there,
MediaPipe follows what it found (``services.pose.trackers``).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import numpy as np

from services.pose.anatomy import BODY, FACE, HAND
from services.pose.mediapipe_tasks import (
    BodyTask,
    FaceTask,
    Found,
    HandTask,
    TaskOptions,
)
from services.pose.placement.types import (
    BodyLandmarks,
    Bytes,
    FaceLandmarks,
    HandLandmarks,
    LandmarkKind,
    Subjects,
)
from services.pose.refinement import box_px, side_px
from services.pose.search import Reach, Search
from services.pose.views import LARGEST_WHOLE_PX, Picture, Rgb, View
from shared.models.mediapipe_bundles import BundleName, installed_bundle

DEFAULT_SUBJECTS = {LandmarkKind.FACE: 1, LandmarkKind.HAND: 2, LandmarkKind.BODY: 1}
MOST_SUBJECTS = 10
CONFIDENCE = 0.3
"""Below MediaPipe's 0.5: more is found, and the closer look throws out what was nothing."""
FACE_IN_BODY = (9.0, 5.0)
"""Sides of the views around a face that show its whole body, and its upper half, in faces."""
FOREARMS_IN_VIEW = 1.6
"""Side of the view around a hand, in lengths of the forearm."""
FACES_REACH = Reach(share=0.06, smallest_px=32.0, beside_one_px=60.0)
HANDS_REACH = Reach(share=0.08, smallest_px=40.0, beside_one_px=60.0)
ELBOWS_AND_WRISTS = ((13, 15), (14, 16))
HEAD = slice(0, 11)
"""BlazePose's points of eyes, ears, nose and mouth."""
KNUCKLES = {15: (17, 19), 16: (18, 20)}
"""BlazePose's points of the little and the index finger beyond each wrist."""


class LandmarkFinder:
    """Finds faces, hands and bodies in single pictures. Not for several threads at once.

    Args:
        folder: where the bundles are; each is loaded when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tasks: dict[str, FaceTask | HandTask | BodyTask] = {}

    def find(
        self,
        image_rgb: Rgb,
        kinds: Collection[LandmarkKind],
        *,
        most: Mapping[LandmarkKind, int] | None = None,
        person_mask: bool = False,
    ) -> Subjects:
        """Find landmarks, the largest subject of each kind first.

        Args:
            image_rgb: (H, W, 3) uint8, upright.
            kinds: what to find.
            most: at most so many of a kind; by default 1 face, 2 hands, 1 body.
            person_mask: also segment persons.

        Raises:
            NotReady: a model is missing or damaged.
        """
        limits = {kind: (most or {}).get(kind) or DEFAULT_SUBJECTS[kind] for kind in kinds}
        picture = Picture(image_rgb)
        faces = self._faces(picture, limits.get(LandmarkKind.FACE, 0))
        bodies = self._bodies(picture, limits.get(LandmarkKind.BODY, 0))
        hands = self._hands(picture, limits.get(LandmarkKind.HAND, 0))
        return Subjects(
            tuple(FaceLandmarks(face.points) for face in faces),
            tuple(HandLandmarks(h.points, h.handedness, h.world_points_mm) for h in hands),
            tuple(BodyLandmarks(body.points, body.world_points_mm) for body in bodies),
            self._mask(image_rgb) if person_mask else None,
        )

    def close(self) -> None:
        """Free the networks."""
        for task in self._tasks.values():
            task.close()
        self._tasks.clear()

    def _faces(self, picture: Picture, most: int) -> list[Found]:
        if not most:
            return []
        near, far = self._task("face"), self._task("face_far")
        search = Search(picture, FACE, near, most)
        search.look_at_all(far)
        search.look_at_all(near)
        search.look_harder([far, near])
        search.look_for_more(far, FACES_REACH)
        return search.largest()

    def _bodies(self, picture: Picture, most: int) -> list[Found]:
        if not most:
            return []
        body = self._task("body")
        search = Search(picture, BODY, body, most)
        search.look_at_all(body)
        if not search.enough:
            self._bodies_of_faces(search, picture)
        search.look_harder([body])
        return search.largest()

    def _bodies_of_faces(self, search: Search, picture: Picture) -> None:
        """Look under each face that has no body yet, the others' faces painted over."""
        faces = self._task("face_far").detect(picture.at_most(LARGEST_WHOLE_PX))
        for face in faces:
            others = [other for other in faces if other is not face]
            for sides in FACE_IN_BODY:
                if search.enough or any(
                    _has_head_in(body, face, picture.size_wh) for body in search.confirmed
                ):
                    break
                view = _body_view(face, picture.size_wh, sides)
                search.look([self._task("body")], [view], others)

    def _hands(self, picture: Picture, most: int) -> list[Found]:
        if not most:
            return []
        hand = self._task("hand")
        search = Search(picture, HAND, hand, most)
        search.look_at_all(hand)
        if not search.enough:
            bodies = self._task("body").detect(picture.at_most(LARGEST_WHOLE_PX))
            search.look([hand], [v for body in bodies for v in _hand_views(body, picture.size_wh)])
        search.look_harder([hand])
        search.look_for_more(hand, HANDS_REACH)
        return search.largest()

    def _mask(self, image_rgb: Rgb) -> Bytes:
        task = self._task("body", mask=True)
        task.detect(image_rgb)
        mask = task.person_mask if isinstance(task, BodyTask) else None
        return np.zeros(image_rgb.shape[:2], np.uint8) if mask is None else mask

    def _task(self, name: BundleName, *, mask: bool = False) -> FaceTask | HandTask | BodyTask:
        key = f"{name} with mask" if mask else name
        if key not in self._tasks:
            bundle = installed_bundle(name, self._folder).path
            options = TaskOptions(bundle, "image", MOST_SUBJECTS, CONFIDENCE, mask)
            self._tasks[key] = _KINDS[name](options)
        return self._tasks[key]


_KINDS: dict[BundleName, type[FaceTask | HandTask | BodyTask]] = {
    "face": FaceTask,
    "face_far": FaceTask,
    "hand": HandTask,
    "body": BodyTask,
}


def _body_view(face: Found, size_wh: tuple[int, int], sides: float) -> View:
    """A square of so many faces around and under a face."""
    box, side = box_px(face, size_wh), side_px(face, size_wh)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return View((float(x), float(y) + side * sides / 4), side * sides)


def _has_head_in(body: Found, face: Found, size_wh: tuple[int, int]) -> bool:
    """Whether a body's head is where a face is."""
    head = (body.points[HEAD, :2] * size_wh).mean(axis=0)
    box = box_px(face, size_wh)
    return math.dist(head, (box[:2] + box[2:]) / 2) < side_px(face, size_wh) / 2


def _hand_views(body: Found, size_wh: tuple[int, int]) -> Iterator[View]:
    """A square around each hand that the body's arms lead to."""
    points = body.points[:, :2] * size_wh
    for elbow, wrist in ELBOWS_AND_WRISTS:
        forearm = float(np.linalg.norm(points[wrist] - points[elbow]))
        x, y = points[[wrist, *KNUCKLES[wrist]]].mean(axis=0)
        if 0 <= x <= size_wh[0] and 0 <= y <= size_wh[1]:
            yield View((float(x), float(y)), max(forearm, 24.0) * FOREARMS_IN_VIEW)
