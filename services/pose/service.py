"""The gRPC adapter: consent, then unpack, call, pack."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import aclosing
from typing import Any

from services.pose import messages, pictures
from services.pose.consent import ConsentVerifier
from services.pose.placement import PlacementTracker
from services.pose.placement.types import LandmarkKind
from services.pose.rendering.live_masks import LiveMasks
from services.pose.stream import FrameAnswer, Session, StreamFrame, answer_frame
from services.pose.trackers import Networks, StreamTracker
from services.pose.tryon_asset import LoadedAsset
from services.pose.wardrobe import Wardrobe
from shared.errors import InvalidInput
from shared.image import Limits
from shared.mailbox import FrameOrder, Immediate, answer_newest
from shared.rpc import remaining_s
from shared.telemetry import Stages
from vitrine.v1 import pose_pb2, pose_pb2_grpc

NAME = "vitrine.v1.PoseService"

pb: Any = pose_pb2


class PoseService(pose_pb2_grpc.PoseServiceServicer):
    """PoseService over this process's networks.

    Args:
        networks: finders and trackers.
        consents: checks tokens.
        wardrobe: knows the products and their try-on assets.
        limits: of the image gate.
    """

    def __init__(
        self, networks: Networks, consents: ConsentVerifier, wardrobe: Wardrobe, limits: Limits
    ) -> None:
        self._networks = networks
        self._consents = consents
        self._wardrobe = wardrobe
        self._limits = limits

    async def EstimateLandmarks(self, request: Any, context: Any) -> Any:
        """Find landmarks in one picture."""
        self._consents.check(request.consent_token)
        kinds, most = messages.read_kinds(request), messages.read_most(request)
        mask, stages = request.person_mask, Stages()
        async with self._networks.finder() as finder:
            subjects, size_wh = await self._networks.run(
                pictures.estimate, finder, request.image, self._limits, kinds, most, mask, stages
            )
        reply = messages.landmark_response(subjects, size_wh)
        reply.provenance.CopyFrom(self._provenance(kinds, stages))
        return reply

    async def PlaceProducts(self, request: Any, context: Any) -> Any:
        """Say where products sit in one picture."""
        assets, placed, stages = await self._placed(request, context, drawing=False)
        return pb.PlaceProductsResponse(
            placements=[messages.placement_message(one) for one in placed.placements],
            intrinsics_source=int(placed.camera.source),
            intrinsics=messages.intrinsics_message(placed.camera),
            provenance=self._provenance(_needed(assets, request.options), stages),
        )

    async def RenderTryOn(self, request: Any, context: Any) -> Any:
        """Draw products into one picture."""
        pictures.checked_mime_type(request.mime_type)
        assets, placed, stages = await self._placed(request, context, drawing=True)
        mirrored = request.options.mirrored
        with stages("render"):
            drawn = await self._networks.run(pictures.render, placed, assets, mirrored)
        with stages("encode"):
            image, mime = await self._networks.run(pictures.encode, drawn, request.mime_type)
        asked = request.options.screen_mesh
        return pb.RenderTryOnResponse(
            image=image,
            mime_type=mime,
            placements=[messages.placement_message(one, mesh=asked) for one in placed.placements],
            provenance=self._provenance(_needed(assets, request.options), stages),
        )

    async def GetTexture(self, request: Any, context: Any) -> Any:
        """Read what a screen mesh is drawn with. It shows nobody: no consent is asked."""
        found = await self._wardrobe.texture(request.sku, request.texture_id, remaining_s(context))
        return messages.texture_response(found)

    async def TrackProducts(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        """Follow products over the frames of a camera."""
        async with self._networks.tracker() as tracker:
            work = _Work(self, tracker)
            arriving = work.arriving(requests)
            async with aclosing(answer_newest(arriving, work.answer)) as answers:
                async for answer, session in answers:
                    cards = self._networks.cards(session.kinds)
                    yield messages.frame_response(answer, cards)

    async def session(self, config: Any) -> Session:
        """What a configuration of a stream asks for; see ``TrackProductsConfig``."""
        consent = self._consents.check(config.consent_token)
        messages.check_options(config.options)
        assets = await self._wardrobe.assets(list(config.options.skus))
        options = config.options
        items = tuple(asset.item for asset in assets)
        follower = PlacementTracker(
            items, mirrored=options.mirrored, screen_mesh=options.screen_mesh
        )
        return Session(
            consent,
            items,
            follower,
            messages.read_intrinsics(options),
            options.reference_card,
            LiveMasks(items) if options.screen_mesh else None,
            options.hands,
        )

    async def answer(self, frame: StreamFrame, tracker: StreamTracker, dropped: int) -> FrameAnswer:
        """Look at one frame of a stream."""
        self._consents.check_unexpired(frame.session.consent)
        return await self._networks.run(answer_frame, frame, tracker, self._limits, dropped)

    async def _placed(
        self, request: Any, context: Any, *, drawing: bool
    ) -> tuple[list[LoadedAsset], pictures.Placed, Stages]:
        self._consents.check(request.consent_token)
        messages.check_options(request.options)
        options, stages = request.options, Stages()
        with stages("assets"):
            assets = await self._wardrobe.assets(list(options.skus), remaining_s(context))
        wanted = pictures.Wanted(
            tuple(asset.item for asset in assets),
            messages.read_intrinsics(options),
            mirrored=options.mirrored,
            screen_mesh=options.screen_mesh or drawing,
            reference_card=options.reference_card,
            person_mask=drawing,
            hands=options.hands,
        )
        async with self._networks.finder() as finder:
            placed = await self._networks.run(
                pictures.place_in_picture, finder, request.image, self._limits, wanted, stages
            )
        return assets, placed, stages

    def _provenance(self, kinds: Collection[LandmarkKind], stages: Stages) -> Any:
        return messages.provenance(self._networks.cards(kinds), stages.as_ms())


class _Work:
    """One stream between the wire and the tracker."""

    def __init__(self, service: PoseService, tracker: StreamTracker) -> None:
        self._service = service
        self._tracker = tracker

    async def arriving(
        self, requests: AsyncIterator[Any]
    ) -> AsyncIterator[StreamFrame | Immediate[tuple[FrameAnswer, Session]]]:
        """Frames in order, each with its session; those out of order as refusals."""
        session, order = None, FrameOrder()
        async for request in requests:
            if request.WhichOneof("message") == "config":
                session = await self._service.session(request.config)
                continue
            if session is None:
                raise InvalidInput(
                    "the first message of a stream must be its config",
                    reason="STREAM_CONFIG_MISSING",
                )
            frame = request.frame
            try:
                order.check(frame.seq, frame.capture_time_us)
            except InvalidInput as refusal:
                refused = FrameAnswer(frame.seq, frame.capture_time_us, refusal=refusal)
                yield Immediate((refused, session))
                continue
            yield StreamFrame(frame.seq, frame.capture_time_us, frame.image, session)

    async def answer(self, frame: StreamFrame, dropped: int) -> tuple[FrameAnswer, Session]:
        """Answer one frame."""
        return await self._service.answer(frame, self._tracker, dropped), frame.session


def _needed(assets: Collection[LoadedAsset], options: Any) -> frozenset[LandmarkKind]:
    return pictures.needed([asset.item for asset in assets], hands=options.hands)
