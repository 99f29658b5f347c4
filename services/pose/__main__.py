"""Start pose: ``python -m services.pose``. Composition, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

import cv2
import grpc.aio
from jwt import PyJWK

from services.pose.consent import ConsentVerifier, DevelopmentIssuer, read_keys
from services.pose.development_consent import DevelopmentConsentService
from services.pose.service import NAME, PoseService
from services.pose.trackers import Networks
from services.pose.tryon_asset import AssetShelf
from services.pose.wardrobe import Wardrobe
from shared.config import Settings, read_settings
from shared.image import Limits
from shared.privacy import forbid_egress
from shared.rpc import Servicer, open_channel, serve
from shared.telemetry import configure_logging
from vitrine.v1 import catalog_pb2_grpc, pose_pb2_grpc, shopper_pb2_grpc


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[Servicer]:
    """Open the networks, the keys of consent and the channel to the catalogue.

    Closes this process's outgoing HTTP, since MediaPipe would report its use.
    """
    forbid_egress()
    issuer, keys = _consent_keys(settings)
    limits = Limits(settings.max_image_bytes, int(settings.max_image_megapixels * 1e6))
    networks = Networks(
        settings.state_dir / "models", streams=settings.pose_trackers, threads=settings.threads
    )
    async with open_channel(settings.catalog_address) as channel:
        wardrobe = Wardrobe(catalog_pb2_grpc.CatalogServiceStub(channel), AssetShelf())
        service = PoseService(networks, ConsentVerifier(keys), wardrobe, limits)
        try:
            yield Servicer(NAME, partial(_add, service, issuer), networks.is_ready)
        finally:
            networks.close()


def _consent_keys(settings: Settings) -> tuple[DevelopmentIssuer | None, Mapping[str, PyJWK]]:
    """The development issuer, if there is one, and the keys whose tokens count."""
    if settings.consent_keys:
        return None, read_keys(settings.consent_keys)
    issuer = DevelopmentIssuer.open(settings.consent_dir)
    return issuer, issuer.keys


def _add(service: PoseService, issuer: DevelopmentIssuer | None, server: grpc.aio.Server) -> None:
    pose_pb2_grpc.add_PoseServiceServicer_to_server(service, server)
    if issuer:
        shopper_pb2_grpc.add_ShopperServiceServicer_to_server(
            DevelopmentConsentService(issuer), server
        )


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    settings = read_settings()
    configure_logging(settings.log_level, json=settings.log_json)
    cv2.setNumThreads(1)
    composition = partial(open_service, settings)
    asyncio.run(serve(settings.pose_listen, composition, max_in_flight=settings.max_in_flight))


if __name__ == "__main__":
    main()
