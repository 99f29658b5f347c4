"""The vector index at 100,000 products: memory of the service, latency, recall under filters."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import grpc
import numpy as np
from rich.console import Console

from services.visual_search.embedding.embedder import Embedder, generation_name, open_embedder
from services.visual_search.index.edge import EdgeGenerations
from services.visual_search.index.products import IndexedProduct, ProductFilter, ProductIndex
from services.visual_search.index.vector_store import EVERYTHING, Where
from shared.image import encode_jpeg
from tests.benchmarks.tables import Bar, percentile, print_bars
from tests.servers import free_port
from vitrine.v1 import visual_search_pb2, visual_search_pb2_grpc

PRODUCTS = 100_000
BATCH = 250
QUERIES = 40
TOP = 10
MEGABYTE = 1 << 20
FILTERS = {
    "all": ProductFilter(),
    "1 in 2": ProductFilter(attributes={"half": ("0",)}),
    "1 in 20": ProductFilter(brands=("brand 0",)),
    "1 in 1000": ProductFilter(attributes={"batch": ("0",)}),
}
KEPT = {"all": 1, "1 in 2": 2, "1 in 20": 20, "1 in 1000": 1000}


def vectors(dims: int) -> np.ndarray:
    """Vectors (N, D) of all products: photos of similar things lie together."""
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(500, dims))
    cloud = centres[rng.integers(500, size=PRODUCTS)] + 0.7 * rng.normal(size=(PRODUCTS, dims))
    return (cloud / np.linalg.norm(cloud, axis=1, keepdims=True)).astype(np.float32)


def product(number: int, vector: np.ndarray) -> IndexedProduct:
    """A product with one image, and fields as long as real ones."""
    return IndexedProduct(
        sku=f"SKU-{number:07d}",
        title=f"Product {number} of collection {number % 700}",
        brand=f"Brand {number % 20}",
        category_path=("Shop", f"Department {number % 12}", f"Shelf {number % 150}"),
        attributes={
            "half": str(number % 2),
            "batch": str(number % 1000),
            "color": f"tone {number % 15}",
        },
        price_micros=(1 + number % 500) * 990_000,
        currency="EUR",
        document=b"x" * 600,
        vectors={f"{number:064x}": vector},
    )


def fill(index: ProductIndex, all_vectors: np.ndarray) -> float:
    """Index everything; the seconds it took."""
    start = time.perf_counter()
    for first in range(0, PRODUCTS, BATCH):
        batch = range(first, first + BATCH)
        index.apply([product(n, all_vectors[n]) for n in batch], [], first + BATCH)
    return time.perf_counter() - start


def measure(
    index: ProductIndex, where: Where, every: int, all_vectors: np.ndarray
) -> tuple[float, float]:
    """Median milliseconds of a search, and the share of the true nearest that it found."""
    rng = np.random.default_rng(2)
    times, hits = [], 0
    allowed = np.arange(0, PRODUCTS, every)
    for number in rng.integers(PRODUCTS, size=QUERIES):
        query = all_vectors[number] + 0.05 * rng.normal(size=all_vectors.shape[1])
        query = (query / np.linalg.norm(query)).astype(np.float32)
        start = time.perf_counter()
        found = index.nearest(query[np.newaxis], TOP, where)[0]
        times.append((time.perf_counter() - start) * 1000)
        best = allowed[np.argsort(-(all_vectors[allowed] @ query))[:TOP]]
        hits += len({f"SKU-{n:07d}" for n in best} & {hit.sku for hit in found})
    return percentile(times, 0.5), hits / (QUERIES * TOP)


def memory_mb(pid: int) -> float:
    """Resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def service_memory_mb(folder: Path, embedder: Embedder) -> float:
    """Memory of the service over this index, after it answered a picture and a text."""
    address = f"127.0.0.1:{free_port()}"
    environment = os.environ | {
        "VITRINE_STATE_DIR": str(folder),
        "VITRINE_SEARCH_LISTEN": address,
        "VITRINE_CATALOG_ADDRESS": "127.0.0.1:9",
        "VITRINE_EMBEDDER": embedder.card.id,
        "VITRINE_LOG_LEVEL": "ERROR",
    }
    service = subprocess.Popen([sys.executable, "-m", "services.visual_search"], env=environment)
    try:
        ask(address)
        return memory_mb(service.pid)
    finally:
        service.terminate()
        service.wait(30)


def ask(address: str) -> None:
    """Search by picture and by text until both are answered."""
    picture = np.random.default_rng(3).integers(0, 256, (720, 1280, 3)).astype(np.uint8)
    with grpc.insecure_channel(address) as channel:
        stub = visual_search_pb2_grpc.VisualSearchServiceStub(channel)
        for request in (
            visual_search_pb2.SearchRequest(image=encode_jpeg(picture)),
            visual_search_pb2.SearchRequest(text="collection 7"),
        ):
            stub.Search(request, timeout=120, wait_for_ready=True)


def main() -> int:
    """Fill an index, search it with and without filters, then serve it."""
    embedder = open_embedder()
    all_vectors = vectors(embedder.card.dims)
    bars = []
    with tempfile.TemporaryDirectory() as name, Console().status(f"indexing {PRODUCTS} products"):
        generations = EdgeGenerations(Path(name) / "visual_search")
        generation = generation_name(embedder.card)
        index = ProductIndex(generations.open(generation, embedder.card.dims))
        seconds = fill(index, all_vectors)
        bars.append(Bar("ms to index a product", 1000 * seconds / PRODUCTS))
        for label, wanted in FILTERS.items():
            where = index.where(wanted) if label != "all" else EVERYTHING
            ms, recall = measure(index, where, KEPT[label], all_vectors)
            bars.append(Bar(f"recall@{TOP}, {label}", recall, ">=", 1.0, f"p50 {ms:.1f} ms"))
        index.points.close()
        generations.make_current(generation)
        generations.close()
        memory = service_memory_mb(Path(name), embedder)
    detail = f"{PRODUCTS} products, {embedder.card.dims} dimensions, {embedder.card.id}"
    limit = 700.0 if embedder.card.dims == 256 else None
    bars.append(Bar("MB of the service", memory, "<=", limit, detail))
    return print_bars("index", bars)
