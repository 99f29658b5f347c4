"""The whole of recognition over a gallery of photos."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import cv2
import numpy as np
import pytest

from services.visual_search.embedding.classical import open_classical
from services.visual_search.evaluation.full_pipeline import NOTHING, FullPipeline, Seen, Without
from tests.visual_search.pictures import pack


@pytest.fixture
def pipeline(tmp_path):
    """Recognition of ten packs by their print: looks say the same of all."""
    packs = [pack(number) for number in range(10)]
    vectors = np.zeros((10, 4), np.float32)
    opened = FullPipeline(open_classical("hsv"), [str(n) for n in range(10)], vectors, tmp_path)
    opened.keep(range(10), packs)
    yield opened
    opened.close()


def test_reference_images_are_numbered_in_the_order_of_the_gallery(pipeline, tmp_path):
    """Numbers break ties between votes: by the order of a set, figures would vary by process."""
    with closing(sqlite3.connect(tmp_path / "gallery.sqlite")) as kept:
        ids = [id_ for (id_,) in kept.execute("SELECT id FROM images ORDER BY number")]
    assert ids == [str(number) for number in range(10)]


def littered(height_px: int) -> np.ndarray:
    """A photo (960, 1280, 3) of many coloured spots and, beside them, a small pack."""
    rng = np.random.default_rng(1)
    photo = np.full((960, 1280, 3), 130, np.uint8)
    for x, y, radius in rng.uniform((0, 0, 5), (600, 600, 25), (200, 3)).astype(int).tolist():
        colour = rng.integers(0, 255, 3).tolist()
        cv2.circle(photo, (x, y), radius, colour, -1)
    size_wh = (height_px * 3 // 4, height_px)
    small = cv2.resize(pack(3), size_wh, interpolation=cv2.INTER_AREA)
    photo[500 : 500 + size_wh[1], 700 : 700 + size_wh[0]] = small
    return photo


def test_a_large_photo_is_looked_at_closer(pipeline):
    """It shows small print that the same photo at 560 px has lost."""
    none = np.zeros(4, np.float32)
    photo = littered(120)
    assert [one.best.sku for one in pipeline.evidence(Seen(photo, none)).things] == ["3"]
    small = cv2.resize(photo, (560, 420), interpolation=cv2.INTER_AREA)
    assert not pipeline.evidence(Seen(small, none)).things


def test_a_small_thing_in_a_photo_is_what_it_is_of(pipeline):
    """A hundredth of the photo, and nothing else in it is in the gallery."""
    seen = Seen(littered(160), np.zeros(4, np.float32))
    answer = pipeline.answer(seen)
    assert answer.candidates[0].found.sku == "3"
    assert answer.candidates[0].probability > 0.8


def test_a_product_left_out_of_the_gallery_is_not_told(pipeline):
    """Its print is there, and no evidence of any product."""
    seen = Seen(littered(300), np.zeros(4, np.float32))
    assert [one.best.sku for one in pipeline.evidence(seen).things] == ["3"]
    assert not pipeline.evidence(seen, Without(label="3")).things


def test_a_photo_left_out_hides_no_other_photo_of_its_product(tmp_path):
    """Looked up again, a photo outvotes all others of its product; without it they are seen."""
    softer = cv2.GaussianBlur(pack(3), None, 1.5)
    opened = FullPipeline(open_classical("hsv"), ["3", "3"], np.zeros((2, 4), np.float32), tmp_path)
    opened.keep(range(2), [pack(3), softer])
    seen = Seen(pack(3), np.zeros(4, np.float32))
    found = [
        [one.best.image_id for one in opened.evidence(seen, without).things]
        for without in (NOTHING, Without(position=0))
    ]
    opened.close()
    assert found == [["0"], ["1"]]
