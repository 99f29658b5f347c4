"""What a code is, and which readings of codes to believe.

zxing-cpp reports what two scan lines agree on. That suffices for symbologies with real
error detection. A check digit lets one wrong reading in ten pass, and a part of an
EAN-13 often passes for a UPC-E: on clear EAN-13 at random angles zxing-cpp 3.1 adds such
a UPC-E to every twelfth picture, nearly always as a sliver of a few lines. So a reading
of a poorly protected symbology that is a sliver, or that contradicts another at the same
place, is doubtful: it counts as one vote, and the place is read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from shared import geometry

Quad = tuple[tuple[float, float], ...]

# Symbologies protected by more than one check digit in ten: error correction (matrix
# codes), modulo 103 (Code 128), modulo 79 and finder patterns (DataBar).
_WELL_PROTECTED: Final = ("QR", "Micro QR", "rMQR", "Data", "Aztec", "PDF417", "Maxi", "Code 128")
# Without any check of their own, or with one that a part of a longer code passes.
_WEAK: Final = ("ITF", "Codabar", "Code 39", "UPC-E", "EAN-2", "EAN-5", "Telepen")
# Height over width below which a reading is a sliver.
_SLIVER: Final = 0.05
_WEAK_SLIVER: Final = 0.25
# How far beyond a code its fragments are looked for, in its own sides.
_FRAGMENT_REACH: Final = 0.25
_VOTES_NEEDED: Final = 2


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was read.

    Attributes:
        text: the content as it is printed beneath the code: ``890444000335`` for UPC-A,
            ``(01)04006381333931(10)AB`` for GS1 codes, the message of a QR code.
        symbology: its common name: ``EAN-13``, ``UPC-A``, ``QR Code``, ``DataMatrix``,
            ``Code 128``, ``ITF``, ``DataBar``.
        lookup: what to ask the catalogue: 14 digits for EAN and UPC, the element string
            with U+001D for FNC1 for GS1 codes, else the text.
        quad: its corners, from its own top left, normalised to the picture.
    """

    text: str
    symbology: str
    lookup: str
    quad: Quad

    @property
    def is_trade_item(self) -> bool:
        """Whether the symbology carries nothing but trade item numbers."""
        return self.symbology in ("EAN-13", "EAN-8", "UPC-A", "UPC-E", "DataBar")

    @property
    def is_well_protected(self) -> bool:
        """Whether a wrong reading of this symbology is out of the question."""
        return self.symbology.startswith(_WELL_PROTECTED)

    @property
    def is_weak(self) -> bool:
        """Whether a reading of this symbology may be a part of something else."""
        return self.symbology.startswith(_WEAK)

    @property
    def box_xyxy(self) -> tuple[float, float, float, float]:
        """Smallest upright box around the code, cut at the picture's edge."""
        left, top, right, bottom = np.clip(geometry.box_of_points(self.quad), 0, 1).tolist()
        return left, top, right, bottom

    @property
    def centre(self) -> tuple[float, float]:
        """Mean of the corners."""
        x, y = np.mean(self.quad, axis=0).tolist()
        return x, y


def split_doubtful(
    codes: Sequence[Code], size_wh: tuple[int, int]
) -> tuple[list[Code], list[Code]]:
    """Part readings of one picture of ``size_wh`` pixels into sure and doubtful ones."""
    doubtful = [c for c in codes if _is_sliver(c, size_wh) or _is_contradicted(c, codes)]
    return [code for code in codes if code not in doubtful], doubtful


def _is_sliver(code: Code, size_wh: tuple[int, int]) -> bool:
    if code.is_well_protected:
        return False
    corners = geometry.to_pixels(code.quad, size_wh)
    width = np.hypot(*(corners[1] - corners[0]))
    height = geometry.polygon_area(corners) / max(width, 1.0)
    return bool(height < (_WEAK_SLIVER if code.is_weak else _SLIVER) * width)


def _is_contradicted(code: Code, codes: Sequence[Code]) -> bool:
    """Whether an equally good reading at the same place says something else."""
    if code.is_well_protected:
        return False
    rivals = [c.box_xyxy for c in codes if c.lookup != code.lookup and c.is_weak <= code.is_weak]
    return bool(geometry.intersection([code.box_xyxy], rivals).sum() > 0)


def agreed(readings: Iterable[Sequence[Code]]) -> list[Code]:
    """What several readings of one place together say, taken as soon as they say it.

    A well protected code is believed at once, any other when two readings agree. One
    that a single reading gave is believed when no reading gave anything else and its
    symbology is not weak.
    """
    votes: Counter[tuple[str, str]] = Counter()
    seen: dict[tuple[str, str], Code] = {}
    for reading in readings:
        for code in reading:
            seen[code.symbology, code.lookup] = code
        for key in {(code.symbology, code.lookup) for code in reading}:
            votes[key] += _VOTES_NEEDED if seen[key].is_well_protected else 1
        if any(count >= _VOTES_NEEDED for count in votes.values()):
            return [seen[key] for key, count in votes.items() if count >= _VOTES_NEEDED]
    alone = [code for code in seen.values() if not code.is_weak]
    return alone if len(seen) == 1 else []


def without_fragments(codes: Sequence[Code]) -> list[Code]:
    """Drop weak readings that lie on or beside a strong one."""
    strong = [code.box_xyxy for code in codes if not code.is_weak]
    grown = geometry.grow_boxes(strong, _FRAGMENT_REACH)
    return [
        code
        for code in codes
        if not code.is_weak or geometry.intersection([code.box_xyxy], grown).sum() == 0
    ]
