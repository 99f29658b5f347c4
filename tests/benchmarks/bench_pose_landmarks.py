"""Face landmarks of photos against dlib's 68 points there: a figure of sanity, not of accuracy.

The points of ``people/faces`` are dlib's own predictions. Compared are the 51 inside the face,
whose places the two models define alike (the jaw's do not: dlib's follow the outline, the
mesh's the surface), by the distance of the outer corners of the eyes (the 300-W convention).

Hands have no labels here. Told is how far the points of a hand move when the same photo is
turned, scaled or mirrored, in parts of the palm (wrist to the middle finger's knuckle): the
part of the error that differs from look to look. An error that is the same in every look
does not show in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np

from services.pose.landmarks import LandmarkFinder
from services.pose.mediapipe_tasks import native_log_hidden
from services.pose.placement.types import Floats, LandmarkKind
from services.pose.views import Rgb
from shared.config import read_settings
from shared.errors import NotReady
from shared.image import decode
from tests.benchmarks.tables import Bar, percentile, print_bars

DATA = Path(os.environ.get("VITRINE_DATA", Path(__file__).parents[3] / "shared" / "data"))
INNER_68 = range(17, 68)
MESH = (
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300, 168, 197, 5, 4, 75, 97, 2, 326, 305,
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87,
)  # fmt: skip
"""The mesh's landmark for each of dlib's points 17 to 67."""
EYE_CORNERS = (19, 28)
"""Where the eyes' outer corners are among those."""
MEASURE = "51 points, over the distance of the eyes' outer corners"
SAME_FACE = 0.5
"""A face farther from dlib's than this, in distances of the eyes, is another one."""
HAND_MEASURE = "21 points, over wrist to middle knuckle"
SAME_HAND = 1.0
"""A hand farther from where it was than this, in palms, is another one."""


def labelled(folder: Path) -> dict[Path, list[Floats]]:
    """Points (51, 2) in pixels of each face that dlib saw, by photo."""
    faces: dict[Path, list[Floats]] = {}
    for file in ("training_with_face_landmarks.xml", "testing_with_face_landmarks.xml"):
        for image in ElementTree.parse(folder / file).iter("image"):
            for box in image.iter("box"):
                parts = {int(p.get("name", "-1")): p for p in box.iter("part")}
                points = [[float(parts[k].get(axis, 0)) for axis in "xy"] for k in INNER_68]
                faces.setdefault(folder / str(image.get("file")), []).append(np.array(points))
    return faces


def error(found: Floats, labels: Floats) -> float:
    """Mean distance over the eyes' distance."""
    eyes = float(np.hypot(*(labels[EYE_CORNERS[1]] - labels[EYE_CORNERS[0]])))
    return float(np.hypot(*(found - labels).T).mean()) / eyes


def errors(folder: Path, models: Path) -> list[float]:
    """Error of each labelled face against the nearest one found; infinite where there is none."""
    measured = []
    with native_log_hidden(), closing(LandmarkFinder(models)) as finder:
        for path, faces in labelled(folder).items():
            picture = decode(path.read_bytes())
            seen = finder.find(
                picture.image_rgb, [LandmarkKind.FACE], most={LandmarkKind.FACE: 10}
            ).faces
            points = [one.points[list(MESH), :2] * picture.original_size_wh for one in seen]
            measured += [min((error(p, f) for p in points), default=np.inf) for f in faces]
    return measured


def changes(size_wh: tuple[int, int]) -> Iterator[Floats]:
    """Affine maps (2, 3) of a photo to one of its own size."""
    middle = (size_wh[0] / 2 - 0.5, size_wh[1] / 2 - 0.5)
    for degrees in (-90, -30, -10, 10, 30, 90):
        yield np.asarray(cv2.getRotationMatrix2D(middle, degrees, 1.0), np.float64)
    for scale in (0.75, 1.5):
        yield np.asarray(cv2.getRotationMatrix2D(middle, 0.0, scale), np.float64)
    yield np.array([(-1.0, 0.0, size_wh[0] - 1.0), (0.0, 1.0, 0.0)])


def hands_px(finder: LandmarkFinder, image_rgb: Rgb) -> list[Floats]:
    """Points (21, 2) in pixels of each hand."""
    found = finder.find(image_rgb, [LandmarkKind.HAND], most={LandmarkKind.HAND: 10}).hands
    return [hand.points[:, :2] * image_rgb.shape[1::-1] for hand in found]


def hand_changes(folder: Path, models: Path) -> list[float]:
    """Mean distance over the palm of each photo's first hand in each change of the photo."""
    measured = []
    with native_log_hidden(), closing(LandmarkFinder(models)) as finder:
        for path in sorted(folder.glob("*.jpg")):
            photo = decode(path.read_bytes()).image_rgb
            size_wh = (photo.shape[1], photo.shape[0])
            first = hands_px(finder, photo)[0]
            for change in changes(size_wh):
                changed = np.asarray(cv2.warpAffine(photo, change, size_wh), np.uint8)
                expected = first @ change[:, :2].T + change[:, 2]
                if not _inside(expected, size_wh):
                    continue
                palm = float(np.hypot(*(expected[9] - expected[0])))
                seen = hands_px(finder, changed)
                apart = [float(np.hypot(*(one - expected).T).mean()) / palm for one in seen]
                measured.append(min(apart, default=np.inf))
    return measured


def _inside(points_px: Floats, size_wh: tuple[int, int]) -> bool:
    return bool((points_px >= 0).all() and (points_px < size_wh).all())


def hand_bars(folder: Path, models: Path) -> list[Bar]:
    """How often a hand is found again in the changed photo, and how far from where it was."""
    measured = hand_changes(folder, models)
    same = [one for one in measured if one < SAME_HAND]
    found = f"of {len(measured)} turned, scaled, mirrored photos"
    return [
        Bar("hands found again, share", len(same) / len(measured), detail=found),
        Bar("mean distance to themselves", float(np.mean(same)), detail=HAND_MEASURE),
        Bar("median of hands", percentile(same, 0.5)),
    ]


def main() -> int:
    """Print how many faces were found and how far their points are from dlib's."""
    folder = DATA / "people" / "faces"
    if not folder.is_dir():
        print(f"pose_landmarks: no {folder}; set VITRINE_DATA")
        return 0
    try:
        measured = errors(folder, read_settings().state_dir / "models")
    except NotReady as missing:
        print(f"pose_landmarks: {missing.message}")
        return 1
    same = [one for one in measured if one < SAME_FACE]
    return print_bars(
        "pose_landmarks",
        [
            Bar("faces found, share", len(same) / len(measured), detail=f"of {len(measured)}"),
            Bar("mean distance to dlib's points", float(np.mean(same)), detail=MEASURE),
            Bar("median of faces", percentile(same, 0.5)),
            *hand_bars(DATA / "people" / "hands", read_settings().state_dir / "models"),
        ],
    )
