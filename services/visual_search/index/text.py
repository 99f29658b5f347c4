"""Words as sparse vectors: BM25 (Robertson and Zaragoza, 2009) over what a product is called.

A document's vector holds the saturated term frequencies; the engine multiplies by the
inverse document frequency, which it knows. So the same vectors serve in Qdrant Edge
and in a Qdrant cluster. A word is its CRC-32.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_K: Final = 1.2
_B: Final = 0.75
_MEAN_LENGTH: Final = 12.0  # weighted words of a typical product
_TITLE_WEIGHT: Final = 2
_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST_WORD: Final = 64


@dataclass(frozen=True, slots=True)
class Words:
    """A sparse vector: CRC-32 of each word, ascending, and its weight."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


def tokens(text: str) -> list[str]:
    """Split into words without case, accents and the English plural.

    >>> tokens("Crème brûlée, 2 Glasses & berries")
    ['creme', 'brulee', '2', 'glasse', 'berry']
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [_singular(word[:_LONGEST_WORD]) for word in _WORD.findall(plain)]


def query_words(text: str) -> Words:
    """Weight each different word of a query with 1."""
    return _words(dict.fromkeys(tokens(text), 1.0))


def document_words(
    title: str, brand: str, category_path: Iterable[str], attributes: Mapping[str, str]
) -> Words:
    """Weight the words of a product; those of title and brand count double."""
    counts: Counter[str] = Counter()
    for word in [*tokens(title), *tokens(brand)]:
        counts[word] += _TITLE_WEIGHT
    counts.update(tokens(" ".join([*category_path, *attributes.values()])))
    saturation = _K * (1 - _B + _B * counts.total() / _MEAN_LENGTH)
    return _words({word: n * (_K + 1) / (n + saturation) for word, n in counts.items()})


def _singular(word: str) -> str:
    """Harman's S stemmer (JASIS 1991), which leaves other languages nearly untouched."""
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")) and len(word) > 1:
        return word[:-1]
    return word


def _words(weights: Mapping[str, float]) -> Words:
    hashed: dict[int, float] = {}
    for word, weight in weights.items():
        key = zlib.crc32(word.encode())
        hashed[key] = max(weight, hashed.get(key, 0.0))
    ordered = sorted(hashed.items())
    return Words(tuple(key for key, _ in ordered), tuple(value for _, value in ordered))
