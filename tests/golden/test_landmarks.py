"""Golden landmarks: the models that `vitrine models` brings answer as they did.

``face.json`` was written by ``mp.solutions.face_mesh`` of mediapipe 0.10.21 with
``refine_landmarks``: the network before its outputs were merged into one, so it proves
the merge. The other files were written by the assembled bundles. Tolerances are parts of
the distance between the eyes' outer corners (face), between wrist and middle knuckle
(hand), or between the shoulders (body): tight for the assembled bundles, which are the
same networks, wider for MediaPipe's official ones, which are later trainings.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from services.pose.landmarks import LandmarkFinder
from services.pose.mediapipe_tasks import BodyTask, FaceTask, TaskOptions
from services.pose.placement.types import LandmarkKind
from shared.models.mediapipe_bundles import BundleName, installed_bundle

ASSEMBLED, OFFICIAL = 0.003, 0.06
HERE = Path(__file__).parent
DATA = Path(os.environ.get("VITRINE_DATA", HERE.parents[2] / "shared" / "data"))
SPANS = {478: (33, 263), 21: (0, 9), 33: (11, 12)}


def golden(name: str) -> dict[str, list[list[float]]]:
    """What a file holds."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def error(found: np.ndarray, expected: np.ndarray, size_wh: tuple[int, int]) -> float:
    """Mean distance of the points, relative to the span of the kind."""
    a, b = SPANS[len(expected)]
    pixels = (found[:, :2] - expected[:, :2]) * size_wh
    span = np.linalg.norm((expected[a, :2] - expected[b, :2]) * size_wh)
    return float(np.linalg.norm(pixels, axis=1).mean() / span)


def tolerance(models_dir: Path, name: BundleName) -> float:
    """How near the installed edition must come."""
    card = installed_bundle(name, models_dir).card
    return ASSEMBLED if card.id.endswith("assembled") else OFFICIAL


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return np.ascontiguousarray(skimage.data.astronaut())


@pytest.fixture(scope="module")
def finder(models_dir: Path) -> Iterator[LandmarkFinder]:
    opened = LandmarkFinder(models_dir)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("name", "make"), [("face", FaceTask), ("face_far", FaceTask), ("body", BodyTask)]
)
def test_a_task_answers_as_it_did(
    models_dir: Path, astronaut: np.ndarray, name: BundleName, make: Callable[..., FaceTask]
):
    """Each bundle alone, on the whole picture."""
    task = make(TaskOptions(installed_bundle(name, models_dir).path))
    (found,) = task.detect(astronaut)
    task.close()
    expected = np.array(golden(name)["astronaut"])
    assert error(found.points, expected, (512, 512)) < tolerance(models_dir, name)


def test_irises_are_where_the_unmerged_network_put_them(models_dir: Path, astronaut: np.ndarray):
    """The ten points that the mesh itself has not, in depth too."""
    if tolerance(models_dir, "face") > ASSEMBLED:
        pytest.skip("the official edition is another network")
    task = FaceTask(TaskOptions(installed_bundle("face", models_dir).path))
    (found,) = task.detect(astronaut)
    task.close()
    expected = np.array(golden("face")["astronaut"])
    np.testing.assert_allclose(found.points[468:], expected[468:], atol=3e-4)


def test_the_finder_answers_as_it_did(finder, models_dir: Path, astronaut: np.ndarray):
    """Search and closer looks together."""
    found = finder.find(astronaut, [LandmarkKind.FACE, LandmarkKind.BODY])
    expected = {kind: np.array(points) for kind, points in golden("finder").items()}
    limit = tolerance(models_dir, "face")
    assert error(found.faces[0].points, expected["face"], (512, 512)) < limit
    assert error(found.bodies[0].points, expected["body"], (512, 512)) < limit * 3


@pytest.mark.data
@pytest.mark.parametrize("name", sorted(golden("hand")))
def test_hands_answer_as_they_did(finder, models_dir: Path, name: str):
    """Small raised hands in whole-body photos, one of which MediaPipe alone does not find."""
    path = DATA / "people" / "hands" / f"{name}.jpg"
    if not path.is_file():
        pytest.skip(f"no {path}; set VITRINE_DATA")
    image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    hand = finder.find(image, [LandmarkKind.HAND]).hands[0]
    expected = golden("hand")[name]
    assert hand.handedness.name == expected["handedness"]
    limit = tolerance(models_dir, "hand") * 5
    assert error(hand.points, np.array(expected["points"]), image.shape[1::-1]) < limit
