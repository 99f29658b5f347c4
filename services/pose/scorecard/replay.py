"""Streams of landmarks recorded and replayed: the same recording gives the same bytes.

A recording is JSON lines, gzipped where its name ends in ``.gz``: a header with the products,
then one line a frame. Placements come out as JSON lines too. Nothing here runs unless somebody
asks for it by name: a service records nothing.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from services.pose.placement.camera import camera_of
from services.pose.placement.tracking import PlacementTracker
from services.pose.placement.types import (
    BodyLandmarks,
    FaceLandmarks,
    Floats,
    Handedness,
    HandLandmarks,
    Item,
    Placement,
    ScreenMesh,
    Subjects,
    TryOnAsset,
    TryOnKind,
)
from shared.errors import InvalidInput

VERSION = 1
_DIGITS = 6  # of a normalised coordinate: a thousandth of a pixel at 1000 pixels


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What a stream was opened with."""

    items: tuple[Item, ...]
    mirrored: bool = False
    screen_mesh: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class RecordedFrame:
    """One frame.

    Attributes:
        capture_time_us: when the camera took it.
        size_wh: of the upright picture, in pixels.
        subjects: its landmarks; a person mask is not recorded.
        intrinsics_px: focal_x, focal_y, center_x, center_y, or None for an assumed lens.
    """

    capture_time_us: int
    size_wh: tuple[int, int]
    subjects: Subjects
    intrinsics_px: tuple[float, float, float, float] | None = None


def write_recording(path: Path, recording: Recording, frames: Iterable[RecordedFrame]) -> int:
    """Write a recording; the same frames give the same bytes. Returns how many frames."""
    count = 0
    with path.open("wb") as plain:
        # Without a name and a time a gzip file depends on its contents alone.
        packed = gzip.GzipFile("", "wb", 6, plain, mtime=0) if path.suffix == ".gz" else plain
        packed.write(_line(_header(recording)))
        for frame in frames:
            packed.write(_line(_frame(frame)))
            count += 1
        if packed is not plain:
            packed.close()
    return count


def read_recording(path: Path) -> tuple[Recording, Iterator[RecordedFrame]]:
    """Open a recording; frames are read as they are asked for.

    Raises:
        InvalidInput: the file is no recording (``RECORDING_INVALID``).
    """
    lines = _lines(path)
    try:
        recording = _parse_header(next(lines))
    except (StopIteration, KeyError, TypeError, ValueError) as error:
        raise InvalidInput.of(
            "recording", f"{path.name} does not begin as one: {error}", reason="RECORDING_INVALID"
        ) from error
    return recording, _parse_frames(path, lines)


def replay(recording: Recording, frames: Iterable[RecordedFrame]) -> Iterator[bytes]:
    """Placements of each frame as one JSON line; the same recording gives the same bytes."""
    tracker = PlacementTracker(
        recording.items, mirrored=recording.mirrored, screen_mesh=recording.screen_mesh
    )
    for frame in frames:
        camera = camera_of(frame.size_wh, frame.intrinsics_px)
        placements = tracker.update(frame.subjects, camera, frame.capture_time_us)
        record = {
            "capture_time_us": frame.capture_time_us,
            "placements": [placement_record(one) for one in placements],
        }
        yield _line(record)


def placement_record(placement: Placement) -> dict[str, Any]:
    """A placement as plain values that JSON can hold; matrices row by row."""
    return {
        "sku": placement.sku,
        "kind": placement.kind.name.lower(),
        "subject": placement.subject,
        "state": placement.state.name.lower(),
        "camera_from_item": placement.camera_from_item.tolist(),
        "anchor": list(placement.anchor_xy),
        "velocity_per_s": list(placement.velocity_xy_per_s or ()),
        "visibility": placement.visibility,
        "occluders": [one.name.lower() for one in placement.occluders],
        "scale": {
            "source": placement.scale.source.name.lower(),
            "factor": placement.scale.factor,
            "sigma_relative": placement.scale.sigma_relative,
            "pupillary_distance_mm": placement.scale.pupillary_distance_mm,
            "face_width_mm": placement.scale.face_width_mm,
            "sigma_mm": placement.scale.sigma_mm,
        },
        "fit": placement.fit.name.lower(),
        "fit_description": placement.fit_description,
        "item_points": placement.item_points.tolist(),
        "image_points": placement.image_points.tolist(),
        "mesh": None if placement.mesh is None else _mesh_record(placement.mesh),
    }


def _mesh_record(mesh: ScreenMesh) -> dict[str, Any]:
    return {
        "vertices": mesh.vertices.tolist(),
        "texture_coordinates": mesh.texture_coordinates.tolist(),
        "triangles": mesh.triangles.tolist(),
        "texture_id": mesh.texture_id,
    }


def _line(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def _header(recording: Recording) -> dict[str, Any]:
    return {
        "vitrine_recording": VERSION,
        "mirrored": recording.mirrored,
        "screen_mesh": recording.screen_mesh,
        "items": [_item(item) for item in recording.items],
    }


def _item(item: Item) -> dict[str, Any]:
    asset = item.asset
    return {
        "sku": item.sku,
        "kind": asset.kind.name.lower(),
        "size_wh": list(asset.size_wh),
        "width_mm": asset.width_mm,
        "points": {name: list(point) for name, point in sorted(asset.points.items())},
        "color": asset.color,
        "opaque_xyxy": list(asset.opaque_xyxy),
        "texture_id": asset.texture_id,
        "rows_x": None if asset.rows_x is None else asset.rows_x.tolist(),
        "columns_y": None if asset.columns_y is None else asset.columns_y.tolist(),
    }


def _frame(frame: RecordedFrame) -> dict[str, Any]:
    card = frame.subjects.card_corners
    return {
        "capture_time_us": frame.capture_time_us,
        "size_wh": list(frame.size_wh),
        "intrinsics_px": None if frame.intrinsics_px is None else list(frame.intrinsics_px),
        "faces": [_rounded(face.points) for face in frame.subjects.faces],
        "hands": [
            {
                "handedness": hand.handedness.name.lower(),
                "points": _rounded(hand.points),
                "world_points_mm": _rounded(hand.world_points_mm),
            }
            for hand in frame.subjects.hands
        ],
        "bodies": [
            {"points": _rounded(body.points), "world_points_mm": _rounded(body.world_points_mm)}
            for body in frame.subjects.bodies
        ],
        "card_corners": None if card is None else _rounded(card),
    }


def _rounded(points: Floats) -> list[list[float]]:
    return cast("list[list[float]]", np.round(points, _DIGITS).tolist())


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as plain:
        lines = gzip.GzipFile(fileobj=plain) if path.suffix == ".gz" else plain
        for line in lines:
            yield json.loads(line)


def _parse_header(header: dict[str, Any]) -> Recording:
    if header["vitrine_recording"] != VERSION:
        raise ValueError(f"version {header['vitrine_recording']}, this reads {VERSION}")
    items = tuple(_parse_item(item) for item in header["items"])
    return Recording(items, bool(header["mirrored"]), bool(header["screen_mesh"]))


def _parse_item(item: dict[str, Any]) -> Item:
    asset = TryOnAsset(
        kind=TryOnKind[item["kind"].upper()],
        size_wh=(item["size_wh"][0], item["size_wh"][1]),
        width_mm=item["width_mm"],
        points={name: (point[0], point[1]) for name, point in item["points"].items()},
        color=item["color"],
        opaque_xyxy=tuple(item["opaque_xyxy"]),
        texture_id=item["texture_id"],
        rows_x=None if item["rows_x"] is None else np.array(item["rows_x"]),
        columns_y=None if item["columns_y"] is None else np.array(item["columns_y"]),
    )
    return Item(item["sku"], asset)


def _parse_frames(path: Path, lines: Iterator[dict[str, Any]]) -> Iterator[RecordedFrame]:
    number = 1
    try:
        for line in lines:
            number += 1
            yield _parse_frame(line)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InvalidInput.of(
            "recording",
            f"{path.name} is broken after line {number}: {error!r}",
            reason="RECORDING_INVALID",
        ) from error


def _parse_frame(line: dict[str, Any]) -> RecordedFrame:
    size, intrinsics = line["size_wh"], line["intrinsics_px"]
    return RecordedFrame(
        line["capture_time_us"],
        (size[0], size[1]),
        _parse_subjects(line),
        None if intrinsics is None else tuple(intrinsics),
    )


def _parse_subjects(line: dict[str, Any]) -> Subjects:
    hands = (
        HandLandmarks(
            np.array(hand["points"]),
            Handedness[hand["handedness"].upper()],
            np.array(hand["world_points_mm"]),
        )
        for hand in line["hands"]
    )
    bodies = (
        BodyLandmarks(np.array(body["points"]), np.array(body["world_points_mm"]))
        for body in line["bodies"]
    )
    faces = tuple(FaceLandmarks(np.array(points)) for points in line["faces"])
    card = line["card_corners"]
    return Subjects(
        faces, tuple(hands), tuple(bodies), None, None if card is None else np.array(card)
    )
