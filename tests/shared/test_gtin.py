"""GTINs: check digits, the 14-digit form, UPC-E."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import gtin
from shared.errors import InvalidInput

# Examples of the GS1 General Specifications and of real packs.
VALID = ["96385074", "036000291452", "4006381333931", "10614141000415", "2012345678903"]
digits = st.text("0123456789", min_size=1, max_size=13)


@pytest.mark.parametrize(
    "text", ["", "12345", "123456789", "4006381333931 ", "40063813339３１", "x"]
)
def test_malformed_numbers_are_refused(text: str) -> None:
    """Anything but 8, 12, 13 or 14 ASCII digits is malformed, not a wrong check digit."""
    with pytest.raises(InvalidInput) as refused:
        gtin.normalise(text)
    assert refused.value.reason == "GTIN_MALFORMED"
    assert not gtin.is_valid(text)


def test_a_wrong_check_digit_names_both_digits() -> None:
    """The message says which digit was there and which would be right."""
    with pytest.raises(InvalidInput, match="check digit is 3, expected 1") as refused:
        gtin.normalise("4006381333933", "gtins[2]")
    assert refused.value.reason == "GTIN_CHECK_DIGIT"
    assert refused.value.violations[0].field == "gtins[2]"


@pytest.mark.parametrize("text", VALID)
def test_every_length_becomes_fourteen_digits(text: str) -> None:
    """Normalising pads with zeros on the left and changes nothing else."""
    assert gtin.normalise(text) == text.zfill(14)


@pytest.mark.parametrize("text", VALID)
def test_shorten_undoes_normalise(text: str) -> None:
    """The printed form comes back from the stored one."""
    assert gtin.shorten(gtin.normalise(text)) == text


@given(digits)
def test_an_appended_check_digit_is_the_right_one(payload: str) -> None:
    """The digit that is appended passes the check, every other fails it."""
    number = gtin.with_check_digit(payload)
    assert gtin.check_digit(number[:-1]) == int(number[-1])
    if len(number) in gtin.LENGTHS:
        assert gtin.is_valid(number)
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        assert not gtin.is_valid(wrong)


@given(st.text("0123456789", min_size=12, max_size=12), st.data())
def test_one_wrong_digit_is_always_noticed(payload: str, data: st.DataObject) -> None:
    """Changing any single digit of a GTIN-13 breaks it."""
    number = gtin.with_check_digit(payload)
    at = data.draw(st.integers(0, 12))
    changed = number[:at] + str((int(number[at]) + data.draw(st.integers(1, 9))) % 10)
    assert not gtin.is_valid(changed + number[at + 1 :])


@pytest.mark.parametrize(
    ("upc_e", "gtin_12"),
    [
        ("01234505", "012000003455"),
        ("01234514", "012100003454"),
        ("04252614", "042100005264"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234565", "012345000065"),
        ("01234596", "012345000096"),
    ],
)
def test_upc_e_expands_by_its_last_digit(upc_e: str, gtin_12: str) -> None:
    """Each of the rules for the sixth digit puts the zeros in its place."""
    assert gtin.expand_upc_e(upc_e) == gtin_12


@pytest.mark.parametrize("text", ["", "0425261", "24252614", "0425261x"])
def test_what_is_no_upc_e_is_malformed(text: str) -> None:
    """UPC-E has 8 digits, the first 0 or 1."""
    with pytest.raises(InvalidInput) as refused:
        gtin.expand_upc_e(text)
    assert refused.value.reason == "GTIN_MALFORMED"


def test_the_check_digit_of_a_upc_e_is_the_expanded_numbers() -> None:
    """A wrong digit is reported for the GTIN-12."""
    with pytest.raises(InvalidInput) as refused:
        gtin.expand_upc_e("04252613")
    assert refused.value.reason == "GTIN_CHECK_DIGIT"
