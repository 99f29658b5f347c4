"""Evaluation: figures that can be counted by hand, and what is told of a wrong CSV."""

from __future__ import annotations

import numpy as np
import pytest

from services.visual_search.embedding.classical import open_classical
from services.visual_search.evaluation.lookups import (
    HELD_OUT,
    PHOTOS,
    embed_gallery,
    evaluate,
    known_queries,
    labels_held_out,
    leave_one_out,
    open_pipeline,
    strangers_of,
)
from services.visual_search.evaluation.photos import Photo, few_a_label, read_photos
from shared.errors import InvalidInput
from shared.image import encode_jpeg
from tests.visual_search.pictures import jpeg, on_shelf, pack


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


def run(gallery, queries=None, unknown=None, folder=None):
    """Figures of the colour histogram, and how often progress was told."""
    told = []
    embedder = open_classical("hsv")
    kept = embed_gallery(embedder, read_photos(gallery, "g"), lambda: told.append(1))
    pipeline = open_pipeline(embedder, kept, folder, lambda: None)
    known = known_queries(read_photos(queries, "q")) if queries else leave_one_out(kept)
    photos = [query.photo for query in known]
    strangers = strangers_of(read_photos(unknown, "u")) if unknown else labels_held_out(photos)
    try:
        figures = evaluate(embedder, kept, pipeline, known, strangers, lambda: told.append(1))
    finally:
        pipeline.close()
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
    assert (figures.n_gallery, figures.n_queries, told) == (10, 3, 16)
    assert figures.strangers == HELD_OUT
    assert figures.hardest == ("L3", "other", 1)
    assert figures.ms_per_image > 0
    assert 0 < figures.ms_per_query <= figures.ms_per_query_p95


def test_without_groups_there_is_no_group_figure(folder):
    """None, not 0 or 1."""
    gallery = write(folder, "g.csv", "image,label", "1.jpg,a")
    figures, _ = run(gallery, gallery)
    assert (figures.top1, figures.group_top1) == (1.0, None)


def test_top5_counts_labels_not_photos(folder):
    """Six photos of one label take one of the five places."""
    rows = [f"{n}.jpg,{'a' if n < 6 else n}" for n in range(10)]
    gallery = write(folder, "g.csv", "image,label", *rows)
    queries = write(folder, "q.csv", "image,label", *(f"0.jpg,{n}" for n in range(6, 10)))
    figures, _ = run(gallery, queries)
    assert (figures.top1, figures.top5) == (0.0, 1.0)


def test_strangers_in_a_file_are_told_from_what_is_known(folder):
    """Queries that are gallery photos score higher than photos of other packs."""
    gallery = write(folder, "g.csv", "image,label", *(f"{n}.jpg,{n}" for n in range(5)))
    unknown = write(folder, "u.csv", "image,label", *(f"{n}.jpg,{n}" for n in range(5, 10)))
    figures, _ = run(gallery, gallery, unknown)
    assert (figures.auroc_unknown, figures.far_at_95_recall) == (1.0, 0.0)
    assert figures.strangers == PHOTOS
    assert 0 <= figures.ece <= 1
    assert 0 < figures.ece_floor < 0.5


def test_leave_one_out_never_finds_the_photo_itself(folder):
    """Two products of the same two pictures: each photo is nearest to the other's."""
    rows = ["0.jpg,a", "1.jpg,a", "0.jpg,b", "1.jpg,b", "2.jpg,alone"]
    figures, _ = run(write(folder, "g.csv", "image,label", *rows))
    assert (figures.top1, figures.n_queries, figures.n_gallery) == (0.0, 4, 5)
    assert figures.hardest == ("a", "b", 4)


def test_print_finds_what_looks_do_not(folder, tmp_path):
    """A pack on a shelf without colours, which mislead: its print does not."""
    photo = on_shelf(pack(3), 1)[0].mean(axis=2, keepdims=True).repeat(3, axis=2)
    (folder / "shelf.jpg").write_bytes(encode_jpeg(photo.astype(np.uint8)))
    gallery = write(folder, "g.csv", "image,label", *(f"{n}.jpg,{n}" for n in range(10)))
    queries = write(folder, "q.csv", "image,label", "shelf.jpg,3")
    assert run(gallery, queries)[0].top1 < run(gallery, queries, folder=tmp_path)[0].top1 == 1


def test_few_photos_of_each_label_are_drawn_by_seed():
    """The same seed draws the same, another seed others; small labels stay whole."""
    photos = [Photo(None, label, str(n)) for label in "ab" for n in range(9)]
    photos.append(Photo(None, "c", ""))
    drawn = few_a_label(photos, 3, seed=1)
    assert [photo.label for photo in drawn] == ["a"] * 3 + ["b"] * 3 + ["c"]
    assert drawn == few_a_label(photos, 3, seed=1) != few_a_label(photos, 3, seed=2)


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
        with pytest.raises(
            InvalidInput, match=r"gallery: cannot read .*: [A-Z][a-z]|needs image and label"
        ):
            read_photos(path, "gallery")


def test_a_broken_photo_is_named(folder):
    """Which file, and why."""
    (folder / "bad.jpg").write_bytes(b"rubbish")
    gallery = write(folder, "g.csv", "image,label", "bad.jpg,a")
    with pytest.raises(InvalidInput, match=r"bad\.jpg: "):
        run(gallery, gallery)
