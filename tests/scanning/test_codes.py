"""Which readings of codes to believe."""

import pytest

from services.scanning.codes import Code, agreed, split_doubtful, without_fragments
from tests.scanning.making import code, quad

WH = (1000, 1000)
SLIVER = (0.4, 0.4, 0.6, 0.402)
EAN, OTHER = "4006381333931", "9783161484100"


def test_no_readings_are_neither_sure_nor_doubtful():
    """Nothing in, nothing out, everywhere."""
    assert split_doubtful([], WH) == ([], [])
    assert agreed([]) == []
    assert without_fragments([]) == []


def test_a_tall_reading_is_sure():
    """An EAN-13 that many lines agree on is believed at once."""
    assert split_doubtful([code()], WH) == ([code()], [])


@pytest.mark.parametrize(
    ("symbology", "box", "is_sure"),
    [
        ("EAN-13", SLIVER, False),
        ("UPC-E", SLIVER, False),
        ("UPC-E", (0.4, 0.4, 0.6, 0.44), False),
        ("UPC-E", (0.4, 0.4, 0.6, 0.5), True),
        ("EAN-13", (0.4, 0.4, 0.6, 0.44), True),
        ("Code 128", SLIVER, True),
        ("QR Code", SLIVER, True),
    ],
)
def test_slivers_of_poorly_protected_codes_are_doubtful(symbology, box, is_sure):
    """The weaker the symbology, the taller a reading must be."""
    sure, doubtful = split_doubtful([code("12345670", symbology, box)], WH)
    assert bool(sure) is is_sure
    assert bool(doubtful) is not is_sure


def test_two_readings_at_one_place_doubt_each_other():
    """Overlapping EAN-13 that differ are both doubtful."""
    pair = [code(EAN), code(OTHER)]
    assert split_doubtful(pair, WH) == ([], pair)


def test_the_same_reading_twice_is_no_contradiction():
    """Two halves of one code agree."""
    pair = [code(EAN, at=(0.4, 0.4, 0.6, 0.5)), code(EAN, at=(0.4, 0.45, 0.6, 0.55))]
    assert split_doubtful(pair, WH) == (pair, [])


def test_a_strong_reading_is_not_doubted_for_a_weak_one():
    """A UPC-E inside an EAN-13 does not discredit the EAN-13."""
    weak = code("01234565", "UPC-E")
    sure, doubtful = split_doubtful([code(EAN), weak], WH)
    assert (sure, doubtful) == ([code(EAN)], [weak])


def test_two_readings_agree():
    """The second reading of the same content settles it; later ones are not made."""

    def readings():
        yield [code(EAN)]
        yield [code(EAN), code(OTHER)]
        raise AssertionError("no third reading is needed")

    assert agreed(readings()) == [code(EAN)]


def test_a_well_protected_code_needs_one_reading():
    """Error correction leaves no doubt."""
    assert agreed(iter([[code("hello", "QR Code")]])) == [code("hello", "QR Code")]


def test_a_single_reading_alone_is_believed():
    """One reading among empty ones stands if nothing else was read."""
    assert agreed([[], [code(EAN)], []]) == [code(EAN)]


def test_single_readings_that_differ_are_not_believed():
    """Two different codes, once each, cancel out."""
    assert agreed([[code(EAN)], [code(OTHER)], []]) == []


def test_a_weak_code_needs_two_readings():
    """A UPC-E that one treatment alone gave is noise."""
    assert agreed([[code("01234565", "UPC-E")], [], []]) == []


@pytest.mark.parametrize(("gap", "kept"), [(0.005, False), (0.3, True)])
def test_fragments_lie_beside_what_they_are_part_of(gap, kept):
    """A UPC-E right below an EAN-13 is a part of it, one far away is a code of its own."""
    ean = code(EAN, at=(0.3, 0.3, 0.7, 0.5))
    part = code("01234565", "UPC-E", (0.3, 0.5 + gap, 0.5, 0.51 + gap))
    assert (part in without_fragments([ean, part])) is kept


def test_box_and_centre_follow_the_quad():
    """The box is cut at the picture's edge, the centre is not."""
    cut = Code("x", "QR Code", "x", quad(-0.2, 0.1, 0.4, 0.3))
    assert cut.box_xyxy == (0.0, 0.1, 0.4, 0.3)
    assert cut.centre == pytest.approx((0.1, 0.2))
