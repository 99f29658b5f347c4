"""Importing a feed until it can be searched, against decoding and embedding its images alone."""

from __future__ import annotations

import csv
import os
import tempfile
import time
from pathlib import Path

import grpc
from rich.console import Console

from services.visual_search.embedding.embedder import Embedder, open_embedder
from shared.config import read_settings
from shared.demo.writing import write_demo
from shared.image import decode
from tests.benchmarks.tables import Bar, print_bars
from tests.shop import Shop, running_shop
from vitrine.v1 import visual_search_pb2, visual_search_pb2_grpc

DATA = Path(os.environ.get("VITRINE_DATA", Path(__file__).parents[3] / "shared" / "data"))
PHOTOS = 1200
BATCH = 8


def photos(folder: Path) -> list[Path]:
    """Real photos where the evaluation data is there, else the demo's."""
    found = sorted((DATA / "grocery" / "train").rglob("*.jpg"))[::2][:PHOTOS]
    if not found:
        write_demo(folder / "demo")
        found = sorted((folder / "demo" / "images").glob("*.jpg"))
    return found


def write_feed(paths: list[Path], feed: Path) -> None:
    """One product a photo, as a Google Merchant TSV."""
    with feed.open("w", newline="") as file:
        rows = csv.writer(file, delimiter="\t")
        rows.writerow(["id", "title", "image_link", "price"])
        rows.writerows(
            [f"P{n}", f"Product {n}", str(path.resolve()), "1.00 EUR"]
            for n, path in enumerate(paths)
        )


def embedding_seconds(embedder: Embedder, paths: list[Path]) -> float:
    """Decode and embed, and nothing else."""
    side = 2 * max(embedder.card.input_size)
    start = time.perf_counter()
    for first in range(0, len(paths), BATCH):
        batch = [decode(path.read_bytes(), max_side=side) for path in paths[first : first + BATCH]]
        embedder.embed([one.image_rgb for one in batch])
    return time.perf_counter() - start


def import_seconds(shop: Shop, feed: Path) -> float:
    """From the start of `vitrine import` until visual search has applied its revision."""
    start = time.perf_counter()
    revision = shop.json("import", feed, "--allow-outside")["revision"]
    with grpc.insecure_channel(shop.environment["VITRINE_SEARCH_ADDRESS"]) as channel:
        search = visual_search_pb2_grpc.VisualSearchServiceStub(channel)
        request = visual_search_pb2.GetIndexStatusRequest()
        while search.GetIndexStatus(request).applied_revision < revision:
            time.sleep(0.02)
    return time.perf_counter() - start


def main() -> int:
    """Import on running services; before and after, embed the same photos in this process."""
    settings = read_settings()
    embedder = open_embedder(settings.embedder, threads=settings.threads)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = photos(folder)
        write_feed(paths, folder / "feed.tsv")
        embedding_seconds(embedder, paths[:BATCH])
        before = embedding_seconds(embedder, paths)
        with Console().status(f"importing {len(paths)} photos"), running_shop(folder) as shop:
            imported = import_seconds(shop, folder / "feed.tsv")
        alone = (before + embedding_seconds(embedder, paths)) / 2
    detail = f"{len(paths)} photos, {embedder.card.id}: {alone:.1f} s / {imported:.1f} s"
    return print_bars(
        "import", [Bar("embedding alone / import", alone / imported, ">=", 0.8, detail)]
    )
