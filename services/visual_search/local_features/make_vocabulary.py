"""Make ``vocabulary.npz``: ``python -m services.visual_search.local_features.make_vocabulary``.

From the reference images of the demo catalogue, which this project draws itself, and the
packages among the training photos and catalogue images of GroceryStoreDataset (Klasson
et al., WACV 2019; MIT licence). The same files give the same vocabulary.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from services.visual_search.local_features.features import of_reference
from services.visual_search.local_features.vocabulary import SHIPPED, train
from shared.demo.catalogue import products
from shared.demo.views import views
from shared.image import decode
from shared.image_pixels import Rgb

_PHOTOS: Final = 400
_DESCRIPTORS: Final = 150_000
_SEED: Final = 1


def pictures(grocery: Path) -> Iterator[Rgb]:
    """Yield the pictures to learn from."""
    rng = np.random.default_rng(_SEED)
    photos = sorted((grocery / "train" / "Packages").rglob("*.jpg"))
    iconic = sorted((grocery / "iconic-images-and-descriptions" / "Packages").rglob("*.jpg"))
    chosen = rng.permutation(len(photos))[:_PHOTOS]
    for path in [*(photos[index] for index in chosen), *iconic]:
        yield decode(path.read_bytes(), max_side=640).image_rgb
    for product in products():
        for view in views(product.sku):
            yield view.image_rgb


def main() -> None:
    """Train on the folder named first, or on ``../shared/data/grocery``."""
    grocery = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/grocery")
    descriptors = np.concatenate([of_reference(image).descriptors for image in pictures(grocery)])
    chosen = np.random.default_rng(_SEED).permutation(len(descriptors))[:_DESCRIPTORS]
    train(descriptors[chosen]).save(SHIPPED)


if __name__ == "__main__":
    main()
