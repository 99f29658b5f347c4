"""The pointing game: does the place that adds most to a similarity lie on the product?"""

from __future__ import annotations

import cv2
import numpy as np

from services.visual_search.embedding.embedder import open_embedder
from services.visual_search.embedding.onnx_embedder import OnnxEmbedder
from services.visual_search.explaining.drawing import heat
from services.visual_search.explaining.explainer import contributions
from shared.demo.catalogue import products
from shared.demo.scenes import Style, scene
from shared.demo.stage import Stage
from shared.demo.views import cutout, poses, views
from shared.geometry import WHOLE_IMAGE

STYLES: tuple[Style, ...] = ("table", "flat_lay", "room")
COMPOSITES = 36
# Measured: 0.53 here and 0.65 on 48 others, drawn as no training photo is; the goal is 0.9
# (services/trainer/README.md). A quarter of the area lies on the product.
LEAST = 0.4


def composite(ground: np.ndarray, sku: str, random: np.random.Generator):
    """A product, 60 to 85 % of the height, pasted on a scene; and its box in pixels."""
    shape = cutout(sku, next(iter(poses(sku).values())))
    height, width = shape.shape[:2]
    scale = random.uniform(0.6, 0.85) * ground.shape[0] / max(width, height)
    size = np.array([width, height]) * scale
    x, y = random.uniform(0, 1, 2) * (np.array(ground.shape[1::-1]) - size)
    box = np.array([x, y, x + size[0], y + size[1]])
    stage = Stage(ground.copy())
    stage.put(shape, box[[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2), sku)
    return np.ascontiguousarray(stage.image[..., :3]), box


def test_the_warmest_place_mostly_lies_on_the_product():
    """Far more often than its share of the picture, among other products of the catalogue."""
    embedder = open_embedder("vitrine-embedder-1")
    assert isinstance(embedder, OnnxEmbedder)
    random = np.random.default_rng(0)
    grounds = [cv2.resize(scene(3, style).image_rgb, (640, 480)) for style in STYLES]
    skus = [products()[n].sku for n in random.integers(len(products()), size=COMPOSITES)]
    hits, shares = [], []
    for number, sku in enumerate(skus):
        picture, box = composite(grounds[number % len(grounds)], sku, random)
        ours, theirs = embedder.embed_places([picture, views(sku)[0].image_rgb])
        warm = heat(contributions(ours, theirs.sum(axis=(0, 1))), WHOLE_IMAGE, (640, 480))
        y, x = np.unravel_index(warm.argmax(), warm.shape)
        hits.append(box[0] <= x <= box[2] and box[1] <= y <= box[3])
        shares.append((box[2] - box[0]) * (box[3] - box[1]) / (640 * 480))
    print(f"pointing game {np.mean(hits):.2f}, area {np.mean(shares):.2f}")
    assert np.mean(shares) < 0.35
    assert np.mean(hits) >= LEAST
