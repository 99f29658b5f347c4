"""A real face, the real models, and pose with a real catalogue over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data

from services.catalog.__main__ import open_service as open_catalog
from services.pose.__main__ import open_service as open_pose
from services.pose.consent import DevelopmentIssuer
from services.pose.landmarks import LandmarkFinder
from shared.config import Settings, read_settings
from shared.image import encode_jpeg
from shared.privacy import forbid_egress
from shared.rpc import RunningServer, open_channel, socket_path, start_server
from tests.pose.assets import glasses_png
from vitrine.v1 import catalog_pb2, catalog_pb2_grpc, pose_pb2_grpc, types_pb2

GLASSES = catalog_pb2.TRY_ON_KIND_GLASSES
LIPSTICK = catalog_pb2.TRY_ON_KIND_LIPSTICK


@pytest.fixture(scope="session")
def astronaut() -> np.ndarray:
    """Eileen Collins, (512, 512, 3) uint8 (NASA, public domain)."""
    return np.ascontiguousarray(skimage.data.astronaut())


@pytest.fixture(scope="session")
def astronaut_jpeg(astronaut: np.ndarray) -> bytes:
    """The same as a file."""
    return encode_jpeg(astronaut, 95)


@pytest.fixture(scope="session")
def finder(models_dir: Path) -> Iterator[LandmarkFinder]:
    """Finder over the real models."""
    forbid_egress()
    opened = LandmarkFinder(models_dir)
    yield opened
    opened.close()


@pytest.fixture
def settings(tmp_path: Path, models_dir: Path) -> Settings:
    """Settings of a fresh state folder that has the models, for two streams at most."""
    (tmp_path / "models").symlink_to(models_dir)
    return read_settings(
        state_dir=tmp_path,
        catalog_address=socket_path(tmp_path, "catalog"),
        pose_trackers=2,
        threads=1,
    )


@pytest.fixture
def token(settings: Settings) -> str:
    """Consent for pose."""
    return DevelopmentIssuer.open(settings.consent_dir).issue("shopper-1", ["pose"], 600)[0]


def _products(folder: Path) -> list[Any]:
    picture = folder / "glasses.png"
    picture.write_bytes(glasses_png())
    points = {
        "bridge": types_pb2.Point(x=0.5, y=0.35),
        "left_hinge": types_pb2.Point(x=0.02, y=0.25),
        "right_hinge": types_pb2.Point(x=0.98, y=0.25),
    }
    glasses = {"kind": GLASSES, "uri": str(picture), "width_mm": 140, "points": points}
    broken = glasses | {"width_mm": 9000}
    assets = {
        "GLS-1": catalog_pb2.TryOnAsset(**glasses),
        "LIP-1": catalog_pb2.TryOnAsset(kind=LIPSTICK, color="#b3202e"),
        "BAD-1": catalog_pb2.TryOnAsset(**broken),
        "BOX-1": None,
    }
    return [
        catalog_pb2.Product(sku=sku, title=sku, try_on_asset=asset) for sku, asset in assets.items()
    ]


async def fill(address: str, folder: Path) -> None:
    """Put a few products into a catalogue; their pictures go into the folder."""
    async with open_channel(address) as channel:
        catalog = catalog_pb2_grpc.CatalogServiceStub(channel)
        requests = [
            catalog_pb2.UpsertProductsRequest(product=product) for product in _products(folder)
        ]
        reply = await catalog.UpsertProducts(iter(requests), timeout=30)
        assert not reply.rejections, reply


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[RunningServer]:
    """Pose on a socket, beside a catalogue that holds something to try on."""
    async with open_catalog(settings) as catalog, open_pose(settings) as pose:
        catalog_server = await start_server(settings.catalog_address, [catalog])
        await fill(settings.catalog_address, settings.state_dir)
        pose_server = await start_server(socket_path(settings.state_dir, "pose"), [pose])
        yield pose_server
        await pose_server.stop(0.2)
        await catalog_server.stop(0.2)


@pytest.fixture
async def pose(server: RunningServer) -> AsyncIterator[Any]:
    """A ``PoseServiceStub``."""
    async with open_channel(server.address) as channel:
        yield pose_pb2_grpc.PoseServiceStub(channel)


def shrunk(image_rgb: np.ndarray, factor: float) -> np.ndarray:
    """A picture scaled down on a grey canvas of the old size."""
    small = cv2.resize(image_rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    canvas = np.full_like(image_rgb, 127)
    canvas[: small.shape[0], : small.shape[1]] = small
    return canvas
