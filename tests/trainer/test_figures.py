"""The figures ask what they say they ask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.trainer.dataset import Photo, read_photos
from services.trainer.figures import Embedded, few_a_label, leave_group_out, measure
from services.trainer.public_data import (
    STRANGERS,
    TEN_CLASSES,
    public_photos,
    stranger_photos,
    write_public_csv,
)
from shared.errors import InvalidInput


def embedded(rows: list[tuple[str, str, list[float]]]) -> Embedded:
    photos = [
        Photo(Path(f"{n}.jpg"), label, group=group) for n, (label, group, _) in enumerate(rows)
    ]
    return Embedded(photos, np.array([vector for _, _, vector in rows], np.float32))


def test_own_group_does_not_answer() -> None:
    """A photo's nearest neighbour is looked for among other photographers' photos."""
    found = embedded(
        [
            ("shirt", "ann", [1.0, 0.0]),
            ("hat", "ann", [1.0, 0.01]),
            ("shirt", "bob", [0.9, 0.1]),
            ("hat", "bob", [0.0, 1.0]),
        ]
    )
    assert leave_group_out(found) == 0.5


def test_few_a_label_draws_as_many_of_each() -> None:
    """Two of each label, another draw with another seed."""
    rows = [(label, "", [1.0, 0.0]) for label in ("a", "b") for _ in range(9)]
    draws = [few_a_label(embedded(rows), 2, seed) for seed in range(5)]
    assert all(sorted(p.label for p in draw.photos) == ["a", "a", "b", "b"] for draw in draws)
    assert len({tuple(p.path for p in draw.photos) for draw in draws}) > 1


def test_folder_without_the_data_is_refused(tmp_path: Path) -> None:
    """The message names what is missing."""
    with pytest.raises(InvalidInput, match=r"classes\.csv is missing"):
        public_photos(tmp_path)


@pytest.mark.data
def test_public_photos_are_all_there_and_strangers_apart(data: Path) -> None:
    """Official counts; labels of the check are never trained on."""
    photos = public_photos(data)
    splits = [photo.split for photo in photos if photo.dataset == "grocery"]
    assert [splits.count(split) for split in ("train", "val", "reference")] == [2640, 296, 81]
    assert {p.label for p in photos if p.dataset == "clothing"} == set(TEN_CLASSES)
    assert {p.label for p in stranger_photos(data)} == set(STRANGERS)
    assert all(photo.path.is_file() for photo in photos)


@pytest.mark.data
def test_csv_leads_to_the_photos(data: Path, tmp_path: Path) -> None:
    """What is written is read back; validation photos are trained on only when asked."""
    for with_validation, held_out in ((False, 296), (True, 0)):
        count = write_public_csv(data, tmp_path / "p.csv", with_validation=with_validation)
        photos = read_photos(tmp_path / "p.csv")
        assert len(photos) == count
        grocery = [photo.split for photo in photos if photo.dataset == "grocery"]
        assert grocery.count("val") == held_out
        assert photos[0].path.is_file()


@pytest.mark.data
def test_perfect_embeddings_have_perfect_figures(data: Path) -> None:
    """Vectors that are the labels give 1.0 in every column."""
    photos = [*public_photos(data), *stranger_photos(data)]
    photos = [
        photo if photo.split else Photo(photo.path, photo.label, "", photo.dataset, split)
        for photo, split in zip(photos, ["train", "val"] * len(photos), strict=False)
    ]
    labels = sorted({photo.label for photo in photos})
    vectors = np.eye(len(labels), dtype=np.float32)[[labels.index(p.label) for p in photos]]
    photos = [
        Photo(p.path, p.label, p.coarse, p.dataset, p.split, group=str(number))
        for number, p in enumerate(photos)
    ]
    assert measure(Embedded(photos, vectors)) == [1.0] * 6
