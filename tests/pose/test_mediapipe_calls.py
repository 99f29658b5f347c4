"""MediaPipe's calls without a thread for each task: the same answers, errors and an end."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from services.pose.mediapipe_calls import in_callers_thread
from services.pose.mediapipe_tasks import BodyTask, FaceTask, HandTask, TaskOptions
from shared.models.mediapipe_bundles import installed_bundle
from shared.privacy import forbid_egress

MAKE = {"face": FaceTask, "hand": HandTask, "body": BodyTask}


@pytest.mark.parametrize("name", MAKE)
def test_a_task_looks_at_a_picture_without_a_python_thread_of_its_own(
    name, models_dir: Path, astronaut: np.ndarray
):
    """Before, each task brought one, and each frame went there and back twice."""
    before = set(threading.enumerate())
    task = MAKE[name](TaskOptions(installed_bundle(name, models_dir).path))
    assert task.detect(astronaut) or name == "hand"
    assert set(threading.enumerate()) <= before
    task.close()


def test_the_points_are_those_of_mediapipes_own_thread(models_dir: Path, astronaut: np.ndarray):
    """Number for number: only who makes the call is another."""
    forbid_egress()
    import mediapipe
    from mediapipe.tasks.python import vision
    from mediapipe.tasks.python.core.base_options import BaseOptions

    bundle = installed_bundle("body", models_dir).path
    base = BaseOptions(model_asset_path=str(bundle))
    options = vision.PoseLandmarkerOptions(base_options=base)
    image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=astronaut)
    with vision.PoseLandmarker.create_from_options(options) as own:
        expected = own.detect(image).pose_landmarks
    with vision.PoseLandmarker.create_from_options(options) as changed:
        assert in_callers_thread(changed).detect(image).pose_landmarks == expected


def test_what_mediapipe_refuses_is_raised_where_it_was_asked(
    models_dir: Path, astronaut: np.ndarray
):
    """Its status becomes the same Python error, and the task goes on."""
    task = FaceTask(TaskOptions(installed_bundle("face", models_dir).path, "video"))
    assert task.detect(astronaut, 40)
    with pytest.raises(ValueError, match="timestamp"):
        task.detect(astronaut, 40)
    assert task.detect(astronaut, 80)
    task.close()
    task.close()
