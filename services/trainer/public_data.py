"""The public photos behind the default embedder.

GroceryStoreDataset (Klasson et al., WACV 2019, MIT) and clothing-dataset
(A. Grigorev, CC0), read from a folder that holds both.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from services.trainer.dataset import Photo, assign_splits
from shared.errors import InvalidInput

VALIDATION_SHARE = 0.12
TEN_CLASSES = (
    "dress", "hat", "longsleeve", "outwear", "pants",
    "shirt", "shoes", "shorts", "skirt", "t-shirt",
)  # fmt: skip
# Never trained on: they show whether the embedder stays general.
STRANGERS = ("blazer", "blouse", "body", "hoodie", "polo", "top", "undershirt")
_COLUMNS = ("image", "label", "coarse", "dataset", "split", "group")


def public_photos(data: Path) -> list[Photo]:
    """The photos that the default embedder learns from.

    Grocery photos keep their official split, the catalogue pictures are references;
    the clothing photos of the ten-class subset are still without a split.

    Raises:
        InvalidInput: the folder lacks one of the data sets (``TRAINING_DATA_INVALID``).
    """
    for needed in ("grocery/classes.csv", "clothing/images.csv"):
        if not (data / needed).is_file():
            raise InvalidInput(
                f"{data / needed} is missing; want a folder with both public data sets",
                reason="TRAINING_DATA_INVALID",
            )
    return [*_grocery(data / "grocery"), *_clothing(data / "clothing", TEN_CLASSES, "clothing")]


def stranger_photos(data: Path) -> list[Photo]:
    """Clothing photos of labels that are never trained on."""
    photos = _clothing(data / "clothing", STRANGERS, "strangers")
    return [replace(photo, split="val") for photo in photos]


def write_public_csv(data: Path, target: Path, *, with_validation: bool) -> int:
    """Write the photos with absolute paths as a CSV for ``train``; returns their number.

    ``with_validation`` trains on the grocery validation photos too, as the shipped
    weights are after everything was chosen; the clothing validation photos stay out.
    """
    photos = assign_splits(public_photos(data), VALIDATION_SHARE)
    if with_validation:
        photos = [
            replace(photo, split="train") if (photo.dataset, photo.split) == ("grocery", "val")
            else photo
            for photo in photos
        ]  # fmt: skip
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for photo in photos:
            path = str(photo.path.resolve())
            writer.writerow(
                (path, photo.label, photo.coarse, photo.dataset, photo.split, photo.group)
            )
    return len(photos)


def _grocery(folder: Path) -> list[Photo]:
    with (folder / "classes.csv").open(encoding="utf-8") as file:
        classes = list(csv.DictReader(file))
    names = [(row["Class Name (str)"], row["Coarse Class Name (str)"]) for row in classes]
    photos = [
        Photo(folder / row["Iconic Image Path (str)"].lstrip("/"), *name, "grocery", "reference")
        for name, row in zip(names, classes, strict=True)
    ]
    for split in ("train", "val"):
        for line in (folder / f"{split}.txt").read_text(encoding="utf-8").splitlines():
            image, fine, _ = (part.strip() for part in line.split(","))
            photo = Photo(folder / image, *names[int(fine)], "grocery")
            photos.append(replace(photo, split="train" if split == "train" else "val"))
    return photos


def _clothing(folder: Path, labels: tuple[str, ...], dataset: str) -> list[Photo]:
    with (folder / "images.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        Photo(
            path=folder / "images" / f"{row['image']}.jpg",
            label=row["label"].lower(),
            dataset=dataset,
            group=row["sender_id"],
        )
        for row in rows
        if row["label"].lower() in labels
    ]
