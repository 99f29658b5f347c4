"""Words as sparse vectors."""

from __future__ import annotations

import pytest

from services.visual_search.index.text import document_words, query_words, tokens


@pytest.mark.parametrize("text", ["", "  ", "?!", "___"])
def test_no_words_give_an_empty_vector(text):
    """Nothing to match is nothing."""
    assert query_words(text).indices == ()


@pytest.mark.parametrize(
    ("text", "same"),
    [("Café", "cafe"), ("GRÜN", "grun"), ("chairs", "chair"), ("Ｔea", "tea"), ("ﬁne", "fine")],
)
def test_case_accents_forms_and_plurals_do_not_matter(text, same):
    """What a shopper types finds what the feed wrote."""
    assert tokens(text) == tokens(same)


def test_words_of_title_and_brand_weigh_more():
    """Title before category."""
    words = document_words("tea", "", ["drink"], {})
    weight = dict(zip(words.indices, words.values, strict=True))
    assert weight[query_words("tea").indices[0]] > weight[query_words("drink").indices[0]]


def test_a_repeated_word_saturates():
    """Ten times the word is far from ten times the weight."""
    once, often = document_words("tea", "", [], {}), document_words("tea " * 10, "", [], {})
    assert once.values[0] < often.values[0] < 2.2


def test_indices_ascend_without_doubles():
    """As sparse vectors must."""
    words = document_words("b a b c", "a", ["c d"], {"x": "e"})
    assert list(words.indices) == sorted(set(words.indices))
