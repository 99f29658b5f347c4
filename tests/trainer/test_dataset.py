"""Photos come with labels and splits, and wrong input is named."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.trainer.dataset import (
    NO_LABEL,
    Photo,
    assign_splits,
    decode,
    draw_epoch,
    few_a_label,
    label_spaces,
    read_photos,
    spread,
)
from services.trainer.plan import Plan
from shared.errors import InvalidInput
from tests.trainer.conftest import Draw

EVERYTHING = replace(Plan(), least_views=0)


def of(label: str, count: int, **fields: str) -> list[Photo]:
    return [Photo(Path(f"{label}-{n}.jpg"), label, **fields) for n in range(count)]  # type: ignore[arg-type]


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    """The message says what a folder must hold."""
    with pytest.raises(InvalidInput, match=r"LABEL/photo\.jpg"):
        read_photos(tmp_path)


def test_missing_source_is_refused(tmp_path: Path) -> None:
    """A path that is nothing is neither folder nor CSV."""
    with pytest.raises(InvalidInput, match="neither a folder nor a CSV"):
        read_photos(tmp_path / "nothing")


def test_folder_names_are_labels(draw_catalogue: Draw) -> None:
    """Each photo carries the name of its folder."""
    photos = read_photos(draw_catalogue(labels=2, photos=3))
    assert [photo.label for photo in photos] == ["product-00"] * 3 + ["product-01"] * 3


def test_photo_deep_in_a_label_has_its_label(draw_catalogue: Draw) -> None:
    """The label is the first folder below the source; views lie in folders of their own."""
    source = draw_catalogue(labels=2, photos=1)
    inner = source / "product-00" / "front" / "2026"
    inner.mkdir(parents=True)
    (source / "product-00" / "0.jpg").rename(inner / "0.jpg")
    assert [photo.label for photo in read_photos(source)] == ["product-00", "product-01"]


def test_only_formats_that_the_gate_accepts_are_read(tmp_path: Path) -> None:
    """A folder of bitmaps holds no photo, and the message says what would be one."""
    (tmp_path / "tea").mkdir()
    (tmp_path / "tea" / "0.bmp").write_bytes(b"BM")
    with pytest.raises(InvalidInput, match="JPEG, PNG or WebP"):
        read_photos(tmp_path)


def test_csv_of_excel_is_read(tmp_path: Path) -> None:
    """A byte order mark is no part of the first column's name."""
    source = tmp_path / "photos.csv"
    source.write_text("image,label\na.jpg,tea\n", encoding="utf-8-sig")
    assert read_photos(source) == [Photo(tmp_path / "a.jpg", "tea")]


@pytest.fixture
def usual_field_limit() -> Iterator[None]:
    """The longest field of a CSV as Python sets it; it is one for the whole process."""
    before = csv.field_size_limit(131_072)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("usual_field_limit")
@pytest.mark.parametrize(
    "content",
    ["image,label\na.jpg,tea\n".encode("utf-16"), b"image,label\na.jpg," + b"x" * 200_000],
)
def test_what_is_no_csv_is_refused(tmp_path: Path, content: bytes) -> None:
    """Another encoding, a field without an end: one sentence, no traceback."""
    source = tmp_path / "photos.csv"
    source.write_bytes(content)
    with pytest.raises(InvalidInput, match="is no CSV in UTF-8"):
        read_photos(source)


def test_csv_columns_are_read(tmp_path: Path) -> None:
    """Paths are relative to the CSV; optional columns may be empty."""
    source = tmp_path / "photos.csv"
    source.write_text("image,label,coarse,split,group\na.jpg,tea,drinks,val,\nb.jpg,pear,,,ann\n")
    tea, pear = read_photos(source)
    assert tea == Photo(tmp_path / "a.jpg", "tea", "drinks", split="val")
    assert pear == Photo(tmp_path / "b.jpg", "pear", group="ann")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lacks the column image, label"),
        ("image,name\na.jpg,tea\n", "lacks the column label"),
        ("image,label\na.jpg,\n", "line 2: image and label must not be empty"),
        ("image,label,split\na.jpg,tea,test\n", "line 2: split is 'test'"),
    ],
)
def test_wrong_csv_is_refused_by_line(tmp_path: Path, text: str, message: str) -> None:
    """The message names the line and what is wrong with it."""
    source = tmp_path / "photos.csv"
    source.write_text(text)
    with pytest.raises(InvalidInput, match=message):
        read_photos(source)


@pytest.mark.parametrize(("count", "held_out"), [(1, 0), (2, 0), (3, 1), (20, 3)])
def test_label_holds_out_a_share_from_three_photos_on(count: int, held_out: int) -> None:
    """A label with few photos keeps them all for training."""
    splits = [photo.split for photo in assign_splits(of("tea", count))]
    assert splits.count("val") == held_out


def test_split_does_not_depend_on_the_order() -> None:
    """The same photos fall into the same splits however they were listed."""
    photos = of("tea", 9) + of("pear", 9)
    assert assign_splits(photos) == assign_splits(photos[::-1])


def test_group_stays_together() -> None:
    """Photos of one photographer are never on both sides."""
    photos = [
        replace(photo, group=f"person-{number % 12}")
        for number, photo in enumerate(of("tea", 60) + of("pear", 60))
    ]
    by_group: dict[str, set[str]] = {}
    for photo in assign_splits(photos):
        by_group.setdefault(photo.group, set()).add(photo.split)
    assert all(len(splits) == 1 for splits in by_group.values())
    assert {"train"} in by_group.values()


def test_given_splits_are_kept() -> None:
    """What the CSV says is not changed."""
    photos = of("tea", 5, split="reference")
    assert {photo.split for photo in assign_splits(photos)} == {"reference"}


def test_label_spaces_are_levels_of_data_sets() -> None:
    """Labels of two data sets are never in one softmax, a lone label in none."""
    photos = [
        *of("tea", 1, coarse="drinks", dataset="food"),
        *of("pear", 1, coarse="fruit", dataset="food"),
        *of("shirt", 1, dataset="wear"),
        *of("hat", 1, dataset="wear"),
        *of("lamp", 1, dataset="home"),
    ]
    spaces = label_spaces(photos)
    assert [(space.dataset, space.level) for space in spaces] == [
        ("food", "label"),
        ("food", "coarse"),
        ("wear", "label"),
    ]
    assert [space.index(photos[0]) for space in spaces] == [1, 0, NO_LABEL]


def test_epoch_shows_every_photo_once() -> None:
    """An epoch is a shuffle of all photos, another one each epoch."""
    photos = of("tea", 30, split="train")
    first, second = (draw_epoch(photos, EVERYTHING, epoch) for epoch in (0, 1))
    assert sorted(first) == sorted(second) == list(range(30))
    assert first != second
    assert first == draw_epoch(photos, EVERYTHING, 0)


def test_frequent_label_is_sampled_anew_each_epoch() -> None:
    """A label over the limit shows a part of its photos, in time all of them."""
    photos = of("tea", 50, split="train")
    plan = replace(EVERYTHING, most_per_label=10)
    epochs = [set(draw_epoch(photos, plan, epoch)) for epoch in range(40)]
    assert all(len(epoch) == 10 for epoch in epochs)
    assert set.union(*epochs) == set(range(50))


def test_references_are_repeated() -> None:
    """A catalogue picture is shown several times an epoch."""
    photos = of("tea", 1, split="reference") + of("pear", 2, split="train")
    drawn = draw_epoch(photos, replace(EVERYTHING, reference_repeats=3), 0)
    assert sorted(drawn) == [0, 0, 0, 1, 2]


def test_small_catalogue_is_gone_through_several_times() -> None:
    """An epoch has at least the views asked for, each photo equally often."""
    drawn = draw_epoch(of("tea", 4), replace(EVERYTHING, least_views=10), 0)
    assert sorted(drawn) == sorted([0, 1, 2, 3] * 3)


def test_few_a_label_keeps_the_first() -> None:
    """Each label gives the same number, in order."""
    photos = of("tea", 3) + of("pear", 1)
    assert few_a_label(photos, 2) == [photos[0], photos[1], photos[3]]


def test_unreadable_photo_is_named(tmp_path: Path) -> None:
    """The message says which file it was."""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff no picture")
    for path in (broken, tmp_path / "missing.jpg"):
        with pytest.raises(InvalidInput, match=path.name):
            decode(path)


def test_spread_takes_from_everywhere() -> None:
    """First and last are among them; fewer photos than asked for are all taken."""
    photos = [Photo(Path(str(number)), "a") for number in range(100)]
    assert [int(photo.path.name) for photo in spread(photos, 4)] == [0, 33, 66, 99]
    assert spread(photos[:3], 9) == photos[:3]
