"""Bad photos are all told before the first step."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.trainer.checking import check_photos
from services.trainer.dataset import Photo
from shared.errors import InvalidInput


def test_no_photos_have_no_fault() -> None:
    """Nothing to try, nothing to say."""
    check_photos([], lambda: None)


def test_good_photos_pass(photos: list[Photo]) -> None:
    """Each is counted once."""
    seen: list[None] = []
    check_photos(photos, lambda: seen.append(None))
    assert len(seen) == len(photos)


def test_every_bad_photo_is_named_with_its_fault(photos: list[Photo], tmp_path: Path) -> None:
    """Cut short, empty, no picture and missing: one refusal says all of them."""
    whole = photos[0].path.read_bytes()
    contents = {"cut.jpg": whole[: len(whole) // 2], "empty.jpg": b"", "text.jpg": b"no picture"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    bad = [Photo(tmp_path / name, "tea") for name in (*contents, "missing.jpg")]
    with pytest.raises(InvalidInput, match=r"4 of 28 photos cannot be trained on") as caught:
        check_photos([*photos, *bad], lambda: None)
    assert all(str(photo.path) in caught.value.message for photo in bad)
    assert f"{tmp_path / 'missing.jpg'}: does not exist" in caught.value.message
    assert "more" not in caught.value.message


def test_of_many_bad_photos_ten_are_named(tmp_path: Path) -> None:
    """The others are counted."""
    missing = [Photo(tmp_path / f"{number}.jpg", "tea") for number in range(13)]
    with pytest.raises(InvalidInput, match=r"13 of 13 photos") as caught:
        check_photos(missing, lambda: None)
    assert caught.value.message.count("does not exist") == 10
    assert caught.value.message.endswith("and 3 more")
