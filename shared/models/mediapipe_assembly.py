"""Assembling the ``.task`` bundles from the networks in an older MediaPipe wheel.

The bundles live on a storage host that closed networks do not reach; the same networks
travel in the Apache-2.0 wheel ``mediapipe==0.10.21`` on PyPI. What the new graphs want
of them, and get here:

- a stored (uncompressed) zip of a detector and a landmark network by fixed names;
- normalisation metadata in each network (the body's landmark network has none);
- a face network with two outputs instead of seven (``shared.models.mediapipe_face``).

The result is the same byte for byte wherever it is made, so that its hash can be pinned.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from shared.errors import NotReady
from shared.models.mediapipe_bundles import BundleName
from shared.models.mediapipe_face import face_with_irises
from shared.models.mediapipe_tflite import add_normalisation, read_model, write_model

ALIGNMENT = 16
"""Flatbuffers are read in place: every member begins at a multiple of this."""
PADDING_FIELD = 0xD935
"""Extra field of a zip member that only fills, as Android's zipalign writes it."""

LOCAL_HEADER = 30
"""Bytes before a zip member's name (APPNOTE 4.3.7)."""

_MODULES = "mediapipe/modules"
_FACE_DETECTOR = f"{_MODULES}/face_detection/face_detection_short_range.tflite"
_FAR_DETECTOR = f"{_MODULES}/face_detection/face_detection_full_range_sparse.tflite"
_FACE = f"{_MODULES}/face_landmark/face_landmark_with_attention.tflite"
_PALM_DETECTOR = f"{_MODULES}/palm_detection/palm_detection_full.tflite"
_HAND = f"{_MODULES}/hand_landmark/hand_landmark_full.tflite"
_PERSON_DETECTOR = f"{_MODULES}/pose_detection/pose_detection.tflite"
_BODY = f"{_MODULES}/pose_landmark/pose_landmark_full.tflite"


def assemble(name: BundleName, wheel: Path) -> bytes:
    """The bundle ``name`` from the networks in the wheel file.

    Raises:
        NotReady: the wheel is no zip or lacks a network (``WHEEL_INVALID``).
    """
    try:
        with zipfile.ZipFile(wheel) as source:
            return _stored_zip(_members(name, source))
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise NotReady(
            f"{wheel} does not hold MediaPipe's networks: {error}", reason="WHEEL_INVALID"
        ) from error


def _members(name: BundleName, wheel: zipfile.ZipFile) -> dict[str, bytes]:
    match name:
        case "face" | "face_far":
            detector = _FACE_DETECTOR if name == "face" else _FAR_DETECTOR
            return {
                "face_detector.tflite": wheel.read(detector),
                "face_landmarks_detector.tflite": face_with_irises(wheel.read(_FACE)),
            }
        case "hand":
            return {
                "hand_detector.tflite": wheel.read(_PALM_DETECTOR),
                "hand_landmarks_detector.tflite": wheel.read(_HAND),
            }
        case "body":
            return {
                "pose_detector.tflite": wheel.read(_PERSON_DETECTOR),
                "pose_landmarks_detector.tflite": _body(wheel.read(_BODY)),
            }


def _body(network: bytes) -> bytes:
    model = read_model(network)
    add_normalisation(model, [0.0], [255.0])
    return write_model(model)


def _stored_zip(members: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as bundle:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix, wherever it is made
            entry.extra = _padding(target.tell() + LOCAL_HEADER + len(name))
            bundle.writestr(entry, content)
    return target.getvalue()


def _padding(offset: int) -> bytes:
    """An extra field after which content that began at ``offset`` is aligned.

    >>> [len(_padding(offset)) for offset in (28, 60, 61)]
    [4, 4, 19]
    """
    size = -(offset + 4) % ALIGNMENT
    return PADDING_FIELD.to_bytes(2, "little") + size.to_bytes(2, "little") + bytes(size)
