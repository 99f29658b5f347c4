"""MediaPipe Tasks: the only module of the service that knows MediaPipe.

Each task takes a picture and gives what it found, as arrays. In VIDEO mode a task
follows what it found before, so it belongs to one stream; in IMAGE mode each picture
stands alone. Call ``shared.privacy.forbid_egress`` before the first task is made:
``load`` does, since MediaPipe would report its use otherwise.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from services.pose.mediapipe_calls import in_callers_thread
from services.pose.placement.types import Bytes, Floats, Handedness
from services.pose.views import Rgb
from shared.privacy import forbid_egress

Mode = Literal["image", "video"]

_MM = 1000.0
_HANDEDNESS = {"Left": Handedness.LEFT, "Right": Handedness.RIGHT}


_OPEN: set[Any] = set()
"""Tasks until they are closed: MediaPipe's ``__del__`` waits for a thread of its own and
stands still when the garbage collector happens to run it there."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One face, hand or body.

    Attributes:
        points: (478, 3), (21, 3) or (33, 4): x, y normalised to the picture, z in the
            scale of x, visibility for bodies.
        world_points_mm: (21, 3) or (33, 3); empty (0, 3) for faces.
        handedness: of a hand.
    """

    points: Floats
    world_points_mm: Floats
    handedness: Handedness = Handedness.UNKNOWN


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """How a task is set up.

    Attributes:
        bundle: the ``.task`` file.
        mode: pictures that stand alone, or the frames of one stream.
        max_subjects: at most so many faces, hands or bodies.
        confidence: of detection, presence and tracking, 0..1.
        person_mask: also segment the persons (body only).
    """

    bundle: Path
    mode: Mode = "image"
    max_subjects: int = 1
    confidence: float = 0.5
    person_mask: bool = False


class Detector(Protocol):
    """What the three tasks have in common."""

    def detect(self, image_rgb: Rgb, time_ms: int = 0) -> list[Found]:
        """What is in (H, W, 3) uint8; ``time_ms`` grows from frame to frame of a stream."""

    def close(self) -> None:
        """Free the network."""


class FaceTask:
    """Face landmarks with irises."""

    def __init__(self, options: TaskOptions) -> None:
        vision = _vision()
        _read_faces_as_arrays()
        self._video = options.mode == "video"
        task = vision.FaceLandmarker.create_from_options(
            vision.FaceLandmarkerOptions(
                **_basics(options),
                num_faces=options.max_subjects,
                min_face_detection_confidence=options.confidence,
                min_face_presence_confidence=options.confidence,
                min_tracking_confidence=options.confidence,
            )
        )
        self._task = in_callers_thread(task)
        _OPEN.add(self._task)

    def detect(self, image_rgb: Rgb, time_ms: int = 0) -> list[Found]:
        """Faces in (H, W, 3) uint8; ``time_ms`` grows from frame to frame of a stream."""
        reply = _run(self._task, image_rgb, time_ms if self._video else None)
        return [Found(face, np.zeros((0, 3))) for face in reply.face_landmarks]

    def close(self) -> None:
        """Free the network."""
        self._task.close()
        _OPEN.discard(self._task)


class HandTask:
    """Hand landmarks."""

    def __init__(self, options: TaskOptions) -> None:
        vision = _vision()
        self._video = options.mode == "video"
        task = vision.HandLandmarker.create_from_options(
            vision.HandLandmarkerOptions(
                **_basics(options),
                num_hands=options.max_subjects,
                min_hand_detection_confidence=options.confidence,
                min_hand_presence_confidence=options.confidence,
                min_tracking_confidence=options.confidence,
            )
        )
        self._task = in_callers_thread(task)
        _OPEN.add(self._task)

    def detect(self, image_rgb: Rgb, time_ms: int = 0) -> list[Found]:
        """Hands in (H, W, 3) uint8; ``time_ms`` grows from frame to frame of a stream."""
        reply = _run(self._task, image_rgb, time_ms if self._video else None)
        hands = zip(reply.hand_landmarks, reply.hand_world_landmarks, reply.handedness, strict=True)
        return [
            Found(_points(hand), _points(world) * _MM, _HANDEDNESS[side[0].category_name])
            for hand, world, side in hands
        ]

    def close(self) -> None:
        """Free the network."""
        self._task.close()
        _OPEN.discard(self._task)


class BodyTask:
    """Body landmarks and, when asked for, the mask of persons."""

    def __init__(self, options: TaskOptions) -> None:
        vision = _vision()
        self._video = options.mode == "video"
        task = vision.PoseLandmarker.create_from_options(
            vision.PoseLandmarkerOptions(
                **_basics(options),
                num_poses=options.max_subjects,
                min_pose_detection_confidence=options.confidence,
                min_pose_presence_confidence=options.confidence,
                min_tracking_confidence=options.confidence,
                output_segmentation_masks=options.person_mask,
            )
        )
        self._task = in_callers_thread(task)
        _OPEN.add(self._task)
        self.person_mask: Bytes | None = None

    def detect(self, image_rgb: Rgb, time_ms: int = 0) -> list[Found]:
        """Bodies in (H, W, 3) uint8; afterwards ``person_mask`` is this picture's, if asked for.

        The mask is (H, W) uint8, 255 = person, of all bodies found.
        """
        reply = _run(self._task, image_rgb, time_ms if self._video else None)
        self.person_mask = _mask(reply.segmentation_masks)
        bodies = zip(reply.pose_landmarks, reply.pose_world_landmarks, strict=True)
        return [
            Found(_points(body, visibility=True), _points(world) * _MM) for body, world in bodies
        ]

    def close(self) -> None:
        """Free the network."""
        self._task.close()
        _OPEN.discard(self._task)


@contextmanager
def native_log_hidden() -> Iterator[None]:
    """Keep MediaPipe's C++ log off the terminal of a command; it has no switch.

    It writes to file descriptor 2, which leads nowhere within the block, while Python's
    ``sys.stderr`` keeps leading to where it did.
    """
    sys.stderr.flush()
    kept, python_stderr = os.dup(2), sys.stderr
    try:
        with Path(os.devnull).open("w") as nowhere, os.fdopen(os.dup(kept), "w") as terminal:
            os.dup2(nowhere.fileno(), 2)
            sys.stderr = terminal
            yield
    finally:
        sys.stderr = python_stderr
        os.dup2(kept, 2)
        os.close(kept)


def _vision() -> Any:
    forbid_egress()
    from mediapipe.tasks.python import vision

    return vision


def _basics(options: TaskOptions) -> dict[str, Any]:
    from mediapipe.tasks.python.core.base_options import BaseOptions

    modes = _vision().RunningMode
    mode = modes.VIDEO if options.mode == "video" else modes.IMAGE
    base = BaseOptions(model_asset_path=str(options.bundle))
    return {"base_options": base, "running_mode": mode}


class _FaceArrays:
    """Stands in for MediaPipe's ``FaceLandmarkerResult``: each face is one (478, 3) array.

    MediaPipe makes a Python object of each point, which takes a fifth as long as finding
    the points. They lie in memory as an array of C structures, and are read as that.
    """

    def __init__(self, faces: list[Floats]) -> None:
        self.face_landmarks = faces

    @classmethod
    def from_ctypes(cls, result: Any) -> _FaceArrays:
        """Copy the points out of MediaPipe's C result."""
        faces = (result.face_landmarks[i] for i in range(result.face_landmarks_count))
        return cls([_array(face.landmarks, face.landmarks_count) for face in faces])


def _read_faces_as_arrays() -> None:
    from mediapipe.tasks.python.vision import face_landmarker

    face_landmarker.FaceLandmarkerResult = _FaceArrays


def _array(first: Any, count: int) -> Floats:
    """x, y, z (count, 3) of C structures in a row, ``first`` pointing at the first one."""
    structure: Any = type(first.contents)
    width, columns = _layout(structure)
    memory: Any = (ctypes.c_float * (width * count)).from_address(ctypes.addressof(first.contents))
    rows = np.frombuffer(memory, np.float32).reshape(count, width)
    return np.asarray(rows[:, columns], np.float64)


@cache
def _layout(structure: Any) -> tuple[int, slice]:
    """Size of a C structure of single-precision numbers, and where x, y, z are: in numbers."""
    number = ctypes.sizeof(ctypes.c_float)
    x, y, z = (getattr(structure, axis).offset // number for axis in ("x", "y", "z"))
    return ctypes.sizeof(structure) // number, slice(x, z + 1, y - x)


def _run(task: Any, image_rgb: Rgb, time_ms: int | None) -> Any:
    import mediapipe

    pixels = np.ascontiguousarray(image_rgb)
    image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=pixels)
    return task.detect(image) if time_ms is None else task.detect_for_video(image, time_ms)


def _points(landmarks: Sequence[Any], *, visibility: bool = False) -> Floats:
    if visibility:
        return np.array([(p.x, p.y, p.z, p.visibility) for p in landmarks], np.float64)
    return np.array([(p.x, p.y, p.z) for p in landmarks], np.float64)


def _mask(masks: Sequence[Any] | None) -> Bytes | None:
    if not masks:
        return None
    together = np.max([mask.numpy_view() for mask in masks], axis=0)
    return np.asarray(np.round(np.squeeze(together, -1) * 255), np.uint8)
