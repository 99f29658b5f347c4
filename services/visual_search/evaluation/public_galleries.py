"""CSVs of the public photos for ``vitrine evaluate`` and ``vitrine calibrate``.

``python -m services.visual_search.evaluation.public_galleries ../shared/data OUT`` writes, with
absolute paths, ``grocery-train``, ``grocery-val``, ``iconic`` (the 81 catalogue pictures),
``packages`` and ``packages-val`` (what has print), and ``kinds-gallery`` and
``kinds-queries``: garments of seven kinds that the default embedder is never trained on,
parted by photographer. GroceryStoreDataset (Klasson et al., WACV 2019, MIT) and
clothing-dataset (A. Grigorev, CC0).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shared.errors import InvalidInput

KINDS: Final = ("blazer", "blouse", "body", "hoodie", "polo", "top", "undershirt")
_COLUMNS: Final = ("image", "label", "group")

Row = tuple[Path, str, str]


def galleries(data: Path) -> dict[str, list[Row]]:
    """Rows of ``_COLUMNS`` by the name of the CSV.

    Raises:
        InvalidInput: the folder lacks one of the data sets.
    """
    for needed in ("grocery/classes.csv", "clothing/images.csv"):
        if not (data / needed).is_file():
            raise InvalidInput.of("data", f"{data / needed} is missing")
    splits = {name: list(_grocery(data / "grocery", name)) for name in ("train", "val")}
    iconic = list(_iconic(data / "grocery"))
    return {
        "grocery-train": splits["train"],
        "grocery-val": splits["val"],
        "iconic": iconic,
        "packages": [row for row in iconic if "Packages" in row[0].parts],
        "packages-val": [row for row in splits["val"] if "Packages" in row[0].parts],
        "kinds-gallery": list(_kinds(data / "clothing", odd=False)),
        "kinds-queries": list(_kinds(data / "clothing", odd=True)),
    }


def write(data: Path, target: Path) -> None:
    """Write the CSVs into a folder, which is made."""
    target.mkdir(parents=True, exist_ok=True)
    for name, rows in galleries(data.resolve()).items():
        with (target / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([_COLUMNS, *rows])


def _classes(folder: Path) -> list[dict[str, str]]:
    with (folder / "classes.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _iconic(folder: Path) -> Iterator[Row]:
    for row in _classes(folder):
        path = folder / row["Iconic Image Path (str)"].lstrip("/")
        yield path, row["Class Name (str)"], row["Coarse Class Name (str)"]


def _grocery(folder: Path, split: str) -> Iterator[Row]:
    classes = _classes(folder)
    for line in (folder / f"{split}.txt").read_text(encoding="utf-8").splitlines():
        image, fine, _ = (part.strip() for part in line.split(","))
        own = classes[int(fine)]
        yield folder / image, own["Class Name (str)"], own["Coarse Class Name (str)"]


def _kinds(folder: Path, *, odd: bool) -> Iterator[Row]:
    with (folder / "images.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["label"].lower() in KINDS and int(row["sender_id"]) % 2 == odd:
                yield folder / "images" / f"{row['image']}.jpg", row["label"].lower(), ""


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
