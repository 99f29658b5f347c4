"""Which answers may stand for one another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.scanning.answers import key_of
from services.scanning.asking import Source
from services.scanning.options import Options

SOURCE = Source("model", "ab", 7, "g1", 6)


def test_the_same_question_has_the_same_key() -> None:
    """A picture asked again is known."""
    assert key_of(SOURCE, Options(), b"picture") == key_of(SOURCE, Options(), b"picture")


@pytest.mark.parametrize(
    "other",
    [
        replace(SOURCE, model_sha256="cd"),
        replace(SOURCE, catalog_revision=8),
        replace(SOURCE, index_generation="g2"),
        replace(SOURCE, print_revision=7),
    ],
)
def test_an_answer_of_another_index_is_not_kept_for_this_one(other: Source) -> None:
    """What was answered before print was indexed does not hide what print adds."""
    assert key_of(SOURCE, Options(), b"picture") != key_of(other, Options(), b"picture")
