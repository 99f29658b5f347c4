"""CSVs of the public photos: what is a stranger to which gallery."""

import csv
from pathlib import Path

import pytest

from services.visual_search.evaluation.public_galleries import galleries, write
from shared.errors import InvalidInput

HALVES = ("fronts-1", "fronts-2")


@pytest.fixture(scope="module")
def made(data_dir):
    """All galleries of the evaluation data."""
    return galleries(data_dir)


def brands(rows):
    """First words of the labels of packages."""
    return {label.split("-")[0] for path, label, _ in rows if "Packages" in path.parts}


def test_a_folder_without_the_data_is_refused(tmp_path):
    """The error names what is missing."""
    with pytest.raises(InvalidInput, match=r"classes\.csv is missing"):
        galleries(tmp_path)


@pytest.mark.parametrize("half", HALVES)
def test_strangers_share_no_brand_with_the_gallery(made, half):
    """Nothing of a stranger's print is in the gallery."""
    assert not brands(made[f"{half}-unknown"]) & brands(made[f"{half}-gallery"])


@pytest.mark.parametrize("half", HALVES)
def test_each_query_has_its_catalogue_picture(made, half):
    """One picture a label, and fruit beside the packages."""
    labels = [label for _, label, _ in made[f"{half}-gallery"]]
    assert len(labels) == len(set(labels)) > 60
    assert {label for _, label, _ in made[f"{half}-queries"]} <= set(labels)


def test_every_photo_is_known_to_one_half_and_strange_to_the_other(made):
    """The two halves are changed over."""
    assert made["fronts-1-queries"] == made["fronts-2-unknown"]
    assert made["fronts-1-unknown"] == made["fronts-2-queries"]
    assert len(made["fronts-1-queries"]) + len(made["fronts-1-unknown"]) == 167


def test_files_name_photos_that_are_there(made, data_dir, tmp_path):
    """Paths are absolute, so that the CSVs may lie anywhere."""
    write(data_dir, tmp_path)
    with (tmp_path / "fronts-1-queries.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(made["fronts-1-queries"])
    assert all(Path(row["image"]).is_file() for row in rows)
