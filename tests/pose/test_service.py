"""PoseService over a real channel, with real models, consent and catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import cv2
import grpc
import numpy as np
import pytest

from services.pose.consent import DevelopmentIssuer
from shared.config import Settings
from shared.errors import VitrineError
from shared.image import encode_jpeg
from shared.rpc import RunningServer, open_channel
from shared.status import from_rpc_error
from tests.pose.streams import TIMEOUT_S, config, first, options
from vitrine.v1 import pose_pb2 as pb
from vitrine.v1 import shopper_pb2, shopper_pb2_grpc

FACE, HAND, BODY = pb.LANDMARK_KIND_FACE, pb.LANDMARK_KIND_HAND, pb.LANDMARK_KIND_BODY


async def refused(call: Any) -> VitrineError:
    """The error that a call ends with, as a client of ours sees it."""
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await call
    return from_rpc_error(failed.value)


def noise() -> bytes:
    """A picture with nobody in it."""
    return encode_jpeg(np.random.default_rng(1).integers(0, 255, (512, 512, 3), np.uint8))


# consent


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda issuer: "", "CONSENT_MISSING"),
        (lambda issuer: "junk", "CONSENT_INVALID"),
        (lambda issuer: issuer.issue("a", ["pose"], -60)[0], "CONSENT_EXPIRED"),
        (lambda issuer: issuer.issue("a", ["taste"], 60)[0], "CONSENT_SCOPE"),
    ],
)
async def test_without_consent_nothing_is_looked_at(
    pose: Any, settings: Settings, make: Callable[[DevelopmentIssuer], str], reason: str
):
    """PERMISSION_DENIED with the reason, from every RPC, before anything else is judged."""
    token = make(DevelopmentIssuer.open(settings.consent_dir))
    requests = [
        pose.EstimateLandmarks(pb.EstimateLandmarksRequest(consent_token=token)),
        pose.PlaceProducts(pb.PlaceProductsRequest(consent_token=token)),
        pose.RenderTryOn(pb.RenderTryOnRequest(consent_token=token)),
        first(pose.TrackProducts(iter([config(token)]))),
    ]
    for call in requests:
        error = await refused(call)
        assert (error.status, error.reason) == ("PERMISSION_DENIED", reason)


async def test_the_development_issuer_grants_what_pose_accepts(
    server: RunningServer, pose: Any, astronaut_jpeg: bytes
):
    """GrantConsent beside pose gives a token that opens it."""
    async with open_channel(server.address) as channel:
        shopper = shopper_pb2_grpc.ShopperServiceStub(channel)
        scopes = [shopper_pb2.CONSENT_SCOPE_POSE]
        request = shopper_pb2.GrantConsentRequest(shopper_id="anna", scopes=scopes)
        granted = await shopper.GrantConsent(request, timeout=TIMEOUT_S)
        assert (await refused(shopper.GrantConsent(shopper_pb2.GrantConsentRequest()))).reason
    reply = await _estimate(pose, granted.consent_token, astronaut_jpeg, [FACE])
    assert len(reply.faces) == 1


# landmarks


async def _estimate(pose: Any, token: str, image: bytes, kinds: list[int], **fields: Any) -> Any:
    request = pb.EstimateLandmarksRequest(consent_token=token, image=image, kinds=kinds, **fields)
    return await pose.EstimateLandmarks(request, timeout=TIMEOUT_S)


async def test_a_portrait_gives_face_and_body_with_provenance(
    pose: Any, token: str, astronaut_jpeg: bytes
):
    """478 and 33 points, world points in millimetres, the models named with their hashes."""
    reply = await _estimate(pose, token, astronaut_jpeg, [FACE, BODY], person_mask=True)
    assert (reply.width_px, reply.height_px) == (512, 512)
    assert [len(face.points) for face in reply.faces] == [478]
    assert [len(body.points) for body in reply.bodies] == [33]
    nose = reply.faces[0].points[1]
    assert (nose.x, nose.y) == (pytest.approx(0.436, abs=0.01), pytest.approx(0.254, abs=0.01))
    world = np.array([(v.x, v.y, v.z) for v in reply.bodies[0].world_points_mm])
    assert 200 < np.linalg.norm(world[11] - world[12]) < 500
    mask = cv2.imdecode(np.frombuffer(reply.person_mask_png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert mask.shape == (512, 512)
    assert mask[100, 230] > 200
    assert mask[250, 20] < 50
    assert {len(model.sha256) for model in reply.provenance.models} == {64}
    assert "landmarks" in [timing.stage for timing in reply.provenance.timings]


async def test_nobody_in_the_picture_is_an_empty_result(pose: Any, token: str):
    """Nothing found is no error."""
    reply = await _estimate(pose, token, noise(), [FACE, HAND, BODY])
    assert [len(one) for one in (reply.faces, reply.hands, reply.bodies)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "kinds"),
        ({"kinds": [9]}, "kinds"),
        ({"kinds": [FACE], "max_subjects": 11}, "max_subjects"),
        ({"kinds": [FACE], "max_subjects": -1}, "max_subjects"),
        ({"kinds": [FACE], "person_mask": True}, "person_mask"),
    ],
)
async def test_a_wrong_field_is_named(pose, token, astronaut_jpeg, fields, field):
    """INVALID_ARGUMENT says which field, so that the caller need not guess."""
    request = pb.EstimateLandmarksRequest(consent_token=token, image=astronaut_jpeg, **fields)
    error = await refused(pose.EstimateLandmarks(request, timeout=TIMEOUT_S))
    assert error.status == "INVALID_ARGUMENT"
    assert [violation.field for violation in error.violations] == [field]


@pytest.mark.parametrize(
    ("image", "reason"), [(b"", "IMAGE_EMPTY"), (b"GIF89a", "IMAGE_FORMAT_UNSUPPORTED")]
)
async def test_an_image_that_the_gate_refuses_is_told_why(pose, token, image, reason):
    """The gate's reasons reach the client."""
    error = await refused(_estimate(pose, token, image, [FACE]))
    assert (error.status, error.reason) == ("INVALID_ARGUMENT", reason)


# placing and drawing


async def place(pose: Any, token: str, image: bytes, asked: Any) -> Any:
    """Where products sit in one picture."""
    request = pb.PlaceProductsRequest(consent_token=token, image=image, options=asked)
    return await pose.PlaceProducts(request, timeout=TIMEOUT_S)


async def test_glasses_sit_on_the_nose(pose: Any, token: str, astronaut_jpeg: bytes):
    """A placement in millimetres before the camera, its anchor between the eyes."""
    reply = await place(pose, token, astronaut_jpeg, options("GLS-1", screen_mesh=True))
    (placement,) = reply.placements
    matrix = np.array(placement.camera_from_item).reshape(4, 4).T
    assert matrix[3].tolist() == [0, 0, 0, 1]
    assert 200 < matrix[2, 3] < 2000
    assert placement.anchor.x == pytest.approx(0.437, abs=0.02)
    assert placement.anchor.y == pytest.approx(0.205, abs=0.03)
    assert placement.mesh.triangles
    assert len(placement.mesh.texture_id) == 64
    assert reply.intrinsics_source == pb.INTRINSICS_SOURCE_ASSUMED


async def test_a_mesh_names_a_texture_that_can_be_read(
    pose: Any, token: str, astronaut_jpeg: bytes
):
    """Without consent: its bytes are the asset's file, and the id is their hash."""
    reply = await place(pose, token, astronaut_jpeg, options("GLS-1", screen_mesh=True))
    named = reply.placements[0].mesh.texture_id
    for texture_id in (named, ""):
        request = pb.GetTextureRequest(sku="GLS-1", texture_id=texture_id)
        texture = await pose.GetTexture(request, timeout=TIMEOUT_S)
        assert hashlib.sha256(texture.data).hexdigest() == texture.texture_id == named
        assert texture.mime_type == "image/png"
        decoded = cv2.imdecode(np.frombuffer(texture.data, np.uint8), cv2.IMREAD_UNCHANGED)
        assert decoded.shape[2] == 4


@pytest.mark.parametrize(
    ("sku", "texture_id", "reason"),
    [
        ("GLS-1", "0" * 64, "TEXTURE_NOT_FOUND"),
        ("LIP-1", "", "TEXTURE_NOT_FOUND"),
        ("nothing", "", "PRODUCT_NOT_FOUND"),
        ("BOX-1", "", "TRY_ON_ASSET_MISSING"),
        ("BAD-1", "", "TRY_ON_ASSET_INVALID"),
    ],
)
async def test_a_texture_that_is_not_there_is_told_why(pose, sku, texture_id, reason):
    """An id of before, a colour, an unknown product and one that cannot be tried on."""
    request = pb.GetTextureRequest(sku=sku, texture_id=texture_id)
    error = await refused(pose.GetTexture(request, timeout=TIMEOUT_S))
    assert error.reason == reason


async def test_the_requests_lens_is_used(pose: Any, token: str, astronaut_jpeg: bytes):
    """With twice the focal length the face is twice as far away."""
    far = []
    for focal in (400.0, 800.0):
        lens = pb.CameraIntrinsics(
            focal_x_px=focal, focal_y_px=focal, center_x_px=256, center_y_px=256
        )
        reply = await place(pose, token, astronaut_jpeg, options("GLS-1", intrinsics=lens))
        assert reply.intrinsics_source == pb.INTRINSICS_SOURCE_REQUEST
        far.append(reply.placements[0].camera_from_item[14])
    assert far[1] / far[0] == pytest.approx(2.0, rel=0.05)


async def test_products_on_nobody_are_no_placements(pose: Any, token: str):
    """Nobody there: an empty list."""
    assert not (await place(pose, token, noise(), options("GLS-1"))).placements


@pytest.mark.parametrize(
    ("skus", "status", "reason"),
    [
        ([], "INVALID_ARGUMENT", "INVALID_INPUT"),
        (["GLS-1"] * 2, "INVALID_ARGUMENT", "INVALID_INPUT"),
        ([f"X-{i}" for i in range(11)], "INVALID_ARGUMENT", "INVALID_INPUT"),
        (["NOPE"], "NOT_FOUND", "PRODUCT_NOT_FOUND"),
        (["BOX-1"], "FAILED_PRECONDITION", "TRY_ON_ASSET_MISSING"),
        (["BAD-1"], "FAILED_PRECONDITION", "TRY_ON_ASSET_INVALID"),
    ],
)
async def test_products_that_cannot_be_tried_on(pose, token, astronaut_jpeg, skus, status, reason):
    """Each kind of wrong SKU has its own answer."""
    error = await refused(place(pose, token, astronaut_jpeg, options(*skus)))
    assert (error.status, error.reason) == (status, reason)


@pytest.mark.parametrize("mime_type", ["", "image/png"])
async def test_drawn_products_change_the_face_and_nothing_else(
    pose, token, astronaut, astronaut_jpeg, mime_type
):
    """RenderTryOn paints glasses and lips; the corners of the picture stay."""
    request = pb.RenderTryOnRequest(
        consent_token=token,
        image=astronaut_jpeg,
        options=options("GLS-1", "LIP-1"),
        mime_type=mime_type,
    )
    reply = await pose.RenderTryOn(request, timeout=TIMEOUT_S)
    assert reply.mime_type == (mime_type or "image/jpeg")
    drawn = cv2.imdecode(np.frombuffer(reply.image, np.uint8), cv2.IMREAD_COLOR_RGB)
    change = np.abs(drawn.astype(int) - astronaut).mean(axis=2)
    assert change[95:115, 195:250].mean() > 10  # eyes
    assert change[300:, :150].mean() < 4
    assert {placement.sku for placement in reply.placements} == {"GLS-1", "LIP-1"}
    assert not reply.placements[0].HasField("mesh")


async def test_another_type_of_picture_cannot_be_asked_for(pose, token, astronaut_jpeg):
    """GIF is not drawn."""
    request = pb.RenderTryOnRequest(
        consent_token=token,
        image=astronaut_jpeg,
        options=options("GLS-1"),
        mime_type="image/gif",
    )
    error = await refused(pose.RenderTryOn(request, timeout=TIMEOUT_S))
    assert [violation.field for violation in error.violations] == ["mime_type"]


# streams
