"""The image gate, and bringing pictures to size."""

import io
import re
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from shared.errors import ImageRefused
from shared.image import (
    DEFAULT_LIMITS,
    Limits,
    check,
    decode,
    encode_jpeg,
    focal_length_35mm,
    inspect,
)

FORMATS = ("JPEG", "PNG", "WEBP")
RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (250, 250, 0)


def quarters(size_wh=(96, 64)):
    """Red, green / blue, yellow."""
    width, height = size_wh
    image = np.empty((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = RED
    image[: height // 2, width // 2 :] = GREEN
    image[height // 2 :, : width // 2] = BLUE
    image[height // 2 :, width // 2 :] = YELLOW
    return image


def saved(image, form, **options: object):
    file = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(file, form, **options)
    return file.getvalue()


def oriented(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


def refusal(data, limits=DEFAULT_LIMITS):
    with pytest.raises(ImageRefused) as refused:
        decode(data, limits)
    return refused.value.reason


def colours(image_rgb):
    """The colour in each quarter's middle, row by row."""
    height, width = image_rgb.shape[:2]
    spots = [(h, w) for h in (height // 4, 3 * height // 4) for w in (width // 4, 3 * width // 4)]
    return [tuple(int(c) for c in image_rgb[spot]) for spot in spots]


def near(found, expected, tolerance=6):
    return np.abs(np.asarray(found, int) - np.asarray(expected, int)).max() <= tolerance


def test_no_bytes_are_refused():
    """An empty upload has its own reason."""
    assert refusal(b"") == "IMAGE_EMPTY"


def test_too_many_bytes_are_refused():
    """The cap on bytes comes before anything is read."""
    assert refusal(b"x" * 101, Limits(max_bytes=100)) == "IMAGE_TOO_LARGE"


@pytest.mark.parametrize("form", FORMATS)
def test_cut_file_is_refused(form):
    """Half a file is refused as truncated."""
    data = saved(quarters(), form)
    assert refusal(data[: len(data) * 3 // 4]) == "IMAGE_TRUNCATED"


def test_huge_dimensions_are_refused_before_decoding():
    """A small file that would unpack to gigapixels is refused by its header."""
    rows = zlib.compress(bytes(1000))
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, body in ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b"")):
        crc = zlib.crc32(kind + body)
        parts.append(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc))
    assert refusal(b"".join(parts)) == "IMAGE_TOO_MANY_PIXELS"


@pytest.mark.parametrize("form", FORMATS)
def test_pixel_limit_is_exact(form):
    """A picture at the limit passes, one pixel's row above it does not."""
    data = saved(quarters((100, 50)), form)
    assert decode(data, Limits(max_pixels=5000)).size_wh == (100, 50)
    assert refusal(data, Limits(max_pixels=4999)) == "IMAGE_TOO_MANY_PIXELS"


def test_long_thin_picture_is_refused():
    """A side that OpenCV cannot address is refused, however few the pixels."""
    assert refusal(saved(quarters((200, 20)), "PNG"), Limits(max_side_px=199)) == (
        "IMAGE_TOO_MANY_PIXELS"
    )


def test_tiny_picture_is_refused():
    """There is nothing to recognise in a few pixels."""
    assert refusal(saved(quarters((200, 15)), "PNG")) == "IMAGE_TOO_SMALL"


def test_animation_is_refused():
    """An animated WebP or PNG has its own reason."""
    for form in ("PNG", "WEBP"):
        frames = {"save_all": True, "append_images": [Image.new("RGB", (96, 64))], "duration": 40}
        assert refusal(saved(quarters(), form, **frames)) == "IMAGE_ANIMATED"


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF"])
def test_formats_outside_the_list_are_refused(form):
    """Only JPEG, PNG and WebP are accepted."""
    assert refusal(saved(quarters(), form)) == "IMAGE_FORMAT_UNSUPPORTED"


def test_corrupt_pixels_are_refused():
    """A whole file whose compressed data fails its check cannot be decoded."""
    noise = np.random.default_rng(7).integers(0, 256, (64, 96, 3)).astype(np.uint8)
    data = bytearray(saved(noise, "PNG"))
    data[len(data) // 2 : len(data) // 2 + 400] = bytes(400)
    assert refusal(bytes(data)) == "IMAGE_UNREADABLE"


def test_jpeg_of_an_unknown_process_is_refused():
    """A frame that the decoder does not know is unreadable, not a crash."""
    data = saved(quarters(), "JPEG").replace(b"\xff\xc0", b"\xff\xc3", 1)
    assert refusal(data) == "IMAGE_UNREADABLE"


@pytest.mark.parametrize("form", FORMATS)
def test_colours_come_out_as_rgb(form):
    """Red is red, in every format."""
    image = decode(saved(quarters(), form, quality=95)).image_rgb
    assert (image.shape, image.dtype) == ((64, 96, 3), np.uint8)
    assert near(colours(image), [RED, GREEN, BLUE, YELLOW])


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("max_side", [None, 40])
def test_pictures_are_turned_upright(form, orientation, max_side):
    """Each EXIF orientation gives what Pillow's own transposition gives."""
    data = saved(quarters(), form, quality=95, exif=oriented(orientation))
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    decoded = decode(data, max_side=max_side)
    assert decoded.original_size_wh == expected.size
    assert near(colours(decoded.image_rgb), colours(np.asarray(expected)))
    assert decoded.image_rgb.flags.c_contiguous


def test_cmyk_jpeg_becomes_rgb():
    """A print shop's CMYK JPEG keeps its colours."""
    data = saved(Image.fromarray(quarters()).convert("CMYK"), "JPEG", quality=95)
    assert near(colours(decode(data).image_rgb), [RED, GREEN, BLUE, YELLOW])


@pytest.mark.parametrize("form", FORMATS)
def test_grey_becomes_rgb(form):
    """A grey picture comes as three equal channels."""
    image = decode(saved(Image.fromarray(quarters()).convert("L"), form, quality=95)).image_rgb
    assert near(colours(image), [(76,) * 3, (150,) * 3, (29,) * 3, (222,) * 3])


def test_one_bit_and_palette_png_become_rgb():
    """Palettes and bitmaps are expanded."""
    palette = Image.fromarray(quarters()).quantize(4)
    assert near(colours(decode(saved(palette, "PNG")).image_rgb), [RED, GREEN, BLUE, YELLOW])
    bitmap = Image.fromarray(quarters()).convert("1", dither=Image.Dither.NONE)
    assert set(np.unique(decode(saved(bitmap, "PNG")).image_rgb)) == {0, 255}


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bit_png_becomes_eight_bit(channels):
    """The upper byte of each 16-bit sample is kept."""
    grey = np.arange(32 * 32, dtype=np.uint16).reshape(32, 32) * 64
    stack = np.dstack([grey] * channels)
    if channels == 4:
        stack[..., 3] = 65_535
    image = decode(cv2.imencode(".png", stack)[1].tobytes()).image_rgb
    assert np.array_equal(image, np.dstack([grey >> 8] * 3))


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_transparency_goes_over_white(form):
    """Half transparent red is pink, fully transparent anything is white."""
    rgba = np.dstack([quarters(), np.full((64, 96), 128, np.uint8)])
    rgba[32:, :, 3] = 0
    image = decode(saved(rgba, form, lossless=True)).image_rgb
    assert near(
        colours(image), [(255, 127, 127), (127, 255, 127), (255,) * 3, (255,) * 3], tolerance=1
    )


def test_grey_with_alpha_goes_over_white():
    """The two-channel PNG is understood too."""
    transparent = np.zeros((32, 32, 2), np.uint8)
    assert (decode(saved(Image.fromarray(transparent, "LA"), "PNG")).image_rgb == 255).all()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("max_side", [17, 100, 399, 400, 401, 5000])
def test_longer_side_is_at_most_max_side(form, max_side):
    """A larger picture is scaled to the side asked for, a smaller one is left alone."""
    decoded = decode(saved(quarters((400, 300)), form), max_side=max_side)
    side = min(max_side, 400)
    assert decoded.size_wh == (side, round(side * 0.75))
    assert decoded.original_size_wh == (400, 300)
    assert decoded.scale == side / 400


def test_scaled_jpeg_looks_like_the_scaled_picture():
    """Scaling inside the decoder agrees with decoding whole and averaging."""
    y, x = np.mgrid[0:480, 0:640]
    smooth = np.dstack([x * 255 // 640, y * 255 // 480, (x + y) * 255 // 1120]).astype(np.uint8)
    data = saved(smooth, "JPEG", quality=95)
    whole = cv2.resize(decode(data).image_rgb, (150, 112), interpolation=cv2.INTER_AREA)
    assert near(decode(data, max_side=150).image_rgb, whole)


def test_focal_length_comes_from_exif():
    """A camera that states its 35 mm focal length is believed; others say None."""
    tags = Image.Exif()
    tags.get_ifd(0x8769)[0xA405] = 26
    data = saved(quarters(), "JPEG", exif=tags)
    assert focal_length_35mm(data) == decode(data).focal_length_35mm == 26.0
    assert focal_length_35mm(saved(quarters(), "JPEG")) is None


def test_inspect_does_not_decode():
    """The header alone is judged, so corrupt pixels pass it."""
    data = saved(quarters(), "JPEG").replace(b"\xff\xc0", b"\xff\xc3", 1)
    assert inspect(data).upright_size_wh == (96, 64)


@given(st.binary(max_size=300), st.sampled_from(FORMATS), st.integers(0, 200))
def test_any_bytes_are_a_picture_or_a_refusal(junk, form, at):
    """Whatever is spliced into a file, the gate answers with a picture or its own error."""
    whole = saved(quarters(), form)
    data = whole[:at] + junk + whole[at + len(junk) :]
    try:
        decoded = decode(data)
    except ImageRefused as error:
        with pytest.raises(ImageRefused, match=re.escape(error.message)):
            check(data)
        return
    assert decoded.image_rgb.ndim == 3
    assert check(data).upright_size_wh == decoded.size_wh


@pytest.mark.parametrize("mode", ["CMYK", "L", "RGB"])
def test_a_check_passes_what_can_be_decoded(mode):
    """Whatever colours a JPEG has, checking it needs none of them."""
    data = saved(Image.fromarray(quarters()).convert(mode), "JPEG", exif=oriented(6))
    assert check(data).upright_size_wh == decode(data).size_wh == (64, 96)


def test_encode_jpeg_goes_there_and_back():
    """What is encoded decodes to nearly the same picture."""
    assert near(colours(decode(encode_jpeg(quarters())).image_rgb), colours(quarters()))
