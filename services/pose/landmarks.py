"""Landmarks in single pictures, found with effort: small, turned, cut-off subjects too.

MediaPipe's detectors look at the whole picture, scaled to about 200 pixels: what is small,
fills the frame or lies on its side escapes them. So a picture is searched in rounds, each
dearer than the one before, until one finds something; then everything found is looked at
again from close by (``services.pose.refinement``). Streams do without either: there,
MediaPipe follows what it found (``services.pose.trackers``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from services.pose import views
from services.pose.anatomy import BODY, FACE, HAND, Anatomy
from services.pose.mediapipe_tasks import (
    BodyTask,
    Detector,
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
from services.pose.refinement import box_px, distance, refine, seen_in, side_px
from services.pose.views import Rgb, View
from shared.models.mediapipe_bundles import BundleName, installed_bundle

DEFAULT_SUBJECTS = {LandmarkKind.FACE: 1, LandmarkKind.HAND: 2, LandmarkKind.BODY: 1}
MOST_SUBJECTS = 10
CONFIDENCE = 0.3
"""Below MediaPipe's 0.5: more is found, and the closer look throws out what was nothing."""
SAME_DISTANCE = 0.35
"""Two answers are of one subject when their points lie nearer than this part of its box."""
FACE_IN_BODY = 9.0
"""Side of the view around a face that shows its whole body, in faces."""
FOREARMS_IN_VIEW = 1.6
"""Side of the view around a hand, in lengths of the forearm."""
REPEATED_DISTANCE = 0.1
"""Nearer than that, an answer is the same again: it was looked at closely before."""
MARGINS = (0.3, 0.8)
"""A subject that fills the picture looks to a detector as it should with a margin around."""
QUARTER_TURNS = (90.0, -90.0, 180.0)
ELBOWS_AND_WRISTS = ((13, 15), (14, 16))
KNUCKLES = {15: (17, 19), 16: (18, 20)}
"""BlazePose's points of the little and the index finger beyond each wrist."""


class _Search:
    """One picture being searched for one kind: what was seen, and what was confirmed."""

    def __init__(self, image_rgb: Rgb, anatomy: Anatomy, closer: Detector) -> None:
        self.image_rgb = image_rgb
        self.size_wh = (image_rgb.shape[1], image_rgb.shape[0])
        self.confirmed: list[Found] = []
        self._anatomy = anatomy
        self._closer = closer
        self._seen: list[Found] = []

    def look_at_all(self, detector: Detector) -> None:
        self._add(detector.detect(self.image_rgb))

    def look(self, detectors: Sequence[Detector], where: Iterable[View]) -> None:
        for view in where:
            for detector in detectors:
                self._add(seen_in(view, self.image_rgb, detector, self._anatomy))

    def largest(self, most: int) -> list[Found]:
        return sorted(self.confirmed, key=lambda item: -side_px(item, self.size_wh))[:most]

    def _add(self, seen: Iterable[Found]) -> None:
        for new in seen:
            if self._known(new, self._seen, REPEATED_DISTANCE):
                continue
            self._seen.append(new)
            looked = refine(self.image_rgb, new, self._closer, self._anatomy)
            if looked.confirmed(self._anatomy) and not self._known(
                looked.found, self.confirmed, SAME_DISTANCE
            ):
                self.confirmed.append(looked.found)

    def _known(self, new: Found, old: Iterable[Found], limit: float) -> bool:
        return any(distance(item, new, self.size_wh) < limit for item in old)


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
        faces = self._faces(image_rgb, limits.get(LandmarkKind.FACE, 0))
        bodies = self._bodies(image_rgb, limits.get(LandmarkKind.BODY, 0))
        hands = self._hands(image_rgb, limits.get(LandmarkKind.HAND, 0))
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

    def _faces(self, image_rgb: Rgb, most: int) -> list[Found]:
        if not most:
            return []
        near, far = self._task("face"), self._task("face_far")
        search = _Search(image_rgb, FACE, near)
        search.look_at_all(far)
        search.look_at_all(near)
        _look_harder(search, [far, near])
        return search.largest(most)

    def _bodies(self, image_rgb: Rgb, most: int) -> list[Found]:
        if not most:
            return []
        body = self._task("body")
        search = _Search(image_rgb, BODY, body)
        search.look_at_all(body)
        if len(search.confirmed) < most:
            faces = self._task("face_far").detect(image_rgb)
            search.look([body], [_body_view(face, search.size_wh) for face in faces])
        _look_harder(search, [body])
        return search.largest(most)

    def _hands(self, image_rgb: Rgb, most: int) -> list[Found]:
        if not most:
            return []
        hand = self._task("hand")
        search = _Search(image_rgb, HAND, hand)
        search.look_at_all(hand)
        if len(search.confirmed) < most:
            bodies = self._task("body").detect(image_rgb)
            search.look([hand], [v for body in bodies for v in _hand_views(body, search.size_wh)])
        _look_harder(search, [hand])
        return search.largest(most)

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


def _look_harder(search: _Search, detectors: Sequence[Detector]) -> None:
    """Margins, ever smaller tiles, then quarter turns, until a round finds something."""
    size_wh = search.size_wh
    rounds: list[Callable[[], list[View]]] = [
        lambda: [views.whole(size_wh, margin) for margin in MARGINS],
        lambda: views.tiles(size_wh, 2),
        lambda: views.tiles(size_wh, 3),
        lambda: [views.whole(size_wh, 0.0, turn) for turn in QUARTER_TURNS],
    ]
    for where in rounds:
        if search.confirmed:
            return
        search.look(detectors, where())


def _body_view(face: Found, size_wh: tuple[int, int]) -> View:
    """The square that shows the body under a face."""
    box, side = box_px(face, size_wh), side_px(face, size_wh)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return View((float(x), float(y) + side * FACE_IN_BODY / 4), side * FACE_IN_BODY)


def _hand_views(body: Found, size_wh: tuple[int, int]) -> Iterator[View]:
    """A square around each hand that the body's arms lead to."""
    points = body.points[:, :2] * size_wh
    for elbow, wrist in ELBOWS_AND_WRISTS:
        forearm = float(np.linalg.norm(points[wrist] - points[elbow]))
        x, y = points[[wrist, *KNUCKLES[wrist]]].mean(axis=0)
        if 0 <= x <= size_wh[0] and 0 <= y <= size_wh[1]:
            yield View((float(x), float(y)), max(forearm, 24.0) * FOREARMS_IN_VIEW)
