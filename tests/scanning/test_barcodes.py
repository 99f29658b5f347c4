"""Reading every code in a picture."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scanning.barcodes import read_codes
from shared.geometry import iou, points_in_quad
from tests.benchmarks import bench_barcodes
from tests.scanning.pictures import EAN, checked, code_picture, noise, turned


@pytest.mark.parametrize("size_wh", [(16, 16), (640, 480), (1, 400)])
def test_a_plain_picture_holds_no_code(size_wh):
    """White shows nothing, whatever its size."""
    assert read_codes(np.full((size_wh[1], size_wh[0], 3), 255, np.uint8)) == ()


@pytest.mark.parametrize("seed", range(3))
def test_noise_holds_no_code(seed):
    """Retries do not read codes into noise."""
    assert read_codes(noise(seed=seed)) == ()


@pytest.mark.parametrize(
    ("kind", "content", "symbology", "text", "lookup"),
    [
        ("EAN13", EAN, "EAN-13", EAN, "04006381333931"),
        ("EAN8", "96385074", "EAN-8", "96385074", "00000096385074"),
        ("UPCA", "890444000335", "UPC-A", "890444000335", "00890444000335"),
        ("UPCE", "05096893", "UPC-E", "05096893", "00050968000093"),
        ("ITF", "14006381333938", "ITF", "14006381333938", "14006381333938"),
        ("Code128", "SHELF 12", "Code 128", "SHELF 12", "SHELF 12"),
        ("QRCode", "https://example.com/01/04006381333931", "QR Code", None, None),
        ("DataMatrix", "lot 7", "DataMatrix", "lot 7", "lot 7"),
        (
            "DataBar",
            "0112345678901231",
            "DataBar",
            "(01)12345678901231",
            "0112345678901231",
        ),
    ],
)
def test_each_symbology_is_read(kind, content, symbology, text, lookup):
    """The text is what is printed beneath; the lookup is what the catalogue understands."""
    (code,) = read_codes(code_picture(content, kind))
    assert code.symbology == symbology
    assert code.text == (text or content)
    assert code.lookup == (lookup or content)


@pytest.mark.parametrize("kind", ["Code128", "DataMatrix", "QRCode"])
def test_element_strings_keep_their_separator(kind):
    """A GS1 code is shown with brackets and looked up with FNC1 as U+001D."""
    text = "(01)04006381333931(10)AB12(21)77"
    (code,) = read_codes(code_picture(text, kind, gs1=True))
    assert code.text == text
    assert code.lookup == "010400638133393110AB12\x1d2177"


def test_control_characters_stay_themselves():
    """What zxing-cpp would spell out as <SOH> comes as the character."""
    (code,) = read_codes(code_picture("a\x01b", "QRCode"))
    assert code.text == "a\x01b"


def test_every_code_is_listed_in_reading_order():
    """Several codes in one picture come top to bottom."""
    first, second = code_picture(EAN), code_picture("96385074", "EAN8")
    width = max(first.shape[1], second.shape[1])
    padded = [
        np.pad(p, ((0, 60), (0, width - p.shape[1]), (0, 0)), constant_values=255)
        for p in (first, second)
    ]
    assert [code.text for code in read_codes(np.vstack(padded))] == [EAN, "96385074"]


def test_the_same_code_twice_is_listed_twice():
    """Two packs of one product carry two codes."""
    one = code_picture(EAN)
    assert [code.text for code in read_codes(np.hstack([one, one]))] == [EAN, EAN]


def test_the_quad_lies_on_the_code():
    """The outline is normalised to the picture and covers the bars."""
    picture = turned(code_picture(EAN, margin=0), 0)
    (code,) = read_codes(picture)
    rows, columns = np.nonzero(picture[..., 0] < 100)
    corners = [(columns.min(), rows.min()), (columns.max(), rows.max())]
    drawn = np.divide(corners, (1280, 720)).ravel()
    assert iou([code.box_xyxy], [drawn])[0, 0] > 0.8


@pytest.mark.parametrize("degrees", [0, 30, 45, 60, 90, 135, 180, 250, 315])
def test_turned_codes_are_read(degrees):
    """At any angle, also where no scan line of zxing-cpp crosses all bars."""
    (code,) = read_codes(turned(code_picture(EAN), degrees))
    assert code.text == EAN
    assert points_in_quad([(0.5, 0.5)], code.quad).all()


def test_a_turned_codes_corners_start_at_its_own_top_left():
    """On its side, the code's own top edge is the picture's left or right."""
    (code,) = read_codes(turned(code_picture(EAN), -90))
    top_left, top_right, bottom_right, _ = np.array(code.quad)
    assert top_right[1] > top_left[1]
    assert bottom_right[0] < top_right[0]


@pytest.mark.parametrize("shrink", [0.55, 0.7, 1.5])
def test_small_and_large_codes_are_read(shrink):
    """Down to some one and a half pixels a bar."""
    assert [c.text for c in read_codes(turned(code_picture(EAN), 5, shrink=shrink))] == [EAN]


def test_faint_codes_are_read():
    """Grey on slightly lighter grey, under uneven light."""
    picture = turned(code_picture(EAN), 3).astype(np.float64)
    light = np.linspace(0.5, 1.0, picture.shape[1])[None, :, None]
    faint = (110 + picture * 0.12) * light
    assert [code.text for code in read_codes(faint.astype(np.uint8))] == [EAN]


def test_blurred_codes_are_read():
    """Out of focus by about a bar's width."""
    blurred = cv2.GaussianBlur(turned(code_picture(EAN), 2), (0, 0), 2.0)
    assert [code.text for code in read_codes(blurred)] == [EAN]


@settings(max_examples=25, deadline=None)
@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 359))
def test_a_readable_code_is_never_read_as_another(digits, degrees):
    """Whatever its number and angle, a clear code gives itself."""
    number = checked(digits)
    found = read_codes(turned(code_picture(number), degrees))
    assert {code.lookup for code in found} == {number.zfill(14)}


@pytest.mark.data
@pytest.mark.skipif(
    not (bench_barcodes.DATA / "barcodes").is_dir(),
    reason="ZXing's photos are not there; set VITRINE_DATA",
)
@pytest.mark.parametrize(
    "folder", ["code128-1", "datamatrix-2", "ean13-4", "falsepositives-2", "itf-2", "upca-2"]
)
def test_real_photos_are_read_at_least_as_well_as_by_zxing(folder):
    """On ZXing's blackbox photos we read what zxing-cpp's best settings do, and more."""
    assert bench_barcodes.measure(bench_barcodes.DATA / "barcodes" / folder).holds
