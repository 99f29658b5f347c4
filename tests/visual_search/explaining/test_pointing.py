"""The pointing game: does the warmest place of an explained match lie on the product?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from services.visual_search.embedding.embedder import open_embedder
from services.visual_search.embedding.onnx_embedder import OnnxEmbedder
from services.visual_search.explaining.drawing import heat
from services.visual_search.explaining.explainer import contributions
from services.visual_search.explaining.pointing import warmth
from shared.demo.catalogue import products
from shared.demo.scenes import Style, scene
from shared.demo.stage import Stage
from shared.demo.views import cutout, poses, views
from shared.geometry import WHOLE_IMAGE

Image = NDArray[np.uint8]
Ground = Literal["scenes", "photos", "shapes"]

SIZE_WH = (640, 480)
SCENES: tuple[tuple[int, Style], ...] = (
    (1, "table"),
    (2, "flat_lay"),
    (3, "room"),
    (4, "rail"),
    (6, "table"),
)
# Share of the picture's height that the product's longer side takes.
LARGE, SMALL = (0.6, 0.85), (0.35, 0.6)
COMPOSITES = 120
RESULTS = 10  # that an answer has, when not asked for another number
# Measured: 0.91 and 0.80 alone; twice the standard error below.
LEAST_ON_STRANGERS, LEAST_ALONE = 0.87, 0.70
_WHITE = 238


@dataclass(frozen=True, slots=True)
class Composite:
    """A product on clutter, the number of its reference image, and its box in pixels."""

    picture: Image
    reference: int
    box: NDArray[np.float64]

    @property
    def share(self) -> float:
        """Of the picture that the box covers, 0..1."""
        return float((self.box[2:] - self.box[:2]).prod() / np.prod(SIZE_WH))


@pytest.fixture(scope="module")
def embedder() -> OnnxEmbedder:
    opened = open_embedder("vitrine-embedder-1")
    assert isinstance(opened, OnnxEmbedder)
    return opened


@cache
def drawn_scenes() -> list[Image]:
    return [cv2.resize(scene(seed, style).image_rgb, SIZE_WH) for seed, style in SCENES]


def placed(shape: Image, sides: tuple[float, float], random: np.random.Generator):
    """A box in pixels for a cut-out (H, W, ...), anywhere in the picture."""
    height, width = shape.shape[:2]
    scale = random.uniform(*sides) * SIZE_WH[1] / max(width, height)
    size = np.array([width, height]) * scale
    corner = random.uniform(0, 1, 2) * (np.array(SIZE_WH) - size)
    return np.concatenate([corner, corner + size])


@dataclass(frozen=True, slots=True)
class Hits:
    """Share of composites whose warmest place lies in the product's box.

    ``among``: of the results that a search finds; ``alone``: its own match only.
    """

    among: float
    alone: float


def hits(embedder: OnnxEmbedder, composites: list[Composite], gallery: list[Image]) -> Hits:
    """Point at the product of each composite, found in a catalogue of reference images."""
    references = np.concatenate([embedder.embed([image]) for image in gallery])
    among, alone = [], []
    for one in composites:
        (places,) = embedder.embed_places([one.picture])
        ranked = np.argsort(-references @ places.sum(axis=(0, 1)))[:RESULTS]
        own = contributions(places, references[one.reference])
        others = [contributions(places, references[n]) for n in ranked if n != one.reference]
        among.append(is_on(one.box, warmth(own, others)))
        alone.append(is_on(one.box, warmth(own)))
    return Hits(float(np.mean(among)), float(np.mean(alone)))


def is_on(box: NDArray[np.float64], cells: NDArray[np.float32]) -> bool:
    """Whether the warmest place of the picture as it is drawn lies in a box."""
    warm = heat(cells, WHOLE_IMAGE, SIZE_WH)
    y, x = np.unravel_index(warm.argmax(), warm.shape)
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def demo_composites() -> list[Composite]:
    """Each demo product twice, large, on drawn shop scenes full of other demo products."""
    random = np.random.default_rng(0)
    made = []
    for number, item in enumerate(products() * 2):
        shape = cutout(item.sku, next(iter(poses(item.sku).values())))
        box = placed(shape, LARGE, random)
        stage = Stage(drawn_scenes()[number % len(SCENES)].copy())
        stage.put(shape, box[[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2), item.sku)
        picture = np.ascontiguousarray(stage.image[..., :3])
        made.append(Composite(picture, number % len(products()), box))
    return made


def test_the_warmest_place_mostly_lies_on_a_product_never_trained_on(embedder: OnnxEmbedder):
    """Far more often than its share of the picture, among other products of the catalogue."""
    composites = demo_composites()
    share = float(np.mean([one.share for one in composites]))
    found = hits(embedder, composites, [views(item.sku)[0].image_rgb for item in products()])
    print(f"pointing game {found}, area {share:.2f}")
    assert share < 0.35
    assert found.among >= LEAST_ON_STRANGERS
    assert found.alone >= LEAST_ALONE


def read(path: Path) -> Image:
    image = cv2.imread(str(path))
    assert image is not None, path
    return np.asarray(image[..., ::-1], np.uint8)


@pytest.fixture(scope="module")
def groceries() -> Path:
    folder = Path(os.environ.get("VITRINE_DATA", "../shared/data")) / "grocery"
    if not folder.is_dir():
        pytest.skip(f"no {folder}; set VITRINE_DATA")
    return folder


def cut_out(image_rgb: Image) -> tuple[Image, NDArray[np.float32]]:
    """A catalogue picture's product, cropped, with its mask (H, W) 0 or 1."""
    framed = np.pad((image_rgb.min(axis=2) >= _WHITE).astype(np.uint8), 1, constant_values=1)
    _, regions = cv2.connectedComponents(framed, connectivity=4)
    product = (regions != regions[0, 0])[1:-1, 1:-1]
    x, y, w, h = cv2.boundingRect(product.astype(np.uint8))
    return image_rgb[y : y + h, x : x + w], product[y : y + h, x : x + w].astype(np.float32)


def coloured_shapes(random: np.random.Generator) -> Image:
    ground = np.full((SIZE_WH[1], SIZE_WH[0], 3), random.integers(60, 200, 3), np.uint8)
    for number in range(100):
        colour = [int(level) for level in random.integers(0, 256, 3)]
        x, y = (int(place) for place in random.integers(0, SIZE_WH))
        reach = int(random.integers(8, 45))
        if number % 2:
            cv2.circle(ground, (x, y), reach, colour, -1)
        else:
            cv2.rectangle(ground, (x, y), (x + reach, y + 2 * reach), colour, -1)
    return ground


def grounds(kind: Ground, folder: Path, random: np.random.Generator) -> list[Image]:
    if kind == "shapes":
        return [coloured_shapes(random) for _ in range(COMPOSITES)]
    if kind == "scenes":
        return drawn_scenes()
    photos = sorted((folder / "val").rglob("*.jpg"))
    chosen = random.choice(len(photos), 20, replace=False)
    return [cv2.resize(read(photos[index]), SIZE_WH) for index in chosen]


def catalogue_pictures(folder: Path) -> list[Path]:
    return sorted((folder / "iconic-images-and-descriptions").rglob("*_Iconic.jpg"))


def grocery_composites(folder: Path, kind: Ground, sides: tuple[float, float]) -> list[Composite]:
    """Catalogue pictures of groceries, cut out and pasted."""
    random = np.random.default_rng(2)
    pictures = catalogue_pictures(folder)
    behind, made = grounds(kind, folder, random), []
    for number in range(COMPOSITES):
        reference = int(random.integers(len(pictures)))
        shape, mask = cut_out(read(pictures[reference]))
        box = placed(shape, sides, random).astype(int)
        spot = (slice(box[1], box[3]), slice(box[0], box[2]))
        size_wh = (int(box[2] - box[0]), int(box[3] - box[1]))
        alpha = cv2.resize(mask, size_wh)[..., None]
        picture = behind[number % len(behind)].copy()
        pasted = cv2.resize(shape, size_wh, interpolation=cv2.INTER_AREA)
        picture[spot] = picture[spot] * (1 - alpha) + pasted * alpha
        made.append(Composite(picture, reference, box.astype(np.float64)))
    return made


@pytest.mark.parametrize(
    ("sides", "least_each", "least", "least_alone"),
    [(LARGE, 0.96, 0.98, 0.97), (SMALL, 0.82, 0.87, 0.83)],
    ids=["large", "small"],
)
def test_the_warmest_place_lies_on_a_grocery(
    embedder: OnnxEmbedder,
    groceries: Path,
    sides: tuple[float, float],
    least_each: float,
    least: float,
    least_alone: float,
):
    """On drawn shops, photos of other groceries and coloured shapes; large ones at 0.95."""
    gallery = [read(path) for path in catalogue_pictures(groceries)]
    kinds: tuple[Ground, ...] = ("scenes", "photos", "shapes")
    found = {
        kind: hits(embedder, grocery_composites(groceries, kind, sides), gallery) for kind in kinds
    }
    print(f"pointing game {sides}: {found}")
    assert min(one.among for one in found.values()) >= least_each
    assert np.mean([one.among for one in found.values()]) >= least
    assert np.mean([one.alone for one in found.values()]) >= least_alone
