"""A search that was answered before, against the same search computed anew."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import grpc

from shared.image import decode, encode_jpeg
from tests.benchmarks.tables import Bar, percentile, print_bars
from tests.shop import Shop, running_shop
from vitrine.v1 import scanning_pb2, scanning_pb2_grpc

ROUNDS = 25


def variants(photo: Path) -> list[bytes]:
    """The same picture in as many files, so that each misses once."""
    image = decode(photo.read_bytes(), max_side=1280).image_rgb
    return [encode_jpeg(image, quality) for quality in range(70, 70 + ROUNDS)]


def timed(scanning: scanning_pb2_grpc.ScanningServiceStub, image: bytes) -> tuple[float, bool]:
    """Milliseconds of one scan, and whether it came from the cache."""
    start = time.perf_counter()
    reply = scanning.ScanImage(scanning_pb2.ScanImageRequest(image=image), timeout=30)
    return (time.perf_counter() - start) * 1000, reply.provenance.cached


def measure(shop: Shop) -> tuple[list[float], list[float]]:
    """Milliseconds of the misses and of the hits, each picture once either way."""
    misses, hits = [], []
    with grpc.insecure_channel(shop.environment["VITRINE_SCANNING_ADDRESS"]) as channel:
        scanning = scanning_pb2_grpc.ScanningServiceStub(channel)
        for image in variants(shop.demo / "photos" / "barcode.jpg"):
            (miss, missed), (hit, was_hit) = timed(scanning, image), timed(scanning, image)
            assert not missed
            assert was_hit
            misses.append(miss)
            hits.append(hit)
    return misses, hits


def main() -> int:
    """Scan each picture twice on running services."""
    with tempfile.TemporaryDirectory() as name, running_shop(Path(name), "--demo", "demo") as shop:
        misses, hits = measure(shop)
    hit, miss = percentile(hits, 0.5), percentile(misses, 0.5)
    detail = f"p50 of {ROUNDS}: {hit:.1f} ms / {miss:.1f} ms"
    return print_bars("cache", [Bar("hit / miss", hit / miss, "<=", 0.15, detail)])
