"""A scan end to end over gRPC, against the sum of its kernels run alone.

Kernels: decode the JPEG, read its codes, propose regions, embed them, search the index for
their vectors, and compare local features where the services did. Everything between them
(two services, the wire, pooling, deciding, offers) is what the ratio shows.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import grpc

from services.scanning.barcodes import read_codes
from services.scanning.regions import propose_regions
from services.visual_search.__main__ import open_generations
from services.visual_search.embedding.embedder import generation_name, open_embedder
from services.visual_search.index.products import ProductIndex
from shared.config import read_settings
from shared.image import crop, decode, encode_jpeg
from shared.image_pixels import Rgb
from tests.benchmarks.tables import Bar, percentile, print_bars
from tests.shop import Shop, running_shop
from vitrine.v1 import scanning_pb2, scanning_pb2_grpc

PHOTO = "barcode.jpg"
ROUNDS = 25
SIZE_WH = (1280, 720)
DEPTH = 100
WHOLE = (0.0, 0.0, 1.0, 1.0)


def frames(photo: Path) -> list[bytes]:
    """The picture as so many different 720p JPEGs, so that nothing is cached."""
    image = cv2.resize(decode(photo.read_bytes()).image_rgb, SIZE_WH, interpolation=cv2.INTER_AREA)
    return [encode_jpeg(image, quality) for quality in range(95 - ROUNDS, 95)]


def p50_ms(calls: list[Callable[[], object]]) -> float:
    """Median wall-clock milliseconds of the calls."""
    taken = []
    for call in calls:
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1000)
    return percentile(taken, 0.5)


def end_to_end_ms(shop: Shop, images: list[bytes]) -> tuple[float, float]:
    """Medians of ScanImage on running services, and of its comparing of local features."""
    with grpc.insecure_channel(shop.environment["VITRINE_SCANNING_ADDRESS"]) as channel:
        scanning = scanning_pb2_grpc.ScanningServiceStub(channel)
        requests = [scanning_pb2.ScanImageRequest(image=image) for image in images]
        scanning.ScanImage(requests[0], timeout=60)
        replies: list[scanning_pb2.ScanImageResponse] = []
        whole = p50_ms(
            [
                lambda r=one: replies.append(scanning.ScanImage(r, timeout=60))
                for one in requests[1:]
            ]
        )
    compared = [stage_ms(reply, "verify") + stage_ms(reply, "find") for reply in replies]
    return whole, percentile(compared, 0.5)


def stage_ms(reply: scanning_pb2.ScanImageResponse, stage: str) -> float:
    """Milliseconds of one stage of a reply; 0 = it did not run."""
    return sum(one.duration_ms for one in reply.provenance.timings if one.stage == stage)


def regions_of(image_rgb: Rgb) -> list[Rgb]:
    """What scanning has embedded: the whole picture and the proposed regions."""
    return [crop(image_rgb, box) for box in [WHOLE, *propose_regions(image_rgb)]]


def kernels_ms(state_dir: Path, images: list[bytes]) -> dict[str, float]:
    """Median of each kernel alone, on the index that the services have built."""
    os.environ["VITRINE_STATE_DIR"] = str(state_dir)
    settings = read_settings()
    embedder = open_embedder(settings.embedder, threads=settings.threads)
    decoded = [decode(image).image_rgb for image in images]
    crops = [regions_of(image) for image in decoded]
    generations = open_generations(settings)
    index = ProductIndex(generations.open(generation_name(embedder.card), embedder.card.dims))
    vectors = [embedder.embed(one) for one in crops]
    taken = {
        "decode": p50_ms([lambda i=i: decode(i) for i in images]),
        "codes": p50_ms([lambda i=i: read_codes(i) for i in decoded]),
        "regions": p50_ms([lambda i=i: propose_regions(i) for i in decoded]),
        "embed": p50_ms([lambda c=c: embedder.embed(c) for c in crops]),
        "search": p50_ms([lambda v=v: index.nearest(v, DEPTH) for v in vectors]),
    }
    generations.close()
    return taken


def main() -> int:
    """Scan on running services, then run the kernels on the same pictures in this process."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_shop(folder, "--demo", "demo") as shop:
            images = frames(shop.demo / "photos" / PHOTO)
            whole, verify = end_to_end_ms(shop, images)
        kernels = kernels_ms(folder / "state", images) | {"verify": verify}
    total = sum(kernels.values())
    detail = f"{whole:.1f} ms / {total:.1f} ms = " + ", ".join(
        f"{kernel} {taken:.1f}" for kernel, taken in kernels.items()
    )
    return print_bars("scan", [Bar("scan / kernels, p50", whole / total, "<=", 1.15, detail)])
