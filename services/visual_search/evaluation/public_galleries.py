"""CSVs of the public photos for ``vitrine evaluate`` and ``vitrine calibrate``.

``python -m services.visual_search.evaluation.public_galleries ../shared/data OUT`` writes, with
absolute paths, ``grocery-train``, ``grocery-val``, ``iconic`` (the 81 catalogue pictures),
``packages`` and ``packages-val`` (what has print), ``kinds-gallery`` and
``kinds-queries``: garments of seven kinds that the default embedder is never trained on,
parted by photographer. And for print and strangers ``fronts-1-gallery``, ``-queries`` and
``-unknown``: the catalogue pictures without those of half of the brands, photos of packages of
the other brands, photos of these; ``fronts-2-*``: the halves changed over. Of the packages only
photos that show the side that the catalogue picture shows, in the same design, as
``package_fronts.json`` lists them (chosen by eye among all validation photos and four training
photos a product, whether they are recognised or not). GroceryStoreDataset (Klasson et al.,
WACV 2019, MIT) and clothing-dataset (A. Grigorev, CC0).
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from shared.errors import InvalidInput

KINDS: Final = ("blazer", "blouse", "body", "hoodie", "polo", "top", "undershirt")
_COLUMNS: Final = ("image", "label", "group")

_FRONTS: Final = Path(__file__).with_name("package_fronts.json")

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
        **_fronts(iconic, splits),
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


def _fronts(iconic: Sequence[Row], splits: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Half of the brands known, the other half strangers; then the other way round."""
    photos = list(_of_fronts(splits))
    brands = sorted({_brand(row) for row in photos})
    told: dict[str, list[Row]] = {}
    for name, strange in (("fronts-1", brands[1::2]), ("fronts-2", brands[::2])):
        told[f"{name}-gallery"] = [row for row in iconic if not _is_package_of(row, strange)]
        told[f"{name}-queries"] = [row for row in photos if _brand(row) not in strange]
        told[f"{name}-unknown"] = [row for row in photos if _brand(row) in strange]
    return told


def _of_fronts(splits: dict[str, list[Row]]) -> Iterator[Row]:
    listed = json.loads(_FRONTS.read_text(encoding="utf-8"))
    for split, products in listed.items():
        wanted = {f"{stem}_{number:03}.jpg" for stem in products for number in products[stem]}
        yield from (row for row in splits[split] if row[0].name in wanted)


def _is_package_of(row: Row, brands: Sequence[str]) -> bool:
    return "Packages" in row[0].parts and _brand(row) in brands


def _brand(row: Row) -> str:
    """First word of a package's label."""
    return row[1].split("-")[0]


def _kinds(folder: Path, *, odd: bool) -> Iterator[Row]:
    with (folder / "images.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["label"].lower() in KINDS and int(row["sender_id"]) % 2 == odd:
                yield folder / "images" / f"{row['image']}.jpg", row["label"].lower(), ""


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
