"""Evaluation: figures that can be counted by hand, and what is told of a wrong CSV."""

from __future__ import annotations

import numpy as np
import pytest

from services.visual_search.classical import open_classical
from services.visual_search.evaluation import (
    Gallery,
    Photo,
    embed_gallery,
    evaluate,
    nearest_labels,
    read_photos,
)
from shared.errors import InvalidInput
from tests.visual_search.pictures import jpeg


@pytest.fixture
def folder(tmp_path):
    """Ten packs as files."""
    for seed in range(10):
        (tmp_path / f"{seed}.jpg").write_bytes(jpeg(seed))
    return tmp_path


def write(folder, name, *lines: str):
    """A CSV of these lines."""
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(gallery, queries):
    """Figures of the colour histogram, and how often progress was told."""
    told = []
    embedder = open_classical("hsv")
    embedded = embed_gallery(embedder, read_photos(gallery, "g"), lambda: told.append(1))
    figures = evaluate(embedder, embedded, read_photos(queries, "q"), lambda: told.append(1))
    return figures, len(told)


def test_figures_are_counted_right(folder):
    """Queries are gallery photos: two of three labels right, all groups right."""
    rows = [f"{n}.jpg,L{n},{'even' if n % 2 == 0 else 'odd'}" for n in range(10)]
    gallery = write(folder, "g.csv", "image,label,group", *rows)
    queries = write(
        folder, "q.csv", "image,label,group", "1.jpg,L1,odd", "2.jpg,L2,even", "3.jpg,other,odd"
    )
    figures, told = run(gallery, queries)
    assert figures.top1 == figures.top5 == pytest.approx(2 / 3)
    assert figures.group_top1 == 1.0
    assert (figures.n_gallery, figures.n_queries, told) == (10, 3, 13)
    assert figures.ms_per_image > 0


def test_without_groups_there_is_no_group_figure(folder):
    """None, not 0 or 1."""
    gallery = write(folder, "g.csv", "image,label", "1.jpg,a")
    figures, _ = run(gallery, gallery)
    assert (figures.top1, figures.group_top1) == (1.0, None)


def test_top5_counts_labels_not_photos():
    """Six photos of one label take one of the five places."""
    photos = [Photo(None, label, "") for label in ["a"] * 6 + ["b", "c", "d", "e", "f"]]
    vectors = np.eye(11, dtype=np.float32)
    query = np.linspace(1, 0.1, 11).astype(np.float32)
    ranked = nearest_labels(Gallery(photos, vectors), query)
    assert [photo.label for photo in ranked] == ["a", "b", "c", "d", "e"]


def test_columns_may_stand_in_any_order_with_a_byte_order_mark(folder):
    """As spreadsheets write them."""
    path = folder / "g.csv"
    path.write_bytes("\ufefflabel,extra,image\r\nb,x,1.jpg\r\n".encode())
    assert read_photos(path, "gallery") == [Photo(folder / "1.jpg", "b", "")]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["picture,label", "1.jpg,a"], "has the columns picture, label; it needs image and label"),
        ([""], "it needs image and label"),
        (["image,label"], "has no photos"),
        (["image,label", "1.jpg,"], "line 2: image or label is empty"),
        (["image,label", "1.jpg,a", "none.jpg,a", "no.jpg,b"], "none.jpg and 1 more, which do not"),
    ],
)
def test_a_wrong_csv_names_what_is_wrong(folder, lines, told):
    """File, line, column."""
    with pytest.raises(InvalidInput, match=told) as caught:
        read_photos(write(folder, "g.csv", *lines), "gallery")
    assert caught.value.violations[0].field == "gallery"


def test_a_missing_or_binary_csv_is_told(folder):
    """Not a traceback."""
    for path in (folder / "none.csv", folder, folder / "1.jpg"):
        with pytest.raises(InvalidInput, match=r"gallery: cannot read|needs image and label"):
            read_photos(path, "gallery")


def test_a_broken_photo_is_named(folder):
    """Which file, and why."""
    (folder / "bad.jpg").write_bytes(b"rubbish")
    gallery = write(folder, "g.csv", "image,label", "bad.jpg,a")
    with pytest.raises(InvalidInput, match=r"bad\.jpg: "):
        run(gallery, gallery)
