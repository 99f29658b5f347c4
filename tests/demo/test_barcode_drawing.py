"""Drawn EAN symbols: what is refused, and that an independent reader reads the rest."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.demo.drawing.barcode_drawing import draw_barcode, modules, paste_barcode
from shared.errors import InvalidInput
from shared.gtin import with_check_digit


@pytest.mark.parametrize("text", ["", "abc", "036000291452", "00012345678905"])
def test_what_is_no_ean_is_refused(text: str) -> None:
    """Only GTIN-8 and GTIN-13 have an EAN symbol."""
    with pytest.raises(InvalidInput):
        modules(text)


def test_a_wrong_check_digit_is_refused_with_the_right_one() -> None:
    """The error says which digit was expected."""
    with pytest.raises(InvalidInput, match="expected 1"):
        modules("4006381333930")


def test_modules_are_those_of_the_specification() -> None:
    """A published EAN-8 (96385074) has these bars."""
    expected = "101000101101011110111101011011101010"
    expected += "1001110111001010001001011100101"
    assert modules("96385074") == expected


@given(st.sampled_from([7, 12]).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n)))
@settings(max_examples=60, deadline=None)
def test_every_symbol_is_read_back(payload: str) -> None:
    """zxing-cpp reads the digits that were drawn, and nothing else."""
    gtin = with_check_digit(payload)
    found = zxingcpp.read_barcodes(draw_barcode(gtin, 3), formats=zxingcpp.BarcodeFormat.AllRetail)
    assert gtin in {result.text.zfill(len(gtin)) for result in found}


def test_a_pasted_symbol_stays_within_the_picture() -> None:
    """Even at the corner of a small picture the whole symbol is there to be read."""
    image = np.full((120, 240, 3), 200, np.uint8)
    paste_barcode(image, "4006381333931", (239, 119), 230)
    assert [result.text for result in zxingcpp.read_barcodes(image)] == ["4006381333931"]
