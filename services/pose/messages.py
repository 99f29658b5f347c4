"""Values to and from the messages of ``vitrine.v1.pose``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from services.pose.placement.types import (
    Bytes,
    Camera,
    Floats,
    LandmarkKind,
    Placement,
    Scale,
    ScreenMesh,
    Subjects,
    TryOnKind,
)
from services.pose.stream import FrameAnswer
from services.pose.tryon_asset import AssetFacts, LoadedAsset
from shared.errors import InvalidInput, NotReady, Resource
from shared.image_header import read_header
from shared.models.card import ModelCard
from vitrine.v1 import pose_pb2, types_pb2

pb: Any = pose_pb2  # its stubs take enumerations by name only

MOST_SKUS = 10
MOST_SUBJECTS = 10


def read_kinds(request: Any) -> list[LandmarkKind]:
    """The kinds that a request asks for.

    Raises:
        InvalidInput: none, or one that does not exist.
    """
    if not request.kinds:
        raise InvalidInput.of("kinds", "is empty, must name at least one kind")
    known = {int(kind): kind for kind in LandmarkKind}
    for number in request.kinds:
        if number not in known:
            raise InvalidInput.of("kinds", f"holds {number}, must be FACE, HAND or BODY")
    return sorted({known[number] for number in request.kinds})


def read_most(request: Any) -> int:
    """How many subjects of each kind a request asks for; 0 = as is usual for the kind.

    Raises:
        InvalidInput: out of range, or a mask is asked for without bodies.
    """
    if not 0 <= request.max_subjects <= MOST_SUBJECTS:
        raise InvalidInput.of(
            "max_subjects", f"is {request.max_subjects}, must be 0 to {MOST_SUBJECTS}"
        )
    if request.person_mask and LandmarkKind.BODY not in request.kinds:
        raise InvalidInput.of("person_mask", "needs LANDMARK_KIND_BODY among the kinds")
    return int(request.max_subjects)


def check_options(options: Any) -> None:
    """Check what needs no catalogue.

    Raises:
        InvalidInput: no SKU, too many, or one twice.
    """
    skus = list(options.skus)
    if not 1 <= len(skus) <= MOST_SKUS:
        raise InvalidInput.of("options.skus", f"are {len(skus)}, must be 1 to {MOST_SKUS}")
    if "" in skus or len(set(skus)) < len(skus):
        raise InvalidInput.of("options.skus", "must be different and not empty")


def read_intrinsics(options: Any) -> tuple[float, float, float, float] | None:
    """The lens of a request, or None."""
    if not options.HasField("intrinsics"):
        return None
    lens = options.intrinsics
    return (lens.focal_x_px, lens.focal_y_px, lens.center_x_px, lens.center_y_px)


def read_asset(product: Any) -> AssetFacts:
    """What the catalogue says of a product's try-on asset.

    Raises:
        NotReady: it has none (``TRY_ON_ASSET_MISSING``).
    """
    asset = product.try_on_asset
    known = {int(kind): kind for kind in TryOnKind}
    if not product.HasField("try_on_asset") or asset.kind not in known:
        raise NotReady(
            f"{product.sku} has no try-on asset in the catalogue",
            reason="TRY_ON_ASSET_MISSING",
            resource=Resource("product", product.sku),
        )
    points = {name: (point.x, point.y) for name, point in asset.points.items()}
    return AssetFacts(
        product.sku, known[asset.kind], asset.uri, asset.width_mm, points, asset.color
    )


def landmark_response(subjects: Subjects, size_wh: tuple[int, int]) -> Any:
    """The answer of EstimateLandmarks, without provenance."""
    reply = pb.EstimateLandmarksResponse(width_px=size_wh[0], height_px=size_wh[1])
    for face in subjects.faces:
        reply.faces.add(points=_landmarks(face.points))
    for hand in subjects.hands:
        world = _vectors(hand.world_points_mm)
        reply.hands.add(
            points=_landmarks(hand.points), handedness=int(hand.handedness), world_points_mm=world
        )
    for body in subjects.bodies:
        world = _vectors(body.world_points_mm)
        reply.bodies.add(points=_landmarks(body.points), world_points_mm=world)
    if subjects.person_mask is not None:
        reply.person_mask_png = png(subjects.person_mask)
    return reply


def placement_message(placement: Placement, *, mesh: bool = True) -> Any:
    """One placement, with its triangles if it has any and they are wanted."""
    message = pb.Placement(
        sku=placement.sku,
        kind=int(placement.kind),
        subject=placement.subject,
        camera_from_item=placement.camera_from_item.T.ravel().tolist(),
        anchor=_point(placement.anchor_xy),
        scale=_scale(placement.scale),
        visibility=placement.visibility,
        occluders=[int(occluder) for occluder in placement.occluders],
        state=int(placement.state),
        item_points=[_point(point) for point in placement.item_points.tolist()],
        image_points=[_point(point) for point in placement.image_points.tolist()],
        fit=int(placement.fit),
        fit_description=placement.fit_description,
    )
    if placement.velocity_xy_per_s is not None:
        message.velocity_per_s.CopyFrom(_point(placement.velocity_xy_per_s))
    if mesh and placement.mesh is not None:
        message.mesh.CopyFrom(_mesh(placement.mesh))
    return message


def intrinsics_message(camera: Camera) -> Any:
    """The lens data used."""
    return pb.CameraIntrinsics(
        focal_x_px=camera.focal_xy_px[0],
        focal_y_px=camera.focal_xy_px[1],
        center_x_px=camera.center_xy_px[0],
        center_y_px=camera.center_xy_px[1],
    )


def texture_response(loaded: LoadedAsset) -> Any:
    """The answer of GetTexture."""
    return pb.GetTextureResponse(
        data=loaded.file,
        mime_type=f"image/{read_header(loaded.file).format}",
        texture_id=loaded.item.asset.texture_id,
    )


def provenance(cards: Iterable[ModelCard], timings_ms: Mapping[str, float]) -> Any:
    """Where an answer comes from."""
    return types_pb2.Provenance(
        models=[types_pb2.ModelRef(id=card.id, sha256=card.sha256) for card in cards],
        timings=[
            types_pb2.StageTiming(stage=stage, duration_ms=value)
            for stage, value in timings_ms.items()
        ],
    )


def png(grey: Bytes) -> bytes:
    """An 8-bit grey PNG of (H, W) uint8."""
    runs = [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]  # masks are mostly runs
    _, data = cv2.imencode(".png", grey, [cv2.IMWRITE_PNG_COMPRESSION, 1, *runs])
    return data.tobytes()


def _landmarks(points: Floats) -> list[Any]:
    seen = points[:, 3] if points.shape[1] > 3 else np.ones(len(points))
    return [
        pb.Landmark(x=x, y=y, z=z, visibility=visibility)
        for (x, y, z), visibility in zip(points[:, :3].tolist(), seen.tolist(), strict=True)
    ]


def _vectors(points_mm: Floats) -> list[Any]:
    return [pb.Vector3(x=x, y=y, z=z) for x, y, z in points_mm.tolist()]


def _point(xy: Sequence[float]) -> Any:
    return types_pb2.Point(x=xy[0], y=xy[1])


def _scale(scale: Scale) -> Any:
    return pb.Scale(
        source=int(scale.source),
        factor=scale.factor,
        sigma_relative=scale.sigma_relative,
        pupillary_distance_mm=scale.pupillary_distance_mm,
        face_width_mm=scale.face_width_mm,
        sigma_mm=scale.sigma_mm,
    )


def _mesh(mesh: ScreenMesh) -> Any:
    return pb.ScreenMesh(
        vertices=mesh.vertices.ravel().tolist(),
        texture_coordinates=mesh.texture_coordinates.ravel().tolist(),
        triangles=mesh.triangles.ravel().tolist(),
        texture_id=mesh.texture_id,
        mask_png=b"" if mesh.mask is None else png(mesh.mask),
    )


def frame_response(answer: FrameAnswer, cards: Iterable[ModelCard]) -> Any:
    """The answer to one frame of a stream."""
    reply = pb.TrackProductsResponse(
        seq=answer.seq,
        capture_time_us=answer.capture_time_us,
        placements=[placement_message(placement) for placement in answer.placements],
        frames_dropped=answer.frames_dropped,
    )
    if answer.refusal is not None:
        reply.refusal.reason = answer.refusal.reason
        reply.refusal.message = answer.refusal.message
    if answer.camera is not None:
        reply.intrinsics_source = int(answer.camera.source)
        reply.provenance.CopyFrom(provenance(cards, answer.timings_ms))
    return reply
