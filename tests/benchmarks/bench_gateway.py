"""What the door costs: REST beside gRPC, WebSocket beside the stream, in the same run.

Each service is a process of its own, as in production. Calls alternate, so that a noisy
machine is noisy for both sides alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import skimage.data
from websockets.asyncio.client import connect

from services.gateway.json_mapping import to_object
from services.gateway.transcoding import to_json
from shared.config import read_settings
from shared.errors import NotReady
from shared.models.mediapipe_bundles import BUNDLES, installed_bundle
from shared.rpc import is_serving, open_channel
from tests.benchmarks.tables import Bar, percentile, print_bars
from tests.pose.assets import glasses_png
from tests.shop import environment_of
from vitrine.v1 import (
    catalog_pb2,
    catalog_pb2_grpc,
    pose_pb2,
    pose_pb2_grpc,
    scanning_pb2,
    scanning_pb2_grpc,
    shopper_pb2,
    shopper_pb2_grpc,
    types_pb2,
)

SERVICES = {
    "catalog": ("services.catalog", "vitrine.v1.CatalogService"),
    "search": ("services.visual_search", "vitrine.v1.VisualSearchService"),
    "scanning": ("services.scanning", "vitrine.v1.ScanningService"),
    "pose": ("services.pose", "vitrine.v1.PoseService"),
}
ROUNDS = 60
STREAM_S = 6.0
WARM_UP, ON_THE_WAY = 10, 3
OVERHEAD_MS, STREAM_SHARE = 5.0, 0.9
READY_S = 60.0
JPEG = {"content-type": "image/jpeg"}

Call = Callable[[bytes], Awaitable[Any]]
Send = Callable[[int], Awaitable[None]]


def _picture(seed: int) -> bytes:
    """A 1280x720 frame with something on it, different for each seed."""
    noise = np.random.default_rng(seed)
    image = np.full((720, 1280, 3), 200, np.uint8)
    for _ in range(12):
        corner = noise.integers(0, (1100, 600))
        colour = tuple(int(value) for value in noise.integers(0, 255, 3))
        cv2.rectangle(image, corner.tolist(), (corner + 110).tolist(), colour, -1)
    return cv2.imencode(".jpg", image)[1].tobytes()


@contextlib.contextmanager
def _process(module: str, environment: dict[str, str]) -> Iterator[None]:
    quiet = {"VITRINE_LOG_LEVEL": "ERROR"}
    process = subprocess.Popen([sys.executable, "-m", module], env=environment | quiet)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextlib.asynccontextmanager
async def _shop(folder: Path, services: list[str]) -> AsyncIterator[dict[str, str]]:
    """Processes of the services and the gateway; yields the environment."""
    environment = environment_of(folder)
    with contextlib.ExitStack() as stack:
        for name in services:
            stack.enter_context(_process(SERVICES[name][0], environment))
        stack.enter_context(_process("services.gateway", environment))
        async with asyncio.timeout(READY_S):
            for name in services:
                await _until_serving(environment, name)
            await _until_healthy(environment)
        yield environment


async def _until_serving(environment: dict[str, str], name: str) -> None:
    async with open_channel(environment[f"VITRINE_{name.upper()}_ADDRESS"]) as channel:
        while not await is_serving(channel, SERVICES[name][1]):
            await asyncio.sleep(0.1)


async def _until_healthy(environment: dict[str, str]) -> None:
    async with httpx.AsyncClient() as client:
        while True:
            with contextlib.suppress(httpx.TransportError):
                await client.get(f"http://{environment['VITRINE_GATEWAY_LISTEN']}/healthz")
                return
            await asyncio.sleep(0.1)


async def _fill(environment: dict[str, str], folder: Path) -> None:
    asset = folder / "glasses.png"
    asset.write_bytes(glasses_png())
    points = {
        "bridge": types_pb2.Point(x=0.5, y=0.35),
        "left_hinge": types_pb2.Point(x=0.02, y=0.25),
        "right_hinge": types_pb2.Point(x=0.98, y=0.25),
    }
    worn = catalog_pb2.TryOnAsset(
        kind=catalog_pb2.TRY_ON_KIND_GLASSES, uri=str(asset), width_mm=140, points=points
    )
    product = catalog_pb2.Product(sku="GLS-1", title="Glasses", try_on_asset=worn)
    async with open_channel(environment["VITRINE_CATALOG_ADDRESS"]) as channel:
        stub: Any = catalog_pb2_grpc.CatalogServiceStub(channel)
        await stub.UpsertProducts(iter([catalog_pb2.UpsertProductsRequest(product=product)]))


async def _timed(call: Call, image: bytes) -> float:
    start = time.perf_counter()
    await call(image)
    return (time.perf_counter() - start) * 1e3


def _unseen(image: bytes, number: int) -> bytes:
    """The same picture under other bytes: a JPEG comment keeps it out of the cache."""
    comment = number.to_bytes(4)
    return image[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment + image[2:]


async def _overhead(environment: dict[str, str], *, unseen: bool) -> Bar:
    """Median of what REST takes more than gRPC for one picture; who is first takes turns."""
    address = f"http://{environment['VITRINE_GATEWAY_LISTEN']}"
    async with (
        open_channel(environment["VITRINE_SCANNING_ADDRESS"]) as channel,
        httpx.AsyncClient(base_url=address, timeout=30, headers=JPEG) as client,
    ):
        stub: Any = scanning_pb2_grpc.ScanningServiceStub(channel)

        async def grpc_scan(image: bytes) -> None:
            await stub.ScanImage(scanning_pb2.ScanImageRequest(image=image))

        async def rest_scan(image: bytes) -> None:
            (await client.post("/v1/scan", content=image)).raise_for_status()

        pairs = []
        for turn in range(ROUNDS + WARM_UP):
            taken = {}
            for call in (grpc_scan, rest_scan)[:: 1 if turn % 2 else -1]:
                number = 2 * turn + (call is rest_scan)
                image = _unseen(_picture(turn), number) if unseen else _picture(0)
                taken[call] = await _timed(call, image)
            pairs.append((taken[grpc_scan], taken[rest_scan]))
    direct, door = (percentile([pair[side] for pair in pairs[WARM_UP:]], 0.5) for side in (0, 1))
    return Bar(
        f"REST scan over gRPC scan, {'new pictures' if unseen else 'the same picture'}, p50 ms",
        percentile([rest - direct for direct, rest in pairs[WARM_UP:]], 0.5),
        "<=",
        OVERHEAD_MS,
        f"p50 of {ROUNDS} pairs; alone {door:.1f} and {direct:.1f}",
    )


async def _consent(environment: dict[str, str]) -> str:
    async with open_channel(environment["VITRINE_POSE_ADDRESS"]) as channel:
        stub: Any = shopper_pb2_grpc.ShopperServiceStub(channel)
        request = shopper_pb2.GrantConsentRequest(scopes=[shopper_pb2.CONSENT_SCOPE_POSE])
        return str((await stub.GrantConsent(request)).consent_token)


async def _rate(send: Send, receive: Callable[[], Awaitable[int]], pace_s: float) -> float:
    """Answers a second while ``ON_THE_WAY`` frames are: two being worked on, one that waits.

    Frames come no faster than one in ``pace_s``, as from a camera.
    """
    sent = answered = answers = 0
    start = due = time.perf_counter()
    while answers <= WARM_UP or time.perf_counter() - start < STREAM_S:
        while sent - answered < ON_THE_WAY:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            due = max(due, time.perf_counter()) + pace_s
            sent += 1
            await send(sent)
        answered = await receive()
        answers += 1
        if answers == WARM_UP:
            start = time.perf_counter()
    return (answers - WARM_UP) / (time.perf_counter() - start)


async def _direct_rate(
    environment: dict[str, str], config: Any, image: bytes, pace_s: float
) -> float:
    async with open_channel(environment["VITRINE_POSE_ADDRESS"]) as channel:
        stub: Any = pose_pb2_grpc.PoseServiceStub(channel)
        call = stub.TrackProducts()
        await call.write(pose_pb2.TrackProductsRequest(config=config))

        async def send(seq: int) -> None:
            frame = pose_pb2.TrackProductsFrame(seq=seq, capture_time_us=seq * 33_000, image=image)
            await call.write(pose_pb2.TrackProductsRequest(frame=frame))

        async def receive() -> int:
            return int((await call.read()).seq)

        try:
            return await _rate(send, receive, pace_s)
        finally:
            call.cancel()


async def _socket_rate(
    environment: dict[str, str], config: Any, image: bytes, pace_s: float
) -> float:
    url = f"ws://{environment['VITRINE_GATEWAY_LISTEN']}/v1/tryon"
    async with connect(url, max_size=None, compression=None) as socket:
        await socket.send(to_json(to_object(config)).decode())

        async def send(seq: int) -> None:
            header = to_json({"seq": seq, "capture_time_us": seq * 33_000})
            await socket.send(len(header).to_bytes(4) + header + image)

        async def receive() -> int:
            return int(json.loads(await socket.recv())["answer"]["seq"])

        return await _rate(send, receive, pace_s)


async def _mirror(environment: dict[str, str], pace_s: float, name: str) -> Bar:
    """Frames a second through the door, as a share of the service's own."""
    portrait = cv2.cvtColor(np.ascontiguousarray(skimage.data.astronaut()), cv2.COLOR_RGB2BGR)
    image = cv2.imencode(".jpg", portrait)[1].tobytes()
    config = pose_pb2.TrackProductsConfig(
        consent_token=await _consent(environment),
        options=pose_pb2.PlacementOptions(skus=["GLS-1"], screen_mesh=True),
    )
    direct, door = [], []
    for _ in range(2):
        direct.append(await _direct_rate(environment, config, image, pace_s))
        door.append(await _socket_rate(environment, config, image, pace_s))
    return Bar(
        f"mirror over WebSocket, share of the stream's rate, {name}",
        sum(door) / sum(direct),
        ">=",
        STREAM_SHARE,
        f"{sum(door) / 2:.1f} of {sum(direct) / 2:.1f} frames a second, mesh included",
    )


def _models() -> Path | None:
    folder = read_settings().state_dir / "models"
    try:
        for name in BUNDLES:
            installed_bundle(name, folder)
    except NotReady:
        return None
    return folder


async def _measure(folder: Path, models: Path | None) -> list[Bar]:
    services = [name for name in SERVICES if models or name != "pose"]
    if models:
        (folder / "models").symlink_to(models)
    async with _shop(folder, services) as environment:
        await _fill(environment, folder)
        bars = [await _overhead(environment, unseen=unseen) for unseen in (True, False)]
        if models:
            bars.append(await _mirror(environment, 1 / 30, "camera of 30 a second"))
            bars.append(await _mirror(environment, 0.0, "as fast as it goes"))
        return bars


def main() -> int:
    """Measure, print, and count the bars that were missed."""
    models = _models()
    if models is None:
        print("bench_gateway: no mirror, its models are missing; `vitrine models` gets them")
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    with tempfile.TemporaryDirectory() as name:
        return print_bars("gateway", asyncio.run(_measure(Path(name), models)))


if __name__ == "__main__":
    sys.exit(main())
