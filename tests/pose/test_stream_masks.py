"""Masks in the answers of streams: what hides a product, and what is looked for on request."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from services.pose.landmarks import LandmarkFinder
from services.pose.placement.types import LandmarkKind
from shared.image import encode_jpeg
from tests.long_hair import camera_frame, long_haired, noisy
from tests.pose.streams import Stream, frame, options
from tests.pose.test_service import place
from vitrine.v1 import pose_pb2 as pb

SIZE_WH = (640, 360)


@pytest.fixture(scope="session")
def long_hair() -> list[bytes]:
    """Frames of a camera before a person whose hair falls over her temples."""
    image = long_haired()
    return [
        encode_jpeg(noisy(camera_frame(image, SIZE_WH, 1.8, number / 50), number), 90)
        for number in range(6)
    ]


@pytest.fixture(scope="session")
def eyes_xy(finder: LandmarkFinder, long_hair: list[bytes]) -> np.ndarray:
    """Where her irises are in the last frame, 0..1."""
    image = cv2.imdecode(np.frombuffer(long_hair[-1], np.uint8), cv2.IMREAD_COLOR)
    rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
    (face,) = finder.find(rgb, [LandmarkKind.FACE]).faces
    return face.points[[468, 473], :2]


async def _answers(pose, token, images, **fields: Any) -> list:
    async with Stream(pose, token, "GLS-1", **fields) as stream:
        return [await stream.ask(frame(seq, image)) for seq, image in enumerate(images, 1)]


def _mask(answer) -> np.ndarray:
    data = np.frombuffer(answer.placements[0].mesh.mask_png, np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))


async def test_every_answer_says_what_the_hair_hides(pose, token, long_hair, eyes_xy):
    """A mask of the frame's aspect: hidden beside the face, drawn over the eyes."""
    answers = await _answers(pose, token, long_hair, screen_mesh=True)
    masks = [_mask(answer) for answer in answers]
    assert {mask.shape for mask in masks} == {(144, 256)}
    x, y = (eyes_xy * (256, 144)).T
    width = float(np.ptp(x))
    assert (masks[-1][y.astype(int), x.astype(int)] == 255).all()
    beside = [x.min() - 0.95 * width, x.max() + 0.95 * width]
    assert (masks[-1][round(float(y.mean())), np.rint(beside).astype(int)] < 60).all()
    assert "masks" in [one.stage for one in answers[-1].provenance.timings]


async def test_a_stream_without_meshes_makes_no_masks(pose, token, long_hair):
    """Nobody pays for what nobody draws."""
    (answer,) = await _answers(pose, token, long_hair[:1])
    assert not answer.placements[0].HasField("mesh")
    assert "masks" not in [one.stage for one in answer.provenance.timings]


async def test_short_hair_hides_nothing(pose, token, astronaut_jpeg):
    """Her own hair ends above the jaw: the mask stays empty, which means: draw all."""
    (answer,) = await _answers(pose, token, [astronaut_jpeg], screen_mesh=True)
    assert answer.placements[0].mesh.triangles
    assert answer.placements[0].mesh.mask_png == b""


async def test_the_same_frames_give_the_same_masks(pose, token, long_hair):
    """Byte by byte."""
    first, second = [
        [
            one.placements[0].mesh.mask_png
            for one in await _answers(pose, token, long_hair, screen_mesh=True)
        ]
        for _ in range(2)
    ]
    assert first == second
    assert all(first)


async def test_hands_are_looked_for_only_on_request(pose, token, astronaut_jpeg):
    """The hand model answers for a stream of glasses only where hands were asked for."""
    for hands in (False, True):
        (answer,) = await _answers(pose, token, [astronaut_jpeg], screen_mesh=True, hands=hands)
        models = {one.id for one in answer.provenance.models}
        assert any("hand" in one for one in models) is hands


async def test_a_single_picture_looks_for_hands_on_request_too(pose, token, astronaut_jpeg):
    """The same option means the same."""
    for hands in (False, True):
        asked = options("GLS-1", screen_mesh=True, hands=hands)
        reply = await place(pose, token, astronaut_jpeg, asked)
        assert any("hand" in one.id for one in reply.provenance.models) is hands
        assert reply.placements[0].state == pb.TRACKING_STATE_UNSPECIFIED
